using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hufu.Crypto;

/// <summary>
/// Elements of Fp12 in vectors, C0 in the first halves and C1 in the second. Everything linear is done limb by limb in one pass around
/// the products; operands and results are normal (see <see cref="Lanes{F, L}"/>).
/// </summary>
[SkipLocalsInit]
static class LaneFp12<F, L> where F : struct, ITowerField<F> where L : struct, ILimbs
{
    public static void Pack(in Fp12<F> a, out LaneFp6<F, L> packed)
    {
        Lanes<F, L>.Pack(a.C0.C0, a.C1.C0, out packed.C0);
        Lanes<F, L>.Pack(a.C0.C1, a.C1.C1, out packed.C1);
        Lanes<F, L>.Pack(a.C0.C2, a.C1.C2, out packed.C2);
    }

    public static void Unpack(in LaneFp6<F, L> packed, out Fp12<F> a)
    {
        Lanes<F, L>.Unpack(packed.C0, out a.C0.C0, out a.C1.C0);
        Lanes<F, L>.Unpack(packed.C1, out a.C0.C1, out a.C1.C1);
        Lanes<F, L>.Unpack(packed.C2, out a.C0.C2, out a.C1.C2);
    }

    /// <summary>[a0·b0 + v·a1·b1 | a0·b1 + a1·b0].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(in LaneFp6<F, L> a, in LaneFp6<F, L> b, out LaneFp6<F, L> product)
    {
        LaneFp6<F, L>.SwapHalves(b, out LaneFp6<F, L> swapped);
        LaneFp6<F, L>.Multiply(a, b, out LaneFp6<F, L> straight);
        LaneFp6<F, L>.Multiply(a, swapped, out LaneFp6<F, L> crossed);

        Unsafe.SkipInit(out product);
        Vector256<long> carry0 = default, carry1 = default, carry2 = default;
        for (int i = 0; i < L.Count; i++)
        {
            Vector256<long> s0 = Lanes<F, L>.Get(straight.C0, i), s1 = Lanes<F, L>.Get(straight.C1, i), s2 = Lanes<F, L>.Get(straight.C2, i);
            Vector256<long> c0 = Lanes<F, L>.Get(crossed.C0, i), c1 = Lanes<F, L>.Get(crossed.C1, i), c2 = Lanes<F, L>.Get(crossed.C2, i);
            product.Put(i,
                LaneMath.FirstFirst(s0, c0) + LaneMath.SecondSecond(Lanes<F, L>.TimesXi(s2), c0),
                LaneMath.FirstFirst(s1, c1) + LaneMath.SecondSecond(s0, c1),
                LaneMath.FirstFirst(s2, c2) + LaneMath.SecondSecond(s1, c2),
                ref carry0, ref carry1, ref carry2);
        }
    }

    /// <summary>By the products (a0 + a1)(a0 + v·a1) and a0·a1 of the halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Square(in LaneFp6<F, L> a, out LaneFp6<F, L> square)
    {
        Unsafe.SkipInit(out LaneFp6<F, L> x);
        Unsafe.SkipInit(out LaneFp6<F, L> y);
        Vector256<long> carry0 = default, carry1 = default, carry2 = default, carry3 = default, carry4 = default, carry5 = default;
        for (int i = 0; i < L.Count; i++)
        {
            Vector256<long> a0 = Lanes<F, L>.Get(a.C0, i), a1 = Lanes<F, L>.Get(a.C1, i), a2 = Lanes<F, L>.Get(a.C2, i);
            Vector256<long> xi2 = Lanes<F, L>.TimesXi(a2);
            x.Put(i, OntoFirst(a0, a0), OntoFirst(a1, a1), OntoFirst(a2, a2), ref carry0, ref carry1, ref carry2);
            y.Put(i, AddSecondToFirst(a0, xi2), AddSecondToFirst(a1, a0), AddSecondToFirst(a2, a1), ref carry3, ref carry4, ref carry5);
        }

        LaneFp6<F, L>.Multiply(x, y, out LaneFp6<F, L> m);

        // With m = [(a0 + a1)(a0 + v·a1) | b], b = a0·a1: [m - b - v·b | 2b].
        Unsafe.SkipInit(out square);
        carry0 = carry1 = carry2 = default;
        for (int i = 0; i < L.Count; i++)
        {
            Vector256<long> m0 = Lanes<F, L>.Get(m.C0, i), m1 = Lanes<F, L>.Get(m.C1, i), m2 = Lanes<F, L>.Get(m.C2, i);
            square.Put(i, Fold(m0, Lanes<F, L>.TimesXi(m2)), Fold(m1, m0), Fold(m2, m1), ref carry0, ref carry1, ref carry2);
        }
    }

    /// <summary>[x + y | x] of [x | y].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<long> OntoFirst(Vector256<long> a, Vector256<long> b) =>
        LaneMath.FirstFirst(a, a) + LaneMath.SecondFirst(b, Vector256<long>.Zero);

