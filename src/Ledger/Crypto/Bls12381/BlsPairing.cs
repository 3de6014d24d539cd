using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Hufu.Crypto;

/// <summary>The optimal ate pairing of BLS12-381: a Miller loop over -x shared by all pairs, then one final exponentiation.</summary>
[SkipLocalsInit]
static class BlsPairing
{
    /// <summary>Whether the product of e(p, q) over the pairs is one. Pairs with a point at infinity count as one.</summary>
    public static bool IsProductOne(ReadOnlySpan<AffinePoint<BlsFp>> ps, ReadOnlySpan<AffinePoint<BlsFp2>> qs)
    {
        if (!Avx2.IsSupported)
        {
            MillerLoop(ps, qs, out BlsFp12 f);
            EasyPart(f, out f);
            HardPart(f, out f);
            return f.IsOne;
        }

        var finitePs = new AffinePoint<BlsFp>[ps.Length];
        var finiteQs = new AffinePoint<BlsFp2>[qs.Length];
        int count = 0;
        for (int k = 0; k < ps.Length; k++)
            if (!ps[k].IsInfinity && !qs[k].IsInfinity) (finitePs[count], finiteQs[count++]) = (ps[k], qs[k]);
        if (count == 0) return true;

        BlsLanePairing.MillerLoop(finitePs.AsSpan(0, count), finiteQs.AsSpan(0, count), out BlsFp12 value);
        return BlsLanePairing.IsOne(value);
    }

    /// <summary>Pairs with a point at infinity count as one.</summary>
    public static void MillerLoop(ReadOnlySpan<AffinePoint<BlsFp>> ps, ReadOnlySpan<AffinePoint<BlsFp2>> qs, out BlsFp12 f)
    {
        var running = new MillerPoint<BlsFp>[qs.Length];
        for (int k = 0; k < qs.Length; k++) running[k] = new MillerPoint<BlsFp>(qs[k]);

        f = BlsFp12.One;
        for (int bit = 62; bit >= 0; bit--)
        {
            if (bit != 62) BlsFp12.Square(f, out f);
            for (int k = 0; k < qs.Length; k++)
            {
                if (ps[k].IsInfinity || qs[k].IsInfinity) continue;
                running[k].Double(BlsCurve.ThriceTwistB, out Line<BlsFp> line);
                MultiplyByLine(ref f, line, ps[k]);
                if (((BlsCurve.MinusX >> bit) & 1) == 0) continue;
                running[k].Add(qs[k], out line);
                MultiplyByLine(ref f, line, ps[k]);
            }
        }

        // x is negative.
        BlsFp12.Conjugate(f, out f);
    }

    static void MultiplyByLine(ref BlsFp12 f, in Line<BlsFp> line, in AffinePoint<BlsFp> p)
    {
        BlsFp2.Scale(line.AtX, p.X, out BlsFp2 b1);
        BlsFp2.Scale(line.AtY, p.Y, out BlsFp2 b4);
        BlsFp12.MultiplyBy014(f, line.Constant, b1, b4, out f);
    }

    /// <summary>f^((p⁶-1)(p²+1)), which lies in the cyclotomic subgroup.</summary>
    public static void EasyPart(in BlsFp12 f, out BlsFp12 result)
    {
        BlsFp12.Invert(f, out BlsFp12 inverse);
        BlsFp12.Conjugate(f, out BlsFp12 a);
        BlsFp12.Multiply(a, inverse, out a);
        Frobenius<BlsFp>.ApplyTwice(a, out BlsFp12 t);
        BlsFp12.Multiply(a, t, out result);
    }

    /// <summary>
    /// What is left of the exponent (p¹²-1)/r, three times, as (x-1)²(x+p)(x²+p²-1) + 3
    /// (Hayashida, Hayasaka and Teruya, "Efficient final exponentiation via cyclotomic structure", 2020).
    /// </summary>
    public static void HardPart(in BlsFp12 element, out BlsFp12 result)
    {
        BlsFp12 a = element;   // the result may be written over it
        PowerXMinusOne(a, out result);
        PowerXMinusOne(result, out result);

        PowerX(result, out BlsFp12 t);
        Frobenius<BlsFp>.Apply(result, out result);
        BlsFp12.Multiply(result, t, out result);

        PowerX(result, out t);
        PowerX(t, out t);
        Frobenius<BlsFp>.ApplyTwice(result, out BlsFp12 s);
        BlsFp12.Multiply(t, s, out t);
        BlsFp12.Conjugate(result, out s);
        BlsFp12.Multiply(t, s, out result);

        Cyclotomic<BlsFp>.Square(a, out t);
        BlsFp12.Multiply(t, a, out t);
        BlsFp12.Multiply(result, t, out result);
    }

    static void PowerX(in BlsFp12 a, out BlsFp12 power)
    {
        Cyclotomic<BlsFp>.Power(a, BlsCurve.MinusX, out power);
        BlsFp12.Conjugate(power, out power);
    }

    static void PowerXMinusOne(in BlsFp12 a, out BlsFp12 power)
    {
        Cyclotomic<BlsFp>.Power(a, BlsCurve.MinusX, out BlsFp12 t);
        BlsFp12.Multiply(t, a, out t);
        BlsFp12.Conjugate(t, out power);
    }
}
