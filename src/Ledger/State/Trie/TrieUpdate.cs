using System.Numerics;
using Hufu.Primitives;

namespace Hufu.State;

/// <summary>
/// Lays a batch of sorted changes over a trie and returns the new topmost node; the old trie stays as it was. Nothing is hashed here.
/// One instance serves one trie and one thread; its notes say which nodes on disk no longer belong to the trie.
/// </summary>
/// <param name="owner">The account whose storage this is, or <see cref="TrieKey.NoOwner"/>.</param>
sealed class TrieUpdate(NodeSource source, Hash256 owner)
{
    /// <summary>Places where the disk may hold a branch or an extension that has gone.</summary>
    public List<NodePlace> Vacated { get; } = [];

    /// <param name="changes">Sorted, no key twice, all sharing their first <paramref name="depth"/> nibbles with the node's place.</param>
    public LiveNode? Apply(LiveNode? node, int depth, ReadOnlySpan<TrieChange> changes)
    {
        if (changes.IsEmpty) return node;
        switch (node)
        {
            case null:
                return Build(depth, changes);
            case LeafNode leaf:
                return ApplyToLeaf(leaf, depth, changes);
            case StubNode stub:
                return Apply(source.Load(owner, changes[0].Key, depth, Hash256.FromBytes(stub.Reference)), depth, changes);
            default:
                var result = node is BranchNode branch ? ApplyToBranch(branch, depth, changes) : ApplyToExtension((ExtensionNode)node, depth, changes);
                if (result is null or LeafNode) Vacate(changes[0].Key, depth);
                return result;
        }
    }

    /// <summary>A branch's child, loaded where it was not in memory.</summary>
    public LiveNode? Child(BranchNode branch, int nibble, in Hash256 key, int depth)
    {
        var child = branch.Loaded(nibble);
        if (child is null && !branch.Has(nibble)) return null;
        if (child is not null and not StubNode)
        {
            if (child.UsedAt < source.Block) child.UsedAt = source.Block;
            return child;
        }

        var hash = child is null ? branch.HashOf(nibble) : Hash256.FromBytes(child.Reference);
        child = source.Load(owner, TrieKey.With(key, depth, nibble), depth + 1, hash);
        branch.Attach(nibble, child);
        return child;
    }

    /// <summary>A branch after some of its children were replaced: itself, or what it collapses to when fewer than two are left.</summary>
    public LiveNode? Collapse(BranchNode branch, in Hash256 key, int depth)
    {
        var count = BitOperations.PopCount(branch.Mask);
        if (count > 1) return branch;
        if (count == 0) return null;
        var nibble = BitOperations.TrailingZeroCount(branch.Mask);
        return Prefix(TrieKey.With(key, depth, nibble), depth, 1, Child(branch, nibble, key, depth)!);
    }

    LiveNode? ApplyToLeaf(LeafNode leaf, int depth, ReadOnlySpan<TrieChange> changes)
    {
        var at = IndexOf(changes, leaf.Key);
        if (at >= 0 && changes.Length == 1) return Replace(leaf, changes[0]);

        // The leaf joins the others: under its own key's change, or as one more.
        var joined = new TrieChange[changes.Length + (at < 0 ? 1 : 0)];
        if (at >= 0)
        {
            changes.CopyTo(joined);
            if (changes[at].Value is not null)
                joined[at] = new TrieChange(leaf.Key, changes[at].Value) { StorageChanged = true, Storage = changes[at].ToLeaf(leaf).Storage };
        }
        else
        {
            changes[..~at].CopyTo(joined);
            joined[~at] = new TrieChange(leaf.Key, leaf.Value) { StorageChanged = true, Storage = leaf.Storage };
            changes[~at..].CopyTo(joined.AsSpan(~at + 1));
        }
        return Build(depth, joined);
    }

    static LeafNode? Replace(LeafNode leaf, in TrieChange change)
    {
        if (change.Value is null) return null;
        return change.StorageChanged || !change.Value.AsSpan().SequenceEqual(leaf.Value) ? change.ToLeaf(leaf) : leaf;
    }

    LiveNode? ApplyToBranch(BranchNode branch, int depth, ReadOnlySpan<TrieChange> changes)
    {
        BranchNode? copy = null;
        var lost = false;
        for (var start = 0; start < changes.Length;)
        {
            var nibble = TrieKey.NibbleAt(changes[start].Key, depth);
            var end = EndOfNibble(changes, start, depth, nibble);
            var before = Child(branch, nibble, changes[start].Key, depth);
            var after = Apply(before, depth + 1, changes[start..end]);
            start = end;
            if (ReferenceEquals(before, after)) continue;
            copy ??= branch.Copy();
            copy.Set(nibble, after);
            lost |= after is null;
        }
        if (copy is null) return branch;
        return lost ? Collapse(copy, changes[0].Key, depth) : copy;
    }

