using System.Runtime.CompilerServices;

namespace Hufu.Crypto;

/// <content>
/// The square: the products of different limbs count twice, so that 21 do where a product takes 36; then six rows of Montgomery reduction.
/// </content>
partial struct BlsFp
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Square(in BlsFp a, out BlsFp square)
    {
        ulong a0 = a.L0, a1 = a.L1, a2 = a.L2, a3 = a.L3, a4 = a.L4, a5 = a.L5;
        ulong c, m, t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11;

        // Each pair of different limbs once.
        t1 = a0 * a1;
        c = Limb.High(a0, a1);
        t2 = Limb.MultiplyAdd(a0, a2, c, out c);
        t3 = Limb.MultiplyAdd(a0, a3, c, out c);
        t4 = Limb.MultiplyAdd(a0, a4, c, out c);
        t5 = Limb.MultiplyAdd(a0, a5, c, out t6);

        t3 = Limb.MultiplyAdd(a1, a2, t3, out c);
        t4 = Limb.MultiplyAdd(a1, a3, t4, c, out c);
        t5 = Limb.MultiplyAdd(a1, a4, t5, c, out c);
        t6 = Limb.MultiplyAdd(a1, a5, t6, c, out t7);

        t5 = Limb.MultiplyAdd(a2, a3, t5, out c);
        t6 = Limb.MultiplyAdd(a2, a4, t6, c, out c);
        t7 = Limb.MultiplyAdd(a2, a5, t7, c, out t8);

        t7 = Limb.MultiplyAdd(a3, a4, t7, out c);
        t8 = Limb.MultiplyAdd(a3, a5, t8, c, out t9);

        t9 = Limb.MultiplyAdd(a4, a5, t9, out t10);

        // Twice, with the squares of the limbs.
        t11 = t10 >> 63;
        t10 = (t10 << 1) | (t9 >> 63);
        t9 = (t9 << 1) | (t8 >> 63);
        t8 = (t8 << 1) | (t7 >> 63);
        t7 = (t7 << 1) | (t6 >> 63);
        t6 = (t6 << 1) | (t5 >> 63);
        t5 = (t5 << 1) | (t4 >> 63);
        t4 = (t4 << 1) | (t3 >> 63);
        t3 = (t3 << 1) | (t2 >> 63);
        t2 = (t2 << 1) | (t1 >> 63);
        t1 <<= 1;
        ulong carry = 0;
        t0 = a0 * a0;
        t1 = Limb.Add(t1, Limb.High(a0, a0), ref carry);
        t2 = Limb.Add(t2, a1 * a1, ref carry);
        t3 = Limb.Add(t3, Limb.High(a1, a1), ref carry);
        t4 = Limb.Add(t4, a2 * a2, ref carry);
        t5 = Limb.Add(t5, Limb.High(a2, a2), ref carry);
        t6 = Limb.Add(t6, a3 * a3, ref carry);
        t7 = Limb.Add(t7, Limb.High(a3, a3), ref carry);
        t8 = Limb.Add(t8, a4 * a4, ref carry);
        t9 = Limb.Add(t9, Limb.High(a4, a4), ref carry);
        t10 = Limb.Add(t10, a5 * a5, ref carry);
        t11 = Limb.Add(t11, Limb.High(a5, a5), ref carry);

        carry = 0;
        m = t0 * NegativeInverse;
        c = Limb.High(m, P0) + (t0 != 0 ? 1UL : 0UL);
        t1 = Limb.MultiplyAdd(m, P1, t1, c, out c);
        t2 = Limb.MultiplyAdd(m, P2, t2, c, out c);
        t3 = Limb.MultiplyAdd(m, P3, t3, c, out c);
        t4 = Limb.MultiplyAdd(m, P4, t4, c, out c);
        t5 = Limb.MultiplyAdd(m, P5, t5, c, out c);
        t6 = Limb.Add(t6, c, ref carry);

        m = t1 * NegativeInverse;
        c = Limb.High(m, P0) + (t1 != 0 ? 1UL : 0UL);
        t2 = Limb.MultiplyAdd(m, P1, t2, c, out c);
        t3 = Limb.MultiplyAdd(m, P2, t3, c, out c);
        t4 = Limb.MultiplyAdd(m, P3, t4, c, out c);
        t5 = Limb.MultiplyAdd(m, P4, t5, c, out c);
        t6 = Limb.MultiplyAdd(m, P5, t6, c, out c);
        t7 = Limb.Add(t7, c, ref carry);

        m = t2 * NegativeInverse;
        c = Limb.High(m, P0) + (t2 != 0 ? 1UL : 0UL);
        t3 = Limb.MultiplyAdd(m, P1, t3, c, out c);
        t4 = Limb.MultiplyAdd(m, P2, t4, c, out c);
        t5 = Limb.MultiplyAdd(m, P3, t5, c, out c);
        t6 = Limb.MultiplyAdd(m, P4, t6, c, out c);
        t7 = Limb.MultiplyAdd(m, P5, t7, c, out c);
        t8 = Limb.Add(t8, c, ref carry);

        m = t3 * NegativeInverse;
        c = Limb.High(m, P0) + (t3 != 0 ? 1UL : 0UL);
        t4 = Limb.MultiplyAdd(m, P1, t4, c, out c);
        t5 = Limb.MultiplyAdd(m, P2, t5, c, out c);
        t6 = Limb.MultiplyAdd(m, P3, t6, c, out c);
        t7 = Limb.MultiplyAdd(m, P4, t7, c, out c);
        t8 = Limb.MultiplyAdd(m, P5, t8, c, out c);
        t9 = Limb.Add(t9, c, ref carry);

        m = t4 * NegativeInverse;
        c = Limb.High(m, P0) + (t4 != 0 ? 1UL : 0UL);
        t5 = Limb.MultiplyAdd(m, P1, t5, c, out c);
        t6 = Limb.MultiplyAdd(m, P2, t6, c, out c);
        t7 = Limb.MultiplyAdd(m, P3, t7, c, out c);
        t8 = Limb.MultiplyAdd(m, P4, t8, c, out c);
        t9 = Limb.MultiplyAdd(m, P5, t9, c, out c);
        t10 = Limb.Add(t10, c, ref carry);

        m = t5 * NegativeInverse;
        c = Limb.High(m, P0) + (t5 != 0 ? 1UL : 0UL);
        t6 = Limb.MultiplyAdd(m, P1, t6, c, out c);
        t7 = Limb.MultiplyAdd(m, P2, t7, c, out c);
        t8 = Limb.MultiplyAdd(m, P3, t8, c, out c);
        t9 = Limb.MultiplyAdd(m, P4, t9, c, out c);
        t10 = Limb.MultiplyAdd(m, P5, t10, c, out c);
        t11 = Limb.Add(t11, c, ref carry);

        SubtractModulusOnce(t6, t7, t8, t9, t10, t11, out square);
    }
}
