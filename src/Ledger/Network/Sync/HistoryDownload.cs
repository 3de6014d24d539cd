using Hufu.Chain;
using Hufu.Primitives;
using Microsoft.Extensions.Logging;

namespace Hufu.Network;

/// <summary>Fetches the blocks of the peers' chain with their receipts, to be taken in without being executed.</summary>
sealed class HistoryDownload(ChainWriter writer, EthProtocol protocol, ILogger log)
{
    const int HeadersAtOnce = 192, ReceiptsAtOnce = 64;

    // A peer that has turned to another branch shows it in the first header that does not link.
    const ulong StepBack = 64;

    readonly BodyDownload _bodies = new(protocol);

    /// <summary>Goes on from the last block taken towards a height, with this peer in the lead.</summary>
    /// <returns>Whether the intake came further.</returns>
    public async Task<bool> ExtendAsync(ChainIntake intake, EthSession session, ulong to, Action<ulong> reached, CancellationToken stop)
    {
        var before = intake.Reached.Number;
        while (intake.Reached.Number < to)
        {
            var from = intake.Reached;
            var count = (int)Math.Min(HeadersAtOnce, to - from.Number);
            if (await session.GetHeadersAsync(from.Number + 1, count, 0, false, stop).ConfigureAwait(false) is not { Count: > 0 } headers) break;
            if (headers[0].Number == from.Number + 1 && headers[0].ParentHash != from.Hash)
            {
                // What was taken came from a branch that was left, or this peer is on another: from further back on the seals decide.
                await writer.Ask(_ => { intake.StepBack(StepBack); return true; }, stop).ConfigureAwait(false);
                continue;
            }
            if (!Link(headers, from))
            {
                Drop(session, "its headers do not follow from each other");
                break;
            }
            if (await _bodies.FetchAsync(headers, session, stop).ConfigureAwait(false) is not { } blocks) break;
            if (await ReceiptsAsync(blocks, session, stop).ConfigureAwait(false) is not { } history) break;
            if (await writer.Ask(_ => intake.Take(history), stop).ConfigureAwait(false) is { } refusal)
            {
                Drop(session, refusal.ToString());
                break;
            }
            reached(intake.Reached.Number);
        }
        return intake.Reached.Number > before;
    }

    static bool Link(IReadOnlyList<Header> headers, Header after)
    {
        for (var i = 0; i < headers.Count; i++)
        {
            var before = i == 0 ? after : headers[i - 1];
            if (headers[i].Number != before.Number + 1 || headers[i].ParentHash != before.Hash) return false;
        }
        return true;
    }

    async Task<IReadOnlyList<HistoricBlock>?> ReceiptsAsync(IReadOnlyList<FetchedBlock> blocks, EthSession leader, CancellationToken stop)
    {
        var history = new List<HistoricBlock>(blocks.Count);
        foreach (var some in blocks.Chunk(ReceiptsAtOnce))
        {
            var missing = some.Where(fetched => fetched.Block.Transactions.Count > 0).Select(fetched => fetched.Block).ToList();
            var found = new Dictionary<Hash256, IReadOnlyList<Receipt>>();
            // Answers may be short, and another peer may do where this one does not.
            foreach (var session in Helpers(leader, blocks[^1].Block.Number))
            {
                while (missing.Count > 0)
                {
                    if (await session.GetReceiptsAsync([.. missing.Select(block => block.Hash)], stop).ConfigureAwait(false) is not { Count: > 0 } lists) break;
                    var taken = 0;
                    for (; taken < lists.Count && TrieRoot.OfReceipts(lists[taken]) == missing[taken].Header.ReceiptsRoot; taken++) found[missing[taken].Hash] = lists[taken];
                    missing.RemoveRange(0, taken);
                    if (taken == lists.Count) continue;
                    session.Peer.Penalise(25, "receipts that are not those asked for");
                    break;
                }
                if (missing.Count == 0) break;
            }
            if (missing.Count > 0) break;
            history.AddRange(some.Select(fetched => new HistoricBlock(fetched.Block, found.GetValueOrDefault(fetched.Block.Hash) ?? [])));
        }
        return history.Count == 0 ? null : history;
    }

    List<EthSession> Helpers(EthSession leader, ulong upTo) => [leader, .. protocol.Sessions.Where(session => session != leader && session.Head.Number >= upTo).Take(3)];

    void Drop(EthSession session, string why)
    {
        log.LiarDropped(session.Peer, why);
        session.Peer.Disconnect(PeerFault.Breach(why));
    }
}
