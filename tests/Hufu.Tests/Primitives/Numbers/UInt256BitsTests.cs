using System.Numerics;
using CsCheck;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests.Primitives;

/// <summary>Order, logic, shifts and bytes against <see cref="BigInteger"/>.</summary>
public sealed class UInt256BitsTests
{
    const int Cases = 40_000;

    static readonly Gen<UInt256> Shifts = Gen.Frequency(
        (6, Gen.Int[0, 255].Select(bits => (UInt256)bits)),
        (1, Words.Among<UInt256>(0, 63, 64, 65, 127, 128, 129, 191, 192, 193, 255, 256, 257, uint.MaxValue)),
        (1, Words.Any));

    [Fact]
    public void Order_is_that_of_integers() => Words.Pairs.Sample((a, b) =>
    {
        var order = ((BigInteger)a).CompareTo((BigInteger)b);
        return (a < b) == (order < 0) && (a > b) == (order > 0) && (a <= b) == (order <= 0) && (a >= b) == (order >= 0)
            && (a == b) == (order == 0) && (a != b) == (order != 0) && Math.Sign(a.CompareTo(b)) == Math.Sign(order) && a.Equals(b) == (order == 0)
            && (order != 0 || a.GetHashCode() == b.GetHashCode())
            && UInt256.SignedLessThan(a, b) == Words.Signed(a) < Words.Signed(b);
    }, iter: Cases);

    [Fact]
    public void Logic_is_bit_by_bit() => Words.Pairs.Sample((a, b) =>
        (BigInteger)(a & b) == ((BigInteger)a & (BigInteger)b) && (BigInteger)(a | b) == ((BigInteger)a | (BigInteger)b)
        && (BigInteger)(a ^ b) == ((BigInteger)a ^ (BigInteger)b) && ~a == UInt256.MaxValue - a, iter: Cases);

    [Fact]
    public void Shifts_multiply_and_divide_by_powers_of_two() => Gen.Select(Words.Any, Shifts).Sample((a, shift) =>
    {
        var bits = (int)UInt256Min(shift, 300);
        BigInteger value = (BigInteger)a;
        return UInt256.ShiftLeft(a, shift) == Words.Wrap(value << bits)
            && UInt256.ShiftRight(a, shift) == (UInt256)(value >> bits)
            && UInt256.ShiftRightArithmetic(a, shift) == Words.Wrap(Words.Signed(a) >> bits)
            && a << bits == Words.Wrap(value << bits) && a >> bits == (UInt256)(value >> bits);
    }, iter: Cases);

    [Fact]
    public void Every_shift_of_every_single_bit_lands_where_it_should()
    {
        for (var bit = 0; bit < 256; bit++)
            for (var shift = 0; shift < 260; shift++)
            {
                var value = (UInt256)(BigInteger.One << bit);
                Assert.Equal(bit + shift < 256 ? BigInteger.One << (bit + shift) : 0, (BigInteger)(value << shift));
                Assert.Equal(bit >= shift ? BigInteger.One << (bit - shift) : 0, (BigInteger)(value >> shift));
            }
    }

    [Fact]
    public void Byte_counts_from_the_most_significant() => Gen.Select(Words.Any, Shifts).Sample((a, index) =>
    {
        var bytes = new byte[32];
        a.WriteBigEndian(bytes);
        return UInt256.ByteAt(index, a) == (index < 32 ? bytes[(int)index] : 0u);
    }, iter: Cases);

    [Fact]
    public void Sign_extension_widens_twos_complement() => Gen.Select(Words.Any, Shifts).Sample((a, index) =>
    {
        if (index >= 31) return UInt256.SignExtend(index, a) == a;
        var bits = 8 * ((int)index + 1);
        var narrow = (BigInteger)a & ((BigInteger.One << bits) - 1);
        if (!(narrow >> (bits - 1)).IsZero) narrow -= BigInteger.One << bits;
        return UInt256.SignExtend(index, a) == Words.Wrap(narrow);
    }, iter: Cases);

    [Fact]
    public void Lengths_count_up_to_the_highest_bit() => Words.Any.Sample(a =>
    {
        var bits = (int)((BigInteger)a).GetBitLength();
        return a.BitLength == bits && a.ByteLength == (bits + 7) / 8 && UInt256.CountLeadingZeros(a) == 256 - bits
            && a.IsZero == (bits == 0) && a.IsOne == ((BigInteger)a).IsOne && a.FitsUInt64 == bits <= 64 && a.IsNegative == (bits == 256);
    }, iter: Cases);

    [Fact]
    public void Big_endian_bytes_come_back_as_the_same_number() => Words.Any.Sample(a =>
    {
        var bytes = new byte[40];
        a.WriteBigEndian(bytes.AsSpan(4));
        var trimmed = new byte[32];
        var length = a.WriteBigEndianTrimmed(trimmed);
        return UInt256.FromBigEndian(bytes.AsSpan(4, 32)) == a && new BigInteger(bytes.AsSpan(4, 32), true, true) == (BigInteger)a
            && length == a.ByteLength && (length == 0 || trimmed[0] != 0) && UInt256.FromBigEndian(trimmed.AsSpan(0, length)) == a;
    }, iter: Cases);

    [Fact]
    public void More_than_32_bytes_are_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => UInt256.FromBigEndian(new byte[33]));

    [Fact]
    public void Narrower_integers_are_exact_or_overflow() => Words.Any.Sample(a =>
        (a.FitsUInt64 ? (ulong)a == a.U0 : Overflows(() => (ulong)a))
        && (a <= long.MaxValue ? (ulong)(long)a == a.U0 : Overflows(() => (long)a))
        && (a <= int.MaxValue ? (ulong)(int)a == a.U0 : Overflows(() => (int)a))
        && ((a >> 128).IsZero ? (UInt128)a == new UInt128(a.U1, a.U0) && (UInt256)(UInt128)a == a : Overflows(() => (UInt128)a)), iter: Cases / 10);

    [Fact]
    public void Negative_integers_overflow()
    {
        Assert.Throws<OverflowException>(() => (UInt256)(-1));
        Assert.Throws<OverflowException>(() => (UInt256)BigInteger.MinusOne);
        Assert.Throws<OverflowException>(() => (UInt256)Words.Modulus);
    }

    static UInt256 UInt256Min(UInt256 a, UInt256 b) => a < b ? a : b;

    static bool Overflows<T>(Func<T> conversion)
    {
        try
        {
            conversion();
            return false;
        }
        catch (OverflowException)
        {
            return true;
        }
    }
}
