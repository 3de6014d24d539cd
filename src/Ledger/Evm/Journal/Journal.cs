using System.Runtime.CompilerServices;
using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>
/// Everything a transaction changes, over a view that stays as it is: accounts, storage, transient storage, warm sets, logs, refund.
/// Each change leaves an entry, so that a failed call is taken back by undoing the entries since its snapshot.
/// </summary>
public sealed class Journal
{
    // The one account whose touch outlives a failed call: history has it so since block 2,675,119.
    static readonly Address Ripemd160Precompile = Address.FromNumber(3);

    readonly AccountTable _accounts = new();
    readonly SlotTable _storage = new();
    readonly SlotTable _transient = new();
    readonly Dictionary<Hash256, Code> _newCodes = [];
    readonly List<Log> _logs = [];
    Change[] _changes = new Change[64];
    int _changeCount;
    IStateView _view = null!;
    PrecompileSet _precompiles = null!;
    bool _clearsEmptyAccounts;

    /// <summary>Gas to give back for what was cleared; may be negative inside a call, never at the end.</summary>
    public long Refund { get; set; }

    public IReadOnlyList<Log> Logs => _logs;

    internal void Begin(IStateView view, ForkRules rules, PrecompileSet precompiles)
    {
        Clear();
        _view = view;
        _precompiles = precompiles;
        _clearsEmptyAccounts = rules.Has(Eip.StateClearing);
    }

    internal void Clear()
    {
        _accounts.Clear();
        _storage.Clear();
        _transient.Clear();
        _newCodes.Clear();
        _logs.Clear();
        _changeCount = 0;
        if (_changes.Length > 1 << 16) _changes = new Change[64];
        Refund = 0;
    }

    /// <summary>The account as it is now, whether it exists or not.</summary>
    public JournalAccount Account(in Address address)
    {
        var account = Entry(address);
        Load(account);
        return account;
    }

    /// <summary>The account's place in the journal, not looked at yet: nothing but its address and warmth means anything before <see cref="Load(JournalAccount)"/>.</summary>
    public JournalAccount Entry(in Address address)
    {
        var account = _accounts.Find(address, out var isNew);
        if (isNew && _precompiles.Contains(address)) account.IsWarm = true;
        return account;
    }

    public void Load(JournalAccount account)
    {
        if (!account.IsLoaded) account.Load(_view);
    }

    /// <summary>The code of the account; never null.</summary>
    public Code CodeOf(JournalAccount account) => account.CodeNow ??= CodeOf(account.CodeHashNow);

    /// <summary>Whether an address that a creation would take is taken: by a nonce, code or storage (EIP-684, EIP-7610).</summary>
    public bool IsTaken(JournalAccount account) => account.Nonce != 0 || account.HasCode || _view.HasStorage(account.Address);

    /// <summary>The code of that hash, made by this transaction or before it.</summary>
    internal Code CodeOf(in Hash256 hash) => hash == Primitives.Account.EmptyCodeHash ? Code.Empty
        : _newCodes.TryGetValue(hash, out var code) ? code : Code.Cached(hash, _view);

    /// <summary>What the account holds now, for one who watches: the transaction itself has not looked at it for that.</summary>
    internal bool TryPeek(in Address address, out Account account)
    {
        var now = Entry(address);
        if (!now.IsLoaded) return _view.TryGetAccount(address, out account);
        account = now.Exists ? new Account(now.Nonce, now.Balance, Primitives.Account.EmptyTrieRoot, now.CodeHash) : Primitives.Account.Empty;
        return now.Exists;
    }

    /// <summary>What the slot holds now, for one who watches.</summary>
    internal UInt256 Peek(in Address address, in UInt256 key)
    {
        var account = Entry(address);
        ref readonly var slot = ref _storage[SlotIndex(account, key)];
        return slot.IsLoaded ? slot.Current : account.IsCreated ? UInt256.Zero : _view.GetStorage(address, key);
    }

    /// <summary>Whether the account had storage before this transaction.</summary>
    internal bool HadStorage(in Address address) => _view.HasStorage(address);

    // Warmth

