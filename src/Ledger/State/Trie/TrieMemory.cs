using System.Numerics;
using Hufu.Primitives;

namespace Hufu.State;

/// <summary>
/// Holds the trie in memory to a bound. The nodes used longest ago are let go, of those of one age the deepest first; the disk has them, and they come
/// back when they are needed. Other snapshots share the nodes and may be older than what the disk holds now, so nothing is taken out of a node that
/// others see: the ways to what goes are copied.
/// </summary>
static class TrieMemory
{
    // Ages count in powers of two of blocks. A storage trie hangs below a leaf of the account trie, so a node may be twice as deep as a key is long.
    const int Ages = 34;
    const int Depths = 2 * TrieKey.Nibbles + 3;

    /// <summary>The trie with no more of it in memory than fits; itself where all fits.</summary>
    /// <param name="root">Wholly on disk.</param>
    /// <param name="now">The number of the head.</param>
    public static LiveNode? Fit(LiveNode? root, long bytes, ulong now)
    {
        if (root is null) return null;
        var sizes = new long[Ages * Depths];
        Measure(root, 0, 0, now, sizes);

        var rank = 0;
        for (; rank < sizes.Length && (bytes -= sizes[rank]) >= 0; rank++) { }
        return rank == sizes.Length ? root : Trim(root, 0, 0, now, rank);
    }

    /// <summary>About how much memory the nodes take that are loaded.</summary>
    public static long SizeBytes(LiveNode? root)
    {
        var sizes = new long[Ages * Depths];
        if (root is not null) Measure(root, 0, 0, 0, sizes);
        return sizes.Sum();
    }

    // A node counts as old as its parent at least: it cannot stay when that one goes.
    static int AgeOf(LiveNode node, int parentAge, ulong now)
    {
        var unused = now > node.UsedAt ? now - node.UsedAt : 0;
        return Math.Max(parentAge, Math.Min(Ages - 1, 64 - BitOperations.LeadingZeroCount(unused)));
    }

    static void Measure(LiveNode node, int age, int depth, ulong now, long[] sizes)
    {
        age = AgeOf(node, age, now);
        sizes[age * Depths + depth] += node.SizeBytes;
        switch (node)
        {
            case BranchNode branch:
                for (var i = 0; i < 16; i++)
                    if (branch.Loaded(i) is { } child) Measure(child, age, depth + 1, now, sizes);
                break;
            case ExtensionNode extension:
                Measure(extension.Child, age, depth + 1, now, sizes);
                break;
            case LeafNode { Storage: { } storage }:
                Measure(storage, age, depth + 1, now, sizes);
                break;
        }
    }

    /// <param name="limit">The first rank, an age and a depth together, that has to go.</param>
    static LiveNode Trim(LiveNode node, int age, int depth, ulong now, int limit)
    {
        age = AgeOf(node, age, now);
        switch (node)
        {
            case BranchNode branch:
                BranchNode? copy = null;
                for (var i = 0; i < 16; i++)
                {
                    if (branch.Loaded(i) is not { } child) continue;
                    var goes = Goes(child, age, depth + 1, now, limit);
                    var kept = goes ? child : Trim(child, age, depth + 1, now, limit);
                    if (!goes && ReferenceEquals(kept, child)) continue;
                    copy ??= Twin(branch, branch.Copy());
                    if (goes) copy.Detach(i);
                    else copy.Attach(i, kept);
                }
                return copy ?? branch;

            case ExtensionNode extension:
                var below = Goes(extension.Child, age, depth + 1, now, limit)
                    ? new StubNode(Hash256.FromBytes(extension.Child.Reference))
                    : Trim(extension.Child, age, depth + 1, now, limit);
                return ReferenceEquals(below, extension.Child) ? extension : Twin(extension, new ExtensionNode(extension.Key, extension.Length, below));

            case LeafNode { Storage: { } storage } leaf:
                var trie = Goes(storage, age, depth + 1, now, limit) ? null : Trim(storage, age, depth + 1, now, limit);
                return ReferenceEquals(trie, storage) ? leaf : Twin(leaf, new LeafNode(leaf.Key, leaf.Value) { Storage = trie });

            default:
                return node;
        }
    }

    // A node inside its parent is not on disk by itself, and is small. A stub is what would be left.
    static bool Goes(LiveNode node, int parentAge, int depth, ulong now, int limit) =>
        node is not StubNode && !node.IsInline && node.IsOnDisk && AgeOf(node, parentAge, now) * Depths + depth >= limit;

    static T Twin<T>(LiveNode of, T twin) where T : LiveNode
    {
        if (of.IsInline) twin.SetInline(of.Reference);
        else twin.SetHash(Hash256.FromBytes(of.Reference));
        (twin.IsOnDisk, twin.UsedAt) = (of.IsOnDisk, of.UsedAt);
        return twin;
    }
}
