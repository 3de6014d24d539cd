using System.Collections.Concurrent;
using System.Diagnostics;
using Hufu.Chain;
using Hufu.Primitives;
using Microsoft.Extensions.Logging;

namespace Hufu.Network;

/// <summary>
/// Brings a new node to its peers' chain by fetching their state instead of executing their past (`snap/1`). Blocks and receipts come too, every header is
/// checked; the state is proven range by range against the root in the header of one late block, the pivot, which moves on with the chain. Once it is
/// whole, down to the last slot, that block is the head, and the chain is followed block by block. Killed at any moment it goes on where it was.
/// </summary>
public sealed class SnapSync(Blockchain chain, ChainWriter writer, EthProtocol eth, SnapProtocol snap, ILogger log)
{
    // Executing so few blocks is done before the first range has come.
    const ulong LeastGap = 256;

    // States are served for 128 blocks: blocks are fetched again until so few of them have gone by meanwhile.
    const ulong LongestLag = 32;

    static readonly TimeSpan Round = TimeSpan.FromMilliseconds(500);

    readonly HistoryDownload _history = new(writer, eth, log);
    readonly ConcurrentDictionary<Hash256, Hash256> _storageReached = new();

    // Peers that claimed a longer chain than they could show.
    readonly HashSet<EthSession> _doubted = [];

    /// <summary>How far behind the peers' head the pivot is: blocks that may be replaced by others are no ground to stand on.</summary>
    public ulong Lag { get; init; } = chain.Consensus.ChoosesByTotalDifficulty ? 64UL : 2;

    /// <summary>How long peers are waited for that serve states, before the chain is executed after all.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How far the blocks have come, and how far they are to go.</summary>
    public event Action<SyncDistance?>? Progressed;

    /// <summary>Runs until the chain can be followed block by block: because its state is here, or because that is the shorter way.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            if (chain.Intake is null && !await IsWorthwhileAsync(stop).ConfigureAwait(false)) return;
            var intake = chain.Intake ?? await writer.Ask(chain => chain.BeginIntake(), stop).ConfigureAwait(false);
            if (intake.Reached.Number == 0) log.IntakeBegins();
            else log.IntakeGoesOn(intake.Reached.Number, intake.State.Missing.Count);
            while (!await TryPivotAsync(intake, stop).ConfigureAwait(false)) { }
            Progressed?.Invoke(null);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The way to stop.
        }
    }

    async Task<bool> IsWorthwhileAsync(CancellationToken stop)
    {
        if (chain.Head.Number > 0) return false;
        if (chain.Consensus.NeedsStateToCheck)
        {
            log.NeedsStates();
            return false;
        }
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(Round, stop).ConfigureAwait(false))
        {
            if (await FurthestAsync(stop).ConfigureAwait(false) is ({ }, var height)) return height > LeastGap + Lag;
            if (waited.Elapsed < Patience || eth.Sessions.Length == 0) continue;
            log.NoStates();
            return false;
        }
    }

    /// <summary>Fetches all that is missing of the state of one block, and makes it the head.</summary>
    /// <returns>False where another block must be taken: this one has become too old, or its peers have gone.</returns>
    async Task<bool> TryPivotAsync(ChainIntake intake, CancellationToken stop)
    {
        if (await ReachPivotAsync(intake, stop).ConfigureAwait(false) is not { } pivot)
        {
            await Task.Delay(Round, stop).ConfigureAwait(false);
            return false;
        }
        var watch = Stopwatch.StartNew();
        var download = new StateDownload(snap, intake.State, pivot.StateRoot, _storageReached);
        try
        {
            await download.FetchAsync(stop).ConfigureAwait(false);
            var healed = await download.HealAsync(stop).ConfigureAwait(false);
            if (await writer.Ask(_ => intake.Finish(), stop).ConfigureAwait(false) is { } refusal) throw new InvalidDataException(refusal.ToString());
            log.StateWhole(pivot.Number, healed, Math.Round(watch.Elapsed.TotalSeconds, 1));
            return true;
        }
        catch (Exception outdated) when (outdated is StateOutdated || (outdated is OperationCanceledException && !stop.IsCancellationRequested))
        {
            log.StateOutdated(pivot.Number);
            await Task.Delay(Round, stop).ConfigureAwait(false);
            return false;
        }
    }

    /// <summary>Takes in blocks until the last one is late enough to be the pivot; null where no peer leads there now.</summary>
    async Task<Header?> ReachPivotAsync(ChainIntake intake, CancellationToken stop)
    {
        while (true)
        {
            if (await FurthestAsync(stop).ConfigureAwait(false) is not ({ } session, var height))
            {
                // Nobody is left to believe: all get another chance.
                _doubted.Clear();
                return null;
            }
            var pivot = height > Lag ? height - Lag : 0;
            if (pivot <= intake.Reached.Number) return intake.Reached.Number == 0 ? null : intake.Reached;
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, session.Over);
            try
            {
                await _history.ExtendAsync(intake, session, pivot, reached => Progressed?.Invoke(new SyncDistance(0, reached, height)), either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                continue;
            }
            if (intake.Reached.Number < pivot)
            {
                _doubted.Add(session);
                // Its last blocks may be nearer to the head than is safe to stand on.
                if (chain.Consensus.ChoosesByTotalDifficulty) await writer.Ask(_ => { intake.StepBack(Lag); return true; }, stop).ConfigureAwait(false);
                continue;
            }
            if ((await FurthestAsync(stop).ConfigureAwait(false)).Height <= pivot + Lag + LongestLag) return intake.Reached;
        }
    }

    /// <summary>The peer with state whose chain is the longest, and its height.</summary>
    async Task<(EthSession? Session, ulong Height)> FurthestAsync(CancellationToken stop)
    {
        (EthSession? Session, ulong Height) furthest = default;
        foreach (var session in snap.Sessions)
        {
            if (session.Eth is not { } peer || _doubted.Contains(peer)) continue;
            if (peer.Head.Number is null && await peer.GetHeadersAsync(peer.Head.Hash, 1, 0, false, stop).ConfigureAwait(false) is [var header] && header.Hash == peer.Head.Hash)
                peer.LearnHead(header.Hash, header.Number, null);
            if (peer.Head.Number is { } number && (furthest.Session is null || number > furthest.Height)) furthest = (peer, number);
        }
        return furthest;
    }
}
