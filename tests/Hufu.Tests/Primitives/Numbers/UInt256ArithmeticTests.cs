using System.Numerics;
using CsCheck;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests.Primitives;

/// <summary>Every operation against <see cref="BigInteger"/>.</summary>
public sealed class UInt256ArithmeticTests
{
    const int Cases = 40_000;

    [Fact]
    public void Addition_subtraction_and_negation_wrap_modulo_two_to_the_256() => Words.Pairs.Sample((a, b) =>
        a + b == Words.Wrap((BigInteger)a + (BigInteger)b)
        && a - b == Words.Wrap((BigInteger)a - (BigInteger)b)
        && -a == Words.Wrap(-(BigInteger)a), iter: Cases);

    [Fact]
    public void Multiplication_wraps_modulo_two_to_the_256() => Words.Pairs.Sample((a, b) =>
        a * b == Words.Wrap((BigInteger)a * (BigInteger)b), iter: Cases);

    [Fact]
    public void Checked_forms_report_what_wrapped() => Words.Pairs.Sample((a, b) =>
    {
        BigInteger x = (BigInteger)a, y = (BigInteger)b;
        return UInt256.TryAdd(a, b, out var sum) == x + y < Words.Modulus && sum == a + b
            && UInt256.TrySubtract(a, b, out var difference) == x >= y && difference == a - b
            && UInt256.TryMultiply(a, b, out var product) == x * y < Words.Modulus && product == a * b;
    }, iter: Cases);

    [Fact]
    public void Division_is_that_of_integers_and_by_zero_gives_zero() => Words.Pairs.Sample((a, b) =>
    {
        var (quotient, remainder) = b.IsZero ? (0, 0) : BigInteger.DivRem((BigInteger)a, (BigInteger)b);
        UInt256.DivideRemainder(a, b, out var q, out var r);
        return (BigInteger)(a / b) == quotient && (BigInteger)(a % b) == remainder && (BigInteger)q == quotient && (BigInteger)r == remainder;
    }, iter: Cases);

    // Quotients of a chosen product and a small rest meet the rare corrections of the estimate that random operands never need.
    [Fact]
    public void Division_undoes_multiplication() => Words.Triples.Sample((a, b, c) =>
    {
        if (a.IsZero || !UInt256.TryMultiply(a, b, out var product)) return true;
        var rest = c % a;
        return product / a == b && (product % a).IsZero && (!UInt256.TryAdd(product, rest, out var sum) || (sum / a == b && sum % a == rest));
    }, iter: Cases);

    // Which way a processor divides is its own affair: the other one must be right too.
    [Fact]
    public void The_reciprocal_by_table_is_the_quotient_by_definition() => Gen.ULong.Select(limb => limb | 1UL << 63).Sample(divisor =>
        LongDivision.ReciprocalByTable(divisor) == (ulong)(new UInt128(~divisor, ulong.MaxValue) / divisor), iter: Cases);

    [Fact]
    public void Signed_division_rounds_towards_zero_and_the_remainder_has_the_sign_of_the_dividend() => Words.Pairs.Sample((a, b) =>
    {
        BigInteger x = Words.Signed(a), y = Words.Signed(b);
        return UInt256.SignedDivide(a, b) == (b.IsZero ? 0 : Words.Wrap(BigInteger.Divide(x, y)))
            && UInt256.SignedRemainder(a, b) == (b.IsZero ? 0 : Words.Wrap(BigInteger.Remainder(x, y)));
    }, iter: Cases);

    [Fact]
    public void Sum_modulo_a_third_number_does_not_wrap_before() => Words.Triples.Sample((a, b, m) =>
        UInt256.AddMod(a, b, m) == (m.IsZero ? 0 : (UInt256)(((BigInteger)a + (BigInteger)b) % (BigInteger)m)), iter: Cases);

    [Fact]
    public void Product_modulo_a_third_number_does_not_wrap_before() => Words.Triples.Sample((a, b, m) =>
        UInt256.MultiplyMod(a, b, m) == (m.IsZero ? 0 : (UInt256)((BigInteger)a * (BigInteger)b % (BigInteger)m)), iter: Cases);

