using Hufu.Primitives;

namespace Hufu.State;

/// <summary>
/// The state as of an earlier block of the snapshot's chain: for each key the first change after that block tells the value before it,
/// and where there was none, the head's value still holds.
/// </summary>
sealed class HistoryView(WorldSnapshot snapshot, ulong block) : StateView
{
    readonly HeadView _head = new(snapshot);

    public override byte[] GetCode(in Hash256 codeHash) => _head.GetCode(codeHash);

    public override bool TryGetAccount(in Hash256 key, out Account account)
    {
        Span<byte> from = stackalloc byte[HistoryKey.AccountLength];
        using var cursor = snapshot.Store.Walk(StateTables.AccountHistory, key.Bytes);
        if (!cursor.Seek(HistoryKey.Write(from, key, block + 1))) return _head.TryGetAccount(key, out account);
        account = cursor.Value.IsEmpty ? default : FlatValue.ReadAccount(cursor.Key, cursor.Value);
        return !cursor.Value.IsEmpty;
    }

    public override UInt256 GetStorage(in Hash256 account, in Hash256 slot)
    {
        Span<byte> from = stackalloc byte[HistoryKey.SlotLength];
        HistoryKey.Write(from, account, slot, block + 1);
        using var cursor = snapshot.Store.Walk(StateTables.StorageHistory, from[..(2 * Hash256.Size)]);
        return cursor.Seek(from) ? FlatValue.ReadSlot(cursor.Key, cursor.Value) : _head.GetStorage(account, slot);
    }

    // Rare (an account destroyed in a block built on an earlier one), so the plain way: undo everything since.
    public override IEnumerable<KeyValuePair<Hash256, UInt256>> StorageOf(Hash256 account) =>
        new LayeredView(_head, StateHistory.Reverse(snapshot, block)).StorageOf(account);
}
