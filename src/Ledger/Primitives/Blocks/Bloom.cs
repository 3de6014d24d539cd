using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hufu.Primitives;

/// <summary>A 2048-bit Bloom filter over log addresses and topics (yellow paper, section 4.3.1).</summary>
[InlineArray(Size)]
public struct Bloom : IEquatable<Bloom>
{
    public const int Size = 256;

    byte _first;

    public static Bloom FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException($"a bloom has 256 bytes, not {bytes.Length}", nameof(bytes));
        return MemoryMarshal.Read<Bloom>(bytes);
    }

    public static Bloom Of(IEnumerable<Log> logs)
    {
        var bloom = default(Bloom);
        foreach (var log in logs)
        {
            bloom.Add(log.Address.Bytes);
            foreach (var topic in log.Topics) bloom.Add(topic.Bytes);
        }
        return bloom;
    }

    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Bytes => MemoryMarshal.CreateReadOnlySpan(in _first, Size);

    public void Add(ReadOnlySpan<byte> item)
    {
        var hash = Keccak256.Hash(item);
        Span<byte> bits = this;
        for (var i = 0; i < 6; i += 2)
        {
            var bit = ((hash.Bytes[i] << 8) | hash.Bytes[i + 1]) & 2047;
            bits[Size - 1 - bit / 8] |= (byte)(1 << (bit % 8));
        }
    }

    public void Add(in Bloom other)
    {
        Span<byte> bits = this;
        for (var i = 0; i < Size; i++) bits[i] |= other.Bytes[i];
    }

    /// <summary>False: the item was certainly never added.</summary>
    public readonly bool MayContain(ReadOnlySpan<byte> item)
    {
        var hash = Keccak256.Hash(item);
        for (var i = 0; i < 6; i += 2)
        {
            var bit = ((hash.Bytes[i] << 8) | hash.Bytes[i + 1]) & 2047;
            if ((Bytes[Size - 1 - bit / 8] & (1 << (bit % 8))) == 0) return false;
        }
        return true;
    }

    public readonly bool Equals(Bloom other) => Bytes.SequenceEqual(other.Bytes);
    public override readonly bool Equals(object? obj) => obj is Bloom other && Equals(other);
    public override readonly int GetHashCode() => Bytes.IndexOfAnyExcept((byte)0);
    public static bool operator ==(Bloom left, Bloom right) => left.Equals(right);
    public static bool operator !=(Bloom left, Bloom right) => !left.Equals(right);
}
