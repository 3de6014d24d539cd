using Hufu.Primitives;

namespace Hufu.State;

/// <summary>
/// A state in the making: a parent's state with the differences applied so far. Reads see what was applied. It writes nothing anywhere until
/// <see cref="WorldState"/> keeps or commits it; to drop it is to forget it. One thread at a time.
/// </summary>
public sealed class StateTransition : IStateView
{
    // What the chain that this one forks holds; null where it forks none. See OriginView for how the two are laid over each other.
    readonly IStateView? _origin;
    readonly WorldSnapshot _snapshot;
    readonly StateView _below;
    readonly Dictionary<Address, Entry> _accounts = [];
    readonly List<Entry> _unrooted = [];
    readonly NodeSource _source;
    Dictionary<Hash256, byte[]>? _codes;
    LiveNode? _trie;
    bool _trieReady;

    internal StateTransition(IStateView? origin, WorldSnapshot snapshot, StateView below, BlockId? parent, Lazy<LiveNode?> parentTrie)
    {
        _origin = origin;
        _snapshot = snapshot;
        _below = below;
        Parent = parent;
        _source = snapshot.Nodes;
        ParentTrie = parentTrie;
    }

    /// <summary>The block whose state this started from; null for the empty state before any genesis.</summary>
    public BlockId? Parent { get; }

    /// <summary>Another one that starts where this one did, with nothing applied.</summary>
    public StateTransition Afresh() => new(_origin, _snapshot, _below, Parent, ParentTrie);

    internal WorldSnapshot Snapshot => _snapshot;
    internal StateView Below => _below;
    internal Lazy<LiveNode?> ParentTrie { get; }
    internal LiveNode? Trie => _trie;
    internal List<NodePlace> Vacated { get; } = [];

    public bool TryGetAccount(in Address address, out Account account)
    {
        if (!_accounts.TryGetValue(address, out var entry))
        {
            if (_below.TryGetAccount(address, out account)) return _origin is null || !account.IsEmpty;
            return _origin is not null && _origin.TryGetAccount(address, out account);
        }
        account = entry.Account.GetValueOrDefault();
        return entry.Account.HasValue && (_origin is null || !account.IsEmpty);
    }

    public UInt256 GetStorage(in Address address, in UInt256 slot) => _origin is null ? StorageHere(address, slot) : StorageHere(address, slot) + _origin.GetStorage(address, slot);

    UInt256 StorageHere(in Address address, in UInt256 slot)
    {
        if (!_accounts.TryGetValue(address, out var entry)) return _below.GetStorage(address, slot);
        if (entry.Unrooted is { } unrooted && unrooted.TryGetValue(slot, out var value)) return value;
        if (entry.Storage is { } storage && storage.TryGetValue(slot, out value)) return value;
        return entry.ShowsParent ? _below.GetStorage(entry.Key, KeyHash.Of(slot)) : UInt256.Zero;
    }

    public bool HasStorage(in Address address)
    {
        if (!_accounts.TryGetValue(address, out var entry)) return _below.HasStorage(address);
        // Rooting makes the account's storage root speak for all its slots; before it, only what was written is to be asked.
        if (entry.Account is null) return false;
        if (entry.Unrooted is null && !entry.ClearedUnrooted) return entry.Account.Value.StorageRoot != Account.EmptyTrieRoot;
        if (entry.Unrooted is { } unrooted)
            foreach (var (_, value) in unrooted)
                if (!value.IsZero) return true;
        if (entry.ClearedUnrooted) return false;
        if (entry.Account.Value.StorageRoot == Account.EmptyTrieRoot) return false;
        Root();
        return entry.Account.Value.StorageRoot != Account.EmptyTrieRoot;
    }

    public byte[] GetCode(in Hash256 codeHash) => _codes is not null && _codes.TryGetValue(codeHash, out var code) ? code
        : _origin is null ? _below.GetCode(codeHash) : OriginView.CodeOf(codeHash, _origin, _below);

    /// <summary>Lays a difference over the state. It is copied; the caller keeps it.</summary>
    public void Apply(StateDiff diff)
    {
        foreach (var (hash, code) in diff.Codes) (_codes ??= [])[hash] = code;
        foreach (var (address, change) in diff.Accounts)
        {
            if (!_accounts.TryGetValue(address, out var entry)) _accounts.Add(address, entry = NewEntry(address));
            if (!entry.IsUnrooted)
            {
                entry.IsUnrooted = true;
                _unrooted.Add(entry);
            }
            entry.Apply(change, _origin, address);
        }
    }

