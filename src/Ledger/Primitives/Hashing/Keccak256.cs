using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hufu.Primitives;

/// <summary>Keccak-256 as Ethereum uses it: the padding of the competition entry, not of FIPS 202.</summary>
public static unsafe class Keccak256
{
    /// <summary>Bytes absorbed before each permutation.</summary>
    public const int Rate = 136;

    /// <summary>Bytes of a digest.</summary>
    public const int DigestSize = 32;

    // Messages handed to the four lanes in one go; the lanes run empty once for so many.
    const int MessagesAtOnce = 256;

    /// <summary>The hash of no bytes: that of every account without code.</summary>
    public static readonly Hash256 OfNothing = Hash256.Parse("0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");

    public static Hash256 Hash(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty) return OfNothing;
        Unsafe.SkipInit(out Hash256 digest);
        Hash(data, MemoryMarshal.AsBytes(new Span<Hash256>(ref digest)));
        return digest;
    }

    /// <summary>Writes the digest into the first 32 bytes of <paramref name="digest32"/>.</summary>
    [SkipLocalsInit]
    public static void Hash(ReadOnlySpan<byte> data, Span<byte> digest32)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(digest32.Length, DigestSize);
        fixed (byte* start = data, digest = digest32)
        {
            if (KeccakRows.IsPreferred)
            {
                KeccakRows.Hash(start, data.Length, digest);
                return;
            }
            var state = stackalloc ulong[KeccakPermutation.Lanes];
            KeccakSponge.Absorb(state, start, data.Length, Rate);
            new ReadOnlySpan<byte>(state, DigestSize).CopyTo(digest32);
        }
    }

    /// <summary>Hashes four messages of any lengths side by side: on a machine with AVX2 or AVX-512 in little more than the time of the longest.</summary>
    /// <param name="digests128">The four digests, one behind the other.</param>
    [SkipLocalsInit]
    public static void HashFour(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c, ReadOnlySpan<byte> d, Span<byte> digests128)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(digests128.Length, 4 * DigestSize);
        if (!KeccakFourfold.IsSupported)
        {
            Hash(a, digests128);
            Hash(b, digests128[32..]);
            Hash(c, digests128[64..]);
            Hash(d, digests128[96..]);
            return;
        }
        var messages = stackalloc KeccakFourfold.Message[4];
        fixed (byte* pa = a, pb = b, pc = c, pd = d, digests = digests128)
        {
            messages[0] = new(pa, a.Length);
            messages[1] = new(pb, b.Length);
            messages[2] = new(pc, c.Length);
            messages[3] = new(pd, d.Length);
            KeccakFourfold.Hash(messages, 4, digests);
        }
    }

    /// <summary>
    /// Hashes many messages that lie one behind the other, such as the nodes of one level of a trie: message i ends before
    /// <paramref name="ends"/>[i], and the next begins there. Lengths may differ at will; on a machine with AVX2 or AVX-512 four are hashed at a time.
    /// </summary>
    /// <exception cref="ArgumentException">There are fewer digests than ends, or the ends do not rise within the data.</exception>
    [SkipLocalsInit]
    public static void HashBatch(ReadOnlySpan<byte> data, ReadOnlySpan<int> ends, Span<Hash256> digests)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(digests.Length, ends.Length);
        var messages = stackalloc KeccakFourfold.Message[Math.Min(ends.Length, MessagesAtOnce)];
        fixed (byte* start = data)
        fixed (Hash256* digest = digests)
        {
            var begin = 0;
            for (var done = 0; done < ends.Length;)
            {
                var count = Math.Min(ends.Length - done, MessagesAtOnce);
                for (var i = 0; i < count; i++)
                {
                    var end = ends[done + i];
                    if (end < begin || end > data.Length) throw new ArgumentException($"message {done + i} ends at {end}, which is before its beginning {begin} or beyond the {data.Length} bytes", nameof(ends));
                    messages[i] = new(start + begin, end - begin);
                    begin = end;
                }
                HashAll(messages, count, (byte*)(digest + done));
                done += count;
            }
        }
    }

    /// <summary>Hashes many messages of one length that lie one behind the other, such as addresses or storage keys.</summary>
    /// <exception cref="ArgumentException">There are not exactly as many bytes as the digests ask for.</exception>
    [SkipLocalsInit]
    public static void HashBatch(ReadOnlySpan<byte> data, int length, Span<Hash256> digests)
    {
        if (length < 0 || data.Length != (long)length * digests.Length) throw new ArgumentException($"{digests.Length} messages of {length} bytes are not {data.Length} bytes", nameof(data));
        var messages = stackalloc KeccakFourfold.Message[Math.Min(digests.Length, MessagesAtOnce)];
        fixed (byte* start = data)
        fixed (Hash256* digest = digests)
        {
            for (var done = 0; done < digests.Length;)
            {
                var count = Math.Min(digests.Length - done, MessagesAtOnce);
                for (var i = 0; i < count; i++) messages[i] = new(start + (done + i) * (nint)length, length);
                HashAll(messages, count, (byte*)(digest + done));
                done += count;
            }
        }
    }

    static void HashAll(KeccakFourfold.Message* messages, int count, byte* digests)
    {
        if (KeccakFourfold.IsSupported && count > 1)
        {
            KeccakFourfold.Hash(messages, count, digests);
            return;
        }
        for (var i = 0; i < count; i++)
            Hash(new ReadOnlySpan<byte>(messages[i].Start, (int)messages[i].Length), new Span<byte>(digests + DigestSize * i, DigestSize));
    }
}
