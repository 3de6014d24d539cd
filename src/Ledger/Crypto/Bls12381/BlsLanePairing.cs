global using BlsLanes = Hufu.Crypto.FourteenLimbs;

using System.Runtime.CompilerServices;

namespace Hufu.Crypto;

/// <summary><see cref="BlsPairing"/> in vectors: two pairs go side by side, and the value's halves do in the final exponentiation.</summary>
[SkipLocalsInit]
static class BlsLanePairing
{
    /// <summary>The pairs must be free of points at infinity.</summary>
    public static void MillerLoop(ReadOnlySpan<AffinePoint<BlsFp>> ps, ReadOnlySpan<AffinePoint<BlsFp2>> qs, out BlsFp12 f)
    {
        var running = new LaneMillerPoint<BlsFp, BlsLanes>[(qs.Length + 1) / 2];
        for (int k = 0; k < running.Length; k++)
        {
            int second = Math.Min(2 * k + 1, qs.Length - 1);
            running[k] = new LaneMillerPoint<BlsFp, BlsLanes>(ps[2 * k], qs[2 * k], ps[second], qs[second]);
        }

        LaneFp12<BlsFp, BlsLanes>.Pack(BlsFp12.One, out LaneFp6<BlsFp, BlsLanes> value);
        for (int bit = 62; bit >= 0; bit--)
        {
            if (bit != 62) LaneFp12<BlsFp, BlsLanes>.Square(value, out value);
            for (int k = 0; k < running.Length; k++)
            {
                bool both = 2 * k + 1 < qs.Length;
                running[k].Double(default, out BlsLanes constant, out BlsLanes atX, out BlsLanes atY);
                MultiplyByLines(ref value, constant, atX, atY, both);
                if (((BlsCurve.MinusX >> bit) & 1) == 0) continue;
                running[k].Add(running[k].QX, running[k].QY, out constant, out atX, out atY);
                MultiplyByLines(ref value, constant, atX, atY, both);
            }
        }

        // x is negative.
        LaneFp12<BlsFp, BlsLanes>.Unpack(value, out f);
        BlsFp12.Conjugate(f, out f);
    }

    /// <summary>The loop of two pairs whose lines are known. Neither point may be at infinity.</summary>
    public static void MillerLoop(in AffinePoint<BlsFp> p, in AffinePoint<BlsFp> q, ReadOnlySpan<LaneLines> lines, out BlsFp12 f)
    {
        Lanes<BlsFp, BlsLanes>.Pack(p.X, p.X, q.X, q.X, out BlsLanes x);
        Lanes<BlsFp, BlsLanes>.Pack(p.Y, p.Y, q.Y, q.Y, out BlsLanes y);
        LaneFp12<BlsFp, BlsLanes>.Pack(BlsFp12.One, out LaneFp6<BlsFp, BlsLanes> value);
        int next = 0;
        for (int bit = 62; bit >= 0; bit--)
        {
            if (bit != 62) LaneFp12<BlsFp, BlsLanes>.Square(value, out value);
            MultiplyByLinesAt(ref value, lines[next++], x, y);
            if (((BlsCurve.MinusX >> bit) & 1) != 0) MultiplyByLinesAt(ref value, lines[next++], x, y);
        }

        // x is negative.
        LaneFp12<BlsFp, BlsLanes>.Unpack(value, out f);
        BlsFp12.Conjugate(f, out f);
    }

    /// <summary>Whether what a Miller loop came to is one after the final exponentiation.</summary>
    public static bool IsOne(in BlsFp12 value)
    {
        BlsPairing.EasyPart(value, out BlsFp12 f);
        HardPart(f, out f);
        return f.IsOne;
    }

    static void MultiplyByLinesAt(ref LaneFp6<BlsFp, BlsLanes> f, in LaneLines lines, in BlsLanes x, in BlsLanes y)
    {
        Lanes<BlsFp, BlsLanes>.Multiply(lines.AtX, x, out BlsLanes atX);
        Lanes<BlsFp, BlsLanes>.Multiply(lines.AtY, y, out BlsLanes atY);
        MultiplyByLines(ref f, lines.Constant, atX, atY, both: true);
    }

    static void MultiplyByLines(ref LaneFp6<BlsFp, BlsLanes> f, in BlsLanes constant, in BlsLanes atX, in BlsLanes atY, bool both)
    {
        for (int line = 0; line < (both ? 2 : 1); line++)
        {
            Lanes<BlsFp, BlsLanes>.Spread(constant, line == 1, out BlsLanes b0);
            Lanes<BlsFp, BlsLanes>.Spread(atX, line == 1, out BlsLanes b1);
            Lanes<BlsFp, BlsLanes>.Spread(atY, line == 1, out BlsLanes b4);
            LaneFp12<BlsFp, BlsLanes>.MultiplyBy014(f, b0, b1, b4, out f);
        }
    }

    /// <summary>The hard part, for an element of the cyclotomic subgroup.</summary>
    public static void HardPart(in BlsFp12 element, out BlsFp12 result)
    {
        LaneFp12<BlsFp, BlsLanes>.Pack(element, out LaneFp6<BlsFp, BlsLanes> a);
        PowerXMinusOne(a, out LaneFp6<BlsFp, BlsLanes> r);
        PowerXMinusOne(r, out r);

        PowerX(r, out LaneFp6<BlsFp, BlsLanes> t);
        LaneFp12<BlsFp, BlsLanes>.Frobenius(r, 1, out r);
        LaneFp12<BlsFp, BlsLanes>.Multiply(r, t, out r);

        PowerX(r, out t);
        PowerX(t, out t);
        LaneFp12<BlsFp, BlsLanes>.Frobenius(r, 2, out LaneFp6<BlsFp, BlsLanes> s);
        LaneFp12<BlsFp, BlsLanes>.Multiply(t, s, out t);
        LaneFp12<BlsFp, BlsLanes>.Conjugate(r, out s);
        LaneFp12<BlsFp, BlsLanes>.Multiply(t, s, out r);

        LaneFp12<BlsFp, BlsLanes>.CyclotomicSquare(a, out t);
        LaneFp12<BlsFp, BlsLanes>.Multiply(t, a, out t);
        LaneFp12<BlsFp, BlsLanes>.Multiply(r, t, out r);
        LaneFp12<BlsFp, BlsLanes>.Unpack(r, out result);
    }

    static void PowerX(in LaneFp6<BlsFp, BlsLanes> a, out LaneFp6<BlsFp, BlsLanes> power)
    {
        LaneFp12<BlsFp, BlsLanes>.Power(a, BlsCurve.MinusX, out power);
        LaneFp12<BlsFp, BlsLanes>.Conjugate(power, out power);
    }

    static void PowerXMinusOne(in LaneFp6<BlsFp, BlsLanes> a, out LaneFp6<BlsFp, BlsLanes> power)
    {
        LaneFp12<BlsFp, BlsLanes>.Power(a, BlsCurve.MinusX, out LaneFp6<BlsFp, BlsLanes> t);
        LaneFp12<BlsFp, BlsLanes>.Multiply(t, a, out t);
        LaneFp12<BlsFp, BlsLanes>.Conjugate(t, out power);
    }
}
