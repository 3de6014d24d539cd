using Hufu.Primitives;

namespace Hufu.State;

/// <summary>What changes about one account in the trie; <see cref="WorldTrie.Apply"/> fills in the new storage root.</summary>
sealed class AccountUpdate
{
    public required Hash256 Key { get; init; }

    /// <summary>Null removes the account. Its storage root is, before the update, the one in the trie.</summary>
    public Account? Account { get; set; }

    /// <summary>The storage root the trie holds before the update; that of an empty trie where there is no account.</summary>
    public required Hash256 StorageRootBefore { get; init; }

    public bool StorageCleared { get; init; }

    /// <summary>Sorted; empty where no slot was written.</summary>
    public TrieChange[] Slots { get; init; } = [];

    public bool StorageChanged => StorageCleared || Slots.Length > 0;

    public LiveNode? NewStorage { get; set; }
}

/// <summary>The state trie: the account trie, with the storage tries hanging from its leaves, so that one root holds a whole state.</summary>
static class WorldTrie
{
    // Below this many changes a second thread costs more to wake than it saves.
    const int ParallelFrom = 512;

    /// <summary>Lays changes over a state and hashes what is new. The old root stays good.</summary>
    /// <param name="vacated">Takes the places on disk that the new trie no longer uses.</param>
    public static LiveNode? Apply(LiveNode? root, NodeSource source, IReadOnlyList<AccountUpdate> updates, List<NodePlace> vacated)
    {
        UpdateStorage(root, source, updates, vacated);
        var changes = new TrieChange[updates.Count];
        for (var i = 0; i < changes.Length; i++)
        {
            var update = updates[i];
            changes[i] = new TrieChange(update.Key, update.Account?.ToRlp()) { StorageChanged = update.StorageChanged, Storage = update.NewStorage };
        }
        TrieKey.Sort(changes);
        return ApplyAndHash(root, source, TrieKey.NoOwner, changes, vacated);
    }

    public static Hash256 RootHash(LiveNode? root) => root?.RootHash ?? Account.EmptyTrieRoot;

    /// <summary>Lays sorted changes over one trie and hashes it, its sixteen topmost parts side by side where that pays.</summary>
    public static LiveNode? ApplyAndHash(LiveNode? root, NodeSource source, Hash256 owner, TrieChange[] changes, List<NodePlace> vacated)
    {
        if (root is StubNode stub && changes.Length > 0) root = source.Load(owner, changes[0].Key, 0, Hash256.FromBytes(stub.Reference));
        var update = new TrieUpdate(source, owner);
        if (changes.Length >= ParallelFrom && root is BranchNode branch) root = ApplyInParallel(update, branch, source, owner, changes, vacated);
        else root = update.Apply(root, 0, changes);
        vacated.AddRange(update.Vacated);
        TrieHasher.Hash(root);
        return root;
    }

    static LiveNode? ApplyInParallel(TrieUpdate top, BranchNode root, NodeSource source, Hash256 owner, TrieChange[] changes, List<NodePlace> vacated)
    {
        var parts = new (int Start, int End)[16];
        for (var start = 0; start < changes.Length;)
        {
            var nibble = TrieKey.NibbleAt(changes[start].Key, 0);
            var end = TrieUpdate.EndOfNibble(changes, start, 0, nibble);
            parts[nibble] = (start, end);
            start = end;
        }

        var after = new LiveNode?[16];
        var notes = new List<NodePlace>?[16];
        Parallel.For(0, 16, nibble =>
        {
            var (start, end) = parts[nibble];
            if (start == end) return;
            var part = new TrieUpdate(source, owner);
            var before = part.Child(root, nibble, changes[start].Key, 0);
            after[nibble] = part.Apply(before, 1, changes.AsSpan(start, end - start));
            TrieHasher.Hash(after[nibble], 1);
            notes[nibble] = part.Vacated;
        });

        var copy = root.Copy();
        for (var nibble = 0; nibble < 16; nibble++)
        {
            if (notes[nibble] is not { } note) continue;
            vacated.AddRange(note);
            if (!ReferenceEquals(after[nibble], root.Loaded(nibble))) copy.Set(nibble, after[nibble]);
        }
        if (copy.Changed == 0) return root;

        var result = top.Collapse(copy, changes[0].Key, 0);
        if (result is null or LeafNode) vacated.Add(new NodePlace(owner, default, 0));
        return result;
    }

    static void UpdateStorage(LiveNode? root, NodeSource source, IReadOnlyList<AccountUpdate> updates, List<NodePlace> vacated)
    {
        var slots = 0;
        var small = new List<AccountUpdate>();
        foreach (var update in updates)
        {
            if (!update.StorageChanged) continue;
            if ((update.StorageCleared || update.Account is null) && update.StorageRootBefore != Account.EmptyTrieRoot)
                vacated.Add(new NodePlace(update.Key, default, NodePlace.WholeTrie));
            if (update.Slots.Length >= ParallelFrom)
                update.NewStorage = ApplyAndHash(StorageBefore(root, update), source, update.Key, update.Slots, vacated);
            else
            {
                small.Add(update);
                slots += update.Slots.Length;
            }
        }

        if (slots >= ParallelFrom && small.Count > 1)
        {
            var half = small.Count / 2;
            List<NodePlace> first = [], second = [];
            Parallel.Invoke(() => UpdateSideBySide(root, source, small, 0, half, first), () => UpdateSideBySide(root, source, small, half, small.Count, second));
            vacated.AddRange(first);
            vacated.AddRange(second);
        }
        else if (small.Count > 0) UpdateSideBySide(root, source, small, 0, small.Count, vacated);

        foreach (var update in updates)
            if (update.StorageChanged && update.Account is { } account) update.Account = account with { StorageRoot = RootHash(update.NewStorage) };
    }

    // Many small storage tries, hashed together level by level.
    static void UpdateSideBySide(LiveNode? root, NodeSource source, List<AccountUpdate> updates, int start, int end, List<NodePlace> vacated)
    {
        var hasher = TrieHasher.Rent();
        for (var i = start; i < end; i++)
        {
            var update = updates[i];
            var trie = new TrieUpdate(source, update.Key);
            update.NewStorage = trie.Apply(StorageBefore(root, update), 0, update.Slots);
            vacated.AddRange(trie.Vacated);
            if (update.NewStorage is { } storage) hasher.Gather(storage, 0);
        }
        hasher.Run();
        hasher.Return();
    }

    static LiveNode? StorageBefore(LiveNode? root, AccountUpdate update)
    {
        if (update.StorageCleared || update.StorageRootBefore == Account.EmptyTrieRoot) return null;
        return LoadedStorage(root, update.Key) ?? new StubNode(update.StorageRootBefore);
    }

    // The storage trie as far as it is in memory; nothing is loaded to find it.
    static LiveNode? LoadedStorage(LiveNode? node, in Hash256 key)
    {
        for (var depth = 0; ;)
        {
            switch (node)
            {
                case BranchNode branch:
                    node = branch.Loaded(TrieKey.NibbleAt(key, depth++));
                    break;
                case ExtensionNode extension:
                    depth += extension.Length;
                    node = extension.Child;
                    break;
                case LeafNode leaf when leaf.Key == key:
                    return leaf.Storage;
                default:
                    return null;
            }
            if (depth >= TrieKey.Nibbles && node is not LeafNode) return null;
        }
    }
}