    /// <summary>[a's first + b's second | a's second].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<long> AddSecondToFirst(Vector256<long> a, Vector256<long> b) =>
        a + LaneMath.SecondFirst(b, Vector256<long>.Zero);

    /// <summary>[m's first - m's second - vb's second | 2·m's second].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<long> Fold(Vector256<long> m, Vector256<long> vb) =>
        m + LaneMath.FirstSecond(Vector256<long>.Zero - LaneMath.SwapHalves(m + vb), m);

    /// <summary>In the cyclotomic subgroup: see <see cref="Cyclotomic{F}"/>. The result is reduced too, for it contains the operand twice over.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void CyclotomicSquare(in LaneFp6<F, L> a, out LaneFp6<F, L> square)
    {
        // The pairs are (c00, c11), (c10, c02), (c01, c12), where a = [c00 | c10], [c01 | c11], [c02 | c12].
        Unsafe.SkipInit(out L w0);
        Unsafe.SkipInit(out L w1);
        Vector256<long> carry0 = default, carry1 = default;
        for (int i = 0; i < L.Count; i++)
        {
            Vector256<long> a0 = Lanes<F, L>.Get(a.C0, i), a1 = Lanes<F, L>.Get(a.C1, i), a2 = Lanes<F, L>.Get(a.C2, i);
            Vector256<long> sum0 = a0 + LaneMath.SecondFirst(a1, a2), sum1 = a1 + LaneMath.SecondFirst(a2, a2);
            Lanes<F, L>.At(ref w0, i) = i == L.Count - 1 ? sum0 + carry0 : LaneMath.Carry(sum0, ref carry0);
            Lanes<F, L>.At(ref w1, i) = i == L.Count - 1 ? sum1 + carry1 : LaneMath.Carry(sum1, ref carry1);
        }

        Lanes<F, L>.SquareFp2(a.C0, out L q0);
        Lanes<F, L>.SquareFp2(a.C1, out L q1);
        Lanes<F, L>.SquareFp2(a.C2, out L q2);
        Lanes<F, L>.SquareFp2(w0, out w0);
        Lanes<F, L>.SquareFp2(w1, out w1);

        Unsafe.SkipInit(out LaneFp6<F, L> sums);
        carry0 = carry1 = default;
        Vector256<long> carry2 = default;
        for (int i = 0; i < L.Count; i++)
        {
            Vector256<long> s0 = Lanes<F, L>.Get(q0, i), s1 = Lanes<F, L>.Get(q1, i), s2 = Lanes<F, L>.Get(q2, i);
            Vector256<long> u0 = Lanes<F, L>.Get(w0, i), u1 = Lanes<F, L>.Get(w1, i);
            Vector256<long> xi1 = Lanes<F, L>.TimesXi(s1), xi2 = Lanes<F, L>.TimesXi(s2);

            // [c00² + ξ·c11² | ξ·((c01 + c12)² - c01² - c12²)], and the like.
            Vector256<long> crossed = Lanes<F, L>.TimesXi(u1 - s1 - LaneMath.SwapHalves(s2));
            Vector256<long> t0 = LaneMath.FirstFirst(s0 + LaneMath.SwapHalves(xi1), crossed);
            Vector256<long> t1 = LaneMath.FirstFirst(LaneMath.SwapHalves(s0) + xi2, u0 - s0 - LaneMath.SwapHalves(s1));
            Vector256<long> t2 = LaneMath.FirstSecond(s1 + LaneMath.SwapHalves(xi2), u0 - s0 - LaneMath.SwapHalves(s2));
            sums.Put(i,
                ThriceWithTwice(t0, Lanes<F, L>.Get(a.C0, i)),
                ThriceWithTwice(t1, Lanes<F, L>.Get(a.C1, i)),
                ThriceWithTwice(t2, Lanes<F, L>.Get(a.C2, i)),
                ref carry0, ref carry1, ref carry2);
        }

        Lanes<F, L>.Reduce(sums.C0, out square.C0);
        Lanes<F, L>.Reduce(sums.C1, out square.C1);
        Lanes<F, L>.Reduce(sums.C2, out square.C2);
    }

