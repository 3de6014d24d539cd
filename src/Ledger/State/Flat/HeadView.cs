using Hufu.Primitives;

namespace Hufu.State;

/// <summary>The state at the snapshot's own block, read from the flat tables through the cache.</summary>
sealed class HeadView(WorldSnapshot snapshot) : StateView
{
    public override byte[] GetCode(in Hash256 codeHash) => snapshot.Codes.Get(snapshot.Store, codeHash);

    public override bool TryGetAccount(in Hash256 key, out Account account)
    {
        if (snapshot.Cache is not { } cache) return FlatState.TryReadAccount(snapshot.Store, key, out account);

        ref var place = ref cache.Place(key);
        var entry = Volatile.Read(ref place);
        if (entry is null || entry.Key != key || entry.Version > snapshot.Version)
        {
            var before = entry;
            entry = new ReadCache.AccountEntry(key, FlatState.TryReadAccount(snapshot.Store, key, out account) ? account : null, snapshot.Version);
            if (before is null || before.Version <= snapshot.Version) Interlocked.CompareExchange(ref place, entry, before);
        }
        account = entry.Account.GetValueOrDefault();
        return entry.Account.HasValue;
    }

    public override UInt256 GetStorage(in Hash256 account, in Hash256 slot)
    {
        if (snapshot.Cache is not { } cache) return FlatState.ReadSlot(snapshot.Store, account, slot);

        ref var place = ref cache.Place(account, slot);
        var entry = Volatile.Read(ref place);
        if (entry is not null && entry.Account == account && entry.Slot == slot && entry.Version <= snapshot.Version) return entry.Value;
        var value = FlatState.ReadSlot(snapshot.Store, account, slot);
        if (entry is null || entry.Version <= snapshot.Version)
            Interlocked.CompareExchange(ref place, new ReadCache.SlotEntry(account, slot, value, snapshot.Version), entry);
        return value;
    }

    public override IEnumerable<KeyValuePair<Hash256, UInt256>> StorageOf(Hash256 account)
    {
        using var cursor = snapshot.Store.Walk(StateTables.Storage, account.Bytes);
        while (cursor.MoveNext())
        {
            if (cursor.Key.Length != 2 * Hash256.Size) throw StoreFailure.Damaged(StateTables.Storage, cursor.Key, "the key has a wrong length");
            yield return new(Hash256.FromBytes(cursor.Key[Hash256.Size..]), FlatValue.ReadSlot(cursor.Key, cursor.Value));
        }
    }
}
