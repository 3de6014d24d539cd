using System.Runtime.CompilerServices;
using Hufu.Primitives;

namespace Hufu.Crypto;

/// <summary>y² = x³ + 7 over p = 2^256 - 2^32 - 977 (SEC 2, section 2.4.1).</summary>
readonly struct Secp256k1Curve : IWeierstrassCurve, IPowers<Limbs52>
{
    // 2^256 ≡ Fold (mod p); 2^260 ≡ 16·Fold.
    const ulong Fold = 0x1000003D1, FoldColumn = Fold << 4 << 12;

    /// <summary>n, the number of points.</summary>
    public static readonly OddModulus Order = new(UInt256.FromBigEndian(Secp256k1.Order));

    public static Limbs52 Prime => new(0xFFFFEFFFFFC2F, 0xFFFFFFFFFFFFF, 0xFFFFFFFFFFFFF, 0xFFFFFFFFFFFFF, 0xFFFFFFFFFFFF);
    public static UInt256 PrimeNumber => new(0xFFFFFFFEFFFFFC2F, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue);
    public static ulong PrimeNegativeInverse => 0xD838091DD2253531;

    // 4p, limb by limb.
    public static Limbs52 SubtractionBias => new(0x3FFFFBFFFFF0BC, 0x3FFFFFFFFFFFFC, 0x3FFFFFFFFFFFFC, 0x3FFFFFFFFFFFFC, 0x3FFFFFFFFFFFC);
    public static Limbs52 EntryFactor => One;
    public static Limbs52 One => new(1, 0, 0, 0, 0);

    public static UInt256 GeneratorX => new(0x59F2815B16F81798, 0x029BFCDB2DCE28D9, 0x55A06295CE870B07, 0x79BE667EF9DCBBAC);
    public static UInt256 GeneratorY => new(0x9C47D08FFB10D4B8, 0xFD17B448A6855419, 0x5DA4FBFC0E1108A8, 0x483ADA7726A3C465);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Reduce(in Product52 product, out Limbs52 reduced)
    {
        ulong t0 = product.T0, t1 = product.T1, t2 = product.T2, t3 = product.T3, t4 = product.T4;
        var t5 = product.T5;

        // Columns 5 to 9 fold onto 0 to 4; column 9's own overflow goes round by way of column 5.
        t5 += Product52.Split(product.T9, FoldColumn, out var low); t4 += low;
        t1 += Product52.Split(t5, FoldColumn, out low); t0 += low;
        t2 += Product52.Split(product.T6, FoldColumn, out low); t1 += low;
        t3 += Product52.Split(product.T7, FoldColumn, out low); t2 += low;
        t4 += Product52.Split(product.T8, FoldColumn, out low); t3 += low;

        // One step of carrying, all limbs at once.
        reduced.L0 = (t0 & Limbs52.Mask) + (t4 >> 48) * Fold;
        reduced.L1 = (t1 & Limbs52.Mask) + (t0 >> 52);
        reduced.L2 = (t2 & Limbs52.Mask) + (t1 >> 52);
        reduced.L3 = (t3 & Limbs52.Mask) + (t2 >> 52);
        reduced.L4 = (t4 & (Limbs52.Mask >> 4)) + (t3 >> 52);
    }

    public static void RightSide(in Limbs52 x, out Limbs52 right)
    {
        CurveField<Secp256k1Curve>.Square(x, out right);
        CurveField<Secp256k1Curve>.Multiply(right, x, out right);
        right.L0 += 7;
    }

    public static void Tangent(in Limbs52 x, in Limbs52 z, out Limbs52 slope)
    {
        CurveField<Secp256k1Curve>.Square(x, out slope);
        CurveField<Secp256k1Curve>.Scale(slope, 3, out slope);
    }

    /// <summary>A root of <paramref name="a"/>, if it has one, to be squared and compared.</summary>
    public static void SquareRootCandidate(in Limbs52 a, out Limbs52 root) => SquareRoot<Limbs52, Secp256k1Curve>.Candidate(a, out root);

    public static void Multiply(in Limbs52 a, in Limbs52 b, out Limbs52 product) => CurveField<Secp256k1Curve>.Multiply(a, b, out product);
    public static void Square(in Limbs52 a, int times, out Limbs52 power) => CurveField<Secp256k1Curve>.Square(a, times, out power);
}
