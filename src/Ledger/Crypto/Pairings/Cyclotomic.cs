using System.Runtime.CompilerServices;

namespace Hufu.Crypto;

/// <summary>
/// What is cheaper in the cyclotomic subgroup of Fp12, where a pairing's value lives after the easy part of the final exponentiation:
/// squaring (Granger and Scott, "Faster squaring in the cyclotomic subgroup of sixth degree extensions", 2009) and inversion by conjugation.
/// </summary>
[SkipLocalsInit]
static class Cyclotomic<F> where F : struct, ITowerField<F>
{
    /// <summary>Three squarings in Fp4 = Fp2[y]/(y²-ξ), on the pairs (c00, c11), (c10, c02), (c01, c12).</summary>
    public static void Square(in Fp12<F> a, out Fp12<F> square)
    {
        SquareFp4(a.C0.C0, a.C1.C1, out Fp2<F> s0, out Fp2<F> s1);
        SquareFp4(a.C1.C0, a.C0.C2, out Fp2<F> s2, out Fp2<F> s3);
        SquareFp4(a.C0.C1, a.C1.C2, out Fp2<F> s4, out Fp2<F> s5);
        Fp2<F>.MultiplyByXi(s5, out s5);

        ThriceMinusTwice(s0, a.C0.C0, out square.C0.C0);
        ThriceMinusTwice(s2, a.C0.C1, out square.C0.C1);
        ThriceMinusTwice(s4, a.C0.C2, out square.C0.C2);
        ThricePlusTwice(s5, a.C1.C0, out square.C1.C0);
        ThricePlusTwice(s1, a.C1.C1, out square.C1.C1);
        ThricePlusTwice(s3, a.C1.C2, out square.C1.C2);
    }

    /// <summary>(x + y·Y)² = (x² + ξ·y²) + 2xy·Y.</summary>
    static void SquareFp4(in Fp2<F> x, in Fp2<F> y, out Fp2<F> even, out Fp2<F> odd)
    {
        Fp2<F>.Square(x, out Fp2<F> xx);
        Fp2<F>.Square(y, out Fp2<F> yy);
        Fp2<F>.Add(x, y, out odd);
        Fp2<F>.Square(odd, out odd);
        Fp2<F>.Subtract(odd, xx, out odd);
        Fp2<F>.Subtract(odd, yy, out odd);
        Fp2<F>.MultiplyByXi(yy, out yy);
        Fp2<F>.Add(xx, yy, out even);
    }

    static void ThriceMinusTwice(in Fp2<F> s, in Fp2<F> a, out Fp2<F> result)
    {
        Fp2<F>.Subtract(s, a, out Fp2<F> t);
        Fp2<F>.Double(t, out t);
        Fp2<F>.Add(t, s, out result);
    }

    static void ThricePlusTwice(in Fp2<F> s, in Fp2<F> a, out Fp2<F> result)
    {
        Fp2<F>.Add(s, a, out Fp2<F> t);
        Fp2<F>.Double(t, out t);
        Fp2<F>.Add(t, s, out result);
    }

    /// <summary>a to the power of a positive exponent, through its non-adjacent form.</summary>
    public static void Power(in Fp12<F> a, ulong exponent, out Fp12<F> power)
    {
        Fp12<F> once = a;   // the power may be written over a
        Fp12<F>.Conjugate(a, out Fp12<F> inverse);
        UInt128 triple = 3 * (UInt128)exponent;
        UInt128 plus = triple & ~(UInt128)exponent, minus = ~triple & exponent;

        power = once;
        int top = 127 - (int)UInt128.LeadingZeroCount(plus);
        for (int bit = top - 1; bit >= 1; bit--)
        {
            Square(power, out power);
            if (((plus >> bit) & 1) != 0) Fp12<F>.Multiply(power, once, out power);
            else if (((minus >> bit) & 1) != 0) Fp12<F>.Multiply(power, inverse, out power);
        }
    }
}
