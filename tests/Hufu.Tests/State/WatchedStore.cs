using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Tests;

/// <summary>A store in memory that counts what is committed, and whose disk can be full.</summary>
sealed class WatchedStore : IKeyValueStore
{
    readonly MemoryStore _inner = new();

    public int Commits { get; private set; }
    public int SyncedCommits { get; private set; }

    /// <summary>While set, every commit fails and writes nothing.</summary>
    public bool IsFull { get; set; }

    public void Commit(WriteBatch batch, bool sync)
    {
        if (IsFull) throw new StoreFailure(new Refusal("the disk is full", "No space left on device", "free some space and start again"));
        _inner.Commit(batch, sync);
        Commits++;
        if (sync) SyncedCommits++;
    }

    public byte[]? Get(Table table, ReadOnlySpan<byte> key) => _inner.Get(table, key);
    public int Get(Table table, ReadOnlySpan<byte> key, Span<byte> value) => _inner.Get(table, key, value);
    public IKeyValueCursor Walk(Table table, ReadOnlySpan<byte> prefix = default) => _inner.Walk(table, prefix);
    public IKeyValueReader Snapshot() => _inner.Snapshot();

    /// <summary>Stays open, so that it can be opened again as a new process would.</summary>
    public void Dispose() { }
}