    /// <summary>Marks the address accessed without reading it from the view.</summary>
    public void Warm(in Address address) => TryWarm(Entry(address));

    /// <summary>Marks the account accessed; true where it was cold.</summary>
    public bool TryWarm(JournalAccount account)
    {
        if (account.IsWarm) return false;
        account.IsWarm = true;
        Record(ChangeKind.Warmed, account.Index);
        return true;
    }

    public void Warm(in Address address, in UInt256 key) => TryWarm(SlotIndex(Entry(address), key));

    // Storage

    /// <summary>The index of a slot, good until the transaction ends. The slot is not looked at yet.</summary>
    public int SlotIndex(JournalAccount account, in UInt256 key) => _storage.Find(account.Index, key, out _);

    /// <summary>The slot with what it holds.</summary>
    public ref readonly Slot Load(JournalAccount account, int slotIndex)
    {
        ref var slot = ref _storage[slotIndex];
        if (slot.IsLoaded) return ref slot;
        slot.IsLoaded = true;
        // An account made in this transaction has stored nothing before it.
        if (!account.IsCreated) slot.Original = slot.Current = _view.GetStorage(account.Address, slot.Key);
        return ref slot;
    }

    /// <summary>Marks the slot accessed; true where it was cold.</summary>
    public bool TryWarm(int slotIndex)
    {
        ref var slot = ref _storage[slotIndex];
        if (slot.IsWarm) return false;
        slot.IsWarm = true;
        Record(ChangeKind.SlotWarmed, slotIndex);
        return true;
    }

    public void SetStorage(int slotIndex, in UInt256 value)
    {
        ref var slot = ref _storage[slotIndex];
        Record(ChangeKind.Storage, slotIndex, slot.Current);
        slot.Current = value;
    }

    public UInt256 GetTransient(JournalAccount account, in UInt256 key) => _transient.IndexOf(account.Index, key) is var index and >= 0 ? _transient[index].Current : default;

    public void SetTransient(JournalAccount account, in UInt256 key, in UInt256 value)
    {
        var index = _transient.Find(account.Index, key, out _);
        ref var slot = ref _transient[index];
        Record(ChangeKind.Transient, index, slot.Current);
        slot.Current = value;
    }

    // Accounts

    /// <summary>Meets the account: empty, it vanishes at the end (EIP-161); before that rule it comes into being.</summary>
    public void Touch(JournalAccount account)
    {
        if (!account.IsTouched)
        {
            account.IsTouched = true;
            Record(ChangeKind.Touched, account.Index);
        }
        if (!_clearsEmptyAccounts) Appear(account);
    }

    public void AddBalance(JournalAccount account, in UInt256 amount)
    {
        Touch(account);
        if (amount.IsZero) return;
        SetBalance(account, account.BalanceNow + amount);
    }

    /// <summary>The balance must cover the amount.</summary>
    public void SubtractBalance(JournalAccount account, in UInt256 amount)
    {
        if (amount.IsZero) return;
        SetBalance(account, account.BalanceNow - amount);
    }

    public void SetNonce(JournalAccount account, ulong nonce)
    {
        Appear(account);
        Record(ChangeKind.Nonce, account.Index, account.Nonce);
        account.Nonce = nonce;
    }

    /// <summary>Gives the account code, or with no bytes takes it away.</summary>
    public void SetCode(JournalAccount account, ReadOnlySpan<byte> bytes)
    {
        Appear(account);
        Record(ChangeKind.Code, account.Index, Unsafe.BitCast<Hash256, UInt256>(account.CodeHashNow));
        if (bytes.IsEmpty)
        {
            account.CodeHashNow = Primitives.Account.EmptyCodeHash;
            account.CodeNow = Code.Empty;
            return;
        }
        account.CodeHashNow = Keccak256.Hash(bytes);
        if (!_newCodes.TryGetValue(account.CodeHashNow, out var code)) _newCodes.Add(account.CodeHashNow, code = Code.Cached(account.CodeHashNow, bytes));
        account.CodeNow = code;
    }

