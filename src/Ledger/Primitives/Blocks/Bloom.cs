using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Hufu.Primitives;

/// <summary>A 2048-bit Bloom filter over log addresses and topics (yellow paper, section 4.3.1).</summary>
[InlineArray(Size)]
public struct Bloom : IEquatable<Bloom>
{
    public const int Size = 256;

    // Items hashed together: four lanes, filled a few times.
    const int AtOnce = 16;

    byte _first;

    public static Bloom FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException($"a bloom has 256 bytes, not {bytes.Length}", nameof(bytes));
        return MemoryMarshal.Read<Bloom>(bytes);
    }

    /// <summary>The filter of a receipt: every log's address and topics.</summary>
    [SkipLocalsInit]
    public static Bloom Of(IReadOnlyList<Log> logs)
    {
        var bloom = default(Bloom);
        Span<byte> items = stackalloc byte[AtOnce * Hash256.Size];
        Span<int> ends = stackalloc int[AtOnce];
        var count = 0;
        for (var i = 0; i < logs.Count; i++)
        {
            var log = logs[i];
            var address = log.Address;
            Gather(address.Bytes, items, ends, ref count, ref bloom);
            for (var t = 0; t < log.Topics.Count; t++)
            {
                var topic = log.Topics[t];
                Gather(topic.Bytes, items, ends, ref count, ref bloom);
            }
        }
        bloom.AddAll(items, ends[..count]);
        return bloom;
    }

    /// <summary>The filter of one item: three bits at most. Make it once to ask many filters whether they contain it.</summary>
    public static Bloom OfItem(ReadOnlySpan<byte> item)
    {
        var bloom = default(Bloom);
        bloom.Add(item);
        return bloom;
    }

    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Bytes => MemoryMarshal.CreateReadOnlySpan(in _first, Size);

    public void Add(ReadOnlySpan<byte> item) => Set(Keccak256.Hash(item));

    public void Add(in Bloom other)
    {
        var mine = MemoryMarshal.Cast<byte, Vector256<byte>>((Span<byte>)this);
        var others = MemoryMarshal.Cast<byte, Vector256<byte>>(other.Bytes);
        for (var i = 0; i < mine.Length; i++) mine[i] |= others[i];
    }

    /// <summary>False: the item was certainly never added.</summary>
    public readonly bool MayContain(ReadOnlySpan<byte> item) => Contains(OfItem(item));

    /// <summary>Whether every bit of another filter is set here: false means that something added to it was certainly never added here.</summary>
    public readonly bool Contains(in Bloom other)
    {
        var mine = MemoryMarshal.Cast<byte, Vector256<byte>>(Bytes);
        var others = MemoryMarshal.Cast<byte, Vector256<byte>>(other.Bytes);
        for (var i = 0; i < mine.Length; i++)
            if (Vector256.AndNot(others[i], mine[i]) != Vector256<byte>.Zero) return false;
        return true;
    }

    static void Gather(ReadOnlySpan<byte> item, Span<byte> items, Span<int> ends, ref int count, ref Bloom bloom)
    {
        if (count == ends.Length)
        {
            bloom.AddAll(items, ends);
            count = 0;
        }
        var start = count == 0 ? 0 : ends[count - 1];
        item.CopyTo(items[start..]);
        ends[count++] = start + item.Length;
    }

    void AddAll(ReadOnlySpan<byte> items, ReadOnlySpan<int> ends)
    {
        Span<Hash256> hashes = stackalloc Hash256[AtOnce];
        Keccak256.HashBatch(items, ends, hashes[..ends.Length]);
        foreach (ref readonly var hash in hashes[..ends.Length]) Set(hash);
    }

    // Three bits, named by the low 11 bits of the first three pairs of bytes.
    void Set(in Hash256 hash)
    {
        Span<byte> bits = this;
        for (var i = 0; i < 6; i += 2)
        {
            var bit = ((hash.Bytes[i] << 8) | hash.Bytes[i + 1]) & 2047;
            bits[Size - 1 - bit / 8] |= (byte)(1 << (bit % 8));
        }
    }

    public readonly bool Equals(Bloom other) => Bytes.SequenceEqual(other.Bytes);
    public override readonly bool Equals(object? obj) => obj is Bloom other && Equals(other);
    public override readonly int GetHashCode() => Bytes.IndexOfAnyExcept((byte)0);
    public static bool operator ==(Bloom left, Bloom right) => left.Equals(right);
    public static bool operator !=(Bloom left, Bloom right) => !left.Equals(right);
}
