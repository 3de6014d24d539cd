using BenchmarkDotNet.Attributes;
using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Benchmarks;

/// <summary>A block that changes many accounts of a large state: its root, and its way to the disk.</summary>
[MemoryDiagnoser]
public class StateRootBenchmarks
{
    LargeState _state = null!;
    StateDiff[] _blocks = null!;
    int _next;

    [Params(1_000_000)]
    public int Accounts { get; set; }

    [Params(1_000, 10_000)]
    public int Changed { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _state = new LargeState(Accounts);
        _blocks = [.. Enumerable.Range(0, 16).Select(seed => _state.RandomBlock(seed, Changed))];
    }

    [GlobalCleanup]
    public void Cleanup() => _state.Dispose();

    /// <summary>Apply and root, from the head's trie as it is in memory.</summary>
    [Benchmark]
    public Hash256 Root()
    {
        var transition = _state.Begin();
        transition.Apply(_blocks[_next++ % _blocks.Length]);
        return transition.Root();
    }

    /// <summary>Apply, root and one synchronous write with history.</summary>
    [Benchmark]
    public void RootAndCommit() => _state.Commit(_blocks[_next++ % _blocks.Length], sync: true);
}

/// <summary>A state of many accounts in a folder that goes with it.</summary>
public sealed class LargeState : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("hufu-bench-").FullName;
    readonly int _accounts;
    RocksStore _store = null!;
    WorldState _world = null!;
    ulong _salt;

    public LargeState(int accounts)
    {
        _accounts = accounts;
        Open();
        var diff = new StateDiff();
        for (var i = 0; i < accounts; i++) diff.Accounts.Add(AddressOf(i), new AccountDiff { Nonce = 1, Balance = (ulong)i + 1 });
        var transition = WorldState.BeginEmpty();
        transition.Apply(diff);
        _world.Commit(transition, new BlockId(0, Keccak256.Hash("genesis"u8)), new WriteBatch(), sync: true);
    }

    public WorldState World => _world;

    public void Open()
    {
        if (!RocksStore.TryOpen(_folder, StateTables.All, null, out var store, out var refusal)) throw new InvalidOperationException(refusal.ToString());
        _store = store;
        _world = WorldState.Open(store);
    }

    public void Close() => _store.Dispose();

    public StateTransition Begin() => _world.Begin(_world.Head!.Value.Block)!;

    public StateDiff RandomBlock(int seed, int changed)
    {
        var random = new Random(seed);
        var diff = new StateDiff();
        while (diff.Accounts.Count < changed)
            diff.Accounts[AddressOf(random.Next(_accounts))] = new AccountDiff { Nonce = (ulong)random.Next(1, 1000), Balance = (ulong)random.NextInt64(1, long.MaxValue) };
        return diff;
    }

    /// <returns>The writes of the block.</returns>
    public int Commit(StateDiff diff, bool sync)
    {
        var transition = Begin();
        transition.Apply(diff);
        transition.Root();
        var batch = new WriteBatch();
        Span<byte> salt = stackalloc byte[8];
        BitConverter.TryWriteBytes(salt, ++_salt);
        _world.Commit(transition, new BlockId(_world.Head!.Value.Number + 1, Keccak256.Hash(salt)), batch, sync);
        return batch.Count;
    }

    static Address AddressOf(int number) => Address.FromBytes(Keccak256.Hash(BitConverter.GetBytes(number)).Bytes[12..]);

    public void Dispose()
    {
        Close();
        Directory.Delete(_folder, recursive: true);
    }
}