    /// <summary>Makes the account that a creation fills.</summary>
    public void Create(JournalAccount account)
    {
        Record(ChangeKind.Created, account.Index);
        account.IsCreated = true;
        Touch(account);
        Appear(account);
        if (_clearsEmptyAccounts) SetNonce(account, 1);
    }

    /// <summary>Marks the account to vanish at the end of the transaction; true the first time.</summary>
    public bool Destruct(JournalAccount account)
    {
        SubtractBalance(account, account.BalanceNow);
        if (account.IsDestructed) return false;
        Record(ChangeKind.Destructed, account.Index);
        account.IsDestructed = true;
        return true;
    }

    public void AddLog(Log log) => _logs.Add(log);

    // Snapshots

    internal Snapshot TakeSnapshot() => new(_changeCount, _logs.Count, Refund);

    internal void RevertTo(Snapshot snapshot)
    {
        while (_changeCount > snapshot.Changes) Undo(_changes[--_changeCount]);
        if (_logs.Count > snapshot.Logs) _logs.RemoveRange(snapshot.Logs, _logs.Count - snapshot.Logs);
        Refund = snapshot.Refund;
    }

    /// <summary>How the state differs from the view.</summary>
    internal StateDiff Difference()
    {
        var diff = new StateDiff();
        for (var i = 0; i < _accounts.Count; i++)
        {
            var account = _accounts[i];
            account.SlotsWritten = 0;
            if (!account.IsLoaded) continue;
            if (account.IsDestructed || (_clearsEmptyAccounts && account.IsTouched && account.IsEmpty))
            {
                if (account.ExistedBefore) diff.Accounts.Add(account.Address, new AccountDiff { Exists = false });
                account.IsDestructed = true;
            }
            else if (IsChanged(account)) AddTo(diff, account);
        }
        AddStorageTo(diff);
        return diff;
    }

    /// <summary>What the transaction met, against the view, in no order; to be asked after <see cref="Difference"/> (EIP-7928).</summary>
    internal IReadOnlyList<AccountAccess> Accesses()
    {
        var reads = new List<UInt256>?[_accounts.Count];
        var writes = new List<(UInt256, UInt256)>?[_accounts.Count];
        for (var i = 0; i < _storage.Count; i++)
        {
            ref readonly var slot = ref _storage[i];
            if (!slot.IsLoaded) continue;
            if (slot.Current == slot.Original || _accounts[slot.Account].IsDestructed) (reads[slot.Account] ??= []).Add(slot.Key);
            else (writes[slot.Account] ??= []).Add((slot.Key, slot.Current));
        }
        var accesses = new List<AccountAccess>(_accounts.Count);
        for (var i = 0; i < _accounts.Count; i++)
            if (_accounts[i].IsLoaded) accesses.Add(AccessOf(_accounts[i], reads[i], writes[i]));
        return accesses;
    }

    AccountAccess AccessOf(JournalAccount account, List<UInt256>? reads, List<(UInt256, UInt256)>? writes)
    {
        var before = account.Before;
        var (nonce, balance, codeHash) = account.IsDestructed ? (0, UInt256.Zero, Primitives.Account.EmptyCodeHash) : (account.Nonce, account.BalanceNow, account.CodeHashNow);
        ReadOnlyMemory<byte>? code = null;
        if (codeHash != before.CodeHash) code = account.IsDestructed ? ReadOnlyMemory<byte>.Empty : CodeOf(account).Bytes.ToArray();
        return new AccountAccess(account.Address, balance == before.Balance ? null : balance, nonce == before.Nonce ? null : nonce, code, reads ?? [], writes ?? []);
    }

    /// <summary>The accounts that vanish at the end, as they are now.</summary>
    internal IEnumerable<JournalAccount> Destructed()
    {
        for (var i = 0; i < _accounts.Count; i++)
            if (_accounts[i].IsDestructed) yield return _accounts[i];
    }

    /// <summary>How many slots of the account hold something that they did not before the transaction.</summary>
    internal int NewSlotsOf(JournalAccount account)
    {
        var count = 0;
        for (var i = 0; i < _storage.Count; i++)
            if (_storage[i].Account == account.Index && _storage[i].Original.IsZero && !_storage[i].Current.IsZero) count++;
        return count;
    }