    LiveNode? ApplyToExtension(ExtensionNode extension, int depth, ReadOnlySpan<TrieChange> changes)
    {
        // Sorted keys: what the first and the last share with the path, all between them share.
        var shared = Math.Min(
            TrieKey.Shared(changes[0].Key, extension.Key, depth, extension.Length),
            TrieKey.Shared(changes[^1].Key, extension.Key, depth, extension.Length));
        if (shared == extension.Length)
        {
            if (extension.Child is StubNode stub) extension.Child = source.Load(owner, extension.Key, depth + extension.Length, Hash256.FromBytes(stub.Reference));
            var after = Apply(extension.Child, depth + extension.Length, changes);
            if (ReferenceEquals(after, extension.Child)) return extension;
            return after is null ? null : Prefix(extension.Key, depth, extension.Length, after);
        }

        // The path forks: a branch where it does, holding the rest of the extension and the newcomers.
        var fork = depth + shared;
        var rest = extension.Length - shared - 1;
        var branch = new BranchNode();
        branch.Set(TrieKey.NibbleAt(extension.Key, fork), rest == 0 ? extension.Child : new ExtensionNode(extension.Key, rest, extension.Child));
        var forked = ApplyToBranch(branch, fork, changes);
        if (ReferenceEquals(forked, branch)) return extension;
        // Where what strayed from the path were removals of nothing, the fork is none.
        if (forked is BranchNode changed) forked = Collapse(changed, extension.Key, fork);
        return forked is null ? null : Prefix(extension.Key, depth, shared, forked);
    }

    /// <summary>A node moved up by some nibbles, with the path between put where its kind has it.</summary>
    LiveNode Prefix(in Hash256 key, int depth, int length, LiveNode node)
    {
        if (length == 0) return node;
        switch (node)
        {
            case LeafNode leaf:
                return new LeafNode(leaf.Key, leaf.Value) { Storage = leaf.Storage };
            case ExtensionNode extension:
                Vacate(extension.Key, depth + length);
                return new ExtensionNode(extension.Key, length + extension.Length, extension.Child);
            default:
                return new ExtensionNode(key, length, node);
        }
    }

    // What a trie of the changes alone is; their removals remove nothing.
    LiveNode? Build(int depth, ReadOnlySpan<TrieChange> changes)
    {
        foreach (ref readonly var change in changes)
            if (change.Value is null) return BuildWithoutRemovals(depth, changes);
        return BuildAll(depth, changes);
    }

    LiveNode? BuildWithoutRemovals(int depth, ReadOnlySpan<TrieChange> changes)
    {
        var kept = new TrieChange[changes.Length];
        var count = 0;
        foreach (ref readonly var change in changes)
            if (change.Value is not null) kept[count++] = change;
        return count == 0 ? null : BuildAll(depth, kept.AsSpan(0, count));
    }

    static LiveNode BuildAll(int depth, ReadOnlySpan<TrieChange> changes)
    {
        if (changes.Length == 1) return changes[0].ToLeaf(null);
        var shared = TrieKey.Shared(changes[0].Key, changes[^1].Key, depth, TrieKey.Nibbles - depth);
        var fork = depth + shared;
        var branch = new BranchNode();
        for (var start = 0; start < changes.Length;)
        {
            var nibble = TrieKey.NibbleAt(changes[start].Key, fork);
            var end = EndOfNibble(changes, start, fork, nibble);
            branch.Set(nibble, BuildAll(fork + 1, changes[start..end]));
            start = end;
        }
        return shared == 0 ? branch : new ExtensionNode(changes[0].Key, shared, branch);
    }

    /// <summary>The end of the run of changes, from <paramref name="start"/> on, that have one nibble at a depth.</summary>
    public static int EndOfNibble(ReadOnlySpan<TrieChange> changes, int start, int depth, int nibble)
    {
        // Runs are short below the top and even there a sixteenth: doubling, then halving, is never far from the answer.
        var step = 1;
        var low = start;
        while (low + step < changes.Length && TrieKey.NibbleAt(changes[low + step].Key, depth) == nibble)
        {
            low += step;
            step *= 2;
        }
        var high = Math.Min(low + step, changes.Length);
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            if (TrieKey.NibbleAt(changes[middle].Key, depth) == nibble) low = middle;
            else high = middle;
        }
        return high;
    }

    static int IndexOf(ReadOnlySpan<TrieChange> changes, in Hash256 key)
    {
        int low = 0, high = changes.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = changes[middle].Key.CompareTo(key);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }
        return ~low;
    }

    void Vacate(in Hash256 key, int depth) => Vacated.Add(new NodePlace(owner, key, depth));
}

/// <summary>Where a node is: whose trie, and the path. A depth of <see cref="WholeTrie"/> means all of an account's storage trie.</summary>
readonly record struct NodePlace(Hash256 Owner, Hash256 Key, int Depth)
{
    public const int WholeTrie = -1;
}
