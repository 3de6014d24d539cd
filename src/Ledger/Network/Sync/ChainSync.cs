using System.Diagnostics;
using System.Threading.Channels;
using Hufu.Chain;
using Hufu.Primitives;
using Microsoft.Extensions.Logging;

namespace Hufu.Network;

/// <summary>How far a sync has come, and how far it is to go.</summary>
public sealed record SyncDistance(ulong From, ulong Current, ulong Highest);

/// <summary>
/// Follows the chain of the peers: finds where theirs leaves ours, fetches headers from one peer and bodies from several, and has every block verified and
/// executed in full. Nothing is taken on trust: a peer whose headers do not link, or whose blocks are refused, is dropped, and what it claimed of its
/// height with it.
/// </summary>
public sealed class ChainSync
{
    const int HeadersAtOnce = 192, ImportedAtOnce = 32;

    // A chain that leaves ours further back than this is another chain.
    const ulong DeepestReorg = 4096;

    // So far behind that an operator wants to be told of the way, and how often.
    const ulong WorthTelling = 64;
    static readonly TimeSpan Idle = TimeSpan.FromSeconds(2), TellingPause = TimeSpan.FromSeconds(10);

    readonly Blockchain _chain;
    readonly ChainWriter _writer;
    readonly EthProtocol _protocol;
    readonly BodyDownload _bodies;
    readonly ILogger _log;
    readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    SyncDistance? _progress;
    (ulong From, long Since, long Told)? _way;

    public ChainSync(Blockchain chain, ChainWriter writer, EthProtocol protocol, ILogger log)
    {
        (_chain, _writer, _protocol, _log) = (chain, writer, protocol, log);
        _bodies = new BodyDownload(protocol);
        protocol.Joined += _ => Wake();
        protocol.HeadAnnounced = _ => Wake();
        protocol.BlockSent = (session, block, difficulty) => _ = TakeAsync(session, block);
    }

    /// <summary>How long a single block that others have is waited for before it is fetched: a validator is about to decide it by itself.</summary>
    public TimeSpan Forbearance { get; set; }

    /// <summary>Told how far it has come, and with null that the chain is with its peers.</summary>
    public event Action<SyncDistance?>? Progressed;

