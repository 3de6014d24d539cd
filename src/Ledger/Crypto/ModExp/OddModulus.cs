using System.Runtime.CompilerServices;
using Hufu.Primitives;

namespace Hufu.Crypto;

/// <summary>Arithmetic modulo an odd number above one and of up to 256 bits, by Montgomery's multiplication. Numbers go in and come out plain, below the modulus.</summary>
[SkipLocalsInit]
sealed class OddModulus
{
    readonly ulong _n0, _n1, _n2, _n3, _negativeInverse;
    readonly UInt256 _rSquared;

    public OddModulus(in UInt256 modulus)
    {
        Value = modulus;
        (_n0, _n1, _n2, _n3) = (modulus.U0, modulus.U1, modulus.U2, modulus.U3);

        // Newton's iteration doubles the right bits of the inverse: 3, 6, 12, 24, 48, 96.
        var inverse = _n0;
        for (var i = 0; i < 5; i++) inverse *= 2 - _n0 * inverse;
        _negativeInverse = 0 - inverse;

        // R = 2^256. Two in Montgomery form, squared eight times, is 2^256 in Montgomery form, which is R².
        var power = Add(MontgomeryOne, MontgomeryOne);
        for (var i = 0; i < 8; i++) MontgomeryMultiply(power, power, out power);
        _rSquared = power;
    }

    public UInt256 Value { get; }

    UInt256 MontgomeryOne => (UInt256.MaxValue % Value + UInt256.One) % Value;

    public UInt256 Negate(in UInt256 a) => a.IsZero ? a : Value - a;

    public UInt256 Add(in UInt256 a, in UInt256 b)
    {
        var sum = a + b;
        return sum < a || sum >= Value ? sum - Value : sum;
    }

    public UInt256 Multiply(in UInt256 a, in UInt256 b)
    {
        MontgomeryMultiply(a, b, out var product);
        MontgomeryMultiply(product, _rSquared, out product);
        return product;
    }

    /// <summary>The remainder of a number of any length, big-endian.</summary>
    public UInt256 Reduce(ReadOnlySpan<byte> bigEndian)
    {
        var head = bigEndian.Length % 32;
        var remainder = UInt256.FromBigEndian(bigEndian[..head]) % Value;
        for (var rest = bigEndian[head..]; !rest.IsEmpty; rest = rest[32..])
        {
            MontgomeryMultiply(remainder, _rSquared, out remainder);
            remainder = Add(remainder, UInt256.FromBigEndian(rest[..32]) % Value);
        }
        return remainder;
    }

    /// <summary>The inverse of a number that has one; zero gives zero.</summary>
    public UInt256 Invert(in UInt256 a)
    {
        Span<ulong> limbs = [a.U0, a.U1, a.U2, a.U3];
        ModularInverse.Invert(limbs, [_n0, _n1, _n2, _n3], _negativeInverse);
        return new UInt256(limbs[0], limbs[1], limbs[2], limbs[3]);
    }

    /// <summary>base^exponent by sliding windows; the exponent is big-endian.</summary>
    public UInt256 Power(in UInt256 @base, ReadOnlySpan<byte> exponent)
    {
        var digits = new ExponentWindows(exponent);
        if (digits.Bits == 0) return 1;

        Span<UInt256> table = stackalloc UInt256[digits.OddPowers];
        MontgomeryMultiply(@base, _rSquared, out table[0]);
        MontgomeryMultiply(table[0], table[0], out var square);
        for (var i = 1; i < table.Length; i++) MontgomeryMultiply(table[i - 1], square, out table[i]);

        digits.Next(out _, out var digit);
        var power = table[digit >> 1];
        while (digits.Next(out var squarings, out digit))
        {
            for (; squarings > 0; squarings--) MontgomeryMultiply(power, power, out power);
            if (digit != 0) MontgomeryMultiply(power, table[digit >> 1], out power);
        }
        MontgomeryMultiply(power, UInt256.One, out power);
        return power;
    }

    /// <summary>a·b/R.</summary>
    void MontgomeryMultiply(in UInt256 a, in UInt256 b, out UInt256 product)
    {
        ulong t0 = 0, t1 = 0, t2 = 0, t3 = 0, t4 = 0;
        Row(a.U0, b.U0, b.U1, b.U2, b.U3, ref t0, ref t1, ref t2, ref t3, ref t4);
        Row(a.U1, b.U0, b.U1, b.U2, b.U3, ref t0, ref t1, ref t2, ref t3, ref t4);
        Row(a.U2, b.U0, b.U1, b.U2, b.U3, ref t0, ref t1, ref t2, ref t3, ref t4);
        Row(a.U3, b.U0, b.U1, b.U2, b.U3, ref t0, ref t1, ref t2, ref t3, ref t4);

        ulong borrow = 0;
        ulong d0 = Limb.Subtract(t0, _n0, ref borrow), d1 = Limb.Subtract(t1, _n1, ref borrow);
        ulong d2 = Limb.Subtract(t2, _n2, ref borrow), d3 = Limb.Subtract(t3, _n3, ref borrow);
        var isBelow = t4 < borrow ? ulong.MaxValue : 0;

        // Limb by limb into the result's place: a copy by vector would stall on limbs just stored.
        Unsafe.SkipInit(out product);
        ref var limbs = ref Unsafe.As<UInt256, ulong>(ref product);
        limbs = Limb.Select(isBelow, t0, d0);
        Unsafe.Add(ref limbs, 1) = Limb.Select(isBelow, t1, d1);
        Unsafe.Add(ref limbs, 2) = Limb.Select(isBelow, t2, d2);
        Unsafe.Add(ref limbs, 3) = Limb.Select(isBelow, t3, d3);
    }

    /// <summary>t = (t + factor·b + q·n) / 2^64 with the q that makes the division exact. Below 2n, so t4 is 0 or 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Row(ulong factor, ulong b0, ulong b1, ulong b2, ulong b3, ref ulong t0, ref ulong t1, ref ulong t2, ref ulong t3, ref ulong t4)
    {
        var s0 = Limb.MultiplyAdd(factor, b0, t0, out var carry);
        var s1 = Limb.MultiplyAdd(factor, b1, t1, carry, out carry);
        var s2 = Limb.MultiplyAdd(factor, b2, t2, carry, out carry);
        var s3 = Limb.MultiplyAdd(factor, b3, t3, carry, out carry);
        ulong overflow = 0;
        var s4 = Limb.Add(t4, carry, ref overflow);

        var q = s0 * _negativeInverse;
        Limb.MultiplyAdd(q, _n0, s0, out carry);
        t0 = Limb.MultiplyAdd(q, _n1, s1, carry, out carry);
        t1 = Limb.MultiplyAdd(q, _n2, s2, carry, out carry);
        t2 = Limb.MultiplyAdd(q, _n3, s3, carry, out carry);
        ulong second = 0;
        t3 = Limb.Add(s4, carry, ref second);
        t4 = overflow + second;
    }
}
