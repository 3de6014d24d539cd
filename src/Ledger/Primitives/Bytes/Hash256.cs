using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Hufu.Primitives;

/// <summary>Thirty-two bytes that name something: a Keccak-256 digest, a root, a versioned hash, a log topic.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct Hash256 : IEquatable<Hash256>, IComparable<Hash256>
{
    public const int Size = 32;

    readonly ulong _0, _1, _2, _3;

    public static Hash256 Zero => default;

    /// <summary>Takes exactly 32 bytes.</summary>
    public static Hash256 FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException($"a hash has 32 bytes, not {bytes.Length}", nameof(bytes));
        return MemoryMarshal.Read<Hash256>(bytes);
    }

    /// <summary>Reads "0x" and 64 hexadecimal digits.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Hash256 hash)
    {
        hash = default;
        if (text.Length != 2 + 2 * Size || !Hex.TryDecode(text, out var bytes)) return false;
        hash = FromBytes(bytes);
        return true;
    }

    public static Hash256 Parse(string text) =>
        TryParse(text, out var hash) ? hash : throw new FormatException($"'{text}' is not a hash: write 0x and 64 hexadecimal digits");

    public static Hash256 FromUInt256(in UInt256 value)
    {
        Span<byte> bytes = stackalloc byte[Size];
        value.WriteBigEndian(bytes);
        return FromBytes(bytes);
    }

    public UInt256 ToUInt256() => UInt256.FromBigEndian(Bytes);

    [UnscopedRef]
    public ReadOnlySpan<byte> Bytes => MemoryMarshal.AsBytes(new ReadOnlySpan<Hash256>(in this));

    public byte[] ToArray() => Bytes.ToArray();

    public bool IsZero => (_0 | _1 | _2 | _3) == 0;

    public bool Equals(Hash256 other) => AsVector() == other.AsVector();

    public int CompareTo(Hash256 other) => Bytes.SequenceCompareTo(other.Bytes);

    public override bool Equals(object? obj) => obj is Hash256 other && Equals(other);

    public override int GetHashCode() => HashSeed.Mix(_0, _1, _2, _3);

    public override string ToString() => Hex.Encode(Bytes);

    public static bool operator ==(Hash256 left, Hash256 right) => left.Equals(right);
    public static bool operator !=(Hash256 left, Hash256 right) => !left.Equals(right);
    public static bool operator <(Hash256 left, Hash256 right) => left.CompareTo(right) < 0;
    public static bool operator >(Hash256 left, Hash256 right) => left.CompareTo(right) > 0;
    public static bool operator <=(Hash256 left, Hash256 right) => left.CompareTo(right) <= 0;
    public static bool operator >=(Hash256 left, Hash256 right) => left.CompareTo(right) >= 0;

    Vector256<ulong> AsVector() => Vector256.Create(_0, _1, _2, _3);
}
