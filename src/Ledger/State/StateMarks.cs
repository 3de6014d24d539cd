using Hufu.Primitives;

namespace Hufu.State;

/// <summary>The block that the trie on disk is at, and its root.</summary>
sealed record TrieMark(ulong Block, Hash256 Root);

/// <summary>Where the state stands, as one value in the marks table.</summary>
/// <param name="Oldest">The oldest block whose state the history gives.</param>
sealed record StateMarks(StateHead Head, TrieMark? Trie, ulong Oldest)
{
    // Also the version of everything the state writes: a later form gets another number.
    const ulong Format = 1;

    static ReadOnlySpan<byte> Key => "state"u8;

    public static void Write(WriteBatch batch, in StateHead head, TrieMark? trie, ulong oldest)
    {
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        writer.Write(Format);
        writer.Write(head.Number);
        writer.Write(head.Hash);
        writer.Write(head.StateRoot);
        writer.Write(oldest);
        if (trie is not null)
        {
            writer.Write(trie.Block);
            writer.Write(trie.Root);
        }
        writer.EndList(list);
        batch.Put(StateTables.Marks, Key, writer.Written);
    }

    /// <summary>Null in a store where no genesis was committed.</summary>
    public static StateMarks? Read(IKeyValueReader store)
    {
        var encoded = store.Get(StateTables.Marks, Key);
        if (encoded is null) return null;
        var reader = new RlpReader(encoded);
        var end = reader.EnterList();
        var format = reader.ReadUInt64();
        if (!reader.Failed && format != Format)
            throw new StoreFailure(new Refusal(
                $"the data folder was written by another version (state format {format})",
                $"this version reads and writes state format {Format}",
                "use the version that wrote it, or import the blocks into an empty folder"));
        var head = new StateHead(new BlockId(reader.ReadUInt64(), reader.ReadHash()), reader.ReadHash());
        var oldest = reader.ReadUInt64();
        var trie = reader.HasMore(end) ? new TrieMark(reader.ReadUInt64(), reader.ReadHash()) : null;
        reader.LeaveList(end);
        reader.ExpectEnd();
        return reader.Failed ? throw StoreFailure.Damaged(StateTables.Marks, Key, reader.Error!) : new StateMarks(head, trie, oldest);
    }
}