    /// <summary>The root of the state trie with all that was applied. May be asked after every transaction: only what changed since is hashed.</summary>
    public Hash256 Root()
    {
        if (!_trieReady)
        {
            _trie = ParentTrie.Value;
            _trieReady = true;
        }
        if (_unrooted.Count > 0)
        {
            var updates = new AccountUpdate[_unrooted.Count];
            for (var i = 0; i < updates.Length; i++) updates[i] = _unrooted[i].ToUpdate();
            _trie = WorldTrie.Apply(_trie, _source, updates, Vacated);
            for (var i = 0; i < updates.Length; i++) _unrooted[i].Rooted(updates[i]);
            _unrooted.Clear();
        }
        return WorldTrie.RootHash(_trie);
    }

    /// <summary>The accounts that differ from the parent, and the slots written of each.</summary>
    public IEnumerable<(Address Address, IEnumerable<UInt256> Slots)> Written =>
        _accounts.Select(static entry => (entry.Key, (entry.Value.Storage?.Keys ?? Enumerable.Empty<UInt256>()).Concat(entry.Value.Unrooted?.Keys ?? Enumerable.Empty<UInt256>())));

    /// <summary>All that differs from the parent, with storage roots.</summary>
    internal StateChanges ToChanges()
    {
        Root();
        var changes = new StateChanges();
        foreach (var (_, entry) in _accounts)
            changes.Accounts.Add(entry.Key, new AccountChange { Account = entry.Account, StorageCleared = entry.Cleared, Storage = entry.HashedStorage });
        if (_codes is not null)
            foreach (var (hash, code) in _codes) changes.Codes.Add(hash, code);
        return changes;
    }

    Entry NewEntry(in Address address)
    {
        var key = KeyHash.Of(address);
        return _below.TryGetAccount(key, out var account) ? new Entry(key, account.StorageRoot) { Account = account } : new Entry(key, Account.EmptyTrieRoot);
    }

    sealed class Entry(Hash256 key, Hash256 storageRoot)
    {
        // As of the last Root.
        Hash256 _storageRoot = storageRoot;
        readonly bool _parentHasStorage = storageRoot != Primitives.Account.EmptyTrieRoot;

        public Hash256 Key { get; } = key;
        public Account? Account { get; set; }

        /// <summary>Nothing of the parent's storage shows through.</summary>
        public bool Cleared { get; private set; }

        /// <summary>Whether a slot not written may hold something, so that it is worth the hash of its key to ask the parent.</summary>
        public bool ShowsParent => _parentHasStorage && !Cleared;

        /// <summary>Slots already in the trie, and slots written since.</summary>
        public Dictionary<UInt256, UInt256>? Storage { get; private set; }
        public Dictionary<UInt256, UInt256>? Unrooted { get; private set; }
        public bool ClearedUnrooted { get; private set; }
        public bool IsUnrooted { get; set; }

        public Dictionary<Hash256, UInt256>? HashedStorage { get; private set; }

        public void Apply(AccountDiff change, IStateView? origin, in Address address)
        {
            if (!change.Exists || change.StorageCleared)
            {
                Cleared = ClearedUnrooted = true;
                Storage = Unrooted = null;
                HashedStorage = null;
            }
            if (!change.Exists)
            {
                // Over another chain an account that is gone must hide the one that is there.
                Account = origin is null ? null : Primitives.Account.Empty;
                return;
            }
            Account = new Account(change.Nonce, change.Balance, ClearedUnrooted ? Primitives.Account.EmptyTrieRoot : _storageRoot, change.CodeHash);
            if (change.Storage is null || change.Storage.Count == 0) return;
            Unrooted ??= new Dictionary<UInt256, UInt256>(change.Storage.Count);
            foreach (var (slot, value) in change.Storage) Unrooted[slot] = origin is null ? value : value - origin.GetStorage(address, slot);
        }

        public AccountUpdate ToUpdate()
        {
            var slots = Unrooted is null ? [] : new TrieChange[Unrooted.Count];
            if (Unrooted is not null)
            {
                HashedStorage ??= new Dictionary<Hash256, UInt256>(Unrooted.Count);
                var i = 0;
                foreach (var (slot, value) in Unrooted)
                {
                    var hash = KeyHash.Of(slot);
                    slots[i++] = new TrieChange(hash, FlatValue.ToTrieValue(value));
                    HashedStorage[hash] = value;
                }
                TrieKey.Sort(slots);
            }
            return new AccountUpdate { Key = Key, Account = Account, StorageRootBefore = _storageRoot, StorageCleared = ClearedUnrooted, Slots = slots };
        }

        public void Rooted(AccountUpdate update)
        {
            Account = update.Account;
            _storageRoot = Account?.StorageRoot ?? Primitives.Account.EmptyTrieRoot;
            IsUnrooted = ClearedUnrooted = false;
            if (Unrooted is null) return;
            if (Storage is null) Storage = Unrooted;
            else foreach (var (slot, value) in Unrooted) Storage[slot] = value;
            Unrooted = null;
        }
    }
}
