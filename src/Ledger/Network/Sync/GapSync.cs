using Hufu.Chain;
using Hufu.Primitives;
using Microsoft.Extensions.Logging;

namespace Hufu.Network;

/// <summary>Whom a gap is closed for. All of it is called on the writer's loop.</summary>
public sealed record GapTarget
{
    /// <summary>The block that is wanted and not here; null where nothing is.</summary>
    public required Func<Hash256?> Missing { get; init; }

    /// <summary>Hears the number of the wanted block, when a peer has shown its header.</summary>
    public required Action<Hash256, ulong> Found { get; init; }

    /// <summary>Takes blocks on the way to the wanted one, the oldest first, and answers why the way ends here; null where it goes on.</summary>
    public required Func<Hash256, IReadOnlyList<Block>, string?> Take { get; init; }
}

/// <summary>
/// Closes the gap between our chain and a block that a consensus client named: headers back from it by their hashes, which need no trust, then bodies
/// forward, every block executed.
/// </summary>
public sealed class GapSync(Blockchain chain, ChainWriter writer, EthProtocol protocol, GapTarget target, ILogger log)
{
    const int HeadersAtOnce = 512, BlocksAtOnce = 192, TakenAtOnce = 16;
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    readonly BodyDownload _bodies = new(protocol);

    // From the first block that is not here to the last that was wanted, oldest first. It outlives a peer that fails, and a head that moves on.
    readonly List<Hash256> _way = [];

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (await writer.Ask(_ => target.Missing(), stop).ConfigureAwait(false) is { } wanted) await CloseAsync(wanted, stop).ConfigureAwait(false);
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
                if (await FindWayAsync(session, wanted, either.Token).ConfigureAwait(false) && await GoAsync(session, wanted, either.Token).ConfigureAwait(false)) return;
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                // The peer has gone: the next one is asked.
            }
        }
    }

    /// <summary>Leads the way to the wanted block, from there back to what is here or was found before: thirty-two bytes a block is all that a long gap costs.</summary>
    async Task<bool> FindWayAsync(EthSession session, Hash256 wanted, CancellationToken stop)
    {
        var back = new List<Hash256>();
        var (next, number) = (wanted, null as ulong?);
        while (!IsReached(next))
        {
            if (await session.GetHeadersAsync(next, HeadersAtOnce, 0, true, stop).ConfigureAwait(false) is not { Count: > 0 } headers) return false;
            foreach (var header in headers)
            {
                // A header is the one its hash names, or the peer lies.
                if (header.Hash != next || (number is { } above && header.Number != above - 1) || header.Number == 0) return Drop(session, $"its header {header.Number} is not the parent of the one before");
                if (back.Count == 0) await writer.Ask(_ => Found(wanted, header.Number), stop).ConfigureAwait(false);
                back.Add(next);
                (next, number) = (header.ParentHash, header.Number);
                if (IsReached(next)) break;
            }
        }
        if (_way.Count == 0 || _way[^1] != next) _way.Clear();
        back.Reverse();
        _way.AddRange(back);
        return _way.Count > 0;
    }

    bool IsReached(in Hash256 block) => (_way.Count > 0 && _way[^1] == block) || chain.Blocks.Contains(block);

    /// <summary>Goes the way, as far as this peer and the others have the bodies; whether there is nothing left of it.</summary>
    async Task<bool> GoAsync(EthSession session, Hash256 wanted, CancellationToken stop)
    {
        while (_way.Count > 0)
        {
            var count = Math.Min(BlocksAtOnce, _way.Count);
            if (await session.GetHeadersAsync(_way[count - 1], count, 0, true, stop).ConfigureAwait(false) is not { } headers || headers.Count != count) return false;
            var forward = headers.Reverse().ToArray();
            for (var i = 0; i < count; i++)
                if (forward[i].Hash != _way[i]) return Drop(session, "its headers are not those of the hashes it was asked for");
            if (await _bodies.FetchAsync(forward, session, stop).ConfigureAwait(false) is not { } blocks) return false;
            foreach (var some in blocks.Select(fetched => fetched.Block).Chunk(TakenAtOnce))
            {
                if (await writer.Ask(_ => target.Take(wanted, some), stop).ConfigureAwait(false) is { } why)
                {
                    // No peer's fault: the client named what stands on this, and header and body are those of the hashes.
                    log.WayEnds(wanted, some[0].Number, some[^1].Number, why);
                    _way.Clear();
                    return true;
                }
                _way.RemoveRange(0, some.Length);
            }
        }
        return true;
    }

    bool Found(Hash256 wanted, ulong number)
    {
        target.Found(wanted, number);
        return true;
    }

    bool Drop(EthSession session, string why)
    {
        log.LiarDropped(session.Peer, why);
        session.Peer.Disconnect(PeerFault.Breach(why));
        return false;
    }
}
