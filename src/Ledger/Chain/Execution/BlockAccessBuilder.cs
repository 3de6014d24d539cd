using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>
/// Puts together the block access list out of what each step of the block met (EIP-7928). Steps are added in the order of the block;
/// each tells its own part, so that they may have run in any order or side by side.
/// </summary>
sealed class BlockAccessBuilder
{
    readonly Dictionary<Address, AccountEntry> _accounts = [];

    /// <summary>Adds what one step met; a later one of the same index replaces what an earlier one left.</summary>
    /// <param name="index">0 before the transactions, 1 to n for the transactions, n + 1 after them.</param>
    public void Add(uint index, IReadOnlyList<AccountAccess> accesses)
    {
        foreach (var access in accesses)
        {
            if (!_accounts.TryGetValue(access.Address, out var entry)) _accounts.Add(access.Address, entry = new AccountEntry());
            if (access.Balance is { } balance) Put(entry.Balances, index, balance);
            if (access.Nonce is { } nonce) Put(entry.Nonces, index, nonce);
            if (access.Code is { } code) Put(entry.Codes, index, code);
            foreach (var slot in access.Reads) entry.Reads.Add(slot);
            foreach (var (slot, value) in access.Writes)
            {
                if (!entry.Writes.TryGetValue(slot, out var changes)) entry.Writes.Add(slot, changes = []);
                Put(changes, index, value);
            }
        }
    }

    public BlockAccessList Build() => new([.. _accounts.OrderBy(pair => pair.Key).Select(pair => new AccountChanges(pair.Key)
    {
        StorageChanges = [.. pair.Value.Writes.Select(slot => new SlotChanges(slot.Key, slot.Value))],
        // A slot that any step changed is listed with its changes alone.
        StorageReads = [.. pair.Value.Reads.Where(slot => !pair.Value.Writes.ContainsKey(slot))],
        BalanceChanges = pair.Value.Balances,
        NonceChanges = pair.Value.Nonces,
        CodeChanges = pair.Value.Codes,
    })]);

    static void Put<T>(List<IndexedChange<T>> changes, uint index, T value)
    {
        if (changes.Count > 0 && changes[^1].Index == index) changes[^1] = new(index, value);
        else changes.Add(new(index, value));
    }

    sealed class AccountEntry
    {
        public SortedDictionary<UInt256, List<IndexedChange<UInt256>>> Writes { get; } = [];
        public SortedSet<UInt256> Reads { get; } = [];
        public List<IndexedChange<UInt256>> Balances { get; } = [];
        public List<IndexedChange<ulong>> Nonces { get; } = [];
        public List<IndexedChange<ReadOnlyMemory<byte>>> Codes { get; } = [];
    }
}
