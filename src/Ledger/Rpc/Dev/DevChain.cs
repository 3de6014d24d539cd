using Hufu.Chain;
using Hufu.Consensus;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>What a development chain can do beside the rules: travel in time, go back to a snapshot, change accounts by hand. Every act is one request to the chain's writer.</summary>
public sealed class DevChain
{
    /// <summary>Whoever asks for more has mistyped; at some thousand blocks a second it would take for ever.</summary>
    public const ulong MostBlocks = 1_000_000;

    // A snapshot pins no state: the blocks are on disk. What is bounded is this list.
    const int MostSnapshots = 10_000;

    // From this many blocks on only the last is waited for until it is on the disk.
    const ulong WorthOneSync = 8;

    // Other requests have their turn after as many.
    const ulong RunAtOnce = 64;

    sealed record Snapshot(Header Head, StateEdits? Edits, TimeSpan Offset, DateTimeOffset Taken, ulong? NextTimestamp, IReadOnlyList<PooledTransaction> Pool);

    readonly Blockchain _chain;
    readonly ChainWriter _writer;
    readonly SoloDriver _sealing;
    readonly PoolFollower _follower;
    readonly TimeProvider _clock;
    readonly SortedDictionary<ulong, Snapshot> _snapshots = [];
    ulong _lastSnapshot;

    public DevChain(Ledger ledger, ChainWriter writer, SoloDriver sealing, PoolFollower follower, UnlockedAccounts accounts, TimeProvider clock)
        => (Ledger, _chain, _writer, _sealing, _follower, Accounts, _clock) = (ledger, ledger.Chain, writer, sealing, follower, accounts, clock);

    /// <summary>Makes the chain one of development, for good: blocks that follow from no rule may stand in it.</summary>
    internal void Begin() => _chain.Blocks.TakeDevelopment();

    internal Ledger Ledger { get; }
    internal UnlockedAccounts Accounts { get; }

    /// <summary>Where this chain leaves another; null where it forks none.</summary>
    public ForkPoint? Fork { get; init; }

    /// <summary>The accounts that the chain began with.</summary>
    public IReadOnlyDictionary<Address, GenesisAccount> GenesisAccounts { get; init; } = new Dictionary<Address, GenesisAccount>();

    /// <summary>Shows what contracts say; null where nobody listens.</summary>
    public ConsoleWatch? Console { get; init; }

    /// <summary>Another one for every start and every reset, so that tools notice that what they remember is gone.</summary>
    internal Hash256 InstanceId { get; private set; } = NewInstance();

    internal Header Head => _chain.Head.Head;

    /// <summary>The snapshots that can be gone back to: their number, and the block each was taken at.</summary>
    internal Task<IReadOnlyList<(ulong Id, Header Head)>> SnapshotsAsync() =>
        _writer.Ask<IReadOnlyList<(ulong, Header)>>(_ => [.. _snapshots.Select(entry => (entry.Key, entry.Value.Head))]);

    /// <summary>Seals blocks one after the other, the first at <paramref name="timestamp"/>, each later one <paramref name="interval"/> seconds after the one before.</summary>
    /// <returns>The blocks where they are few, else the last.</returns>
    internal async Task<IReadOnlyList<Block>> MineAsync(ulong count, ulong? timestamp = null, ulong? interval = null)
    {
        var sealedBlocks = new List<Block>();
        if (count <= WorthOneSync)
            for (ulong i = 0; i < count; i++) sealedBlocks.Add(await _sealing.SealAsync(i == 0 ? timestamp : Later()).ConfigureAwait(false));
        else
        {
            _chain.SyncsToDisk = false;
            try
            {
                for (var left = count - 1; left > 0;)
                {
                    var some = Math.Min(left, RunAtOnce);
                    await _sealing.SealRunAsync((int)some, left == count - 1 ? timestamp : Later(), interval).ConfigureAwait(false);
                    left -= some;
                }
            }
            finally
            {
                _chain.SyncsToDisk = true;
            }
            sealedBlocks.Add(await _sealing.SealAsync(Later()).ConfigureAwait(false));
        }
        _follower.CatchUp();
        return sealedBlocks;

        ulong? Later() => interval is { } step ? Head.Timestamp + step : null;
    }

    /// <summary>The number by which <see cref="RevertAsync"/> finds this moment again.</summary>
    internal Task<ulong> TakeSnapshotAsync() => _writer.Ask(_ =>
    {
        if (_snapshots.Count == MostSnapshots) _snapshots.Remove(_snapshots.Keys.First());
        _snapshots[++_lastSnapshot] = Now();
        return _lastSnapshot;
    });

