using System.Collections.Immutable;

namespace Hufu.State;

/// <summary>A store that ends with the process. Its tables are persistent sorted sets, so a snapshot is one reference and an empty store costs nothing.</summary>
public sealed class MemoryStore : IKeyValueStore
{
    static readonly ImmutableSortedSet<Entry> EmptyTable = ImmutableSortedSet.Create<Entry>(EntryOrder.Instance);

    readonly Lock _commit = new();

    // Replaced whole by each commit, never changed: whoever holds it holds a snapshot.
    volatile ImmutableSortedSet<Entry>?[] _tables = [];

    public byte[]? Get(Table table, ReadOnlySpan<byte> key) => Get(_tables, table, key)?.ToArray();

    public int Get(Table table, ReadOnlySpan<byte> key, Span<byte> value) => Get(_tables, table, key, value);

    public IKeyValueCursor Walk(Table table, ReadOnlySpan<byte> prefix = default) => new Cursor(TableIn(_tables, table), prefix.ToArray());

    public IKeyValueReader Snapshot() => new MemorySnapshot(_tables);

    public void Commit(WriteBatch batch, bool sync)
    {
        lock (_commit) Commit(batch);
    }

    void Commit(WriteBatch batch)
    {
        var tables = new ImmutableSortedSet<Entry>?[Table.MaxCount];
        _tables.CopyTo(tables, 0);
        var builders = new ImmutableSortedSet<Entry>.Builder?[Table.MaxCount];
        foreach (ref readonly var operation in batch.Operations)
        {
            var id = operation.Table.Id;
            var builder = builders[id] ??= (tables[id] ?? EmptyTable).ToBuilder();
            var entry = new Entry(batch.Key(operation).ToArray(), operation.IsDelete ? [] : batch.Value(operation).ToArray());
            if (operation.IsDelete) builder.Remove(entry);
            else if (!builder.Add(entry))
            {
                builder.Remove(entry);
                builder.Add(entry);
            }
        }
        for (var id = 0; id < builders.Length; id++)
            if (builders[id] is { } builder) tables[id] = builder.ToImmutable();
        _tables = tables;
    }

    public void Dispose() { }

    static ImmutableSortedSet<Entry> TableIn(ImmutableSortedSet<Entry>?[] tables, Table table) =>
        table.Id < tables.Length ? tables[table.Id] ?? EmptyTable : EmptyTable;

    static byte[]? Get(ImmutableSortedSet<Entry>?[] tables, Table table, ReadOnlySpan<byte> key)
    {
        var set = TableIn(tables, table);
        if (set.IsEmpty) return null;
        return set.TryGetValue(new Entry(key.ToArray(), []), out var found) && found.Value is { } value ? value : null;
    }

    static int Get(ImmutableSortedSet<Entry>?[] tables, Table table, ReadOnlySpan<byte> key, Span<byte> value)
    {
        var found = Get(tables, table, key);
        if (found is null) return -1;
        if (found.Length <= value.Length) found.CopyTo(value);
        return found.Length;
    }

    // Value is null only in the default that TryGetValue hands back for a key it did not find.
    readonly record struct Entry(byte[] Key, byte[]? Value);

    sealed class EntryOrder : IComparer<Entry>
    {
        public static readonly EntryOrder Instance = new();

        public int Compare(Entry x, Entry y) => x.Key.AsSpan().SequenceCompareTo(y.Key);
    }

    sealed class MemorySnapshot(ImmutableSortedSet<Entry>?[] tables) : IKeyValueReader
    {
        public byte[]? Get(Table table, ReadOnlySpan<byte> key) => MemoryStore.Get(tables, table, key)?.ToArray();
        public int Get(Table table, ReadOnlySpan<byte> key, Span<byte> value) => MemoryStore.Get(tables, table, key, value);
        public IKeyValueCursor Walk(Table table, ReadOnlySpan<byte> prefix = default) => new Cursor(TableIn(tables, table), prefix.ToArray());
        public void Dispose() { }
    }

    sealed class Cursor(ImmutableSortedSet<Entry> table, byte[] prefix) : IKeyValueCursor
    {
        int _position = -1;
        Entry _here;

        public ReadOnlySpan<byte> Key => _here.Key;
        public ReadOnlySpan<byte> Value => _here.Value;

        public bool Seek(ReadOnlySpan<byte> from)
        {
            var start = from.SequenceCompareTo(prefix) < 0 ? prefix : from.ToArray();
            var found = table.IndexOf(new Entry(start, []));
            return MoveTo(found >= 0 ? found : ~found);
        }

        public bool MoveNext() => _position < 0 ? Seek(prefix) : MoveTo(_position + 1);

        public void Dispose() { }

        bool MoveTo(int position)
        {
            _position = position;
            _here = default;
            if (position >= table.Count || !table[position].Key.AsSpan().StartsWith(prefix)) return false;
            _here = table[position];
            return true;
        }
    }
}
