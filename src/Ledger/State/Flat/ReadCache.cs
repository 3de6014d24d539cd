using Hufu.Primitives;

namespace Hufu.State;

/// <summary>
/// Accounts and storage values read lately, shared by the writer and all readers without a lock. Each key has one place, so the cache is
/// bounded by its size; an entry is an object that never changes.
///
/// An entry carries the version of the state it was read from, and a commit puts a new entry in the place of every key it changes before its
/// version becomes visible. Hence an entry found in its place, not newer than the reader's version, holds for that version. A reader puts an
/// entry in only where the place has not been touched since it looked, and not over a newer one: versions in a place only grow.
/// </summary>
sealed class ReadCache
{
    readonly AccountEntry?[] _accounts;
    readonly SlotEntry?[] _slots;

    /// <param name="entries">Places for accounts, and as many for slots; rounded up to a power of two.</param>
    public ReadCache(int entries)
    {
        var places = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(entries, 16));
        _accounts = new AccountEntry?[places];
        _slots = new SlotEntry?[places];
    }

    public sealed record AccountEntry(Hash256 Key, Account? Account, long Version);

    public sealed record SlotEntry(Hash256 Account, Hash256 Slot, UInt256 Value, long Version);

    public ref AccountEntry? Place(in Hash256 account) => ref _accounts[account.GetHashCode() & (_accounts.Length - 1)];

    public ref SlotEntry? Place(in Hash256 account, in Hash256 slot) =>
        ref _slots[(account.GetHashCode() * 31 + slot.GetHashCode()) & (_slots.Length - 1)];

    /// <summary>Writes what a commit changed; called before the version can be seen.</summary>
    public void Changed(in Hash256 key, in Account? account, long version) => Volatile.Write(ref Place(key), new AccountEntry(key, account, version));

    /// <inheritdoc cref="Changed(in Hash256, in Account?, long)"/>
    public void Changed(in Hash256 account, in Hash256 slot, in UInt256 value, long version) =>
        Volatile.Write(ref Place(account, slot), new SlotEntry(account, slot, value, version));
}
