using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Hufu.Crypto;

/// <summary>
/// The optimal ate pairing of alt_bn128 (Vercauteren, "Optimal pairings", 2010): a Miller loop over 6x+2 and two more chords, shared
/// by all pairs, then one final exponentiation.
/// </summary>
[SkipLocalsInit]
static class BnPairing
{
    public static readonly sbyte[] LoopDigits = NonAdjacentForm(6 * (UInt128)BnCurve.X + 2);

    /// <summary>Whether the product of e(p, q) over the pairs is one. Pairs with a point at infinity count as one.</summary>
    public static bool IsProductOne(ReadOnlySpan<AffinePoint<BnFp>> ps, ReadOnlySpan<AffinePoint<BnFp2>> qs)
    {
        if (!Avx2.IsSupported)
        {
            MillerLoop(ps, qs, out BnFp12 f);
            EasyPart(f, out f);
            HardPart(f, out f);
            return f.IsOne;
        }

        var finitePs = new AffinePoint<BnFp>[ps.Length];
        var finiteQs = new AffinePoint<BnFp2>[qs.Length];
        int count = 0;
        for (int k = 0; k < ps.Length; k++)
            if (!ps[k].IsInfinity && !qs[k].IsInfinity) (finitePs[count], finiteQs[count++]) = (ps[k], qs[k]);
        if (count == 0) return true;

        BnLanePairing.MillerLoop(finitePs.AsSpan(0, count), finiteQs.AsSpan(0, count), out BnFp12 value);
        EasyPart(value, out value);
        BnLanePairing.HardPart(value, out value);
        return value.IsOne;
    }

    /// <summary>Pairs with a point at infinity count as one.</summary>
    public static void MillerLoop(ReadOnlySpan<AffinePoint<BnFp>> ps, ReadOnlySpan<AffinePoint<BnFp2>> qs, out BnFp12 f)
    {
        var running = new MillerPoint<BnFp>[qs.Length];
        for (int k = 0; k < qs.Length; k++) running[k] = new MillerPoint<BnFp>(qs[k]);

        f = BnFp12.One;
        for (int i = LoopDigits.Length - 2; i >= 0; i--)
        {
            if (i != LoopDigits.Length - 2) BnFp12.Square(f, out f);
            for (int k = 0; k < qs.Length; k++)
            {
                if (ps[k].IsInfinity || qs[k].IsInfinity) continue;
                running[k].Double(BnCurve.ThriceTwistB, out Line<BnFp> line);
                MultiplyByLine(ref f, line, ps[k]);
                if (LoopDigits[i] == 0) continue;

                AffinePoint<BnFp2> q = qs[k];
                if (LoopDigits[i] < 0) AffinePoint<BnFp2>.Negate(q, out q);
                running[k].Add(q, out line);
                MultiplyByLine(ref f, line, ps[k]);
            }
        }

        // The last two chords go through ψ(q) and -ψ²(q).
        for (int k = 0; k < qs.Length; k++)
        {
            if (ps[k].IsInfinity || qs[k].IsInfinity) continue;
            BnCurve.Psi(qs[k], out AffinePoint<BnFp2> q1);
            running[k].Add(q1, out Line<BnFp> line);
            MultiplyByLine(ref f, line, ps[k]);
            BnCurve.Psi(q1, out AffinePoint<BnFp2> q2);
            AffinePoint<BnFp2>.Negate(q2, out q2);
            running[k].Add(q2, out line);
            MultiplyByLine(ref f, line, ps[k]);
        }
    }

    static void MultiplyByLine(ref BnFp12 f, in Line<BnFp> line, in AffinePoint<BnFp> p)
    {
        BnFp2.Scale(line.AtY, p.Y, out BnFp2 b0);
        BnFp2.Scale(line.AtX, p.X, out BnFp2 b3);
        BnFp12.MultiplyBy034(f, b0, b3, line.Constant, out f);
    }

    /// <summary>f^((p⁶-1)(p²+1)), which lies in the cyclotomic subgroup.</summary>
    public static void EasyPart(in BnFp12 f, out BnFp12 result)
    {
        BnFp12.Invert(f, out BnFp12 inverse);
        BnFp12.Conjugate(f, out BnFp12 a);
        BnFp12.Multiply(a, inverse, out a);
        Frobenius<BnFp>.ApplyTwice(a, out BnFp12 t);
        BnFp12.Multiply(a, t, out result);
    }

    /// <summary>
    /// What is left of the exponent (p¹²-1)/r, times a number that r does not divide
    /// (Fuentes-Castañeda, Knapp and Rodríguez-Henríquez, "Faster hashing to G2", 2011).
    /// </summary>
    public static void HardPart(in BnFp12 element, out BnFp12 result)
    {
        BnFp12 a = element;   // the result may be written over it
        // a^(λ0 + λ1·p + λ2·p² + λ3·p³) with the curve's parameter x in
        // λ0 = 1 + 6x + 12x² + 12x³, λ1 = 4x + 6x² + 12x³, λ2 = 6x + 6x² + 12x³, λ3 = λ1 - 1.
        Cyclotomic<BnFp>.Power(a, BnCurve.X, out BnFp12 ax);
        Cyclotomic<BnFp>.Square(ax, out BnFp12 a2x);
        Cyclotomic<BnFp>.Square(a2x, out BnFp12 a4x);
        BnFp12.Multiply(a4x, a2x, out BnFp12 a6x);
        Cyclotomic<BnFp>.Power(a6x, BnCurve.X, out BnFp12 a6xx);
        Cyclotomic<BnFp>.Square(a6xx, out BnFp12 a12xx);
        Cyclotomic<BnFp>.Power(a12xx, BnCurve.X, out BnFp12 a12xxx);

        BnFp12.Multiply(a12xxx, a6xx, out BnFp12 common);
        BnFp12.Multiply(common, a6x, out BnFp12 lambda2);
        BnFp12.Conjugate(a2x, out BnFp12 t);
        BnFp12.Multiply(lambda2, t, out BnFp12 lambda1);
        BnFp12.Multiply(lambda2, a6xx, out BnFp12 lambda0);
        BnFp12.Multiply(lambda0, a, out lambda0);

        Frobenius<BnFp>.Apply(lambda1, out t);
        BnFp12.Multiply(lambda0, t, out result);
        Frobenius<BnFp>.ApplyTwice(lambda2, out t);
        BnFp12.Multiply(result, t, out result);
        BnFp12.Conjugate(a, out t);
        BnFp12.Multiply(t, lambda1, out t);
        Frobenius<BnFp>.Apply(t, out t);
        Frobenius<BnFp>.ApplyTwice(t, out t);
        BnFp12.Multiply(result, t, out result);
    }

    static sbyte[] NonAdjacentForm(UInt128 number)
    {
        UInt128 triple = 3 * number;
        var digits = new sbyte[127 - (int)UInt128.LeadingZeroCount(triple)];
        for (int i = 0; i < digits.Length; i++)
            digits[i] = (sbyte)((int)((triple >> (i + 1)) & 1) - (int)((number >> (i + 1)) & 1));
        return digits;
    }
}