    [Fact]
    public void Products_modulo_one_number_many_times_over_are_those_of_integers() => Gen.Select(Words.Any, Words.Pairs.Array[5]).Sample((m, pairs) =>
    {
        foreach (var (a, b) in pairs)
            if (UInt256.MultiplyMod(a, b, m) != (m.IsZero ? 0 : (UInt256)((BigInteger)a * (BigInteger)b % (BigInteger)m))) return false;
        return true;
    }, iter: Cases / 4);

    [Fact]
    public void Powers_wrap_modulo_two_to_the_256() => Words.Pairs.Sample((b, e) =>
        UInt256.Exponent(b, e) == (UInt256)BigInteger.ModPow((BigInteger)b, (BigInteger)e, Words.Modulus), iter: Cases / 10);

    [Fact]
    public void Powers_with_small_exponents_are_exact() => Gen.Select(Words.Any, Gen.Int[0, 300]).Sample((b, e) =>
        UInt256.Exponent(b, e) == (UInt256)BigInteger.ModPow((BigInteger)b, e, Words.Modulus), iter: Cases / 4);

    [Fact]
    public void Results_may_overwrite_an_operand() => Words.Triples.Sample((a, b, m) =>
        Overwrites(UInt256.Add) && Overwrites(UInt256.Subtract) && Overwrites(UInt256.Multiply) && Overwrites(UInt256.Divide)
        && Overwrites(UInt256.Remainder) && Overwrites(UInt256.SignedDivide) && Overwrites(UInt256.SignedRemainder)
        && Overwrites(UInt256.And) && Overwrites(UInt256.Or) && Overwrites(UInt256.Xor) && Overwrites(UInt256.Exponent)
        && Overwrites(UInt256.ShiftLeft) && Overwrites(UInt256.ShiftRight) && Overwrites(UInt256.ShiftRightArithmetic)
        && Overwrites(UInt256.ByteAt) && Overwrites(UInt256.SignExtend)
        && Overwrites((in UInt256 x, in UInt256 y, out UInt256 r) => UInt256.AddMod(x, y, m, out r))
        && Overwrites((in UInt256 x, in UInt256 y, out UInt256 r) => UInt256.MultiplyMod(x, y, m, out r))
        && Overwrites((in UInt256 x, in UInt256 y, out UInt256 r) => UInt256.TryAdd(x, y, out r))
        && Overwrites((in UInt256 x, in UInt256 y, out UInt256 r) => UInt256.TrySubtract(x, y, out r))
        && Overwrites((in UInt256 x, in UInt256 y, out UInt256 r) => UInt256.TryMultiply(x, y, out r))
        && CheckedFormsStillReport(a, b),
        iter: Cases / 20);

    delegate void Binary(in UInt256 a, in UInt256 b, out UInt256 result);

    static readonly (UInt256 A, UInt256 B)[] Corners =
        [(UInt256.MaxValue, 3), (3, UInt256.MaxValue), (new(0, 5, 0, 1UL << 63), new(7, 1, 0, 0)), (12, 5), (5, 12), (new(9, 8, 7, 6), new(1, 2, 3, 4))];

    static bool Overwrites(Binary operation)
    {
        foreach (var (a, b) in Corners)
        {
            operation(a, b, out var apart);
            var (first, second) = (a, b);
            operation(first, second, out first);
            if (first != apart) return false;
            first = a;
            operation(first, second, out second);
            if (second != apart) return false;
        }
        return true;
    }

    static bool CheckedFormsStillReport(UInt256 a, UInt256 b)
    {
        var (sum, difference, product) = (a, a, a);
        return UInt256.TryAdd(sum, b, out sum) == UInt256.TryAdd(a, b, out _)
            && UInt256.TrySubtract(difference, b, out difference) == UInt256.TrySubtract(a, b, out _)
            && UInt256.TryMultiply(product, b, out product) == UInt256.TryMultiply(a, b, out _);
    }
}
