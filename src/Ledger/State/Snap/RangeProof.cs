using System.Diagnostics.CodeAnalysis;
using Hufu.Primitives;

namespace Hufu.State;

/// <summary>One key of a trie and the bytes the trie commits to under it.</summary>
public readonly record struct TrieEntry(Hash256 Key, byte[] Value);

/// <summary>
/// Checks that entries are all that a trie with a known root holds in a range of its keys (devp2p, caps/snap.md): from an origin, which need not be
/// there, to the last entry, or to the end where there is none. The nodes of the proof are those on the way to the two ends. They are followed from the
/// root down, each known by the hash its parent holds; what hangs between the two ways must have the hash that the entries alone give.
/// </summary>
public static class RangeProof
{
    static readonly Hash256 HighestKey = Hash256.FromUInt256(UInt256.MaxValue);

    /// <param name="origin">The first key of the range.</param>
    /// <param name="entries">In the order of their keys.</param>
    /// <param name="proof">Nodes in any order, superfluous ones among them allowed. None at all claims that the entries are the whole trie.</param>
    /// <param name="hasMore">Whether the trie goes on after the last entry.</param>
    public static bool TryVerify(in Hash256 root, in Hash256 origin, IReadOnlyList<TrieEntry> entries, IReadOnlyList<byte[]> proof, out bool hasMore, [NotNullWhen(false)] out Refusal? refusal)
    {
        hasMore = false;
        var leaves = new TrieChange[entries.Count];
        for (var i = 0; i < leaves.Length; i++)
        {
            var (key, value) = entries[i];
            if (key < origin) return Refused("an entry lies before the range", $"{key} is below {origin}", out refusal);
            if (i > 0 && key <= entries[i - 1].Key) return Refused("the entries are not in order", $"{key} follows {entries[i - 1].Key}", out refusal);
            if (value.Length == 0) return Refused("an entry is empty", $"nothing is held under {key}: a trie holds no such key", out refusal);
            leaves[i] = new TrieChange(key, value);
        }
        if (proof.Count == 0)
        {
            var whole = WorldTrie.RootHash(TrieBuilder.Of(leaves, 0));
            refusal = whole == root ? null : Refused("the entries are not the whole trie", $"their root is {whole}, expected is {root}");
            return refusal is null;
        }
        // An empty trie has no node to show.
        if (root == Account.EmptyTrieRoot) return Refused("the trie is empty", $"{entries.Count} entries and {proof.Count} nodes were given", out refusal);

        var walk = new Walk(origin, leaves.Length == 0 ? HighestKey : leaves[^1].Key, proof);
        refusal = walk.CheckNode(root, default, 0, leaves) is { } why ? Refused(why, $"the root is {root}") : null;
        hasMore = walk.HasMore;
        return refusal is null;
    }

    static bool Refused(string what, string why, out Refusal refusal)
    {
        refusal = Refused(what, why);
        return false;
    }

    static Refusal Refused(string what, string why) => new($"invalid range: {what}", why, "ask another node for the range");

    /// <summary>The two ends of a range, and the nodes on the way to them.</summary>
    sealed class Walk
    {
        readonly Hash256 _first;
        readonly Hash256 _last;
        readonly Dictionary<Hash256, byte[]> _nodes;

        public Walk(in Hash256 first, in Hash256 last, IReadOnlyList<byte[]> proof)
        {
            (_first, _last) = (first, last);
            _nodes = new Dictionary<Hash256, byte[]>(proof.Count);
            foreach (var node in proof) _nodes[Keccak256.Hash(node)] = node;
        }

        public bool HasMore { get; private set; }

        /// <summary>Checks what hangs at a path, of which <paramref name="depth"/> nibbles count, against the reference its parent holds.</summary>
        /// <param name="leaves">All entries under that path.</param>
        /// <returns>What is wrong; null where nothing is.</returns>
        string? Check(TrieReference reference, in Hash256 path, int depth, ReadOnlySpan<TrieChange> leaves)
        {
            var (lowest, highest) = (TrieKey.With(path, depth, default(NibblePath)), Highest(path, depth));
            if (highest < _first) return null;
            if (lowest > _last)
            {
                HasMore |= !reference.IsEmpty;
                return null;
            }
            if (lowest >= _first && highest <= _last) return CheckWithin(reference, depth, leaves);
            if (reference.IsEmpty) return leaves.IsEmpty ? null : "an entry lies where the trie has none";
            return reference.IsHash ? CheckNode(reference.Hash, path, depth, leaves) : CheckNode(reference.Item, path, depth, leaves);
        }