    void AddStorageTo(StateDiff diff)
    {
        // Counted first: a table that grows as it is filled costs twice as much.
        for (var i = 0; i < _storage.Count; i++)
            if (_storage[i].Current != _storage[i].Original) _accounts[_storage[i].Account].SlotsWritten++;

        JournalAccount? account = null;
        Dictionary<UInt256, UInt256> written = null!;
        for (var i = 0; i < _storage.Count; i++)
        {
            ref readonly var slot = ref _storage[i];
            if (slot.Current == slot.Original) continue;
            var owner = _accounts[slot.Account];
            if (owner.IsDestructed) continue;
            if (owner != account)
            {
                account = owner;
                var change = diff.Accounts.TryGetValue(owner.Address, out var known) ? known : AddTo(diff, owner);
                written = change.Storage ??= new Dictionary<UInt256, UInt256>(owner.SlotsWritten);
            }
            written.Add(slot.Key, slot.Current);
        }
    }

    static bool IsChanged(JournalAccount account) =>
        account.Exists && (!account.ExistedBefore || account.Nonce != account.Before.Nonce
            || account.BalanceNow != account.Before.Balance || account.CodeHashNow != account.Before.CodeHash);

    AccountDiff AddTo(StateDiff diff, JournalAccount account)
    {
        var change = new AccountDiff { Nonce = account.Nonce, Balance = account.BalanceNow, CodeHash = account.CodeHashNow };
        diff.Accounts.Add(account.Address, change);
        if (account.CodeHashNow != account.Before.CodeHash && _newCodes.TryGetValue(account.CodeHashNow, out var code))
            diff.Codes[account.CodeHashNow] = code.Bytes.ToArray();
        return change;
    }

    void Appear(JournalAccount account)
    {
        if (account.Exists) return;
        Record(ChangeKind.Appeared, account.Index);
        account.Exists = true;
    }

    void SetBalance(JournalAccount account, in UInt256 balance)
    {
        Appear(account);
        Record(ChangeKind.Balance, account.Index, account.BalanceNow);
        account.BalanceNow = balance;
    }

    void Record(ChangeKind kind, int index, in UInt256 previous = default)
    {
        if (_changeCount == _changes.Length) Array.Resize(ref _changes, 2 * _changes.Length);
        ref var change = ref _changes[_changeCount++];
        change.Kind = kind;
        change.Index = index;
        change.Previous = previous;
    }

    void Undo(in Change change)
    {
        switch (change.Kind)
        {
            case ChangeKind.Storage: _storage[change.Index].Current = change.Previous; return;
            case ChangeKind.SlotWarmed: _storage[change.Index].IsWarm = false; return;
            case ChangeKind.Transient: _transient[change.Index].Current = change.Previous; return;
        }
        var account = _accounts[change.Index];
        switch (change.Kind)
        {
            case ChangeKind.Warmed: account.IsWarm = false; break;
            case ChangeKind.Touched: account.IsTouched = account.Address == Ripemd160Precompile; break;
            case ChangeKind.Appeared: account.Exists = false; break;
            case ChangeKind.Balance: account.BalanceNow = change.Previous; break;
            case ChangeKind.Nonce: account.Nonce = change.Previous.Low64; break;
            case ChangeKind.Created: account.IsCreated = false; break;
            case ChangeKind.Destructed: account.IsDestructed = false; break;
            case ChangeKind.Code:
                account.CodeHashNow = Unsafe.BitCast<UInt256, Hash256>(change.Previous);
                account.CodeNow = null;
                break;
        }
    }

    enum ChangeKind : byte { Warmed, Touched, Appeared, Balance, Nonce, Code, Created, Destructed, SlotWarmed, Storage, Transient }

    struct Change
    {
        public UInt256 Previous;
        public int Index;
        public ChangeKind Kind;
    }
}

/// <summary>How far the journal had come when a call began.</summary>
readonly record struct Snapshot(int Changes, int Logs, long Refund);
