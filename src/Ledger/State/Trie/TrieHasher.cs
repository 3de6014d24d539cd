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
            for (var i = 0; i < 16; i++)
                if (branch[i] is { } child) Gather(child, depth + 1);
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
                writer.Clear();
                Write(writer, node, _deepest);
                var rlp = writer.Written;
                if (rlp.Length < Hash256.Size) node.SetInline(rlp);
                else _lanes[rlp.Length / BlockBytes].Add(node, rlp);
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
                var list = writer.StartList();
                for (var i = 0; i < 16; i++)
                {
                    if (branch[i] is { } child) WriteReference(writer, child);
                    else writer.WriteRaw(0x80);
                }
                writer.WriteRaw(0x80);
                writer.EndList(list);
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
        readonly LiveNode[] _nodes = new LiveNode[4];
        readonly int[] _lengths = new int[4];
        readonly byte[] _bytes = new byte[4 * size];
        int _count;

        public void Add(LiveNode node, ReadOnlySpan<byte> rlp)
        {
            rlp.CopyTo(_bytes.AsSpan(_count * size));
            _nodes[_count] = node;
            _lengths[_count] = rlp.Length;
            if (++_count == 4) HashFour();
        }

        public void Finish()
        {
            // One or two at a time cost less alone than with idle neighbours.
            if (_count == 3) HashFour();
            for (var i = 0; i < _count; i++) _nodes[i].SetHash(Keccak256.Hash(Bytes(i)));
            _count = 0;
        }

        void HashFour()
        {
            Span<byte> digests = stackalloc byte[4 * Hash256.Size];
            Keccak256.HashFour(Bytes(0), Bytes(1), Bytes(2), Bytes(_count == 4 ? 3 : 0), digests);
            for (var i = 0; i < _count; i++) _nodes[i].SetHash(Hash256.FromBytes(digests.Slice(i * Hash256.Size, Hash256.Size)));
            _count = 0;
        }

        ReadOnlySpan<byte> Bytes(int index) => _bytes.AsSpan(index * size, _lengths[index]);
    }
}
