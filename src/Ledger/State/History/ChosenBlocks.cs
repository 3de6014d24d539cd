using Hufu.Primitives;

namespace Hufu.State;

/// <summary>The blocks of the chosen chain whose state is kept: by number, their hash and state root.</summary>
static class ChosenBlocks
{
    public static void Write(WriteBatch batch, in StateHead block)
    {
        Span<byte> key = stackalloc byte[sizeof(ulong)];
        Span<byte> value = stackalloc byte[2 * Hash256.Size];
        block.Hash.Bytes.CopyTo(value);
        block.StateRoot.Bytes.CopyTo(value[Hash256.Size..]);
        batch.Put(StateTables.Chosen, HistoryKey.Write(key, block.Number), value);
    }

    public static void Remove(WriteBatch batch, ulong block)
    {
        Span<byte> key = stackalloc byte[sizeof(ulong)];
        batch.Delete(StateTables.Chosen, HistoryKey.Write(key, block));
    }

    /// <summary>Null where the chosen chain has no such block, or it is no longer kept.</summary>
    public static StateHead? Read(IKeyValueReader store, ulong block)
    {
        Span<byte> key = stackalloc byte[sizeof(ulong)];
        Span<byte> value = stackalloc byte[2 * Hash256.Size];
        var length = store.Get(StateTables.Chosen, HistoryKey.Write(key, block), value);
        if (length < 0) return null;
        if (length != value.Length) throw StoreFailure.Damaged(StateTables.Chosen, key, $"{length} bytes that are not a hash and a root");
        return new StateHead(new BlockId(block, Hash256.FromBytes(value[..Hash256.Size])), Hash256.FromBytes(value[Hash256.Size..]));
    }

    /// <summary>A block that must be there.</summary>
    public static StateHead Expect(IKeyValueReader store, ulong block)
    {
        if (Read(store, block) is { } found) return found;
        Span<byte> key = stackalloc byte[sizeof(ulong)];
        throw StoreFailure.Damaged(StateTables.Chosen, HistoryKey.Write(key, block), "a block of the chosen chain is missing");
    }
}
