using System.Runtime.InteropServices;
using Hufu.Primitives;

namespace Hufu.State;

/// <summary>
/// Builds the whole state trie from the flat tables, by one walk through each in the order of their keys. Memory stays bounded when only the root
/// is wanted: a part of the trie that is finished shrinks to its hash.
/// </summary>
/// <param name="keepNodes">Keeps the trie in memory instead of its root only.</param>
sealed class FlatScan(IKeyValueReader store, bool keepNodes = true, IProgress<StateScanProgress>? progress = null, CancellationToken stop = default)
{
    // How many leaves are built into a part at once: enough for four-way hashing, few enough to stay in memory.
    const int PartSize = 1 << 14;

    ulong _accounts;
    ulong _slots;

    /// <summary>The first thing that does not fit, or null.</summary>
    public Refusal? Fault { get; private set; }

    public StateScanProgress Counted => new(_accounts, _slots, 1);

    /// <summary>Builds the trie and compares its root.</summary>
    public LiveNode? Run(in Hash256 expectedRoot)
    {
        using var accounts = store.Walk(StateTables.Accounts);
        using var storage = store.Walk(StateTables.Storage);
        var slots = new LeafQueue(() => NextSlot(storage));
        var trie = new PartBuilder(new LeafQueue(() => NextAccount(accounts, slots)), keepNodes).Build();
        if (slots.Peek(out var orphan)) Found($"storage of {orphan.Owner} belongs to no account", "the flat storage table holds it");
        var root = WorldTrie.RootHash(trie);
        if (root != expectedRoot) Found($"the flat state has the root {root}", $"the head block says {expectedRoot}");
        return trie;
    }

    Leaf? NextAccount(IKeyValueCursor accounts, LeafQueue slots)
    {
        if (!accounts.MoveNext()) return null;
        stop.ThrowIfCancellationRequested();
        if (accounts.Key.Length != Hash256.Size) throw StoreFailure.Damaged(StateTables.Accounts, accounts.Key, "the key has a wrong length");
        var key = Hash256.FromBytes(accounts.Key);
        var account = FlatValue.ReadAccount(accounts.Key, accounts.Value);
        while (slots.Peek(out var slot) && slot.Owner < key)
        {
            Found($"storage of {slot.Owner} belongs to no account", "the flat storage table holds it");
            slots.Take();
        }
        var storage = slots.Peek(out var first) && first.Owner == key ? new PartBuilder(slots, keepNodes, key).Build() : null;
        var root = WorldTrie.RootHash(storage);
        if (root != account.StorageRoot) Found($"the storage of account {key} has the root {root}", $"the account says {account.StorageRoot}");
        if (++_accounts % 4096 == 0) progress?.Report(new StateScanProgress(_accounts, _slots, Fraction(key)));
        return new Leaf(TrieKey.NoOwner, new TrieChange(key, account.ToRlp()) { StorageChanged = true, Storage = keepNodes ? storage : null });
    }

    Leaf? NextSlot(IKeyValueCursor storage)
    {
        if (!storage.MoveNext()) return null;
        if (storage.Key.Length != 2 * Hash256.Size) throw StoreFailure.Damaged(StateTables.Storage, storage.Key, "the key has a wrong length");
        if (++_slots % 65536 == 0) stop.ThrowIfCancellationRequested();
        var value = FlatValue.ToTrieValue(FlatValue.ReadSlot(storage.Key, storage.Value)) ?? throw StoreFailure.Damaged(StateTables.Storage, storage.Key, "a zero is stored");
        return new Leaf(Hash256.FromBytes(storage.Key[..Hash256.Size]), new TrieChange(Hash256.FromBytes(storage.Key[Hash256.Size..]), value));
    }

    void Found(string what, string why) => Fault ??= new Refusal($"the state does not add up: {what}", why, "restore the data folder from a backup, or import the blocks into an empty folder");

    // Keys are hashes, so how far the first bytes have come is how much is done.
    static double Fraction(in Hash256 key) => (key.Bytes[0] * 256 + key.Bytes[1]) / 65536.0;

    readonly record struct Leaf(Hash256 Owner, TrieChange Change);

    /// <summary>Leaves in order, the next one seen before it is taken.</summary>
    sealed class LeafQueue(Func<Leaf?> next)
    {
        Leaf? _next;
        bool _seen;

        public bool Peek(out Leaf leaf)
        {
            if (!_seen) (_next, _seen) = (next(), true);
            leaf = _next.GetValueOrDefault();
            return _next.HasValue;
        }

        public void Take() => _seen = false;
    }

    /// <summary>Builds one trie from its leaves, in parts small enough for memory.</summary>
    sealed class PartBuilder(LeafQueue leaves, bool keepNodes, Hash256 owner = default)
    {
        // Parts are built from leaves alone: there is nothing to load.
        static readonly NodeSource NoNodes = new(new MemoryStore());

        readonly TrieUpdate _update = new(NoNodes, owner);
        readonly List<TrieChange> _part = [];

        public LiveNode? Build()
        {
            Fill();
            return Build(0, default);
        }

        // The part of the trie under a path: built at once where its leaves fit, else from its sixteen parts.
        LiveNode? Build(int depth, in Hash256 path)
        {
            var here = CountUnder(depth, path);
            if (here < _part.Count || _part.Count < PartSize)
            {
                var built = _update.Apply(null, depth, CollectionsMarshal.AsSpan(_part)[..here]);
                _part.RemoveRange(0, here);
                TrieHasher.Hash(built, depth);
                return Shrink(built);
            }
            var branch = new BranchNode();
            for (var nibble = 0; nibble < 16; nibble++)
            {
                Fill();
                if (Build(depth + 1, TrieKey.With(path, depth, nibble)) is { } part) branch.Set(nibble, part);
            }
            var node = _update.Collapse(branch, path, depth);
            TrieHasher.Hash(node, depth);
            return Shrink(node);
        }

        LiveNode? Shrink(LiveNode? node)
        {
            // A leaf or an extension may yet have to move up into a branch's place, and is small.
            return keepNodes || node is not BranchNode || node.IsInline ? node : new FinishedNode(node);
        }

        void Fill()
        {
            while (_part.Count < PartSize && leaves.Peek(out var leaf) && leaf.Owner == owner)
            {
                _part.Add(leaf.Change);
                leaves.Take();
            }
        }

        int CountUnder(int depth, in Hash256 path)
        {
            var count = 0;
            while (count < _part.Count && TrieKey.Shared(_part[count].Key, path, 0, depth) == depth) count++;
            return count;
        }
    }
}

/// <summary>How far a walk over the whole state has come.</summary>
/// <param name="Fraction">From 0 to 1.</param>
public readonly record struct StateScanProgress(ulong Accounts, ulong Slots, double Fraction);
