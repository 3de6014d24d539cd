using System.Runtime.CompilerServices;

namespace Hufu.Primitives;

public enum TrieNodeKind : byte
{
    Leaf,
    Extension,
    Branch,
}

/// <summary>
/// A node of a Merkle Patricia trie (yellow paper, appendix D), read in place: its parts are views over the RLP that was decoded.
/// The static members write nodes and the references that stand for them; whoever keeps a trie (State, <see cref="TrieRoot"/>) builds on these.
/// </summary>
public readonly ref struct TrieNode
{
    readonly ReadOnlySpan<byte> _rlp;
    readonly ChildOffsets _children;

    TrieNode(TrieNodeKind kind, ReadOnlySpan<byte> rlp, NibblePath path, ReadOnlySpan<byte> value, ChildOffsets children)
    {
        Kind = kind;
        _rlp = rlp;
        Path = path;
        Value = value;
        _children = children;
    }

    public TrieNodeKind Kind { get; }

    /// <summary>The nibbles a leaf or an extension stands for; empty for a branch.</summary>
    public NibblePath Path { get; }

    /// <summary>What a leaf or a branch holds; empty where a branch holds nothing.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>A branch's child.</summary>
    public TrieReference this[int nibble] => new(_rlp[_children[nibble].._children[nibble + 1]]);

    /// <summary>An extension's child.</summary>
    public TrieReference Next => new(_rlp[_children[0].._children[1]]);

    /// <summary>Reads a node; false for anything that no honest trie holds in this place (RLP that is not canonical, a wrong number of items, an empty path or value where none may be).</summary>
    public static bool TryDecode(ReadOnlySpan<byte> rlp, out TrieNode node)
    {
        node = default;
        var reader = new RlpReader(rlp);
        var end = reader.EnterList();
        if (reader.Failed || end != rlp.Length) return false;

        var from = reader.Position;
        reader.ReadItem();
        var second = reader.Position;
        reader.ReadItem();
        if (reader.Failed) return false;
        return reader.AtEnd ? TryDecodePair(rlp, from, second, out node) : TryDecodeBranch(rlp, from, out node);
    }

    static bool TryDecodePair(ReadOnlySpan<byte> rlp, int from, int second, out TrieNode node)
    {
        node = default;
        var reader = new RlpReader(rlp[from..]);
        var encodedPath = reader.ReadBytes();
        if (reader.Failed || !NibblePath.TryReadHexPrefix(encodedPath, out var path, out var leaf)) return false;

        ChildOffsets children = default;
        if (leaf)
        {
            var value = reader.ReadBytes();
            if (reader.Failed || value.IsEmpty) return false;
            node = new TrieNode(TrieNodeKind.Leaf, rlp, path, value, children);
            return true;
        }
        children[0] = second;
        children[1] = rlp.Length;
        var child = new TrieReference(rlp[second..]);
        if (path.IsEmpty || child.IsEmpty || !child.IsValid) return false;
        node = new TrieNode(TrieNodeKind.Extension, rlp, path, default, children);
        return true;
    }

    static bool TryDecodeBranch(ReadOnlySpan<byte> rlp, int from, out TrieNode node)
    {
        node = default;
        var reader = new RlpReader(rlp[from..]);
        ChildOffsets children = default;
        var occupied = 0;
        for (var i = 0; i < 16; i++)
        {
            children[i] = from + reader.Position;
            var child = new TrieReference(reader.ReadItem());
            if (reader.Failed || !child.IsValid) return false;
            if (!child.IsEmpty) occupied++;
        }
        children[16] = from + reader.Position;
        var value = reader.ReadBytes();
        reader.ExpectEnd();
        if (!value.IsEmpty) occupied++;
        if (reader.Failed || occupied < 2) return false;
        node = new TrieNode(TrieNodeKind.Branch, rlp, default, value, children);
        return true;
    }

    /// <summary>Appends a leaf: [hex-prefix(path, leaf), value].</summary>
    public static void WriteLeaf(RlpWriter writer, NibblePath path, ReadOnlySpan<byte> value)
    {
        var list = writer.StartList();
        WritePath(writer, path, leaf: true);
        writer.Write(value);
        writer.EndList(list);
    }

    /// <summary>Appends an extension: [hex-prefix(path), child]. The child is an RLP item as <see cref="WriteReference"/> makes it.</summary>
    public static void WriteExtension(RlpWriter writer, NibblePath path, ReadOnlySpan<byte> child)
    {
        var list = writer.StartList();
        WritePath(writer, path, leaf: false);
        writer.WriteRaw(child);
        writer.EndList(list);
    }

    /// <summary>Appends the path of a leaf or an extension as an RLP item.</summary>
    [SkipLocalsInit]
    public static void WritePath(RlpWriter writer, NibblePath path, bool leaf)
    {
        var length = path.HexPrefixLength;
        Span<byte> encoded = length <= 64 ? stackalloc byte[64] : new byte[length];
        writer.Write(encoded[..path.WriteHexPrefix(encoded, leaf)]);
    }

    /// <summary>
    /// Writes what stands for a node inside its parent, and returns its length: the node itself where its RLP is shorter than 32 bytes, else its Keccak-256 as an RLP string of 33 bytes.
    /// </summary>
    public static int WriteReference(ReadOnlySpan<byte> nodeRlp, Span<byte> output)
    {
        if (nodeRlp.Length < Hash256.Size)
        {
            nodeRlp.CopyTo(output);
            return nodeRlp.Length;
        }
        output[0] = 0x80 + Hash256.Size;
        Keccak256.Hash(nodeRlp).Bytes.CopyTo(output[1..]);
        return TrieReference.MaxLength;
    }

    // Offsets of the sixteen children and of the value behind them, within the node's RLP.
    [InlineArray(17)]
    struct ChildOffsets
    {
        int _first;
    }
}

/// <summary>What stands for a node inside its parent: nothing, a hash, or the node itself where its RLP is shorter than 32 bytes.</summary>
public readonly ref struct TrieReference
{
    /// <summary>The longest reference: a hash with its RLP prefix.</summary>
    public const int MaxLength = 1 + Hash256.Size;

    public TrieReference(ReadOnlySpan<byte> item) => Item = item;

    /// <summary>Stands for no node: the RLP of no bytes.</summary>
    public static TrieReference Empty => new([0x80]);

    /// <summary>The RLP item as it stands in the parent.</summary>
    public ReadOnlySpan<byte> Item { get; }

    public bool IsEmpty => Item.Length == 1 && Item[0] == 0x80;
    public bool IsHash => Item.Length == MaxLength && Item[0] == 0x80 + Hash256.Size;

    /// <summary>The node is so short that it stands in its parent whole: <see cref="Item"/> is its RLP.</summary>
    public bool IsInline => Item.Length < Hash256.Size && Item.Length > 0 && Item[0] >= 0xC0;

    public bool IsValid => IsEmpty || IsHash || IsInline;

    /// <summary>Meaningful only where <see cref="IsHash"/>.</summary>
    public Hash256 Hash => Hash256.FromBytes(Item[1..]);
}
