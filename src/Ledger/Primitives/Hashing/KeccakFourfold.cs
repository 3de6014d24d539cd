using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hufu.Primitives;

/// <summary>Four Keccak-256 sponges side by side, one in each lane of a vector.</summary>
static unsafe class KeccakFourfold
{
    const int Rate = Keccak256.Rate;

    public static bool IsSupported => Vector256.IsHardwareAccelerated && Avx2.IsSupported;

    /// <summary>A message in memory that does not move.</summary>
    public readonly struct Message(byte* start, nint length)
    {
        public readonly byte* Start = start;
        public readonly nint Length = length;
    }

    /// <summary>Hashes messages of any lengths: a lane whose message ends takes the next one, so that lanes idle only at the end.</summary>
    /// <param name="digests">32 bytes a message.</param>
    [SkipLocalsInit]
    public static void Hash(Message* messages, int count, byte* digests)
    {
        var state = stackalloc Vector256<ulong>[KeccakPermutation.Lanes];
        var padded = stackalloc byte[4 * PaddedSize];
        var block = stackalloc byte*[4];
        var position = stackalloc byte*[4];
        var left = stackalloc nint[4];
        var owner = stackalloc int[4];      // the message in the lane, or -1
        var kept = stackalloc ulong[4];     // all ones where the lane goes on, zero where it begins
        var (next, running) = (0, 0);
        for (var i = 0; i < KeccakPermutation.Lanes; i++) state[i] = default;
        for (var lane = 0; lane < 4; lane++) owner[lane] = -1;

        while (true)
        {
            for (var lane = 0; lane < 4; lane++)
            {
                kept[lane] = ulong.MaxValue;
                if (owner[lane] < 0)
                {
                    kept[lane] = 0;
                    block[lane] = padded + lane * PaddedSize;
                    if (next == count) continue;
                    owner[lane] = next;
                    position[lane] = messages[next].Start;
                    left[lane] = messages[next].Length;
                    next++;
                    running++;
                }
                block[lane] = position[lane];
                if (left[lane] < Rate) block[lane] = KeccakSponge.Pad(position[lane], (int)left[lane], Rate, padded + lane * PaddedSize);
                position[lane] += Rate;
                left[lane] -= Rate;
            }
            if (running == 0) return;

            Absorb(state, block, Vector256.Create(kept[0], kept[1], kept[2], kept[3]));
            Permute(state);

            Vector256<ulong> d0 = state[0], d1 = state[1], d2 = state[2], d3 = state[3];
            Transpose(ref d0, ref d1, ref d2, ref d3);
            for (var lane = 0; lane < 4; lane++)
            {
                if (owner[lane] < 0 || left[lane] >= 0) continue;
                var digest = lane switch { 0 => d0, 1 => d1, 2 => d2, _ => d3 };
                digest.Store((ulong*)(digests + 32 * (nint)owner[lane]));
                owner[lane] = -1;
                running--;
            }
        }
    }

    const int PaddedSize = 160; // a block, rounded up to whole vectors

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Absorb(Vector256<ulong>* state, byte** block, Vector256<ulong> kept)
    {
        for (var word = 0; word < 16; word += 4)
        {
            var m0 = Vector256.Load((ulong*)block[0] + word);
            var m1 = Vector256.Load((ulong*)block[1] + word);
            var m2 = Vector256.Load((ulong*)block[2] + word);
            var m3 = Vector256.Load((ulong*)block[3] + word);
            Transpose(ref m0, ref m1, ref m2, ref m3);
            state[word] = (state[word] & kept) ^ m0;
            state[word + 1] = (state[word + 1] & kept) ^ m1;
            state[word + 2] = (state[word + 2] & kept) ^ m2;
            state[word + 3] = (state[word + 3] & kept) ^ m3;
        }
        state[16] = (state[16] & kept) ^ Vector256.Create(((ulong*)block[0])[16], ((ulong*)block[1])[16], ((ulong*)block[2])[16], ((ulong*)block[3])[16]);
        for (var word = 17; word < KeccakPermutation.Lanes; word++) state[word] &= kept;
    }

