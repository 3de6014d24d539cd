using System.Security.Cryptography;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>
/// The Merkle tree over the events of one anchor, as OpenZeppelin's MerkleProof climbs it: of two nodes the smaller is hashed first, and a node without a sibling goes up as it is.
/// A leaf is the hash of a hash, so that no inner node can pass for one; it is salted, so that nobody guesses an event from it.
/// </summary>
public static class EventTree
{
    /// <summary>The leaf of an event.</summary>
    /// <param name="salt">Of this event alone; told with its proof and nowhere else.</param>
    /// <param name="eventHash">CBV 2.0, 32 bytes.</param>
    public static Hash256 LeafOf(in Hash256 salt, ReadOnlySpan<byte> eventHash)
    {
        Span<byte> both = stackalloc byte[64];
        salt.Bytes.CopyTo(both);
        eventHash.CopyTo(both[32..]);
        return Keccak256.Hash(Keccak256.Hash(both).Bytes);
    }

    /// <summary>The salt of an event, from a secret that the organisation keeps: nothing needs to be stored for it.</summary>
    public static Hash256 SaltOf(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> eventHash) => Hash256.FromBytes(HMACSHA256.HashData(secret, eventHash));

    /// <summary>All levels of the tree, the leaves first and the root last.</summary>
    public static IReadOnlyList<Hash256[]> LevelsOf(Hash256[] leaves)
    {
        var levels = new List<Hash256[]> { leaves };
        while (levels[^1].Length > 1)
        {
            var below = levels[^1];
            var level = new Hash256[(below.Length + 1) / 2];
            for (var i = 0; i < level.Length; i++) level[i] = 2 * i + 1 < below.Length ? Join(below[2 * i], below[2 * i + 1]) : below[2 * i];
            levels.Add(level);
        }
        return levels;
    }

    /// <summary>The nodes that stand over so many leaves each, a power of two: the tree over them ends at the same root.</summary>
    public static Hash256[] BranchesOf(IReadOnlyList<Hash256[]> levels, int leaves) => levels[Math.Min(System.Numerics.BitOperations.Log2((uint)leaves), levels.Count - 1)];

    /// <summary>What leads from a leaf to the root.</summary>
    public static IReadOnlyList<Hash256> PathOf(IReadOnlyList<Hash256[]> levels, int leaf)
    {
        var path = new List<Hash256>();
        foreach (var level in levels)
        {
            var sibling = leaf ^ 1;
            if (sibling < level.Length) path.Add(level[sibling]);
            leaf /= 2;
        }
        return path;
    }

    /// <summary>Where the path from a leaf ends.</summary>
    public static Hash256 Climb(Hash256 leaf, IReadOnlyList<Hash256> path)
    {
        foreach (var sibling in path) leaf = Join(leaf, sibling);
        return leaf;
    }

    static Hash256 Join(in Hash256 first, in Hash256 second)
    {
        Span<byte> both = stackalloc byte[64];
        var isOrdered = first.Bytes.SequenceCompareTo(second.Bytes) <= 0;
        (isOrdered ? first : second).Bytes.CopyTo(both);
        (isOrdered ? second : first).Bytes.CopyTo(both[32..]);
        return Keccak256.Hash(both);
    }
}
