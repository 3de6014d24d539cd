using System.Runtime.CompilerServices;

namespace Hufu.Crypto;

/// <content>
/// The product: each row multiplies by one limb and takes one limb off by Montgomery reduction, so that only seven limbs are alive.
/// Unrolled by hand: a loop over the rows costs 10 %. Compiled optimised at once, for a first call at tier 0 would be twenty times slower.
/// </content>
partial struct BlsFp
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(in BlsFp a, in BlsFp b, out BlsFp product)
    {
        ulong b0 = b.L0, b1 = b.L1, b2 = b.L2, b3 = b.L3, b4 = b.L4, b5 = b.L5;
        ulong k, c, m, t0, t1, t2, t3, t4, t5, t6;

        k = a.L0;
        t0 = k * b0;
        c = Limb.High(k, b0);
        t1 = Limb.MultiplyAdd(k, b1, c, out c);
        t2 = Limb.MultiplyAdd(k, b2, c, out c);
        t3 = Limb.MultiplyAdd(k, b3, c, out c);
        t4 = Limb.MultiplyAdd(k, b4, c, out c);
        t5 = Limb.MultiplyAdd(k, b5, c, out c);
        t6 = c;
        m = t0 * NegativeInverse;
        c = Limb.High(m, P0) + (t0 != 0 ? 1UL : 0UL);
        t0 = Limb.MultiplyAdd(m, P1, t1, c, out c);
        t1 = Limb.MultiplyAdd(m, P2, t2, c, out c);
        t2 = Limb.MultiplyAdd(m, P3, t3, c, out c);
        t3 = Limb.MultiplyAdd(m, P4, t4, c, out c);
        t4 = Limb.MultiplyAdd(m, P5, t5, c, out c);
        t5 = t6 + c;

        k = a.L1;
        t0 = Limb.MultiplyAdd(k, b0, t0, out c);
        t1 = Limb.MultiplyAdd(k, b1, t1, c, out c);
        t2 = Limb.MultiplyAdd(k, b2, t2, c, out c);
        t3 = Limb.MultiplyAdd(k, b3, t3, c, out c);
        t4 = Limb.MultiplyAdd(k, b4, t4, c, out c);
        t5 = Limb.MultiplyAdd(k, b5, t5, c, out c);
        t6 = c;
        m = t0 * NegativeInverse;
        c = Limb.High(m, P0) + (t0 != 0 ? 1UL : 0UL);
        t0 = Limb.MultiplyAdd(m, P1, t1, c, out c);
        t1 = Limb.MultiplyAdd(m, P2, t2, c, out c);
        t2 = Limb.MultiplyAdd(m, P3, t3, c, out c);
        t3 = Limb.MultiplyAdd(m, P4, t4, c, out c);
        t4 = Limb.MultiplyAdd(m, P5, t5, c, out c);
        t5 = t6 + c;

        k = a.L2;
        t0 = Limb.MultiplyAdd(k, b0, t0, out c);
        t1 = Limb.MultiplyAdd(k, b1, t1, c, out c);
        t2 = Limb.MultiplyAdd(k, b2, t2, c, out c);
        t3 = Limb.MultiplyAdd(k, b3, t3, c, out c);
        t4 = Limb.MultiplyAdd(k, b4, t4, c, out c);
        t5 = Limb.MultiplyAdd(k, b5, t5, c, out c);
        t6 = c;
        m = t0 * NegativeInverse;
        c = Limb.High(m, P0) + (t0 != 0 ? 1UL : 0UL);
        t0 = Limb.MultiplyAdd(m, P1, t1, c, out c);
        t1 = Limb.MultiplyAdd(m, P2, t2, c, out c);
        t2 = Limb.MultiplyAdd(m, P3, t3, c, out c);
        t3 = Limb.MultiplyAdd(m, P4, t4, c, out c);
        t4 = Limb.MultiplyAdd(m, P5, t5, c, out c);
        t5 = t6 + c;

        k = a.L3;
        t0 = Limb.MultiplyAdd(k, b0, t0, out c);
        t1 = Limb.MultiplyAdd(k, b1, t1, c, out c);
        t2 = Limb.MultiplyAdd(k, b2, t2, c, out c);
        t3 = Limb.MultiplyAdd(k, b3, t3, c, out c);
        t4 = Limb.MultiplyAdd(k, b4, t4, c, out c);
        t5 = Limb.MultiplyAdd(k, b5, t5, c, out c);
        t6 = c;
        m = t0 * NegativeInverse;
        c = Limb.High(m, P0) + (t0 != 0 ? 1UL : 0UL);
        t0 = Limb.MultiplyAdd(m, P1, t1, c, out c);
        t1 = Limb.MultiplyAdd(m, P2, t2, c, out c);
        t2 = Limb.MultiplyAdd(m, P3, t3, c, out c);
        t3 = Limb.MultiplyAdd(m, P4, t4, c, out c);
        t4 = Limb.MultiplyAdd(m, P5, t5, c, out c);
        t5 = t6 + c;

        k = a.L4;
        t0 = Limb.MultiplyAdd(k, b0, t0, out c);
        t1 = Limb.MultiplyAdd(k, b1, t1, c, out c);
        t2 = Limb.MultiplyAdd(k, b2, t2, c, out c);
        t3 = Limb.MultiplyAdd(k, b3, t3, c, out c);
        t4 = Limb.MultiplyAdd(k, b4, t4, c, out c);
        t5 = Limb.MultiplyAdd(k, b5, t5, c, out c);
        t6 = c;
        m = t0 * NegativeInverse;
        c = Limb.High(m, P0) + (t0 != 0 ? 1UL : 0UL);
        t0 = Limb.MultiplyAdd(m, P1, t1, c, out c);
        t1 = Limb.MultiplyAdd(m, P2, t2, c, out c);
        t2 = Limb.MultiplyAdd(m, P3, t3, c, out c);
        t3 = Limb.MultiplyAdd(m, P4, t4, c, out c);
        t4 = Limb.MultiplyAdd(m, P5, t5, c, out c);
        t5 = t6 + c;

        k = a.L5;
        t0 = Limb.MultiplyAdd(k, b0, t0, out c);
        t1 = Limb.MultiplyAdd(k, b1, t1, c, out c);
        t2 = Limb.MultiplyAdd(k, b2, t2, c, out c);
        t3 = Limb.MultiplyAdd(k, b3, t3, c, out c);
        t4 = Limb.MultiplyAdd(k, b4, t4, c, out c);
        t5 = Limb.MultiplyAdd(k, b5, t5, c, out c);
        t6 = c;
        m = t0 * NegativeInverse;
        c = Limb.High(m, P0) + (t0 != 0 ? 1UL : 0UL);
        t0 = Limb.MultiplyAdd(m, P1, t1, c, out c);
        t1 = Limb.MultiplyAdd(m, P2, t2, c, out c);
        t2 = Limb.MultiplyAdd(m, P3, t3, c, out c);
        t3 = Limb.MultiplyAdd(m, P4, t4, c, out c);
        t4 = Limb.MultiplyAdd(m, P5, t5, c, out c);
        t5 = t6 + c;

        SubtractModulusOnce(t0, t1, t2, t3, t4, t5, out product);
    }
}