    /// <summary>Brings back the blocks, the waiting transactions, the edits and the time of a snapshot. It and those after it are used up.</summary>
    /// <returns>False where there is no such snapshot.</returns>
    internal Task<bool> RevertAsync(ulong id) => _writer.Ask(_ =>
    {
        if (!_snapshots.TryGetValue(id, out var snapshot)) return false;
        foreach (var later in _snapshots.Keys.Where(key => key >= id).ToArray()) _snapshots.Remove(later);
        Return(snapshot);
        return true;
    });

    /// <summary>Back to the first block, with nothing waiting.</summary>
    internal Task<bool> ResetAsync() => _writer.Ask(_ =>
    {
        _snapshots.Clear();
        Accounts.Impersonated.Clear();
        Accounts.ImpersonatesAll = false;
        InstanceId = NewInstance();
        Return(new Snapshot(_chain.Genesis, null, TimeSpan.Zero, _clock.GetUtcNow(), null, []));
        return true;
    });

    /// <summary>Takes the last blocks back, with their transactions; what waits goes on waiting.</summary>
    /// <returns>Why that cannot be; null where it is done.</returns>
    internal Task<string?> RollBackAsync(ulong depth) => _writer.Ask(_ =>
    {
        if (depth > Head.Number - _chain.Genesis.Number) return $"Rollback depth must not exceed current chain height: current height {Head.Number - _chain.Genesis.Number}, depth {depth}";
        if (_chain.Blocks.CanonicalHash(Head.Number - depth) is not { } hash || _chain.Blocks.HeaderOf(hash) is not { } target) return $"block {Head.Number - depth} is not kept";
        foreach (var lost in _snapshots.Where(entry => entry.Value.Head.Number > target.Number).Select(entry => entry.Key).ToArray()) _snapshots.Remove(lost);
        Return(Now() with { Head = target, Edits = null });
        return null;
    });

    /// <summary>Replaces the last blocks by as many new ones.</summary>
    /// <param name="transactions">What stands in them: each with the place of its block, from 0. They are made when their turn has come, since a nonce is known only then.</param>
    /// <returns>Why that cannot be; null where it is done.</returns>
    internal async Task<string?> ReorganiseAsync(ulong depth, IReadOnlyList<(Func<Transaction> Make, ulong Block)> transactions)
    {
        if (transactions.FirstOrDefault(one => one.Block >= depth) is { Make: not null } outside) return $"Block number for reorg tx will exceed the reorged chain height: there is no block {outside.Block} among {depth}";
        var mode = _sealing.Options;
        var waiting = Ledger.Pool.Content().SelectMany(sender => sender.Ready.Concat(sender.Gapped)).ToArray();
        _sealing.Options = mode with { Mode = SoloMode.Manual };
        try
        {
            if (await RollBackAsync(depth).ConfigureAwait(false) is { } cannot) return cannot;
            Ledger.Pool.Clear();
            for (ulong i = 0; i < depth; i++)
            {
                foreach (var (make, _) in transactions.Where(one => one.Block == i))
                    if (Ledger.Pool.Add(make()).Refusal is { } refusal) return refusal.ToString();
                // Other randomness, so that the new block is another one even where it holds the same.
                await WishAsync(null, NewInstance()).ConfigureAwait(false);
                await _sealing.SealAsync().ConfigureAwait(false);
                _follower.CatchUp();
            }
        }
        finally
        {
            foreach (var one in waiting) Ledger.Pool.Add(one.Transaction, one.Sidecar);
            _sealing.Options = mode;
        }
        return null;
    }

    Snapshot Now() => new(Head, _chain.Edits, _sealing.Offset, _clock.GetUtcNow(), _sealing.NextTimestamp,
        [.. Ledger.Pool.Content().SelectMany(sender => sender.Ready.Concat(sender.Gapped))]);

    void Return(Snapshot to)
    {
        if (_chain.Choose(to.Head.Hash, to.Head.Hash, to.Head.Hash) is { } refusal) throw new InvalidOperationException($"the chain cannot go back: {refusal}");
        _chain.Edit(to.Edits);
        // What the blocks left behind set free must not be sealed again: only what waited then waits now.
        _follower.CatchUp();
        Ledger.Pool.Clear();
        foreach (var waiting in to.Pool) Ledger.Pool.Add(waiting.Transaction, waiting.Sidecar);
        _sealing.NextTimestamp = to.NextTimestamp;
        _sealing.Offset = to.Offset - (_clock.GetUtcNow() - to.Taken);
    }

