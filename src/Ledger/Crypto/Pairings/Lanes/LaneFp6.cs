using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hufu.Crypto;

/// <summary>Two elements of Fp6 side by side, c0 + c1·v + c2·v² in either half. As an element of Fp12, the halves are its C0 and C1.</summary>
[SkipLocalsInit]
struct LaneFp6<F, L> where F : struct, ITowerField<F> where L : struct, ILimbs
{
    public L C0, C1, C2;

    /// <summary>Karatsuba in both halves: six double products in Fp2. The operands' limbs must be normal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(in LaneFp6<F, L> a, in LaneFp6<F, L> b, out LaneFp6<F, L> product)
    {
        Unsafe.SkipInit(out LaneFp6<F, L> x);
        Unsafe.SkipInit(out LaneFp6<F, L> y);
        PairSums(a, ref x);
        PairSums(b, ref y);
        Lanes<F, L>.MultiplyFp2(a.C0, b.C0, out L p0);
        Lanes<F, L>.MultiplyFp2(a.C1, b.C1, out L p1);
        Lanes<F, L>.MultiplyFp2(a.C2, b.C2, out L p2);
        Lanes<F, L>.MultiplyFp2(x.C0, y.C0, out L m12);
        Lanes<F, L>.MultiplyFp2(x.C1, y.C1, out L m02);
        Lanes<F, L>.MultiplyFp2(x.C2, y.C2, out L m01);

        Unsafe.SkipInit(out product);
        Vector256<long> carry0 = default, carry1 = default, carry2 = default;
        for (int i = 0; i < L.Count; i++)
        {
            Vector256<long> q0 = Lanes<F, L>.Get(p0, i), q1 = Lanes<F, L>.Get(p1, i), q2 = Lanes<F, L>.Get(p2, i);
            Vector256<long> r0 = q0 + Lanes<F, L>.TimesXi(Lanes<F, L>.Get(m12, i) - q1 - q2);
            Vector256<long> r1 = Lanes<F, L>.Get(m01, i) - q0 - q1 + Lanes<F, L>.TimesXi(q2);
            Vector256<long> r2 = Lanes<F, L>.Get(m02, i) - q0 - q2 + q1;
            product.Put(i, r0, r1, r2, ref carry0, ref carry1, ref carry2);
        }
    }

    /// <summary>The product with b0 + b1·v: five double products in Fp2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyBy01(in LaneFp6<F, L> a, in L b0, in L b1, out LaneFp6<F, L> product)
    {
        Unsafe.SkipInit(out L x);
        Unsafe.SkipInit(out L y);
        for (int i = 0; i < L.Count; i++)
        {
            Lanes<F, L>.At(ref x, i) = Lanes<F, L>.Get(a.C0, i) + Lanes<F, L>.Get(a.C1, i);
            Lanes<F, L>.At(ref y, i) = Lanes<F, L>.Get(b0, i) + Lanes<F, L>.Get(b1, i);
        }
        Lanes<F, L>.MultiplyFp2(a.C0, b0, out L p0);
        Lanes<F, L>.MultiplyFp2(a.C1, b1, out L p1);
        Lanes<F, L>.MultiplyFp2(x, y, out L m01);
        Lanes<F, L>.MultiplyFp2(a.C2, b0, out L m02);
        Lanes<F, L>.MultiplyFp2(a.C2, b1, out L m12);

        Unsafe.SkipInit(out product);
        Vector256<long> carry0 = default, carry1 = default, carry2 = default;
        for (int i = 0; i < L.Count; i++)
        {
            Vector256<long> q0 = Lanes<F, L>.Get(p0, i), q1 = Lanes<F, L>.Get(p1, i);
            product.Put(i,
                q0 + Lanes<F, L>.TimesXi(Lanes<F, L>.Get(m12, i)),
                Lanes<F, L>.Get(m01, i) - q0 - q1,
                Lanes<F, L>.Get(m02, i) + q1,
                ref carry0, ref carry1, ref carry2);
        }
    }

    /// <summary>The product with an element of Fp2 in either half.</summary>
    public static void Scale(in LaneFp6<F, L> a, in L b, out LaneFp6<F, L> product)
    {
        Lanes<F, L>.MultiplyFp2(a.C0, b, out product.C0);
        Lanes<F, L>.MultiplyFp2(a.C1, b, out product.C1);
        Lanes<F, L>.MultiplyFp2(a.C2, b, out product.C2);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SwapHalves(in LaneFp6<F, L> a, out LaneFp6<F, L> swapped)
    {
        Unsafe.SkipInit(out swapped);
        for (int i = 0; i < L.Count; i++)
        {
            Lanes<F, L>.At(ref swapped.C0, i) = LaneMath.SwapHalves(Lanes<F, L>.Get(a.C0, i));
            Lanes<F, L>.At(ref swapped.C1, i) = LaneMath.SwapHalves(Lanes<F, L>.Get(a.C1, i));
            Lanes<F, L>.At(ref swapped.C2, i) = LaneMath.SwapHalves(Lanes<F, L>.Get(a.C2, i));
        }
    }

    /// <summary>Stores limb i of all three coefficients, normal but for the highest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(
        int i, Vector256<long> c0, Vector256<long> c1, Vector256<long> c2,
        ref Vector256<long> carry0, ref Vector256<long> carry1, ref Vector256<long> carry2)
    {
        if (i == L.Count - 1)
        {
            Lanes<F, L>.At(ref C0, i) = c0 + carry0;
            Lanes<F, L>.At(ref C1, i) = c1 + carry1;
            Lanes<F, L>.At(ref C2, i) = c2 + carry2;
            return;
        }
        Lanes<F, L>.At(ref C0, i) = LaneMath.Carry(c0, ref carry0);
        Lanes<F, L>.At(ref C1, i) = LaneMath.Carry(c1, ref carry1);
        Lanes<F, L>.At(ref C2, i) = LaneMath.Carry(c2, ref carry2);
    }

    /// <summary>c1 + c2, c0 + c2, c0 + c1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void PairSums(in LaneFp6<F, L> a, ref LaneFp6<F, L> sums)
    {
        for (int i = 0; i < L.Count; i++)
        {
            Vector256<long> a0 = Lanes<F, L>.Get(a.C0, i), a1 = Lanes<F, L>.Get(a.C1, i), a2 = Lanes<F, L>.Get(a.C2, i);
            Lanes<F, L>.At(ref sums.C0, i) = a1 + a2;
            Lanes<F, L>.At(ref sums.C1, i) = a0 + a2;
            Lanes<F, L>.At(ref sums.C2, i) = a0 + a1;
        }
    }
}
