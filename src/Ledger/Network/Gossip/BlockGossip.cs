using System.Diagnostics;
using Hufu.Chain;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>
/// Tells peers how the head moves: new blocks where the consensus has them travel from node to node (whole to about the square root of the peers, by
/// hash to the others), and the range of blocks held from eth/69 on.
/// </summary>
public sealed class BlockGossip(Blockchain chain, EthProtocol protocol)
{
    // To so few, a question and an answer more would cost as much as the block.
    const int AlwaysWhole = 4;

    // Blocks may come many a second; what was missed is in the next update.
    static readonly TimeSpan RangePause = TimeSpan.FromMilliseconds(250);

    /// <summary>Whether a peer has the block another way, so that its hash is enough; null where none has.</summary>
    public Func<EthSession, bool>? IsInformed { get; set; }

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using var feed = chain.Feed.Subscribe();
            try
            {
                var lastRange = 0L;
                await foreach (var move in feed.Moves.ReadAllAsync(stop).ConfigureAwait(false))
                {
                    if (protocol.Options.PropagatesBlocks && move.Committed.Count > 0) Propagate(move.Committed[^1], move.Head.TotalDifficulty);
                    if (feed.Moves.TryPeek(out _) && Stopwatch.GetElapsedTime(lastRange) < RangePause) continue;
                    lastRange = Stopwatch.GetTimestamp();
                    SendRange(chain.Head);
                }
                return;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (FeedOverrun)
            {
                // Only the latest block is news: begin again from the head.
            }
        }
    }

    void Propagate(Block block, in UInt256 totalDifficulty)
    {
        var sessions = protocol.Sessions.Where(session => session.KnownBlocks.Add(block.Hash)).ToArray();
        if (sessions.Length == 0) return;
        Random.Shared.Shuffle(sessions);
        var uninformed = sessions.Where(session => IsInformed?.Invoke(session) != true).ToArray();
        var whole = uninformed.Take(Math.Max(AlwaysWhole, (int)Math.Ceiling(Math.Sqrt(uninformed.Length)))).ToHashSet();
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        block.Write(writer);
        writer.Write(totalDifficulty);
        writer.EndList(list);
        var body = writer.ToArray();
        foreach (var session in whole) session.Send(EthMessage.NewBlock, body);

        writer.Clear();
        list = writer.StartList();
        var item = writer.StartList();
        writer.Write(block.Hash);
        writer.Write(block.Number);
        writer.EndList(item);
        writer.EndList(list);
        body = writer.ToArray();
        foreach (var session in sessions)
            if (!whole.Contains(session)) session.Send(EthMessage.NewBlockHashes, body);
    }

    void SendRange(ChainHead head)
    {
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        writer.Write(0UL);
        writer.Write(head.Number);
        writer.Write(head.Hash);
        writer.EndList(list);
        var body = writer.ToArray();
        foreach (var session in protocol.Sessions)
            if (session.Version >= 69) session.Send(EthMessage.BlockRangeUpdate, body);
    }
}
