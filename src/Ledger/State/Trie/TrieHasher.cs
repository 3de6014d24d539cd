using System.Numerics;
using Hufu.Primitives;

namespace Hufu.State;

/// <summary>
/// Gives references to all nodes that have none, deepest level first: the nodes of one level do not depend on each other, so they are
/// hashed four at a time. Many tries may be gathered before the hashing, and are then hashed side by side.
/// </summary>
sealed class TrieHasher
{
    // Four-way hashing runs four states through the same number of rounds: nodes wait for three others of as many blocks.
    // The longest node, a branch of sixteen hashes, takes four blocks of 136 bytes; an account leaf one or two.
    const int MaxBlocks = 4;
    const int BlockBytes = 136;

    [ThreadStatic] static TrieHasher? _spare;

    readonly List<LiveNode>[] _levels = new List<LiveNode>[TrieKey.Nibbles + 1];
    readonly Lane[] _lanes = new Lane[MaxBlocks];
    int _deepest = -1;

    TrieHasher()
    {
        for (var i = 0; i < _levels.Length; i++) _levels[i] = [];
        for (var i = 0; i < _lanes.Length; i++) _lanes[i] = new Lane((i + 1) * BlockBytes);
    }

    /// <summary>Hashes what one trie lacks; its root hash is then known.</summary>
    public static void Hash(LiveNode? root, int depth = 0)
    {
        if (root is null || root.HasReference) return;
        var hasher = Rent();
        hasher.Gather(root, depth);
        hasher.Run();
        hasher.Return();
    }

    public static TrieHasher Rent()
    {
        var hasher = _spare ?? new TrieHasher();
        _spare = null;
        return hasher;
    }

    public void Return() => _spare = this;

    /// <summary>Takes up all nodes without a reference from here down.</summary>
    public void Gather(LiveNode node, int depth)
    {
        if (node.HasReference) return;
        _levels[depth].Add(node);
        if (depth > _deepest) _deepest = depth;
        if (node is BranchNode branch)
        {
            for (var left = (uint)(branch.Changed & branch.Mask); left != 0; left &= left - 1)
                Gather(branch.Loaded(BitOperations.TrailingZeroCount(left))!, depth + 1);
        }
        else if (node is ExtensionNode extension) Gather(extension.Child, depth + extension.Length);
    }

    public void Run()
    {
        using var writer = RlpWriter.Rent();
        for (; _deepest >= 0; _deepest--)
        {
            var level = _levels[_deepest];
            foreach (var node in level)
            {
                if (node is BranchNode branch)
                {
                    var rlp = branch.Encode();
                    branch.Keep(rlp);
                    if (rlp.Length < Hash256.Size) node.SetInline(rlp);
                    else _lanes[rlp.Length / BlockBytes].Add(node, rlp);
                    continue;
                }
                writer.Clear();
                Write(writer, node, _deepest);
                if (writer.Length < Hash256.Size) node.SetInline(writer.Written);
                else _lanes[writer.Length / BlockBytes].AddCopy(node, writer.Written);
            }
            foreach (var lane in _lanes) lane.Finish();
            level.Clear();
        }
    }

    /// <summary>A node's RLP; the nodes below it have their references.</summary>
    public static void Write(RlpWriter writer, LiveNode node, int depth)
    {
        switch (node)
        {
            case LeafNode leaf:
                TrieNode.WriteLeaf(writer, TrieKey.Path(leaf.Key, depth, TrieKey.Nibbles - depth), leaf.Value);
                break;
            case ExtensionNode extension:
                var pair = writer.StartList();
                TrieNode.WritePath(writer, TrieKey.Path(extension.Key, depth, extension.Length), leaf: false);
                WriteReference(writer, extension.Child);
                writer.EndList(pair);
                break;
            case BranchNode branch:
                writer.WriteRaw(branch.Encode());
                break;
        }
    }

    static void WriteReference(RlpWriter writer, LiveNode node)
    {
        if (node.IsInline) writer.WriteRaw(node.Reference);
        else writer.Write(node.Reference);
    }

    /// <summary>Up to four nodes of equally many blocks, waiting to be hashed together.</summary>
    sealed class Lane(int size)
    {
        readonly LiveNode?[] _nodes = new LiveNode?[4];
        readonly ReadOnlyMemory<byte>[] _rlps = new ReadOnlyMemory<byte>[4];
        readonly byte[] _copies = new byte[4 * size];
        int _count;

        /// <param name="rlp">Stays as it is until hashed.</param>
        public void Add(LiveNode node, ReadOnlyMemory<byte> rlp)
        {
            _nodes[_count] = node;
            _rlps[_count] = rlp;
            if (++_count == 4) HashFour();
        }

        public void AddCopy(LiveNode node, ReadOnlySpan<byte> rlp)
        {
            var copy = _copies.AsMemory(_count * size, rlp.Length);
            rlp.CopyTo(copy.Span);
            Add(node, copy);
        }

        public void Finish()
        {
            // One or two at a time cost less alone than with idle neighbours.
            if (_count == 3) HashFour();
            for (var i = 0; i < _count; i++) _nodes[i]!.SetHash(Keccak256.Hash(_rlps[i].Span));
            _count = 0;
            Array.Clear(_nodes);
            Array.Clear(_rlps);
        }

        void HashFour()
        {
            Span<byte> digests = stackalloc byte[4 * Hash256.Size];
            Keccak256.HashFour(_rlps[0].Span, _rlps[1].Span, _rlps[2].Span, _rlps[_count == 4 ? 3 : 0].Span, digests);
            for (var i = 0; i < _count; i++) _nodes[i]!.SetHash(Hash256.FromBytes(digests.Slice(i * Hash256.Size, Hash256.Size)));
            _count = 0;
        }
    }
}