    /// <summary>3t - 2a in the first half, 3t + 2a in the second.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<long> ThriceWithTwice(Vector256<long> t, Vector256<long> a)
    {
        Vector256<long> sign = Vector256.Create(-1L, -1, 0, 0);
        Vector256<long> signed = (a ^ sign) - sign;
        return t + ((t + signed) << 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Conjugate(in LaneFp6<F, L> a, out LaneFp6<F, L> conjugate)
    {
        Unsafe.SkipInit(out conjugate);
        Vector256<long> carry0 = default, carry1 = default, carry2 = default, sign = Vector256.Create(0L, 0, -1, -1);
        for (int i = 0; i < L.Count; i++)
            conjugate.Put(i,
                (Lanes<F, L>.Get(a.C0, i) ^ sign) - sign,
                (Lanes<F, L>.Get(a.C1, i) ^ sign) - sign,
                (Lanes<F, L>.Get(a.C2, i) ^ sign) - sign,
                ref carry0, ref carry1, ref carry2);
    }

    /// <summary>The product with a line b0 + b1·v + b4·v·w, both halves of whose coefficients are equal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyBy014(in LaneFp6<F, L> a, in L b0, in L b1, in L b4, out LaneFp6<F, L> product)
    {
        LaneFp6<F, L>.SwapHalves(a, out LaneFp6<F, L> e);
        LaneFp6<F, L>.MultiplyBy01(a, b0, b1, out LaneFp6<F, L> d);
        LaneFp6<F, L>.Scale(e, b4, out e);

        // e is [a1·b4 | a0·b4]; v·w times it adds v²·a1·b4 to C0 and v·a0·b4 to C1.
        Unsafe.SkipInit(out product);
        Vector256<long> carry0 = default, carry1 = default, carry2 = default;
        for (int i = 0; i < L.Count; i++)
        {
            Vector256<long> e0 = Lanes<F, L>.Get(e.C0, i), xi1 = Lanes<F, L>.TimesXi(Lanes<F, L>.Get(e.C1, i)), xi2 = Lanes<F, L>.TimesXi(Lanes<F, L>.Get(e.C2, i));
            product.Put(i,
                Lanes<F, L>.Get(d.C0, i) + LaneMath.FirstSecond(xi1, xi2),
                Lanes<F, L>.Get(d.C1, i) + LaneMath.FirstSecond(xi2, e0),
                Lanes<F, L>.Get(d.C2, i) + LaneMath.FirstSecond(e0, Lanes<F, L>.Get(e.C1, i)),
                ref carry0, ref carry1, ref carry2);
        }
    }

    /// <summary>The product with a line b0 + b3·w + b4·v·w, both halves of whose coefficients are equal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyBy034(in LaneFp6<F, L> a, in L b0, in L b3, in L b4, out LaneFp6<F, L> product)
    {
        LaneFp6<F, L>.SwapHalves(a, out LaneFp6<F, L> swapped);
        LaneFp6<F, L>.Scale(a, b0, out LaneFp6<F, L> d);
        LaneFp6<F, L>.MultiplyBy01(swapped, b3, b4, out LaneFp6<F, L> e);

        // e is [a1·(b3 + b4·v) | a0·(b3 + b4·v)]; w times it adds v times the first to C0 and the second to C1.
        Unsafe.SkipInit(out product);
        Vector256<long> carry0 = default, carry1 = default, carry2 = default;
        for (int i = 0; i < L.Count; i++)
        {
            Vector256<long> e0 = Lanes<F, L>.Get(e.C0, i), e1 = Lanes<F, L>.Get(e.C1, i), e2 = Lanes<F, L>.Get(e.C2, i);
            product.Put(i,
                Lanes<F, L>.Get(d.C0, i) + LaneMath.FirstSecond(Lanes<F, L>.TimesXi(e2), e0),
                Lanes<F, L>.Get(d.C1, i) + LaneMath.FirstSecond(e0, e1),
                Lanes<F, L>.Get(d.C2, i) + LaneMath.FirstSecond(e1, e2),
                ref carry0, ref carry1, ref carry2);
        }
    }

    /// <summary>In the cyclotomic subgroup: a to the power of a positive exponent, through its non-adjacent form.</summary>
    public static void Power(in LaneFp6<F, L> a, ulong exponent, out LaneFp6<F, L> power)
    {
        LaneFp6<F, L> once = a;   // the power may be written over a
        Conjugate(a, out LaneFp6<F, L> inverse);
        UInt128 triple = 3 * (UInt128)exponent;
        UInt128 plus = triple & ~(UInt128)exponent, minus = ~triple & exponent;

        power = once;
        int top = 127 - (int)UInt128.LeadingZeroCount(plus);
        for (int bit = top - 1; bit >= 1; bit--)
        {
            CyclotomicSquare(power, out power);
            if (((plus >> bit) & 1) != 0) Multiply(power, once, out power);
            else if (((minus >> bit) & 1) != 0) Multiply(power, inverse, out power);
        }
    }

    /// <summary>a^p, by way of the plain form.</summary>
    public static void Frobenius(in LaneFp6<F, L> a, int times, out LaneFp6<F, L> power)
    {
        Unpack(a, out Fp12<F> plain);
        if ((times & 1) != 0) Frobenius<F>.Apply(plain, out plain);
        if ((times & 2) != 0) Frobenius<F>.ApplyTwice(plain, out plain);
        Pack(plain, out power);
    }
}
