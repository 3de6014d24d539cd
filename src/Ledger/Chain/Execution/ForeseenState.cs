using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>
/// What a block's access list says of the state before each of its steps (EIP-7928), laid over the state of the parent. It says nothing of its own:
/// whether the list is right is known only when every step has run and told what it met.
/// </summary>
sealed class ForeseenState
{
    readonly IStateView _parent;
    readonly Dictionary<Address, AccountForesight> _accounts;
    readonly Dictionary<Hash256, byte[]> _codes = [];

    /// <param name="parent">Is read by many threads at once.</param>
    public ForeseenState(IStateView parent, BlockAccessList list)
    {
        _parent = parent;
        _accounts = new Dictionary<Address, AccountForesight>(list.Accounts.Count);
        foreach (var account in list.Accounts) _accounts.Add(account.Address, new AccountForesight(account, _codes));
    }

    /// <param name="step">1 to n for the transactions, as the list counts them.</param>
    public IStateView Before(uint step) => new View(this, step);

    /// <summary>What the whole block leaves behind, against the parent; null where the parent holds an empty account of the list, whose end (EIP-161) no list tells.</summary>
    public StateDiff? Difference()
    {
        var diff = new StateDiff();
        foreach (var (address, foresight) in _accounts)
        {
            var existed = _parent.TryGetAccount(address, out var before);
            if (existed && before.IsEmpty) return null;
            if (foresight.IsOnlyRead) continue;
            var after = foresight.Lay(existed ? before : Account.Empty, uint.MaxValue);
            if (after.IsEmpty && !existed) continue;
            diff.Accounts.Add(address, new AccountDiff
            {
                Exists = !after.IsEmpty,
                Nonce = after.Nonce,
                Balance = after.Balance,
                CodeHash = after.CodeHash,
                Storage = foresight.LastSlots(),
            });
        }
        foreach (var (hash, code) in _codes)
            if (hash != Account.EmptyCodeHash) diff.Codes.Add(hash, code);
        return diff;
    }

    /// <summary>The last change before a step; false where there is none.</summary>
    static bool TryFind<T>(IReadOnlyList<IndexedChange<T>> changes, uint step, out T value)
    {
        var (low, high) = (0, changes.Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (changes[middle].Index < step) low = middle + 1;
            else high = middle;
        }
        value = low == 0 ? default! : changes[low - 1].Value;
        return low > 0;
    }

    sealed class AccountForesight
    {
        readonly AccountChanges _changes;
        readonly Dictionary<UInt256, IReadOnlyList<IndexedChange<UInt256>>> _slots;
        readonly IndexedChange<Hash256>[] _codeHashes;

        public AccountForesight(AccountChanges changes, Dictionary<Hash256, byte[]> codes)
        {
            _changes = changes;
            _slots = new(changes.StorageChanges.Count);
            foreach (var slot in changes.StorageChanges) _slots.Add(slot.Slot, slot.Changes);
            _codeHashes = new IndexedChange<Hash256>[changes.CodeChanges.Count];
            for (var i = 0; i < _codeHashes.Length; i++)
            {
                var (index, code) = changes.CodeChanges[i];
                var hash = code.Length == 0 ? Account.EmptyCodeHash : Keccak256.Hash(code.Span);
                _codeHashes[i] = new(index, hash);
                codes[hash] = code.ToArray();
            }
        }

        public bool IsOnlyRead => _changes is { StorageChanges.Count: 0, BalanceChanges.Count: 0, NonceChanges.Count: 0, CodeChanges.Count: 0 };

        public Dictionary<UInt256, UInt256>? LastSlots()
        {
            if (_slots.Count == 0) return null;
            var slots = new Dictionary<UInt256, UInt256>(_slots.Count);
            foreach (var (slot, changes) in _slots) slots.Add(slot, changes[^1].Value);
            return slots;
        }

        public Account Lay(in Account below, uint step)
        {
            var account = below;
            if (TryFind(_changes.BalanceChanges, step, out var balance)) account = account with { Balance = balance };
            if (TryFind(_changes.NonceChanges, step, out var nonce)) account = account with { Nonce = nonce };
            if (TryFind(_codeHashes, step, out var codeHash)) account = account with { CodeHash = codeHash };
            return account;
        }

        public bool TryGetSlot(in UInt256 slot, uint step, out UInt256 value)
        {
            value = default;
            return _slots.TryGetValue(slot, out var changes) && TryFind(changes, step, out value);
        }

        public bool HoldsAnything(uint step)
        {
            foreach (var (_, changes) in _slots)
                if (TryFind(changes, step, out var value) && !value.IsZero) return true;
            return false;
        }
    }

    sealed class View(ForeseenState state, uint step) : IStateView
    {
        public bool TryGetAccount(in Address address, out Account account)
        {
            var exists = state._parent.TryGetAccount(address, out account);
            if (!state._accounts.TryGetValue(address, out var foresight)) return exists;
            account = foresight.Lay(exists ? account : Account.Empty, step);
            // There are no empty accounts since EIP-161, so one that is empty is none.
            return !account.IsEmpty;
        }

        public UInt256 GetStorage(in Address address, in UInt256 slot) =>
            state._accounts.TryGetValue(address, out var foresight) && foresight.TryGetSlot(slot, step, out var value) ? value : state._parent.GetStorage(address, slot);

        // Only an account that never ran code is asked (EIP-7610), and such a one has lost no slot in this block.
        public bool HasStorage(in Address address) =>
            state._parent.HasStorage(address) || (state._accounts.TryGetValue(address, out var foresight) && foresight.HoldsAnything(step));

        public byte[] GetCode(in Hash256 codeHash) => state._codes.TryGetValue(codeHash, out var code) ? code : state._parent.GetCode(codeHash);
    }
}
