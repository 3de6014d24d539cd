using Hufu.Primitives;

namespace Hufu.State;

/// <summary>Reads and writes the flat tables.</summary>
static class FlatState
{
    public static bool TryReadAccount(IKeyValueReader store, in Hash256 key, out Account account)
    {
        Span<byte> value = stackalloc byte[FlatValue.MaxAccount];
        var length = store.Get(StateTables.Accounts, key.Bytes, value);
        account = length < 0 ? default : FlatValue.ReadAccount(key.Bytes, value[..Math.Min(length, value.Length)]);
        return length >= 0;
    }

    /// <summary>Zero where nothing is stored.</summary>
    public static UInt256 ReadSlot(IKeyValueReader store, in Hash256 account, in Hash256 slot)
    {
        Span<byte> key = stackalloc byte[2 * Hash256.Size];
        Span<byte> value = stackalloc byte[33];
        HistoryKey.WriteSlot(key, account, slot);
        var length = store.Get(StateTables.Storage, key, value);
        return length < 0 ? UInt256.Zero : FlatValue.ReadSlot(key, value[..Math.Min(length, value.Length)]);
    }

    /// <summary>Adds a difference to a batch.</summary>
    /// <param name="before">The state the tables hold.</param>
    /// <returns>The slots that went with their account's storage, which the difference does not name.</returns>
    public static List<(Hash256 Account, Hash256 Slot)> Write(WriteBatch batch, HeadView before, StateChanges changes)
    {
        var wiped = new List<(Hash256, Hash256)>();
        using var writer = RlpWriter.Rent();
        Span<byte> key = stackalloc byte[2 * Hash256.Size];
        Span<byte> digits = stackalloc byte[32];
        foreach (var (account, change) in changes.Accounts)
        {
            if (change.StorageCleared || change.Account is null) Wipe(batch, before, account, change, wiped);
            if (change.Account is not { } value)
            {
                batch.Delete(StateTables.Accounts, account.Bytes);
                continue;
            }
            writer.Clear();
            FlatValue.WriteAccount(writer, value);
            batch.Put(StateTables.Accounts, account.Bytes, writer.Written);
            if (change.Storage is null) continue;
            foreach (var (slot, slotValue) in change.Storage)
            {
                HistoryKey.WriteSlot(key, account, slot);
                if (slotValue.IsZero) batch.Delete(StateTables.Storage, key);
                else batch.Put(StateTables.Storage, key, FlatValue.WriteSlot(slotValue, digits));
            }
        }
        foreach (var (hash, code) in changes.Codes) batch.Put(StateTables.Codes, hash.Bytes, code);
        return wiped;
    }

    static void Wipe(WriteBatch batch, HeadView before, Hash256 account, AccountChange change, List<(Hash256, Hash256)> wiped)
    {
        if (!before.TryGetAccount(account, out var old) || old.StorageRoot == Account.EmptyTrieRoot) return;
        Span<byte> key = stackalloc byte[2 * Hash256.Size];
        foreach (var (slot, _) in before.StorageOf(account))
        {
            if (change.Account is not null && change.Storage is not null && change.Storage.ContainsKey(slot)) continue;
            batch.Delete(StateTables.Storage, HistoryKey.WriteSlot(key, account, slot));
            wiped.Add((account, slot));
        }
    }
}
