using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using Hufu.Primitives;

namespace Hufu.State;

/// <summary>
/// Two to sixteen ways on. Keys all have 32 bytes, so a branch never holds a value.
///
/// A branch that was hashed keeps its RLP: it holds the hashes of the children side by side, so that the branch that replaces it after a change
/// copies it and overwrites the few that changed, and touches none of the other children (16 objects scattered in memory: reading a hash from each
/// was two thirds of the cost of a root). Children that were never needed are not objects at all.
/// </summary>
sealed class BranchNode : LiveNode
{
    Children _children;

    // The RLP this branch has, or had before the children in _changed were set; null where it was never hashed, or where a child stands in it whole.
    byte[]? _rlp;
    ushort _rlpMask;
    ushort _mask;
    ushort _changed;

    public BranchNode() { }

    /// <summary>A branch as it was read from disk, all its children named by hash.</summary>
    public BranchNode(byte[] rlp, ushort mask) => (_rlp, _rlpMask, _mask) = (rlp, mask, mask);

    /// <summary>A bit for each child there is.</summary>
    public ushort Mask => _mask;

    /// <summary>A bit for each child that was set since the branch was hashed.</summary>
    public ushort Changed => _changed;

    public override int SizeBytes => 224 + (_rlp is null ? 0 : 24 + _rlp.Length);

    public bool Has(int nibble) => (_mask >> nibble & 1) != 0;

    /// <summary>The child if it is in memory; null says nothing about whether there is one.</summary>
    public LiveNode? Loaded(int nibble) => _children[nibble];

    /// <summary>The hash of a child that is not in memory.</summary>
    public Hash256 HashOf(int nibble) => Hash256.FromBytes(_rlp.AsSpan(OffsetOf(_rlpMask, nibble) + 1, Hash256.Size));

    /// <summary>Another child, or none.</summary>
    public void Set(int nibble, LiveNode? child)
    {
        var bit = (ushort)(1 << nibble);
        _children[nibble] = child;
        _mask = (ushort)(child is null ? _mask & ~bit : _mask | bit);
        _changed |= bit;
    }

    /// <summary>Puts the object of a child in place; the branch says the same as before. Two readers may do so at once.</summary>
    public void Attach(int nibble, LiveNode child) => Volatile.Write(ref _children[nibble], child);

    /// <summary>Lets go of the object of a child that the disk has.</summary>
    public void Detach(int nibble)
    {
        if (_rlp is not null) _children[nibble] = null;
        else if (_children[nibble] is { IsInline: false } child) _children[nibble] = new StubNode(Hash256.FromBytes(child.Reference));
    }

    public BranchNode Copy() => new() { _children = _children, _rlp = _rlp, _rlpMask = _rlpMask, _mask = _mask, _changed = _changed };

    /// <summary>The RLP; all changed children have their references.</summary>
    public byte[] Encode()
    {
        if (_rlp is { } before && _rlpMask == _mask && TryPatch(before) is { } patched) return patched;

        var length = 1;
        for (var i = 0; i < 16; i++) length += !Has(i) ? 1 : NeedsObject(i) && _children[i]!.IsInline ? _children[i]!.Reference.Length : 1 + Hash256.Size;
        var header = HeaderLength(length);
        var rlp = GC.AllocateUninitializedArray<byte>(header + length);
        WriteHeader(rlp, length);
        var at = header;
        for (var i = 0; i < 16; i++)
        {
            if (!Has(i)) rlp[at++] = 0x80;
            else if (NeedsObject(i)) at += WriteReference(rlp.AsSpan(at), _children[i]!);
            else
            {
                _rlp.AsSpan(OffsetOf(_rlpMask, i), 1 + Hash256.Size).CopyTo(rlp.AsSpan(at));
                at += 1 + Hash256.Size;
            }
        }
        rlp[at] = 0x80;
        return rlp;
    }

    /// <summary>The branch was hashed with this RLP.</summary>
    public void Keep(byte[] rlp)
    {
        if (!HoldsInline())
        {
            (_rlp, _rlpMask, _changed) = (rlp, _mask, 0);
            return;
        }
        // The places of the hashes in the RLP are not regular then: every child has an object. Rare, for no account is so short.
        for (var i = 0; i < 16; i++)
            if (Has(i) && _children[i] is null) _children[i] = new StubNode(HashOf(i));
        (_rlp, _rlpMask, _changed) = (null, 0, 0);
    }

    byte[]? TryPatch(byte[] before)
    {
        for (var left = (uint)_changed; left != 0; left &= left - 1)
            if (_children[BitOperations.TrailingZeroCount(left)]!.IsInline) return null;
        var rlp = GC.AllocateUninitializedArray<byte>(before.Length);
        before.CopyTo(rlp, 0);
        for (var left = (uint)_changed; left != 0; left &= left - 1)
        {
            var nibble = BitOperations.TrailingZeroCount(left);
            _children[nibble]!.Reference.CopyTo(rlp.AsSpan(OffsetOf(_mask, nibble) + 1));
        }
        return rlp;
    }

    bool NeedsObject(int nibble) => _rlp is null || (_changed >> nibble & 1) != 0;

    bool HoldsInline()
    {
        for (var i = 0; i < 16; i++)
            if (Has(i) && NeedsObject(i) && _children[i]!.IsInline) return true;
        return false;
    }

    // Children before this one take 33 bytes where there is one and 1 where there is none.
    static int OffsetOf(ushort mask, int nibble) =>
        HeaderLength(17 + 32 * BitOperations.PopCount(mask)) + nibble + 32 * BitOperations.PopCount((uint)mask & ((1u << nibble) - 1));

    static int HeaderLength(int content) => content <= 55 ? 1 : content <= 0xFF ? 2 : 3;

    static void WriteHeader(Span<byte> rlp, int content)
    {
        if (content <= 55)
        {
            rlp[0] = (byte)(0xC0 + content);
            return;
        }
        if (content <= 0xFF)
        {
            rlp[0] = 0xF8;
            rlp[1] = (byte)content;
            return;
        }
        rlp[0] = 0xF9;
        BinaryPrimitives.WriteUInt16BigEndian(rlp[1..], (ushort)content);
    }

    static int WriteReference(Span<byte> output, LiveNode node)
    {
        var reference = node.Reference;
        if (node.IsInline)
        {
            reference.CopyTo(output);
            return reference.Length;
        }
        output[0] = 0x80 + Hash256.Size;
        reference.CopyTo(output[1..]);
        return 1 + Hash256.Size;
    }

    [InlineArray(16)]
    struct Children
    {
        LiveNode? _first;
    }
}
