using Hufu.Primitives;

namespace Hufu.State;

/// <summary>
/// A node of the trie in memory. What a node says never changes once it is built: an update builds new nodes along the changed paths and shares
/// all others with the trie before, so every state is one root, and dropping a state is dropping its root.
/// Three things are filled in later, each from nothing to its only possible value: the reference, a stub's node, and that the disk has it.
/// When a node was last of use may change at any time and is no more than a hint.
/// </summary>
abstract class LiveNode
{
    Hash256 _reference;

    /// <summary>32 for a hash, less for a node that stands in its parent whole, 0 while unknown.</summary>
    byte _referenceLength;

    /// <summary>The node tables hold this node under its path. Set by the writer alone.</summary>
    public bool IsOnDisk { get; set; }

    /// <summary>The number of the head when the node was last read from disk, written there, or passed on the way to a key.</summary>
    public ulong UsedAt { get; set; }

    /// <summary>About what the node takes of memory, without the nodes below it.</summary>
    public virtual int SizeBytes => 72;

    public bool HasReference => _referenceLength != 0;

    /// <summary>What the parent holds in place of this node: its Keccak-256, or its RLP where that is shorter.</summary>
    public ReadOnlySpan<byte> Reference => _reference.Bytes[.._referenceLength];

    public bool IsInline => _referenceLength is > 0 and < Hash256.Size;

    /// <summary>The root of the trie whose topmost node this is: always a hash, however short the node.</summary>
    public Hash256 RootHash => IsInline ? Keccak256.Hash(Reference) : _reference;

    public void SetHash(in Hash256 hash) => (_reference, _referenceLength) = (hash, Hash256.Size);

    public void SetInline(ReadOnlySpan<byte> rlp)
    {
        Span<byte> padded = stackalloc byte[Hash256.Size];
        padded.Clear();
        rlp.CopyTo(padded);
        (_reference, _referenceLength) = (Hash256.FromBytes(padded), (byte)rlp.Length);
    }
}

/// <summary>A node known by its hash only; the disk has the rest.</summary>
sealed class StubNode : LiveNode
{
    public StubNode(in Hash256 hash)
    {
        SetHash(hash);
        IsOnDisk = true;
    }
}

/// <summary>A branch of which only the hash is still wanted.</summary>
sealed class FinishedNode : LiveNode
{
    public FinishedNode(LiveNode branch)
    {
        SetHash(Hash256.FromBytes(branch.Reference));
        // Whoever wants the nodes on disk has written it before it was let go.
        IsOnDisk = true;
    }
}

/// <summary>One key and its value. Its path is what remains of the key below the leaf's place.</summary>
/// <param name="value">The bytes the trie commits to: an account's RLP, or a storage value's.</param>
sealed class LeafNode(in Hash256 key, byte[] value) : LiveNode
{
    public readonly Hash256 Key = key;

    public byte[] Value { get; } = value;

    /// <summary>In the account trie, the root of the account's storage trie; null where there is none or it was not yet loaded.</summary>
    public LiveNode? Storage { get; init; }

    public override int SizeBytes => 144 + Value.Length;
}

/// <summary>A stretch of path that all keys below share.</summary>
/// <param name="key">Any key that passes here; only its nibbles up to the child count.</param>
sealed class ExtensionNode(in Hash256 key, int length, LiveNode child) : LiveNode
{
    public readonly Hash256 Key = key;

    /// <summary>In nibbles.</summary>
    public int Length { get; } = length;

    /// <summary>A stub is replaced by the node it stands for once that is loaded.</summary>
    public LiveNode Child { get; set; } = child;

    public override int SizeBytes => 120;
}