    /// <summary>Changes an account of the head; readers see it at once, the next block holds it.</summary>
    internal Task<bool> EditAsync(Address address, Func<Account, Account> change, byte[]? code = null, (UInt256 Slot, UInt256 Value)? storage = null) => _writer.Ask(_ =>
    {
        var head = _chain.Head.Hash;
        if (code is not null) Console?.CodeArrived(code);
        _chain.StateAt(head)!.TryGetAccount(address, out var account);
        if (account == default) account = Account.Empty;
        _chain.Edit(StateEdits.With(_chain.Edits, head, address, change(account), code, storage));
        _follower.CatchUp();
        return true;
    });

    /// <summary>Changes many accounts of the head at once.</summary>
    internal Task<bool> EditAsync(StateDiff diff) => _writer.Ask(_ =>
    {
        foreach (var code in diff.Codes.Values) Console?.CodeArrived(code);
        _chain.Edit(StateEdits.With(_chain.Edits, _chain.Head.Hash, diff));
        _follower.CatchUp();
        return true;
    });

    /// <summary>Wishes a base fee, or a randomness, for the next block; null leaves what was wished before.</summary>
    internal Task<bool> WishAsync(UInt256? baseFeePerGas, Hash256? prevRandao) => _writer.Ask(_ =>
    {
        _chain.Edit(StateEdits.With(_chain.Edits, _chain.Head.Hash, baseFeePerGas, prevRandao));
        _follower.CatchUp();
        return true;
    });

    /// <summary>Takes transactions out of the pool. How many there were.</summary>
    internal int Drop(Func<PooledTransaction, bool> isUnwanted) => Ledger.Pool.Drop(isUnwanted);

    /// <summary>Sets the chain's clock ahead. The seconds in all, since the chain began.</summary>
    internal long IncreaseTime(ulong seconds)
    {
        _sealing.Offset += TimeSpan.FromSeconds(seconds);
        return (long)_sealing.Offset.TotalSeconds;
    }

    /// <summary>Sets the chain's clock to this time. How far it went, in seconds.</summary>
    internal long SetTime(ulong seconds)
    {
        var by = (long)seconds - (long)_sealing.Now;
        _sealing.Offset += TimeSpan.FromSeconds(by);
        return by;
    }

    /// <returns>Why the next block cannot have this timestamp; null where it will.</returns>
    internal string? SetNextTimestamp(ulong seconds)
    {
        if (TimestampRefusal(seconds) is { } why) return why;
        _sealing.NextTimestamp = seconds;
        return null;
    }

    /// <summary>Why no block can have this timestamp now, in the words that tools know.</summary>
    internal string? TimestampRefusal(ulong seconds) =>
        seconds < Head.Timestamp ? $"Timestamp {seconds} is lower than the previous block's timestamp {Head.Timestamp}"
        : seconds == Head.Timestamp ? $"Timestamp {seconds} is equal to the previous block's timestamp {Head.Timestamp}"
        : null;

    internal SoloOptions Sealing => _sealing.Options;

    internal bool SealsInstantly => _sealing.Options.Mode == SoloMode.Instant;

    internal void SealInstantly(bool instantly) => _sealing.Options = _sealing.Options with { Mode = instantly ? SoloMode.Instant : SoloMode.Manual };

    /// <param name="interval">Zero: only when told to.</param>
    internal void SealEvery(TimeSpan interval) =>
        _sealing.Options = interval > TimeSpan.Zero ? _sealing.Options with { Mode = SoloMode.Interval, Interval = interval }
            : _sealing.Options.Mode == SoloMode.Interval ? _sealing.Options with { Mode = SoloMode.Manual } : _sealing.Options;

    internal void PayFeesTo(Address beneficiary) => _sealing.Options = _sealing.Options with { Beneficiary = beneficiary };

    internal void SetGasLimit(ulong gas) => _sealing.Options = _sealing.Options with { GasLimit = gas };

    /// <summary>Every block so many seconds after its parent; null follows the clock again.</summary>
    internal void StepTimeBy(ulong? seconds) => _sealing.Options = _sealing.Options with { TimestampInterval = seconds };

    static Hash256 NewInstance()
    {
        Span<byte> bytes = stackalloc byte[Hash256.Size];
        System.Security.Cryptography.RandomNumberGenerator.Fill(bytes);
        return Hash256.FromBytes(bytes);
    }
}
