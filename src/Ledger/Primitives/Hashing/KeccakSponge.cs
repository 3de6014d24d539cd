using System.Runtime.CompilerServices;

namespace Hufu.Primitives;

/// <summary>The sponge around the permutation. Lanes are little-endian, as is every machine .NET 10 runs on but one; there, <see cref="Absorb"/> refuses.</summary>
static unsafe class KeccakSponge
{
    /// <summary>Fills a state with a whole message: the digest is its first bytes.</summary>
    /// <param name="state">25 words, undefined before.</param>
    /// <param name="rate">Bytes absorbed before each permutation, a multiple of 8.</param>
    [SkipLocalsInit]
    public static void Absorb(ulong* state, byte* data, int length, int rate)
    {
        if (!BitConverter.IsLittleEndian) throw new PlatformNotSupportedException("Keccak is written for little-endian machines");
        new Span<ulong>(state, KeccakPermutation.Lanes).Clear();
        for (; length >= rate; data += rate, length -= rate)
        {
            for (var i = 0; i < rate / 8; i++) state[i] ^= ((ulong*)data)[i];
            KeccakPermutation.Permute(state);
        }

        // The end of the message and its padding 1 0* 1 go straight into the state.
        var words = length >> 3;
        for (var i = 0; i < words; i++) state[i] ^= ((ulong*)data)[i];
        var tail = 1UL << (8 * (length & 7));
        for (var i = 0; i < (length & 7); i++) tail |= (ulong)data[8 * words + i] << (8 * i);
        state[words] ^= tail;
        state[rate / 8 - 1] ^= 1UL << 63;
        KeccakPermutation.Permute(state);
    }

    /// <summary>Copies the end of a message, shorter than the rate, and pads it to a whole block.</summary>
    public static byte* Pad(byte* data, int length, int rate, byte* block)
    {
        new Span<byte>(block, rate).Clear();
        new ReadOnlySpan<byte>(data, length).CopyTo(new Span<byte>(block, rate));
        block[length] = 0x01;
        block[rate - 1] |= 0x80;
        return block;
    }
}
