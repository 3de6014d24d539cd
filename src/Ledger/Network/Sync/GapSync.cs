using Hufu.Chain;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>
/// Closes the gap between our chain and a block that a consensus client named: headers back from it by their hashes, which need no trust, then bodies
/// forward, every block executed. The head moves towards what was named, since that is what the client asked for; what is safe and final stays.
/// </summary>
/// <param name="missing">The block that is wanted and not here; null where nothing is.</param>
public sealed class GapSync(Blockchain chain, ChainWriter writer, EthProtocol protocol, Func<Hash256?> missing, Action<string> log)
{
    const int HeadersAtOnce = 512, BlocksAtOnce = 192, ImportedAtOnce = 16;
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    readonly BodyDownload _bodies = new(protocol);
    SyncDistance? _progress;

    /// <summary>Told how far it has come, and with null that the chain is with its peers.</summary>
    public event Action<SyncDistance?>? Progressed;

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (missing() is { } wanted && !chain.Blocks.Contains(wanted)) await CloseAsync(wanted, stop).ConfigureAwait(false);
                Tell(null);
                await Task.Delay(Pause, stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    async Task CloseAsync(Hash256 wanted, CancellationToken stop)
    {
        var sessions = protocol.Sessions.ToArray();
        Random.Shared.Shuffle(sessions);
        foreach (var session in sessions)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, session.Over);
            try
            {
                if (await HashesBackAsync(session, wanted, either.Token).ConfigureAwait(false) is not { Count: > 0 } hashes) continue;
                await FillAsync(session, hashes, either.Token).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                // The peer has gone: the next one is asked.
            }
        }
    }

    /// <summary>The hashes from the wanted block back to the first whose parent is here, oldest first: thirty-two bytes a block is all that a long gap costs.</summary>
    async Task<List<Hash256>?> HashesBackAsync(EthSession session, Hash256 wanted, CancellationToken stop)
    {
        var hashes = new List<Hash256>();
        var (next, number) = (wanted, null as ulong?);
        while (!chain.Blocks.Contains(next))
        {
            if (await session.GetHeadersAsync(next, HeadersAtOnce, 0, true, stop).ConfigureAwait(false) is not { Count: > 0 } headers) return null;
            foreach (var header in headers)
            {
                // A header is the one its hash names, or the peer lies.
                if (header.Hash != next || (number is { } above && header.Number != above - 1) || header.Number == 0) return Drop(session, $"its header {header.Number} is not the parent of the one before");
                hashes.Add(next);
                (next, number) = (header.ParentHash, header.Number);
                if (chain.Blocks.Contains(next)) break;
            }
            Tell(new SyncDistance(chain.Head.Number, chain.Head.Number, (number ?? 0) + (ulong)hashes.Count - 1));
        }
        hashes.Reverse();
        return hashes;
    }

    async Task FillAsync(EthSession session, List<Hash256> hashes, CancellationToken stop)
    {
        for (var at = 0; at < hashes.Count;)
        {
            var last = hashes[Math.Min(at + BlocksAtOnce, hashes.Count) - 1];
            var count = Math.Min(BlocksAtOnce, hashes.Count - at);
            if (await session.GetHeadersAsync(last, count, 0, true, stop).ConfigureAwait(false) is not { } headers || headers.Count != count) return;
            var forward = headers.Reverse().ToArray();
            for (var i = 0; i < count; i++)
                if (forward[i].Hash != hashes[at + i])
                {
                    Drop(session, "other headers than it sent a moment ago");
                    return;
                }
            if (await _bodies.FetchAsync(forward, session, stop).ConfigureAwait(false) is not { } blocks) return;
            foreach (var some in blocks.Chunk(ImportedAtOnce))
            {
                var (refused, why) = await writer.Ask(_ => Import(some), stop).ConfigureAwait(false);
                if (refused is null) continue;
                // The header is what the client wants; only a body can be the peer's fault. A block that breaks a rule is the client's to hear of.
                log($"sync: a block on the way to what the consensus client named is refused: {why}");
                refused.From.Peer.Penalise(25, why!);
                return;
            }
            at += blocks.Count;
        }
    }

    (FetchedBlock? Refused, string? Why) Import(IReadOnlyList<FetchedBlock> blocks)
    {
        foreach (var fetched in blocks)
            if (chain.Import(fetched.Block).IsRefused(out var refusal)) return (fetched, refusal.ToString());
        // A branch that nobody chose may only be so long.
        if (blocks[^1].Block.Number > chain.Head.Number) chain.Choose(blocks[^1].Block.Hash);
        return (null, null);
    }

    void Tell(SyncDistance? progress)
    {
        if (_progress == progress) return;
        _progress = progress;
        Progressed?.Invoke(progress);
    }

    List<Hash256>? Drop(EthSession session, string why)
    {
        log($"sync: {session.Peer} dropped: {why}");
        session.Peer.Disconnect(PeerFault.Breach(why));
        return null;
    }
}
