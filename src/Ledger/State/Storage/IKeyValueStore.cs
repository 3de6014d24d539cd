namespace Hufu.State;

/// <summary>Reads a store as it is now, or as it was when a snapshot was taken. Safe to use from many threads.</summary>
public interface IKeyValueReader : IDisposable
{
    /// <summary>A copy of the value, or null where the key is absent.</summary>
    byte[]? Get(Table table, ReadOnlySpan<byte> key);

    /// <summary>Copies the value into the caller's buffer where it fits; where it does not, the buffer holds nothing of use.</summary>
    /// <returns>The whole length of the value, or -1 where the key is absent.</returns>
    int Get(Table table, ReadOnlySpan<byte> key, Span<byte> value);

    /// <summary>Walks the keys that begin with a prefix, in the order of their bytes. An empty prefix walks the whole table. One thread only; the caller disposes it.</summary>
    IKeyValueCursor Walk(Table table, ReadOnlySpan<byte> prefix = default);
}

/// <summary>A position among the keys of a table, first before the first of them.</summary>
public interface IKeyValueCursor : IDisposable
{
    /// <summary>Moves to the first key that is not below <paramref name="from"/>; false where there is none.</summary>
    bool Seek(ReadOnlySpan<byte> from);

    /// <summary>Moves to the next key (at first: to the first); false at the end.</summary>
    bool MoveNext();

    /// <summary>The key here, whole, with its prefix. Valid until the cursor moves.</summary>
    ReadOnlySpan<byte> Key { get; }

    /// <summary>The value here. Valid until the cursor moves.</summary>
    ReadOnlySpan<byte> Value { get; }
}

/// <summary>Ordered bytes that survive the process. Commits land one after the other, from whichever thread; no two writers share a key. Readers need no lock.</summary>
public interface IKeyValueStore : IKeyValueReader
{
    /// <summary>Writes all of a batch or, where the process dies on the way, none of it.</summary>
    /// <param name="sync">Returns only when the batch is on the disk and would survive a loss of power; without it a batch survives the death of the process only.</param>
    /// <exception cref="StoreFailure">The disk is full or broken; nothing was written.</exception>
    void Commit(WriteBatch batch, bool sync);

    /// <summary>The store as it is now, unmoved by later commits, until disposed or no longer referenced.</summary>
    IKeyValueReader Snapshot();
}