    /// <summary>Rows to columns of a square of 4 · 4 words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Transpose(ref Vector256<ulong> r0, ref Vector256<ulong> r1, ref Vector256<ulong> r2, ref Vector256<ulong> r3)
    {
        var even01 = Avx2.UnpackLow(r0, r1);
        var odd01 = Avx2.UnpackHigh(r0, r1);
        var even23 = Avx2.UnpackLow(r2, r3);
        var odd23 = Avx2.UnpackHigh(r2, r3);
        r0 = Avx2.Permute2x128(even01, even23, 0x20);
        r1 = Avx2.Permute2x128(odd01, odd23, 0x20);
        r2 = Avx2.Permute2x128(even01, even23, 0x31);
        r3 = Avx2.Permute2x128(odd01, odd23, 0x31);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<ulong> Rotate(Vector256<ulong> value, [ConstantExpected] byte bits) =>
        Avx512F.VL.IsSupported ? Avx512F.VL.RotateLeft(value, bits) : (value << bits) | (value >>> (64 - bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<ulong> Xor(Vector256<ulong> a, Vector256<ulong> b, Vector256<ulong> c) =>
        Avx512F.VL.IsSupported ? Avx512F.VL.TernaryLogic(a, b, c, 0x96) : a ^ b ^ c;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<ulong> Chi(Vector256<ulong> a, Vector256<ulong> b, Vector256<ulong> c) =>
        Avx512F.VL.IsSupported ? Avx512F.VL.TernaryLogic(a, b, c, 0xD2) : a ^ Avx2.AndNot(b, c);

    // The text of KeccakPermutation.Permute, four states at once.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    static void Permute(Vector256<ulong>* state)
    {
        ref var constants0 = ref MemoryMarshal.GetReference(KeccakPermutation.RoundConstants);
        var constants = (ulong*)Unsafe.AsPointer(ref constants0); // static data of the assembly: it does not move
        Vector256<ulong> a00 = state[0], a10 = state[1], a20 = state[2], a30 = state[3], a40 = state[4];
        Vector256<ulong> a01 = state[5], a11 = state[6], a21 = state[7], a31 = state[8], a41 = state[9];
        Vector256<ulong> a02 = state[10], a12 = state[11], a22 = state[12], a32 = state[13], a42 = state[14];
        Vector256<ulong> a03 = state[15], a13 = state[16], a23 = state[17], a33 = state[18], a43 = state[19];
        Vector256<ulong> a04 = state[20], a14 = state[21], a24 = state[22], a34 = state[23], a44 = state[24];
        Vector256<ulong> e00, e10, e20, e30, e40;
        Vector256<ulong> e01, e11, e21, e31, e41;
        Vector256<ulong> e02, e12, e22, e32, e42;
        Vector256<ulong> e03, e13, e23, e33, e43;
        Vector256<ulong> e04, e14, e24, e34, e44;
        Vector256<ulong> b0, b1, b2, b3, b4;
        Vector256<ulong> c0, c1, c2, c3, c4;
        Vector256<ulong> d0, d1, d2, d3, d4;

        for (var round = 0; round < 24; round += 2)
        {
            c0 = Xor(Xor(a00, a01, a02), a03, a04);
            c1 = Xor(Xor(a10, a11, a12), a13, a14);
            c2 = Xor(Xor(a20, a21, a22), a23, a24);
            c3 = Xor(Xor(a30, a31, a32), a33, a34);
            c4 = Xor(Xor(a40, a41, a42), a43, a44);
            d0 = c4 ^ Rotate(c1, 1);
            d1 = c0 ^ Rotate(c2, 1);
            d2 = c1 ^ Rotate(c3, 1);
            d3 = c2 ^ Rotate(c4, 1);
            d4 = c3 ^ Rotate(c0, 1);

            b0 = a00 ^ d0;
            b1 = Rotate(a11 ^ d1, 44);
            b2 = Rotate(a22 ^ d2, 43);
            b3 = Rotate(a33 ^ d3, 21);
            b4 = Rotate(a44 ^ d4, 14);
            e00 = Chi(b0, b1, b2) ^ Vector256.Create(constants[round]);
            e10 = Chi(b1, b2, b3);
            e20 = Chi(b2, b3, b4);
            e30 = Chi(b3, b4, b0);
            e40 = Chi(b4, b0, b1);

            b0 = Rotate(a30 ^ d3, 28);
            b1 = Rotate(a41 ^ d4, 20);
            b2 = Rotate(a02 ^ d0, 3);
            b3 = Rotate(a13 ^ d1, 45);
            b4 = Rotate(a24 ^ d2, 61);
            e01 = Chi(b0, b1, b2);
            e11 = Chi(b1, b2, b3);
            e21 = Chi(b2, b3, b4);
            e31 = Chi(b3, b4, b0);
            e41 = Chi(b4, b0, b1);

            b0 = Rotate(a10 ^ d1, 1);
            b1 = Rotate(a21 ^ d2, 6);
            b2 = Rotate(a32 ^ d3, 25);
            b3 = Rotate(a43 ^ d4, 8);
            b4 = Rotate(a04 ^ d0, 18);
            e02 = Chi(b0, b1, b2);
            e12 = Chi(b1, b2, b3);
            e22 = Chi(b2, b3, b4);
            e32 = Chi(b3, b4, b0);
            e42 = Chi(b4, b0, b1);

            b0 = Rotate(a40 ^ d4, 27);
            b1 = Rotate(a01 ^ d0, 36);
            b2 = Rotate(a12 ^ d1, 10);
            b3 = Rotate(a23 ^ d2, 15);
            b4 = Rotate(a34 ^ d3, 56);
            e03 = Chi(b0, b1, b2);
            e13 = Chi(b1, b2, b3);
            e23 = Chi(b2, b3, b4);
            e33 = Chi(b3, b4, b0);
            e43 = Chi(b4, b0, b1);

            b0 = Rotate(a20 ^ d2, 62);
            b1 = Rotate(a31 ^ d3, 55);
            b2 = Rotate(a42 ^ d4, 39);
            b3 = Rotate(a03 ^ d0, 41);
            b4 = Rotate(a14 ^ d1, 2);
            e04 = Chi(b0, b1, b2);
            e14 = Chi(b1, b2, b3);
            e24 = Chi(b2, b3, b4);
            e34 = Chi(b3, b4, b0);
            e44 = Chi(b4, b0, b1);

            c0 = Xor(Xor(e00, e01, e02), e03, e04);
            c1 = Xor(Xor(e10, e11, e12), e13, e14);
            c2 = Xor(Xor(e20, e21, e22), e23, e24);
            c3 = Xor(Xor(e30, e31, e32), e33, e34);
            c4 = Xor(Xor(e40, e41, e42), e43, e44);
            d0 = c4 ^ Rotate(c1, 1);
            d1 = c0 ^ Rotate(c2, 1);
            d2 = c1 ^ Rotate(c3, 1);
            d3 = c2 ^ Rotate(c4, 1);
            d4 = c3 ^ Rotate(c0, 1);

            b0 = e00 ^ d0;
            b1 = Rotate(e11 ^ d1, 44);
            b2 = Rotate(e22 ^ d2, 43);
            b3 = Rotate(e33 ^ d3, 21);
            b4 = Rotate(e44 ^ d4, 14);
            a00 = Chi(b0, b1, b2) ^ Vector256.Create(constants[round + 1]);
            a10 = Chi(b1, b2, b3);
            a20 = Chi(b2, b3, b4);
            a30 = Chi(b3, b4, b0);
            a40 = Chi(b4, b0, b1);

            b0 = Rotate(e30 ^ d3, 28);
            b1 = Rotate(e41 ^ d4, 20);
            b2 = Rotate(e02 ^ d0, 3);
            b3 = Rotate(e13 ^ d1, 45);
            b4 = Rotate(e24 ^ d2, 61);
            a01 = Chi(b0, b1, b2);
            a11 = Chi(b1, b2, b3);
            a21 = Chi(b2, b3, b4);
            a31 = Chi(b3, b4, b0);
            a41 = Chi(b4, b0, b1);

            b0 = Rotate(e10 ^ d1, 1);
            b1 = Rotate(e21 ^ d2, 6);
            b2 = Rotate(e32 ^ d3, 25);
            b3 = Rotate(e43 ^ d4, 8);
            b4 = Rotate(e04 ^ d0, 18);
            a02 = Chi(b0, b1, b2);
            a12 = Chi(b1, b2, b3);
            a22 = Chi(b2, b3, b4);
            a32 = Chi(b3, b4, b0);
            a42 = Chi(b4, b0, b1);

            b0 = Rotate(e40 ^ d4, 27);
            b1 = Rotate(e01 ^ d0, 36);
            b2 = Rotate(e12 ^ d1, 10);
            b3 = Rotate(e23 ^ d2, 15);
            b4 = Rotate(e34 ^ d3, 56);
            a03 = Chi(b0, b1, b2);
            a13 = Chi(b1, b2, b3);
            a23 = Chi(b2, b3, b4);
            a33 = Chi(b3, b4, b0);
            a43 = Chi(b4, b0, b1);

            b0 = Rotate(e20 ^ d2, 62);
            b1 = Rotate(e31 ^ d3, 55);
            b2 = Rotate(e42 ^ d4, 39);
            b3 = Rotate(e03 ^ d0, 41);
            b4 = Rotate(e14 ^ d1, 2);
            a04 = Chi(b0, b1, b2);
            a14 = Chi(b1, b2, b3);
            a24 = Chi(b2, b3, b4);
            a34 = Chi(b3, b4, b0);
            a44 = Chi(b4, b0, b1);
        }

        state[0] = a00; state[1] = a10; state[2] = a20; state[3] = a30; state[4] = a40;
        state[5] = a01; state[6] = a11; state[7] = a21; state[8] = a31; state[9] = a41;
        state[10] = a02; state[11] = a12; state[12] = a22; state[13] = a32; state[14] = a42;
        state[15] = a03; state[16] = a13; state[17] = a23; state[18] = a33; state[19] = a43;
        state[20] = a04; state[21] = a14; state[22] = a24; state[23] = a34; state[24] = a44;
    }
}
