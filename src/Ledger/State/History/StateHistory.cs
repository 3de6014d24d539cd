using Hufu.Primitives;

namespace Hufu.State;

/// <summary>Writes, reads and removes what undoes the blocks of the chosen chain.</summary>
static class StateHistory
{
    /// <summary>Adds to a batch what undoes a block.</summary>
    /// <param name="before">The state the block was executed on.</param>
    public static void Write(WriteBatch batch, StateView before, StateChanges changes, in StateHead head)
    {
        var record = new BlockChanges();
        using var writer = RlpWriter.Rent();
        Span<byte> key = stackalloc byte[HistoryKey.SlotLength];
        foreach (var (account, change) in changes.Accounts)
        {
            var existed = before.TryGetAccount(account, out var old);
            var slots = WriteSlots(batch, before, account, existed ? old : null, change, head.Number);
            if (slots.Count == 0 && existed == change.Account.HasValue && (!existed || old == change.Account!.Value)) continue;

            record.Accounts.Add((account, slots));
            writer.Clear();
            if (existed) FlatValue.WriteAccount(writer, old);
            batch.Put(StateTables.AccountHistory, HistoryKey.Write(key, account, head.Number), writer.Written);
        }
        batch.Put(StateTables.Changes, HistoryKey.Write(key, head.Number), record.Encode());
        ChosenBlocks.Write(batch, head);
    }

    static IReadOnlyList<Hash256> WriteSlots(WriteBatch batch, StateView before, Hash256 account, Account? old, AccountChange change, ulong block)
    {
        var hadStorage = old is { } had && had.StorageRoot != Account.EmptyTrieRoot;
        var clears = hadStorage && (change.StorageCleared || change.Account is null);
        if (change.Storage is null && !clears) return [];

        var slots = new List<Hash256>();
        Span<byte> key = stackalloc byte[HistoryKey.SlotLength];
        Span<byte> digits = stackalloc byte[32];
        if (change.Storage is not null)
        {
            foreach (var (slot, value) in change.Storage)
            {
                var oldValue = hadStorage ? before.GetStorage(account, slot) : UInt256.Zero;
                if (oldValue == value) continue;
                slots.Add(slot);
                batch.Put(StateTables.StorageHistory, HistoryKey.Write(key, account, slot, block), FlatValue.WriteSlot(oldValue, digits));
            }
        }
        if (!clears) return slots;
        foreach (var (slot, oldValue) in before.StorageOf(account))
        {
            if (change.Storage is not null && change.Storage.ContainsKey(slot)) continue;
            slots.Add(slot);
            batch.Put(StateTables.StorageHistory, HistoryKey.Write(key, account, slot, block), FlatValue.WriteSlot(oldValue, digits));
        }
        return slots;
    }

    /// <summary>What leads from the snapshot's head back to an earlier block of its chain.</summary>
    public static StateChanges Reverse(WorldSnapshot snapshot, ulong to)
    {
        var reverse = new StateChanges();
        // From the oldest block on: the value before a key's first change is the one as of `to`, and later changes do not matter.
        for (var block = to + 1; block <= snapshot.Head!.Value.Number; block++)
        {
            var record = RecordOf(snapshot, block);
            foreach (var (account, slots) in record.Accounts)
            {
                if (!reverse.Accounts.TryGetValue(account, out var change))
                    reverse.Accounts.Add(account, change = new AccountChange { Account = AccountBefore(snapshot.Store, account, block) });
                if (slots.Count == 0) continue;
                change.Storage ??= new Dictionary<Hash256, UInt256>(slots.Count);
                foreach (var slot in slots)
                    if (!change.Storage.ContainsKey(slot)) change.Storage.Add(slot, SlotBefore(snapshot.Store, account, slot, block));
            }
        }
        return reverse;
    }

    /// <summary>What an executed block of the chosen chain made of its parent, so that it can be chosen again after a reorganisation away from it.</summary>
    /// <param name="after">The state as of the block.</param>
    public static StateChanges Forward(WorldSnapshot snapshot, StateView after, ulong block)
    {
        var forward = new StateChanges();
        foreach (var (account, slots) in RecordOf(snapshot, block).Accounts)
        {
            var change = new AccountChange { Account = after.TryGetAccount(account, out var value) ? value : null };
            if (slots.Count > 0) change.Storage = slots.ToDictionary(slot => slot, slot => after.GetStorage(account, slot));
            forward.Accounts.Add(account, change);
        }
        return forward;
    }

    /// <summary>Adds to a batch the removal of what <see cref="Write"/> wrote.</summary>
    public static void Remove(WriteBatch batch, BlockChanges record, ulong block)
    {
        Span<byte> key = stackalloc byte[HistoryKey.SlotLength];
        foreach (var (account, slots) in record.Accounts)
        {
            batch.Delete(StateTables.AccountHistory, HistoryKey.Write(key, account, block));
            foreach (var slot in slots) batch.Delete(StateTables.StorageHistory, HistoryKey.Write(key, account, slot, block));
        }
        batch.Delete(StateTables.Changes, HistoryKey.Write(key, block));
        ChosenBlocks.Remove(batch, block);
    }

    public static BlockChanges RecordOf(WorldSnapshot snapshot, ulong block) => BlockChanges.Read(snapshot.Store, block) ?? throw Missing(StateTables.Changes, block);

    static Account? AccountBefore(IKeyValueReader store, in Hash256 account, ulong block)
    {
        Span<byte> key = stackalloc byte[HistoryKey.AccountLength];
        HistoryKey.Write(key, account, block);
        var value = store.Get(StateTables.AccountHistory, key) ?? throw Missing(StateTables.AccountHistory, block);
        return value.Length == 0 ? null : FlatValue.ReadAccount(key, value);
    }

    static UInt256 SlotBefore(IKeyValueReader store, in Hash256 account, in Hash256 slot, ulong block)
    {
        Span<byte> key = stackalloc byte[HistoryKey.SlotLength];
        Span<byte> value = stackalloc byte[33];
        var length = store.Get(StateTables.StorageHistory, HistoryKey.Write(key, account, slot, block), value);
        if (length < 0) throw Missing(StateTables.StorageHistory, block);
        return FlatValue.ReadSlot(key, value[..Math.Min(length, value.Length)]);
    }

    static StoreFailure Missing(Table table, ulong block)
    {
        Span<byte> key = stackalloc byte[sizeof(ulong)];
        return StoreFailure.Damaged(table, HistoryKey.Write(key, block), $"the history of block {block} is incomplete");
    }
}
