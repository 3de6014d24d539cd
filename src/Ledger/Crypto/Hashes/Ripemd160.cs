using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Hufu.Crypto;

/// <summary>RIPEMD-160 (Dobbertin, Bosselaers, Preneel, 1996), of precompiled contract 3.</summary>
[SkipLocalsInit]
public static class Ripemd160
{
    public const int HashSize = 20;

    const int BlockSize = 64;

    static ReadOnlySpan<byte> LeftWords =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        7, 4, 13, 1, 10, 6, 15, 3, 12, 0, 9, 5, 2, 14, 11, 8,
        3, 10, 14, 4, 9, 15, 8, 1, 2, 7, 0, 6, 13, 11, 5, 12,
        1, 9, 11, 10, 0, 8, 12, 4, 13, 3, 7, 15, 14, 5, 6, 2,
        4, 0, 5, 9, 7, 12, 2, 10, 14, 1, 3, 8, 11, 6, 15, 13,
    ];

    static ReadOnlySpan<byte> RightWords =>
    [
        5, 14, 7, 0, 9, 2, 11, 4, 13, 6, 15, 8, 1, 10, 3, 12,
        6, 11, 3, 7, 0, 13, 5, 10, 14, 15, 8, 12, 4, 9, 1, 2,
        15, 5, 1, 3, 7, 14, 6, 9, 11, 8, 12, 2, 10, 0, 4, 13,
        8, 6, 4, 1, 3, 11, 15, 0, 5, 12, 2, 13, 9, 7, 10, 14,
        12, 15, 10, 4, 1, 5, 8, 7, 6, 2, 13, 14, 0, 3, 9, 11,
    ];

    static ReadOnlySpan<byte> LeftShifts =>
    [
        11, 14, 15, 12, 5, 8, 7, 9, 11, 13, 14, 15, 6, 7, 9, 8,
        7, 6, 8, 13, 11, 9, 7, 15, 7, 12, 15, 9, 11, 7, 13, 12,
        11, 13, 6, 7, 14, 9, 13, 15, 14, 8, 13, 6, 5, 12, 7, 5,
        11, 12, 14, 15, 14, 15, 9, 8, 9, 14, 5, 6, 8, 6, 5, 12,
        9, 15, 5, 11, 6, 8, 13, 12, 5, 12, 13, 14, 11, 8, 5, 6,
    ];

    static ReadOnlySpan<byte> RightShifts =>
    [
        8, 9, 9, 11, 13, 15, 15, 5, 7, 7, 8, 11, 14, 14, 12, 6,
        9, 13, 15, 7, 12, 8, 9, 11, 7, 7, 12, 7, 6, 15, 13, 11,
        9, 7, 15, 11, 8, 6, 6, 14, 12, 13, 5, 14, 13, 13, 7, 5,
        15, 5, 8, 11, 14, 14, 6, 14, 6, 9, 12, 9, 12, 5, 15, 8,
        8, 5, 12, 9, 12, 5, 14, 6, 8, 13, 6, 5, 15, 13, 11, 11,
    ];

    /// <summary>Writes the hash of the data, 20 bytes.</summary>
    public static void Hash(ReadOnlySpan<byte> data, Span<byte> hash20)
    {
        Span<uint> state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0];
        var rest = data;
        for (; rest.Length >= BlockSize; rest = rest[BlockSize..]) Compress(state, rest);

        // Padding: one bit, zeros, and the length in bits as a little-endian word of 64 bits.
        Span<byte> tail = stackalloc byte[2 * BlockSize];
        tail.Clear();
        rest.CopyTo(tail);
        tail[rest.Length] = 0x80;
        tail = tail[..(rest.Length < BlockSize - 8 ? BlockSize : 2 * BlockSize)];
        BinaryPrimitives.WriteUInt64LittleEndian(tail[^8..], (ulong)data.Length * 8);
        Compress(state, tail);
        if (tail.Length > BlockSize) Compress(state, tail[BlockSize..]);

        for (var i = 0; i < state.Length; i++) BinaryPrimitives.WriteUInt32LittleEndian(hash20[(4 * i)..], state[i]);
    }

    // Tiered compilation with its profile halves the speed of these loops.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Compress(Span<uint> state, ReadOnlySpan<byte> block)
    {
        Span<uint> words = stackalloc uint[16];
        for (var i = 0; i < 16; i++) words[i] = BinaryPrimitives.ReadUInt32LittleEndian(block[(4 * i)..]);

        Line left = new(state), right = new(state);
        Round<Parity, OrNotLast>(ref left, ref right, words, 0, 0x00000000, 0x50A28BE6);
        Round<Choice, ChoiceByLast>(ref left, ref right, words, 16, 0x5A827999, 0x5C4DD124);
        Round<OrNot, OrNot>(ref left, ref right, words, 32, 0x6ED9EBA1, 0x6D703EF3);
        Round<ChoiceByLast, Choice>(ref left, ref right, words, 48, 0x8F1BBCDC, 0x7A6D76E9);
        Round<OrNotLast, Parity>(ref left, ref right, words, 64, 0xA953FD4E, 0x00000000);

        var mixed = state[1] + left.C + right.D;
        state[1] = state[2] + left.D + right.E;
        state[2] = state[3] + left.E + right.A;
        state[3] = state[4] + left.A + right.B;
        state[4] = state[0] + left.B + right.C;
        state[0] = mixed;
    }

    /// <summary>Sixteen steps of both lines, which do not wait for each other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Round<TLeft, TRight>(ref Line left, ref Line right, ReadOnlySpan<uint> words, int from, uint leftConstant, uint rightConstant)
        where TLeft : struct, IBooleanFunction
        where TRight : struct, IBooleanFunction
    {
        Line l = left, r = right;
        for (var i = from; i < from + 16; i++)
        {
            l.Step(TLeft.Apply(l.B, l.C, l.D) + words[LeftWords[i]] + leftConstant, LeftShifts[i]);
            r.Step(TRight.Apply(r.B, r.C, r.D) + words[RightWords[i]] + rightConstant, RightShifts[i]);
        }
        (left, right) = (l, r);
    }

    struct Line(ReadOnlySpan<uint> state)
    {
        public uint A = state[0], B = state[1], C = state[2], D = state[3], E = state[4];

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Step(uint added, int shift)
        {
            var next = BitOperations.RotateLeft(A + added, shift) + E;
            (A, E, D, C, B) = (E, D, BitOperations.RotateLeft(C, 10), B, next);
        }
    }

    interface IBooleanFunction
    {
        static abstract uint Apply(uint x, uint y, uint z);
    }

    readonly struct Parity : IBooleanFunction
    {
        public static uint Apply(uint x, uint y, uint z) => x ^ y ^ z;
    }

    readonly struct Choice : IBooleanFunction
    {
        public static uint Apply(uint x, uint y, uint z) => (x & y) | (~x & z);
    }

    readonly struct OrNot : IBooleanFunction
    {
        public static uint Apply(uint x, uint y, uint z) => (x | ~y) ^ z;
    }

    readonly struct ChoiceByLast : IBooleanFunction
    {
        public static uint Apply(uint x, uint y, uint z) => (x & z) | (y & ~z);
    }

    readonly struct OrNotLast : IBooleanFunction
    {
        public static uint Apply(uint x, uint y, uint z) => x ^ (y | ~z);
    }
}
