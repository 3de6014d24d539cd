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

    static void Compress(Span<uint> state, ReadOnlySpan<byte> block)
    {
        Span<uint> words = stackalloc uint[16];
        for (var i = 0; i < 16; i++) words[i] = BinaryPrimitives.ReadUInt32LittleEndian(block[(4 * i)..]);

        Line left = new(state), right = new(state);
        Steps<First>(ref left, ref right, ref words[0]);
        Steps<Second>(ref left, ref right, ref words[0]);
        Steps<Third>(ref left, ref right, ref words[0]);
        Steps<Fourth>(ref left, ref right, ref words[0]);
        Steps<Fifth>(ref left, ref right, ref words[0]);

        var mixed = state[1] + left.C + right.D;
        state[1] = state[2] + left.D + right.E;
        state[2] = state[3] + left.E + right.A;
        state[3] = state[4] + left.A + right.B;
        state[4] = state[0] + left.B + right.C;
        state[0] = mixed;
    }

    /// <summary>
    /// The sixteen steps of a round on both lines, which do not wait for each other. They are written out, so that the places in the tables
    /// are constants and no word has to move to its next name; looked up in a loop, they took twice the time.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Steps<TRound>(ref Line left, ref Line right, ref uint words) where TRound : struct, IRound
    {
        var (a, b, c, d, e) = (left.A, left.B, left.C, left.D, left.E);
        var (v, w, x, y, z) = (right.A, right.B, right.C, right.D, right.E);
        Left<TRound>(ref a, b, ref c, d, e, ref words, 0);
        Right<TRound>(ref v, w, ref x, y, z, ref words, 0);
        Left<TRound>(ref e, a, ref b, c, d, ref words, 1);
        Right<TRound>(ref z, v, ref w, x, y, ref words, 1);
        Left<TRound>(ref d, e, ref a, b, c, ref words, 2);
        Right<TRound>(ref y, z, ref v, w, x, ref words, 2);
        Left<TRound>(ref c, d, ref e, a, b, ref words, 3);
        Right<TRound>(ref x, y, ref z, v, w, ref words, 3);
        Left<TRound>(ref b, c, ref d, e, a, ref words, 4);
        Right<TRound>(ref w, x, ref y, z, v, ref words, 4);
        Left<TRound>(ref a, b, ref c, d, e, ref words, 5);
        Right<TRound>(ref v, w, ref x, y, z, ref words, 5);
        Left<TRound>(ref e, a, ref b, c, d, ref words, 6);
        Right<TRound>(ref z, v, ref w, x, y, ref words, 6);
        Left<TRound>(ref d, e, ref a, b, c, ref words, 7);
        Right<TRound>(ref y, z, ref v, w, x, ref words, 7);
        Left<TRound>(ref c, d, ref e, a, b, ref words, 8);
        Right<TRound>(ref x, y, ref z, v, w, ref words, 8);
        Left<TRound>(ref b, c, ref d, e, a, ref words, 9);
        Right<TRound>(ref w, x, ref y, z, v, ref words, 9);
        Left<TRound>(ref a, b, ref c, d, e, ref words, 10);
        Right<TRound>(ref v, w, ref x, y, z, ref words, 10);
        Left<TRound>(ref e, a, ref b, c, d, ref words, 11);
        Right<TRound>(ref z, v, ref w, x, y, ref words, 11);
        Left<TRound>(ref d, e, ref a, b, c, ref words, 12);
        Right<TRound>(ref y, z, ref v, w, x, ref words, 12);
        Left<TRound>(ref c, d, ref e, a, b, ref words, 13);
        Right<TRound>(ref x, y, ref z, v, w, ref words, 13);
        Left<TRound>(ref b, c, ref d, e, a, ref words, 14);
        Right<TRound>(ref w, x, ref y, z, v, ref words, 14);
        Left<TRound>(ref a, b, ref c, d, e, ref words, 15);
        Right<TRound>(ref v, w, ref x, y, z, ref words, 15);
        // Sixteen steps are three turns of the names and one step.
        (left.A, left.B, left.C, left.D, left.E) = (e, a, b, c, d);
        (right.A, right.B, right.C, right.D, right.E) = (z, v, w, x, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Left<TRound>(ref uint a, uint b, ref uint c, uint d, uint e, ref uint words, int step) where TRound : struct, IRound
    {
        var at = TRound.Begin + step;
        a = BitOperations.RotateLeft(a + TRound.Left(b, c, d) + Unsafe.Add(ref words, LeftWords[at]) + TRound.LeftConstant, LeftShifts[at]) + e;
        c = BitOperations.RotateLeft(c, 10);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Right<TRound>(ref uint a, uint b, ref uint c, uint d, uint e, ref uint words, int step) where TRound : struct, IRound
    {
        var at = TRound.Begin + step;
        a = BitOperations.RotateLeft(a + TRound.Right(b, c, d) + Unsafe.Add(ref words, RightWords[at]) + TRound.RightConstant, RightShifts[at]) + e;
        c = BitOperations.RotateLeft(c, 10);
    }

    struct Line(ReadOnlySpan<uint> state)
    {
        public uint A = state[0], B = state[1], C = state[2], D = state[3], E = state[4];
    }

    /// <summary>What differs from round to round: where its part of the tables begins, and for each line the function and the constant.</summary>
    interface IRound
    {
        static abstract int Begin { get; }
        static abstract uint LeftConstant { get; }
        static abstract uint RightConstant { get; }
        static abstract uint Left(uint x, uint y, uint z);
        static abstract uint Right(uint x, uint y, uint z);
    }

    readonly struct First : IRound
    {
        public static int Begin => 0;
        public static uint LeftConstant => 0x00000000;
        public static uint RightConstant => 0x50A28BE6;
        public static uint Left(uint x, uint y, uint z) => Parity(x, y, z);
        public static uint Right(uint x, uint y, uint z) => OrNotLast(x, y, z);
    }

    readonly struct Second : IRound
    {
        public static int Begin => 16;
        public static uint LeftConstant => 0x5A827999;
        public static uint RightConstant => 0x5C4DD124;
        public static uint Left(uint x, uint y, uint z) => Choice(x, y, z);
        public static uint Right(uint x, uint y, uint z) => ChoiceByLast(x, y, z);
    }

    readonly struct Third : IRound
    {
        public static int Begin => 32;
        public static uint LeftConstant => 0x6ED9EBA1;
        public static uint RightConstant => 0x6D703EF3;
        public static uint Left(uint x, uint y, uint z) => OrNot(x, y, z);
        public static uint Right(uint x, uint y, uint z) => OrNot(x, y, z);
    }

    readonly struct Fourth : IRound
    {
        public static int Begin => 48;
        public static uint LeftConstant => 0x8F1BBCDC;
        public static uint RightConstant => 0x7A6D76E9;
        public static uint Left(uint x, uint y, uint z) => ChoiceByLast(x, y, z);
        public static uint Right(uint x, uint y, uint z) => Choice(x, y, z);
    }

    readonly struct Fifth : IRound
    {
        public static int Begin => 64;
        public static uint LeftConstant => 0xA953FD4E;
        public static uint RightConstant => 0x00000000;
        public static uint Left(uint x, uint y, uint z) => OrNotLast(x, y, z);
        public static uint Right(uint x, uint y, uint z) => Parity(x, y, z);
    }

    static uint Parity(uint x, uint y, uint z) => x ^ y ^ z;

    // x chooses between y and z; one operation less than (x & y) | (~x & z).
    static uint Choice(uint x, uint y, uint z) => ((y ^ z) & x) ^ z;

    static uint OrNot(uint x, uint y, uint z) => (x | ~y) ^ z;

    static uint ChoiceByLast(uint x, uint y, uint z) => ((x ^ y) & z) ^ y;

    static uint OrNotLast(uint x, uint y, uint z) => x ^ (y | ~z);
}
