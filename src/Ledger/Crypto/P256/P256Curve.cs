using System.Runtime.CompilerServices;
using Hufu.Primitives;

namespace Hufu.Crypto;

/// <summary>
/// y² = x³ - 3x + b over p = 2^256 - 2^224 + 2^192 + 2^96 - 1 (SEC 2, section 2.4.2; NIST's P-256).
/// Elements are in Montgomery form to the base 2^312: six words are divided off, one more than an element has, so that
/// results stay next to p whatever lazy operands went in.
/// </summary>
readonly struct P256Curve : IWeierstrassCurve
{
    // p's limb at 2^208, shifted for Product52.Split.
    const ulong TopColumn = 0xFFFFFFFF0000UL << 12;

    public static Limbs52 Prime => new(0xFFFFFFFFFFFFF, 0xFFFFFFFFFFF, 0, 0x1000000000, 0xFFFFFFFF0000);
    public static UInt256 PrimeNumber => new(0xFFFFFFFFFFFFFFFF, 0x00000000FFFFFFFF, 0, 0xFFFFFFFF00000001);
    public static ulong PrimeNegativeInverse => 1;

    // 4p, with 4·2^52 lent by each limb to the one below.
    public static Limbs52 SubtractionBias => new(0x4FFFFFFFFFFFFC, 0x403FFFFFFFFFFB, 0x3FFFFFFFFFFFFC, 0x40003FFFFFFFFC, 0x3FFFFFFFBFFFC);

    // 2^624 and 2^312 modulo p.
    public static Limbs52 EntryFactor => new(0x2FFFFFFFDFFFF, 0x100050000000, 0xFFD0000000500, 0xFFF9FFFFF, 0xFFF9FFFEFFFE);
    public static Limbs52 One => new(0xFFFFFF, 0x100000000010, 0xEFFFFFFFF0000, 0xFFFFFFFFF, 0xFFFFFFFEFF00);

    public static UInt256 GeneratorX => new(0xF4A13945D898C296, 0x77037D812DEB33A0, 0xF8BCE6E563A440F2, 0x6B17D1F2E12C4247);
    public static UInt256 GeneratorY => new(0xCBB6406837BF51F5, 0x2BCE33576B315ECE, 0x8EE7EB4A7C0F9E16, 0x4FE342E2FE1A7F9B);

    static UInt256 B => new(0x3BCE3C3E27D2604B, 0x651D06B0CC53B0F6, 0xB3EBBD55769886BC, 0x5AC635D8AA3A93E7);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Reduce(in Product52 product, out Limbs52 reduced)
    {
        ulong t0 = product.T0, t1 = product.T1, t2 = product.T2, t3 = product.T3, t4 = product.T4;
        ulong t5 = product.T5, t6 = product.T6, t7 = product.T7, t8 = product.T8, t9 = product.T9, t10 = 0;
        DivideOff(t0, ref t1, ref t2, ref t3, ref t4, ref t5);
        DivideOff(t1, ref t2, ref t3, ref t4, ref t5, ref t6);
        DivideOff(t2, ref t3, ref t4, ref t5, ref t6, ref t7);
        DivideOff(t3, ref t4, ref t5, ref t6, ref t7, ref t8);
        DivideOff(t4, ref t5, ref t6, ref t7, ref t8, ref t9);
        DivideOff(t5, ref t6, ref t7, ref t8, ref t9, ref t10);

        reduced.L0 = t6 & Limbs52.Mask;
        reduced.L1 = (t7 & Limbs52.Mask) + (t6 >> 52);
        reduced.L2 = (t8 & Limbs52.Mask) + (t7 >> 52);
        reduced.L3 = (t9 & Limbs52.Mask) + (t8 >> 52);
        reduced.L4 = t10 + (t9 >> 52);
    }

    /// <summary>Adds the multiple of p that clears the low 52 bits of t0, and carries the rest of t0. As p ends in 52 ones, the multiplier is t0 itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void DivideOff(ulong t0, ref ulong t1, ref ulong t2, ref ulong t3, ref ulong t4, ref ulong t5)
    {
        // p = (2^48 - 2^16)·2^208 + 2^192 + 2^96 - 1.
        var q = t0 & Limbs52.Mask;
        t1 += (t0 >> 52) + ((q << 44) & Limbs52.Mask);
        t2 += q >> 8;
        t3 += (q << 36) & Limbs52.Mask;
        t5 += Product52.Split(q, TopColumn, out var low);
        t4 += (q >> 16) + low;
    }

    public static void RightSide(in Limbs52 x, out Limbs52 right)
    {
        CurveField<P256Curve>.Scale(One, 3, out var three);
        CurveField<P256Curve>.Square(x, out right);
        CurveField<P256Curve>.Subtract(right, three, out right);
        CurveField<P256Curve>.Multiply(right, x, out right);
        CurveField<P256Curve>.Enter(B, out var b);
        CurveField<P256Curve>.Add(right, b, out right);
    }

    /// <summary>3·(X - Z²)·(X + Z²), as a is -3.</summary>
    public static void Tangent(in Limbs52 x, in Limbs52 z, out Limbs52 slope)
    {
        CurveField<P256Curve>.Square(z, out var zz);
        CurveField<P256Curve>.Subtract(x, zz, out var difference);        // [12]
        CurveField<P256Curve>.Add(x, zz, out var sum);                    // [8]
        CurveField<P256Curve>.Multiply(difference, sum, out slope);
        CurveField<P256Curve>.Scale(slope, 3, out slope);
    }
}