    /// <summary>Looks for a better chain now. Cheap; never blocks.</summary>
    public void Wake() => _wake.Writer.TryWrite(true);

    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                if (Forbearance > TimeSpan.Zero && Candidates() is [var best, ..] && best.Head.Number <= _chain.Head.Number + 1) await Task.Delay(Forbearance, stop).ConfigureAwait(false);
                var moved = false;
                foreach (var session in Candidates())
                    if (await FollowAsync(session, stop).ConfigureAwait(false)) { moved = true; break; }
                Tell(null, null);
                if (moved) continue;
                using var pause = CancellationTokenSource.CreateLinkedTokenSource(stop);
                pause.CancelAfter(Idle);
                await _wake.Reader.WaitToReadAsync(pause.Token).AsTask().ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).ConfigureAwait(false);
                _wake.Reader.TryRead(out _);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The way to stop.
        }
    }

    /// <summary>The peers worth asking, best first: those that claim more than we have, and one of those that never tell.</summary>
    List<EthSession> Candidates()
    {
        var head = _chain.Head;
        var sessions = _protocol.Sessions.ToArray();
        Random.Shared.Shuffle(sessions);
        var ahead = sessions.Where(session => IsAhead(session, head)).OrderByDescending(session => session.Head.TotalDifficulty ?? UInt256.Zero).ThenByDescending(session => session.Head.Number ?? ulong.MaxValue).ToList();
        if (ahead.Count == 0 && sessions.FirstOrDefault(session => !_protocol.Options.PropagatesBlocks && session.Version < 69) is { } silent) ahead.Add(silent);
        return ahead;
    }

    bool IsAhead(EthSession session, ChainHead head)
    {
        var claimed = session.Head;
        if (claimed.Hash == head.Hash || (claimed.Number is not null && claimed.Number <= head.Number && !_chain.Consensus.ChoosesByTotalDifficulty)) return false;
        if (_chain.Consensus.ChoosesByTotalDifficulty && claimed.TotalDifficulty is { } difficulty) return difficulty > head.TotalDifficulty;
        return !_chain.Blocks.Contains(claimed.Hash);
    }

    /// <returns>Whether our chain grew.</returns>
    async Task<bool> FollowAsync(EthSession session, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, session.Over);
        try
        {
            if (await FindCommonAsync(session, either.Token).ConfigureAwait(false) is not { } common) return false;
            return await DownloadAsync(session, common, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>The last block that both chains have; null where the peer is not ahead of us or does not answer.</summary>
    async Task<Header?> FindCommonAsync(EthSession session, CancellationToken stop)
    {
        var head = _chain.Head;
        for (ulong back = 0; back <= DeepestReorg; back = back == 0 ? 1 : back * 2)
        {
            var at = back >= head.Number ? 0 : head.Number - back;
            if (await session.GetHeadersAsync(at, 1, 0, false, stop).ConfigureAwait(false) is not { } answer) return null;
            if (answer.Count == 1 && answer[0].Number != at) return Drop(session, $"it was asked for header {at} and sent {answer[0].Number}");
            if (answer.Count == 1 && _chain.Blocks.HeaderOf(answer[0].Hash) is { } known) return await AdvanceAsync(session, known, stop).ConfigureAwait(false);
            // A peer that is behind us has no header at our height.
            if (answer.Count == 0 && back == 0 && !_chain.Consensus.ChoosesByTotalDifficulty)
            {
                session.CorrectHead(_chain.Genesis);
                return null;
            }
            if (at == 0) return Drop(session, "its chain has another genesis block than it stated");
        }
        _log.OtherChain(session.Peer, DeepestReorg);
        session.Peer.Disconnect(new PeerFault(DisconnectReason.UselessPeer, "it is on another chain"));
        return null;
    }

    /// <summary>From a block both have, over all further ones that are kept here already.</summary>
    async Task<Header?> AdvanceAsync(EthSession session, Header common, CancellationToken stop)
    {
        while (true)
        {
            if (await session.GetHeadersAsync(common.Number + 1, HeadersAtOnce, 0, false, stop).ConfigureAwait(false) is not { } next) return null;
            if (next.Count == 0)
            {
                // It may have told of blocks that it does not have. Without this it would be the best to ask for ever.
                if (!_chain.Consensus.ChoosesByTotalDifficulty) session.CorrectHead(common);
                return null;
            }
            var last = next.LastOrDefault(header => _chain.Blocks.Contains(header.Hash));
            if (last is null || last.Number <= common.Number) return common;
            common = _chain.Blocks.HeaderOf(last.Hash)!;
            if (last != next[^1] || next.Count < HeadersAtOnce) return common;
        }
    }

    async Task<bool> DownloadAsync(EthSession session, Header common, CancellationToken stop)
    {
        var grew = false;
        var last = common;
        var fetching = FetchAsync(session, last, stop);
        while (await fetching.ConfigureAwait(false) is { Count: > 0 } blocks)
        {
            last = blocks[^1].Block.Header;
            Tell(new SyncDistance(common.Number, _chain.Head.Number, Math.Max(session.Head.Number ?? 0, last.Number)), session.Peer);
            // The next are on their way while these are executed.
            fetching = FetchAsync(session, last, stop);
            if (!await ImportAsync(blocks, stop).ConfigureAwait(false)) return grew;
            grew = true;
        }
        return grew;
    }

    /// <summary>The next blocks after one that is kept or on its way; none where the peer has none, null where it or its answer is no good.</summary>
    async Task<IReadOnlyList<FetchedBlock>?> FetchAsync(EthSession session, Header after, CancellationToken stop)
    {
        if (await session.GetHeadersAsync(after.Number + 1, HeadersAtOnce, 0, false, stop).ConfigureAwait(false) is not { } headers) return null;
        for (var i = 0; i < headers.Count; i++)
        {
            var before = i == 0 ? after : headers[i - 1];
            if (headers[i].Number == before.Number + 1 && headers[i].ParentHash == before.Hash) continue;
            // The first may belong to a chain that the peer has just moved to: that is no lie, and is looked at anew.
            if (i > 0) Drop(session, $"its header {headers[i].Number} does not follow from {before.Number}");
            return null;
        }
        if (headers.Count == 0) return [];
        if (await _bodies.FetchAsync(headers, session, stop).ConfigureAwait(false) is not { } blocks) return null;
        await RecoverAheadAsync(blocks.Take(ImportedAtOnce)).ConfigureAwait(false);
        return blocks;
    }

    async Task<bool> ImportAsync(IReadOnlyList<FetchedBlock> blocks, CancellationToken stop)
    {
        for (var from = 0; from < blocks.Count; from += ImportedAtOnce)
        {
            var some = blocks.Skip(from).Take(ImportedAtOnce).ToArray();
            // Execution has one thread; the others find out meanwhile who signed what is next.
            var ahead = RecoverAheadAsync(blocks.Skip(from + ImportedAtOnce).Take(ImportedAtOnce));
            var (refused, why) = await _writer.Ask(chain => Import(chain, some), stop).ConfigureAwait(false);
            await ahead.ConfigureAwait(false);
            if (refused is null) continue;
            Drop(refused.From, why!);
            return false;
        }
        return true;
    }

    static Task RecoverAheadAsync(IEnumerable<FetchedBlock> blocks) => Task.Run(() =>
    {
        foreach (var fetched in blocks) fetched.Decoded.RecoverAhead();
    });

    static (FetchedBlock? Refused, string? Why) Import(Blockchain chain, IReadOnlyList<FetchedBlock> blocks)
    {
        Header? last = null;
        foreach (var fetched in blocks)
        {
            var result = chain.Import(fetched.Decoded);
            if (result.IsRefused(out var refusal))
            {
                Choose(chain, last);
                return (fetched, refusal.ToString());
            }
            last = fetched.Block.Header;
        }
        Choose(chain, last);
        return (null, null);
    }

    // Under proof of work the chain itself chooses. Elsewhere the longer chain of valid blocks is followed, and what is final stays.
    static void Choose(Blockchain chain, Header? tip)
    {
        if (tip is null || chain.Consensus.ChoosesByTotalDifficulty || tip.Number <= chain.Head.Number) return;
        chain.Choose(tip.Hash, tip.Hash, tip.Hash);
    }

    /// <summary>A block that came by itself: imported at once where it follows from what is here, else a reason to look.</summary>
    async Task TakeAsync(EthSession session, Block block)
    {
        // While a state is fetched nothing is executed.
        if (_chain.Intake is not null || _chain.Blocks.Contains(block.Hash)) return;
        if (!_chain.Blocks.Contains(block.Header.ParentHash))
        {
            Wake();
            return;
        }
        // More than a few wait in no queue: the sync fetches what is left out here.
        if (!session.TryBeginBlock())
        {
            Wake();
            return;
        }
        try
        {
            var (refused, why) = await _writer.Ask(chain => Import(chain, [new FetchedBlock(block, session)]), session.Over).ConfigureAwait(false);
            if (refused is not null) Drop(session, why!);
        }
        catch (OperationCanceledException)
        {
            // The peer has gone, or the node stops.
        }
        finally
        {
            session.EndBlock();
        }
    }

    void Tell(SyncDistance? progress, Peer? leader)
    {
        if (_progress == progress) return;
        _progress = progress;
        Progressed?.Invoke(progress);
        if (progress is null)
        {
            if (_way is { } gone) _log.Level(_chain.Head.Number, _chain.Head.Number - gone.From, Math.Round(Stopwatch.GetElapsedTime(gone.Since).TotalSeconds, 1));
            _way = null;
        }
        else if (progress.Highest > progress.Current + WorthTelling && (_way is not { } way || Stopwatch.GetElapsedTime(way.Told) > TellingPause))
        {
            var now = Stopwatch.GetTimestamp();
            _way = (_way?.From ?? progress.Current, _way?.Since ?? now, now);
            _log.Behind(progress.Current, progress.Highest, leader!);
        }
    }

    Header? Drop(EthSession session, string why)
    {
        _log.LiarDropped(session.Peer, why);
        session.Peer.Disconnect(PeerFault.Breach(why));
        return null;
    }
}
