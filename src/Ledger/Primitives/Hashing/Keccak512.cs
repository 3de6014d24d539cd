using System.Runtime.CompilerServices;

namespace Hufu.Primitives;

/// <summary>Keccak-512, which Ethash needs, with the padding of the competition entry.</summary>
public static unsafe class Keccak512
{
    const int Rate = 72;

    /// <summary>Bytes of a digest.</summary>
    public const int DigestSize = 64;

    /// <summary>Writes the digest into the first 64 bytes of <paramref name="digest64"/>, which may be the data itself.</summary>
    [SkipLocalsInit]
    public static void Hash(ReadOnlySpan<byte> data, Span<byte> digest64)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(digest64.Length, DigestSize);
        var state = stackalloc ulong[KeccakPermutation.Lanes];
        fixed (byte* start = data)
            KeccakSponge.Absorb(state, start, data.Length, Rate);
        new ReadOnlySpan<byte>(state, DigestSize).CopyTo(digest64);
    }
}