        public string? CheckNode(in Hash256 hash, in Hash256 path, int depth, ReadOnlySpan<TrieChange> leaves) =>
            _nodes.TryGetValue(hash, out var rlp) ? CheckNode(rlp, path, depth, leaves) : $"the proof lacks the node {hash}";

        // A node on the way to one of the ends.
        string? CheckNode(ReadOnlySpan<byte> rlp, in Hash256 path, int depth, ReadOnlySpan<TrieChange> leaves)
        {
            if (!TrieNode.TryDecode(rlp, out var node)) return "the proof holds what is no node";
            if (node.Kind == TrieNodeKind.Branch) return CheckBranch(node, path, depth, leaves);

            if (depth + node.Path.Length > TrieKey.Nibbles || node.Kind == TrieNodeKind.Leaf != (depth + node.Path.Length == TrieKey.Nibbles)) return "the proof holds a node of another trie";
            var end = TrieKey.With(path, depth, node.Path);
            if (node.Kind == TrieNodeKind.Leaf) return CheckLeaf(end, node.Value, leaves);
            // Sorted keys: what the first and the last share with the way, all between them share.
            foreach (ref readonly var leaf in ReadEnds(leaves))
                if (TrieKey.Shared(leaf.Key, end, depth, node.Path.Length) < node.Path.Length) return "an entry lies where the trie has none";
            return Check(node.Next, end, depth + node.Path.Length, leaves);
        }

        static ReadOnlySpan<TrieChange> ReadEnds(ReadOnlySpan<TrieChange> leaves) => leaves.Length <= 2 ? leaves : new[] { leaves[0], leaves[^1] };

        string? CheckBranch(TrieNode node, in Hash256 path, int depth, ReadOnlySpan<TrieChange> leaves)
        {
            if (depth >= TrieKey.Nibbles || !node.Value.IsEmpty) return "the proof holds a node of another trie";
            for (var nibble = 0; nibble < 16; nibble++)
            {
                var count = 0;
                while (count < leaves.Length && TrieKey.NibbleAt(leaves[count].Key, depth) == nibble) count++;
                if (Check(node[nibble], TrieKey.With(path, depth, nibble), depth + 1, leaves[..count]) is { } why) return why;
                leaves = leaves[count..];
            }
            return null;
        }

        string? CheckLeaf(in Hash256 key, ReadOnlySpan<byte> value, ReadOnlySpan<TrieChange> leaves)
        {
            HasMore |= key > _last;
            if (key < _first || key > _last) return leaves.IsEmpty ? null : "an entry lies where the trie has none";
            if (leaves.Length != 1 || leaves[0].Key != key) return leaves.IsEmpty ? "an entry is missing" : "an entry lies where the trie has none";
            return value.SequenceEqual(leaves[0].Value) ? null : "an entry is not what the trie holds";
        }

        static string? CheckWithin(TrieReference reference, int depth, ReadOnlySpan<TrieChange> leaves)
        {
            if (leaves.IsEmpty) return reference.IsEmpty ? null : "an entry is missing";
            var built = TrieBuilder.Of(leaves, depth)!;
            var isSame = reference.IsHash ? !built.IsInline && built.Reference.SequenceEqual(reference.Hash.Bytes) : built.IsInline && built.Reference.SequenceEqual(reference.Item);
            return isSame ? null : "the entries are not those of the trie";
        }

        static Hash256 Highest(in Hash256 path, int depth)
        {
            Span<byte> bytes = stackalloc byte[Hash256.Size];
            bytes.Fill(0xFF);
            path.Bytes[..(depth / 2)].CopyTo(bytes);
            if ((depth & 1) != 0) bytes[depth / 2] = (byte)(path.Bytes[depth / 2] | 0x0F);
            return Hash256.FromBytes(bytes);
        }
    }
}
