using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hufu.Primitives;

/// <summary>An unsigned integer of 256 bits: the word of the EVM. Arithmetic wraps; four limbs, the least significant first.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct UInt256(ulong u0, ulong u1, ulong u2, ulong u3) : IEquatable<UInt256>, IComparable<UInt256>
{
    public readonly ulong U0 = u0, U1 = u1, U2 = u2, U3 = u3;

    public UInt256(ulong value) : this(value, 0, 0, 0) { }

    public static UInt256 Zero => default;
    public static UInt256 One => new(1);
    public static UInt256 MaxValue => new(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue);

    public bool IsZero => (U0 | U1 | U2 | U3) == 0;
    public bool IsOne => ((U0 ^ 1) | U1 | U2 | U3) == 0;
    public bool FitsUInt64 => (U1 | U2 | U3) == 0;
    public bool IsNegative => (long)U3 < 0;
    public ulong Low64 => U0;

    public int BitLength =>
        U3 != 0 ? 256 - BitOperations.LeadingZeroCount(U3)
        : U2 != 0 ? 192 - BitOperations.LeadingZeroCount(U2)
        : U1 != 0 ? 128 - BitOperations.LeadingZeroCount(U1)
        : 64 - BitOperations.LeadingZeroCount(U0);

    /// <summary>Bytes without leading zeros; 0 for zero.</summary>
    public int ByteLength => (BitLength + 7) / 8;

    /// <summary>Reads at most 32 bytes; fewer stand for a number with leading zeros.</summary>
    public static UInt256 FromBigEndian(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != 32)
        {
            Span<byte> padded = stackalloc byte[32];
            padded.Clear();
            bytes.CopyTo(padded[(32 - bytes.Length)..]);
            return FromBigEndian(padded);
        }
        return new UInt256(
            BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]), BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }

    public void WriteBigEndian(Span<byte> bytes32)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes32, U3);
        BinaryPrimitives.WriteUInt64BigEndian(bytes32[8..], U2);
        BinaryPrimitives.WriteUInt64BigEndian(bytes32[16..], U1);
        BinaryPrimitives.WriteUInt64BigEndian(bytes32[24..], U0);
    }

    public static implicit operator UInt256(ulong value) => new(value);
    public static implicit operator UInt256(uint value) => new(value);
    public static implicit operator UInt256(int value) => new(checked((ulong)value));
    public static explicit operator ulong(UInt256 value) => value.FitsUInt64 ? value.U0 : throw new OverflowException($"{value} does not fit 64 bits");
    public static explicit operator long(UInt256 value) => checked((long)(ulong)value);
    public static explicit operator int(UInt256 value) => checked((int)(ulong)value);
    public static explicit operator BigInteger(UInt256 value)
    {
        Span<byte> bytes = stackalloc byte[32];
        value.WriteBigEndian(bytes);
        return new BigInteger(bytes, isUnsigned: true, isBigEndian: true);
    }

    public static explicit operator UInt256(BigInteger value)
    {
        if (value.Sign < 0 || value.GetByteCount(isUnsigned: true) > 32) throw new OverflowException($"{value} does not fit 256 bits");
        return FromBigEndian(value.ToByteArray(isUnsigned: true, isBigEndian: true));
    }

    public static UInt256 operator +(in UInt256 a, in UInt256 b)
    {
        TryAdd(a, b, out var sum);
        return sum;
    }

    public static UInt256 operator -(in UInt256 a, in UInt256 b)
    {
        TrySubtract(a, b, out var difference);
        return difference;
    }

    public static UInt256 operator -(in UInt256 a) => Zero - a;
    public static UInt256 operator *(in UInt256 a, in UInt256 b)
    {
        TryMultiply(a, b, out var product);
        return product;
    }

    public static UInt256 operator /(in UInt256 a, in UInt256 b) => b.IsZero ? Zero : (UInt256)((BigInteger)a / (BigInteger)b);
    public static UInt256 operator %(in UInt256 a, in UInt256 b) => b.IsZero ? Zero : (UInt256)((BigInteger)a % (BigInteger)b);
    public static UInt256 operator &(in UInt256 a, in UInt256 b) => new(a.U0 & b.U0, a.U1 & b.U1, a.U2 & b.U2, a.U3 & b.U3);
    public static UInt256 operator |(in UInt256 a, in UInt256 b) => new(a.U0 | b.U0, a.U1 | b.U1, a.U2 | b.U2, a.U3 | b.U3);
    public static UInt256 operator ^(in UInt256 a, in UInt256 b) => new(a.U0 ^ b.U0, a.U1 ^ b.U1, a.U2 ^ b.U2, a.U3 ^ b.U3);
    public static UInt256 operator ~(in UInt256 a) => new(~a.U0, ~a.U1, ~a.U2, ~a.U3);

    public static UInt256 operator <<(in UInt256 a, int bits)
    {
        if (bits >= 256) return Zero;
        Span<ulong> from = [a.U0, a.U1, a.U2, a.U3];
        Span<ulong> to = stackalloc ulong[4];
        to.Clear();
        var (limbs, rest) = (bits / 64, bits % 64);
        for (var i = 3; i >= limbs; i--)
        {
            to[i] = from[i - limbs] << rest;
            if (rest != 0 && i > limbs) to[i] |= from[i - limbs - 1] >> (64 - rest);
        }
        return new UInt256(to[0], to[1], to[2], to[3]);
    }

    public static UInt256 operator >>(in UInt256 a, int bits)
    {
        if (bits >= 256) return Zero;
        Span<ulong> from = [a.U0, a.U1, a.U2, a.U3];
        Span<ulong> to = stackalloc ulong[4];
        to.Clear();
        var (limbs, rest) = (bits / 64, bits % 64);
        for (var i = 0; i + limbs < 4; i++)
        {
            to[i] = from[i + limbs] >> rest;
            if (rest != 0 && i + limbs < 3) to[i] |= from[i + limbs + 1] << (64 - rest);
        }
        return new UInt256(to[0], to[1], to[2], to[3]);
    }

    public static UInt256 operator >>>(in UInt256 a, int bits) => a >> bits;
    public static bool operator ==(in UInt256 a, in UInt256 b) => ((a.U0 ^ b.U0) | (a.U1 ^ b.U1) | (a.U2 ^ b.U2) | (a.U3 ^ b.U3)) == 0;
    public static bool operator !=(in UInt256 a, in UInt256 b) => !(a == b);
    public static bool operator <(in UInt256 a, in UInt256 b) => a.CompareTo(b) < 0;
    public static bool operator >(in UInt256 a, in UInt256 b) => a.CompareTo(b) > 0;
    public static bool operator <=(in UInt256 a, in UInt256 b) => a.CompareTo(b) <= 0;
    public static bool operator >=(in UInt256 a, in UInt256 b) => a.CompareTo(b) >= 0;

    /// <summary>False where the sum wrapped.</summary>
    public static bool TryAdd(in UInt256 a, in UInt256 b, out UInt256 sum)
    {
        var r0 = a.U0 + b.U0;
        var c = r0 < a.U0 ? 1UL : 0;
        var r1 = Carry(a.U1, b.U1, ref c);
        var r2 = Carry(a.U2, b.U2, ref c);
        var r3 = Carry(a.U3, b.U3, ref c);
        sum = new UInt256(r0, r1, r2, r3);
        return c == 0;
    }

    /// <summary>False where the difference wrapped.</summary>
    public static bool TrySubtract(in UInt256 a, in UInt256 b, out UInt256 difference)
    {
        difference = default;
        TryAdd(a, ~b, out var partial);
        TryAdd(partial, One, out difference);
        return a >= b;
    }

    /// <summary>False where the product wrapped.</summary>
    public static bool TryMultiply(in UInt256 a, in UInt256 b, out UInt256 product)
    {
        var wide = (BigInteger)a * (BigInteger)b;
        product = (UInt256)(wide & (BigInteger)MaxValue);
        return wide <= (BigInteger)MaxValue;
    }

    public static UInt256 AddMod(in UInt256 a, in UInt256 b, in UInt256 m) => m.IsZero ? Zero : (UInt256)(((BigInteger)a + (BigInteger)b) % (BigInteger)m);
    public static UInt256 MultiplyMod(in UInt256 a, in UInt256 b, in UInt256 m) => m.IsZero ? Zero : (UInt256)((BigInteger)a * (BigInteger)b % (BigInteger)m);
    public static UInt256 Exponent(in UInt256 b, in UInt256 e) => (UInt256)BigInteger.ModPow((BigInteger)b, (BigInteger)e, BigInteger.One << 256);

    public static UInt256 SignedDivide(in UInt256 a, in UInt256 b)
    {
        var quotient = Magnitude(a) / Magnitude(b);
        return a.IsNegative != b.IsNegative ? -quotient : quotient;
    }

    public static UInt256 SignedRemainder(in UInt256 a, in UInt256 b)
    {
        var rest = Magnitude(a) % Magnitude(b);
        return a.IsNegative ? -rest : rest;
    }

    public static bool SignedLessThan(in UInt256 a, in UInt256 b) => a.IsNegative != b.IsNegative ? a.IsNegative : a < b;

    public static UInt256 SignExtend(in UInt256 byteIndex, in UInt256 value)
    {
        if (!byteIndex.FitsUInt64 || byteIndex.U0 >= 31) return value;
        var bits = (int)byteIndex.U0 * 8 + 8;
        var mask = (One << bits) - One;
        return ((value >> (bits - 1)).U0 & 1) == 1 ? value | ~mask : value & mask;
    }

    public static UInt256 ShiftLeft(in UInt256 value, in UInt256 shift) => shift.FitsUInt64 && shift.U0 < 256 ? value << (int)shift.U0 : Zero;
    public static UInt256 ShiftRight(in UInt256 value, in UInt256 shift) => shift.FitsUInt64 && shift.U0 < 256 ? value >> (int)shift.U0 : Zero;

    public static UInt256 ShiftRightArithmetic(in UInt256 value, in UInt256 shift)
    {
        if (!value.IsNegative) return ShiftRight(value, shift);
        return ~ShiftRight(~value, shift);
    }

    public static UInt256 ByteAt(in UInt256 index, in UInt256 value) =>
        index.FitsUInt64 && index.U0 < 32 ? (value >> (8 * (31 - (int)index.U0))).U0 & 0xFF : Zero;

    public static UInt256 CountLeadingZeros(in UInt256 value) => 256 - value.BitLength;

    public static bool TryParse(string text, out UInt256 value)
    {
        value = default;
        var isHex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        if (text.Length > 80 || (isHex && text.Length == 2)) return false;
        if (!BigInteger.TryParse(isHex ? "0" + text[2..] : text, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var big)
            || big.GetByteCount(isUnsigned: true) > 32) return false;
        value = (UInt256)big;
        return true;
    }

    public static UInt256 Parse(string text) => TryParse(text, out var value) ? value : throw new FormatException($"'{text}' is not an integer of 256 bits");

    public string ToHexQuantity() => IsZero ? "0x0" : "0x" + ((BigInteger)this).ToString("x", CultureInfo.InvariantCulture).TrimStart('0');
    public override string ToString() => ((BigInteger)this).ToString(CultureInfo.InvariantCulture);

    public bool Equals(UInt256 other) => this == other;
    public override bool Equals(object? obj) => obj is UInt256 other && this == other;
    public override int GetHashCode() => HashSeed.Mix(U0, U1, U2, U3);

    public int CompareTo(UInt256 other) =>
        U3 != other.U3 ? U3.CompareTo(other.U3) : U2 != other.U2 ? U2.CompareTo(other.U2) : U1 != other.U1 ? U1.CompareTo(other.U1) : U0.CompareTo(other.U0);

    static UInt256 Magnitude(in UInt256 value) => value.IsNegative ? -value : value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong Carry(ulong a, ulong b, ref ulong carry)
    {
        var sum = a + b;
        var over = sum < a ? 1UL : 0;
        var result = sum + carry;
        carry = over | (result < sum ? 1UL : 0);
        return result;
    }
}
