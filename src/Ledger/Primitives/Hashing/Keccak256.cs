using System.Buffers.Binary;
using System.Numerics;

namespace Hufu.Primitives;

/// <summary>Keccak-256 as Ethereum uses it: the padding of the competition entry, not of FIPS 202.</summary>
public static class Keccak256
{
    public static Hash256 Hash(ReadOnlySpan<byte> data)
    {
        Span<byte> digest = stackalloc byte[32];
        Hash(data, digest);
        return Hash256.FromBytes(digest);
    }

    public static void Hash(ReadOnlySpan<byte> data, Span<byte> digest32) => KeccakSponge.Hash(data, 136, digest32[..32]);

    public static void HashFour(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c, ReadOnlySpan<byte> d, Span<byte> digests128)
    {
        Hash(a, digests128);
        Hash(b, digests128[32..]);
        Hash(c, digests128[64..]);
        Hash(d, digests128[96..]);
    }
}

/// <summary>Keccak-512, which Ethash needs.</summary>
public static class Keccak512
{
    public static void Hash(ReadOnlySpan<byte> data, Span<byte> digest64) => KeccakSponge.Hash(data, 72, digest64[..64]);
}

static class KeccakSponge
{
    static readonly ulong[] RoundConstants =
    [
        0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b, 0x0000000080000001,
        0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
        0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
        0x000000000000800a, 0x800000008000000a, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    ];

    static ReadOnlySpan<byte> Rotations => [1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44];
    static ReadOnlySpan<byte> Lanes => [10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1];

    public static void Hash(ReadOnlySpan<byte> data, int rate, Span<byte> digest)
    {
        Span<ulong> state = stackalloc ulong[25];
        state.Clear();
        for (; data.Length >= rate; data = data[rate..]) Absorb(state, data[..rate]);
        Span<byte> last = stackalloc byte[rate];
        last.Clear();
        data.CopyTo(last);
        last[data.Length] = 0x01;
        last[rate - 1] |= 0x80;
        Absorb(state, last);
        for (var i = 0; i < digest.Length / 8; i++) BinaryPrimitives.WriteUInt64LittleEndian(digest[(8 * i)..], state[i]);
    }

    static void Absorb(Span<ulong> state, ReadOnlySpan<byte> block)
    {
        for (var i = 0; i < block.Length / 8; i++) state[i] ^= BinaryPrimitives.ReadUInt64LittleEndian(block[(8 * i)..]);
        Span<ulong> c = stackalloc ulong[5];
        foreach (var constant in RoundConstants)
        {
            for (var i = 0; i < 5; i++) c[i] = state[i] ^ state[i + 5] ^ state[i + 10] ^ state[i + 15] ^ state[i + 20];
            for (var i = 0; i < 5; i++)
            {
                var t = c[(i + 4) % 5] ^ BitOperations.RotateLeft(c[(i + 1) % 5], 1);
                for (var j = 0; j < 25; j += 5) state[i + j] ^= t;
            }
            var moved = state[1];
            for (var i = 0; i < 24; i++)
            {
                var lane = Lanes[i];
                (state[lane], moved) = (BitOperations.RotateLeft(moved, Rotations[i]), state[lane]);
            }
            for (var j = 0; j < 25; j += 5)
            {
                state.Slice(j, 5).CopyTo(c);
                for (var i = 0; i < 5; i++) state[j + i] = c[i] ^ (~c[(i + 1) % 5] & c[(i + 2) % 5]);
            }
            state[0] ^= constant;
        }
    }
}
