using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hufu.Crypto;

/// <summary>The compression function F of BLAKE2b (RFC 7693, section 3.2) with any number of rounds, as EIP-152 exposes it.</summary>
[SkipLocalsInit]
public static class Blake2
{
    public const int InputSize = 213, OutputSize = 64;

    // EIP-152: rounds (4 bytes, big-endian), h, m, t (little-endian words), the final-block flag.
    const int StateAt = 4, MessageAt = 68, OffsetAt = 196, FlagAt = 212;

    const int SchedulePeriod = 10;

    // RFC 7693, section 2.7.
    static ReadOnlySpan<byte> Sigma =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
        11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4,
        7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8,
        9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13,
        2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9,
        12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11,
        13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10,
        6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5,
        10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
    ];

    static Vector256<ulong> InitialLow => Vector256.Create(0x6A09E667F3BCC908UL, 0xBB67AE8584CAA73BUL, 0x3C6EF372FE94F82BUL, 0xA54FF53A5F1D36F1UL);
    static Vector256<ulong> InitialHigh => Vector256.Create(0x510E527FADE682D1UL, 0x9B05688C2B3E6C1FUL, 0x1F83D9ABFB41BD6BUL, 0x5BE0CD19137E2179UL);

    /// <summary>Runs F. The time grows with the rounds that the first four bytes ask for, up to 2^32: the caller charges for them first.</summary>
    /// <param name="input213">As EIP-152 lays it out.</param>
    /// <param name="output64">Receives the new state.</param>
    /// <returns>False where the length is not 213 or the flag is neither 0 nor 1.</returns>
    public static bool F(ReadOnlySpan<byte> input213, Span<byte> output64)
    {
        if (input213.Length != InputSize || input213[FlagAt] > 1) return false;
        var rounds = BinaryPrimitives.ReadUInt32BigEndian(input213);
        Span<ulong> state = stackalloc ulong[8], message = stackalloc ulong[16];
        ReadWords(input213[StateAt..], state);
        ReadWords(input213[MessageAt..], message);
        Span<ulong> offset = stackalloc ulong[2];
        ReadWords(input213[OffsetAt..], offset);

        // The words of the ten rounds, each round's in the order its four steps take them.
        Span<Vector256<ulong>> schedule = stackalloc Vector256<ulong>[4 * SchedulePeriod];
        for (var round = 0; round < SchedulePeriod; round++)
        {
            var order = Sigma.Slice(16 * round, 16);
            for (var half = 0; half < 2; half++)
            {
                var at = 8 * half;
                schedule[4 * round + 2 * half] = Vector256.Create(message[order[at]], message[order[at + 2]], message[order[at + 4]], message[order[at + 6]]);
                schedule[4 * round + 2 * half + 1] = Vector256.Create(message[order[at + 1]], message[order[at + 3]], message[order[at + 5]], message[order[at + 7]]);
            }
        }

        Vector256<ulong> low = Vector256.Create<ulong>(state), high = Vector256.Create<ulong>(state[4..]);
        Vector256<ulong> a = low, b = high, c = InitialLow;
        var d = InitialHigh ^ Vector256.Create(offset[0], offset[1], input213[FlagAt] == 1 ? ulong.MaxValue : 0, 0);
        Mix(ref a, ref b, ref c, ref d, rounds, schedule);
        low ^= a ^ c;
        high ^= b ^ d;
        for (var i = 0; i < 4; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(output64[(8 * i)..], low[i]);
            BinaryPrimitives.WriteUInt64LittleEndian(output64[(32 + 8 * i)..], high[i]);
        }
        return true;
    }

    /// <summary>The rounds, on the rows of the 4x4 matrix: a column step, then the rows turned so that the diagonals are columns.</summary>
    static void Mix(ref Vector256<ulong> rowA, ref Vector256<ulong> rowB, ref Vector256<ulong> rowC, ref Vector256<ulong> rowD, uint rounds, Span<Vector256<ulong>> schedule)
    {
        Vector256<ulong> a = rowA, b = rowB, c = rowC, d = rowD;
        ref var words = ref MemoryMarshal.GetReference(schedule);
        nuint at = 0;
        for (; rounds > 0; rounds--)
        {
            Step(ref a, ref b, ref c, ref d, Unsafe.Add(ref words, at), Unsafe.Add(ref words, at + 1));
            b = Vector256.Shuffle(b, Vector256.Create(1UL, 2, 3, 0));
            c = Vector256.Shuffle(c, Vector256.Create(2UL, 3, 0, 1));
            d = Vector256.Shuffle(d, Vector256.Create(3UL, 0, 1, 2));
            Step(ref a, ref b, ref c, ref d, Unsafe.Add(ref words, at + 2), Unsafe.Add(ref words, at + 3));
            b = Vector256.Shuffle(b, Vector256.Create(3UL, 0, 1, 2));
            c = Vector256.Shuffle(c, Vector256.Create(2UL, 3, 0, 1));
            d = Vector256.Shuffle(d, Vector256.Create(1UL, 2, 3, 0));
            at += 4;
            if (at == 4 * SchedulePeriod) at = 0;
        }
        (rowA, rowB, rowC, rowD) = (a, b, c, d);
    }

    /// <summary>The function G (RFC 7693, section 3.1) on four columns at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Step(ref Vector256<ulong> a, ref Vector256<ulong> b, ref Vector256<ulong> c, ref Vector256<ulong> d, Vector256<ulong> x, Vector256<ulong> y)
    {
        a = a + x + b;
        d = RotateRight32(d ^ a);
        c += d;
        b = RotateRight24(b ^ c);
        a = a + y + b;
        d = RotateRight16(d ^ a);
        c += d;
        b ^= c;
        b = (b >>> 63) | (b + b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<ulong> RotateRight32(Vector256<ulong> x) => Vector256.Shuffle(x.AsUInt32(), Vector256.Create(1u, 0, 3, 2, 5, 4, 7, 6)).AsUInt64();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<ulong> RotateRight24(Vector256<ulong> x)
    {
        if (!Avx2.IsSupported) return (x >>> 24) | (x << 40);
        return Avx2.Shuffle(x.AsByte(), Vector256.Create((byte)
            3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10, 3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10)).AsUInt64();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<ulong> RotateRight16(Vector256<ulong> x)
    {
        if (!Avx2.IsSupported) return (x >>> 16) | (x << 48);
        return Avx2.Shuffle(x.AsByte(), Vector256.Create((byte)
            2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9, 2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9)).AsUInt64();
    }

    static void ReadWords(ReadOnlySpan<byte> bytes, Span<ulong> words)
    {
        for (var i = 0; i < words.Length; i++) words[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(8 * i)..]);
    }
}
