using Hufu.Chain;
using Hufu.Consensus;
using Hufu.Primitives;

namespace Hufu.Node;

/// <summary>What a development chain can do beside the rules: travel in time, go back to a snapshot, change accounts by hand. Every act is one request to the chain's writer.</summary>
sealed class DevChain(Blockchain chain, ChainWriter writer, SoloDriver sealing, TransactionPool pool, PoolFollower follower, TimeProvider clock)
{
    /// <summary>Whoever asks for more has mistyped; at some thousand blocks a second it would take for ever.</summary>
    public const ulong MostBlocks = 1_000_000;

    // A snapshot pins no state: the blocks are on disk. What is bounded is this list.
    const int MostSnapshots = 10_000;

    sealed record Snapshot(Hash256 Head, StateEdits? Edits, TimeSpan Offset, DateTimeOffset Taken, ulong? NextTimestamp, IReadOnlyList<PooledTransaction> Pool);

    readonly SortedDictionary<ulong, Snapshot> _snapshots = [];
    ulong _lastSnapshot;

    public Header Head => chain.Head.Head;

    /// <summary>Seals blocks one after the other, the first at <paramref name="timestamp"/>, each later one <paramref name="interval"/> seconds after the one before.</summary>
    public async Task MineAsync(ulong count, ulong? timestamp = null, ulong? interval = null)
    {
        for (ulong i = 0; i < count; i++)
        {
            var at = i == 0 ? timestamp : interval is { } step ? Head.Timestamp + step : null;
            await sealing.SealAsync(at).ConfigureAwait(false);
        }
        follower.CatchUp();
    }

    /// <summary>The number by which <see cref="RevertAsync"/> finds this moment again.</summary>
    public Task<ulong> TakeSnapshotAsync() => writer.Ask(_ =>
    {
        PooledTransaction[] waiting = [.. pool.Content().SelectMany(sender => sender.Ready.Concat(sender.Gapped))];
        if (_snapshots.Count == MostSnapshots) _snapshots.Remove(_snapshots.Keys.First());
        _snapshots[++_lastSnapshot] = new Snapshot(Head.Hash, chain.Edits, sealing.Offset, clock.GetUtcNow(), sealing.NextTimestamp, waiting);
        return _lastSnapshot;
    });

    /// <summary>Brings back the blocks, the waiting transactions, the edits and the time of a snapshot. It and those after it are used up.</summary>
    /// <returns>False where there is no such snapshot.</returns>
    public Task<bool> RevertAsync(ulong id) => writer.Ask(_ =>
    {
        if (!_snapshots.TryGetValue(id, out var snapshot)) return false;
        foreach (var later in _snapshots.Keys.Where(key => key >= id).ToArray()) _snapshots.Remove(later);
        Return(snapshot);
        return true;
    });

    /// <summary>Back to the first block, with nothing waiting.</summary>
    public Task<bool> ResetAsync() => writer.Ask(_ =>
    {
        _snapshots.Clear();
        Return(new Snapshot(chain.Genesis.Hash, null, TimeSpan.Zero, clock.GetUtcNow(), null, []));
        return true;
    });

    void Return(Snapshot to)
    {
        if (chain.Choose(to.Head, to.Head, to.Head) is { } refusal) throw new InvalidOperationException($"the chain cannot go back: {refusal}");
        chain.Edit(to.Edits);
        // What the blocks left behind set free must not be sealed again: only what waited then waits now.
        follower.CatchUp();
        pool.Clear();
        foreach (var waiting in to.Pool) pool.Add(waiting.Transaction, waiting.Sidecar);
        sealing.NextTimestamp = to.NextTimestamp;
        sealing.Offset = to.Offset - (clock.GetUtcNow() - to.Taken);
    }

    /// <summary>Changes an account of the head; readers see it at once, the next block holds it.</summary>
    public Task<bool> EditAsync(Address address, Func<Account, Account> change, byte[]? code = null, (UInt256 Slot, UInt256 Value)? storage = null) => writer.Ask(_ =>
    {
        var head = chain.Head.Hash;
        chain.StateAt(head)!.TryGetAccount(address, out var account);
        if (account == default) account = Account.Empty;
        chain.Edit(StateEdits.With(chain.Edits, head, address, change(account), code, storage));
        follower.CatchUp();
        return true;
    });

    /// <summary>Sets the chain's clock ahead. The seconds in all, since the chain began.</summary>
    public long IncreaseTime(ulong seconds)
    {
        sealing.Offset += TimeSpan.FromSeconds(seconds);
        return (long)sealing.Offset.TotalSeconds;
    }

    /// <summary>Sets the chain's clock to this time. How far it went, in seconds.</summary>
    public long SetTime(ulong seconds)
    {
        var by = (long)seconds - (long)sealing.Now;
        sealing.Offset += TimeSpan.FromSeconds(by);
        return by;
    }

    /// <returns>Why the next block cannot have this timestamp; null where it will.</returns>
    public string? SetNextTimestamp(ulong seconds)
    {
        if (seconds <= Head.Timestamp) return $"Timestamp {seconds} is lower than or equal to previous block's timestamp {Head.Timestamp}";
        sealing.NextTimestamp = seconds;
        return null;
    }

    public bool SealsInstantly => sealing.Options.Mode == SoloMode.Instant;

    public void SealInstantly(bool instantly) => sealing.Options = sealing.Options with { Mode = instantly ? SoloMode.Instant : SoloMode.Manual };

    /// <param name="interval">Zero: only when told to.</param>
    public void SealEvery(TimeSpan interval) =>
        sealing.Options = interval > TimeSpan.Zero ? sealing.Options with { Mode = SoloMode.Interval, Interval = interval } : sealing.Options with { Mode = SoloMode.Manual };

    public void PayFeesTo(Address beneficiary) => sealing.Options = sealing.Options with { Beneficiary = beneficiary };

    public void AimAtGasLimit(ulong gas) => sealing.Options = sealing.Options with { GasLimitTarget = gas };
}
