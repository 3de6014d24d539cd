global using BnLanes = Hufu.Crypto.TenLimbs;

using System.Runtime.CompilerServices;

namespace Hufu.Crypto;

/// <summary><see cref="BnPairing"/> in vectors: two pairs go side by side, and the value's halves do in the final exponentiation.</summary>
[SkipLocalsInit]
static class BnLanePairing
{
    /// <summary>The pairs must be free of points at infinity.</summary>
    public static void MillerLoop(ReadOnlySpan<AffinePoint<BnFp>> ps, ReadOnlySpan<AffinePoint<BnFp2>> qs, out BnFp12 f)
    {
        var running = new LaneMillerPoint<BnFp, BnLanes>[(qs.Length + 1) / 2];
        for (int k = 0; k < running.Length; k++)
        {
            int second = Math.Min(2 * k + 1, qs.Length - 1);
            running[k] = new LaneMillerPoint<BnFp, BnLanes>(ps[2 * k], qs[2 * k], ps[second], qs[second]);
        }
        Lanes<BnFp, BnLanes>.Pack(BnCurve.ThriceTwistB, BnCurve.ThriceTwistB, out BnLanes thriceB);

        ReadOnlySpan<sbyte> digits = BnPairing.LoopDigits;
        LaneFp12<BnFp, BnLanes>.Pack(BnFp12.One, out LaneFp6<BnFp, BnLanes> value);
        for (int i = digits.Length - 2; i >= 0; i--)
        {
            if (i != digits.Length - 2) LaneFp12<BnFp, BnLanes>.Square(value, out value);
            for (int k = 0; k < running.Length; k++)
            {
                bool both = 2 * k + 1 < qs.Length;
                running[k].Double(thriceB, out BnLanes constant, out BnLanes atX, out BnLanes atY);
                MultiplyByLines(ref value, constant, atX, atY, both);
                if (digits[i] == 0) continue;

                Lanes<BnFp, BnLanes>.Combine(running[k].QY, digits[i], running[k].QY, 0, out BnLanes qy);
                running[k].Add(running[k].QX, qy, out constant, out atX, out atY);
                MultiplyByLines(ref value, constant, atX, atY, both);
            }
        }

        // The last two chords go through ψ(q) and -ψ²(q).
        for (int k = 0; k < running.Length; k++)
        {
            bool both = 2 * k + 1 < qs.Length;
            int second = both ? 2 * k + 1 : 2 * k;
            BnCurve.Psi(qs[2 * k], out AffinePoint<BnFp2> first0);
            BnCurve.Psi(qs[second], out AffinePoint<BnFp2> first1);
            AddPoints(ref running[k], first0, first1, 1, ref value, both);
            BnCurve.Psi(first0, out first0);
            BnCurve.Psi(first1, out first1);
            AddPoints(ref running[k], first0, first1, -1, ref value, both);
        }
        LaneFp12<BnFp, BnLanes>.Unpack(value, out f);
    }

    static void AddPoints(
        ref LaneMillerPoint<BnFp, BnLanes> running, in AffinePoint<BnFp2> q0, in AffinePoint<BnFp2> q1, int sign,
        ref LaneFp6<BnFp, BnLanes> f, bool both)
    {
        Lanes<BnFp, BnLanes>.Pack(q0.X, q1.X, out BnLanes qx);
        Lanes<BnFp, BnLanes>.Pack(q0.Y, q1.Y, out BnLanes qy);
        Lanes<BnFp, BnLanes>.Combine(qy, sign, qy, 0, out qy);
        running.Add(qx, qy, out BnLanes constant, out BnLanes atX, out BnLanes atY);
        MultiplyByLines(ref f, constant, atX, atY, both);
    }

    static void MultiplyByLines(ref LaneFp6<BnFp, BnLanes> f, in BnLanes constant, in BnLanes atX, in BnLanes atY, bool both)
    {
        for (int line = 0; line < (both ? 2 : 1); line++)
        {
            Lanes<BnFp, BnLanes>.Spread(atY, line == 1, out BnLanes b0);
            Lanes<BnFp, BnLanes>.Spread(atX, line == 1, out BnLanes b3);
            Lanes<BnFp, BnLanes>.Spread(constant, line == 1, out BnLanes b4);
            LaneFp12<BnFp, BnLanes>.MultiplyBy034(f, b0, b3, b4, out f);
        }
    }

    /// <summary>The hard part, for an element of the cyclotomic subgroup; its steps are those of <see cref="BnPairing"/>.</summary>
    public static void HardPart(in BnFp12 element, out BnFp12 result)
    {
        LaneFp12<BnFp, BnLanes>.Pack(element, out LaneFp6<BnFp, BnLanes> a);
        LaneFp12<BnFp, BnLanes>.Power(a, BnCurve.X, out LaneFp6<BnFp, BnLanes> ax);
        LaneFp12<BnFp, BnLanes>.CyclotomicSquare(ax, out LaneFp6<BnFp, BnLanes> a2x);
        LaneFp12<BnFp, BnLanes>.CyclotomicSquare(a2x, out LaneFp6<BnFp, BnLanes> a4x);
        LaneFp12<BnFp, BnLanes>.Multiply(a4x, a2x, out LaneFp6<BnFp, BnLanes> a6x);
        LaneFp12<BnFp, BnLanes>.Power(a6x, BnCurve.X, out LaneFp6<BnFp, BnLanes> a6xx);
        LaneFp12<BnFp, BnLanes>.CyclotomicSquare(a6xx, out LaneFp6<BnFp, BnLanes> a12xx);
        LaneFp12<BnFp, BnLanes>.Power(a12xx, BnCurve.X, out LaneFp6<BnFp, BnLanes> a12xxx);

        LaneFp12<BnFp, BnLanes>.Multiply(a12xxx, a6xx, out LaneFp6<BnFp, BnLanes> lambda2);
        LaneFp12<BnFp, BnLanes>.Multiply(lambda2, a6x, out lambda2);
        LaneFp12<BnFp, BnLanes>.Conjugate(a2x, out LaneFp6<BnFp, BnLanes> t);
        LaneFp12<BnFp, BnLanes>.Multiply(lambda2, t, out LaneFp6<BnFp, BnLanes> lambda1);
        LaneFp12<BnFp, BnLanes>.Multiply(lambda2, a6xx, out LaneFp6<BnFp, BnLanes> r);
        LaneFp12<BnFp, BnLanes>.Multiply(r, a, out r);

        LaneFp12<BnFp, BnLanes>.Frobenius(lambda1, 1, out t);
        LaneFp12<BnFp, BnLanes>.Multiply(r, t, out r);
        LaneFp12<BnFp, BnLanes>.Frobenius(lambda2, 2, out t);
        LaneFp12<BnFp, BnLanes>.Multiply(r, t, out r);
        LaneFp12<BnFp, BnLanes>.Conjugate(a, out t);
        LaneFp12<BnFp, BnLanes>.Multiply(t, lambda1, out t);
        LaneFp12<BnFp, BnLanes>.Frobenius(t, 3, out t);
        LaneFp12<BnFp, BnLanes>.Multiply(r, t, out r);
        LaneFp12<BnFp, BnLanes>.Unpack(r, out result);
    }
}
