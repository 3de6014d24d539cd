using System.Numerics;
using Hufu.Primitives;

namespace Hufu.Crypto;

/// <summary>
/// A scalar times a point of G1 of alt_bn128, in half the doublings: (x, y) → (βx, y) multiplies by a λ, and any k is k1 + k2·λ modulo r
/// with both parts below 2^128 (Gallant, Lambert and Vanstone, 2001).
/// </summary>
static class BnScalarMultiplication
{
    static readonly BnFp Beta = MakeBeta();

    // The lattice of (a, b) with a + b·λ = 0 modulo r has the short basis (A, B), (C, -A), whose determinant is -r.
    static readonly BigInteger X = BnCurve.X, BigA = 2 * X + 1, BigB = 6 * X * X + 4 * X + 1, BigC = 6 * X * X + 2 * X, BigOrder = BigA * BigA + BigB * BigC;
    static readonly UInt256 A = (UInt256)BigA, B = (UInt256)BigB, C = (UInt256)BigC, Order = (UInt256)BigOrder;

    // A and B over r, times 2^254, to the nearest.
    static readonly UInt256 AOverOrder = (UInt256)(((BigA << 255) / BigOrder + 1) >> 1), BOverOrder = (UInt256)(((BigB << 255) / BigOrder + 1) >> 1);

    /// <param name="point">A point of the curve, or infinity.</param>
    /// <param name="scalar">32 bytes, big-endian, any number.</param>
    /// <param name="product">The product.</param>
    public static void Multiply(in AffinePoint<BnFp> point, ReadOnlySpan<byte> scalar, out JacobianPoint<BnFp> product)
    {
        UInt256 k = UInt256.FromBigEndian(scalar);
        while (k >= Order) k -= Order;   // five times at most

        product = default;
        if (point.IsInfinity || k.IsZero) return;
        if (k.FitsUInt64)
        {
            ScalarMultiplication.Multiply(point, k.Low64, out product);
            return;
        }

        SplitScalar split = Split(k);
        if (LanePoint<BnFp, BnLanes>.IsSupported)
        {
            LanePoint<BnFp, BnLanes>.Multiply(new JacobianPoint<BnFp>(point), Beta, split, out product);
            return;
        }
        BnFp.Multiply(point.X, Beta, out BnFp x);
        AffinePoint<BnFp> image = new(x, point.Y), plain = point;
        if (split.IsFirstNegative) AffinePoint<BnFp>.Negate(plain, out plain);
        if (split.IsSecondNegative) AffinePoint<BnFp>.Negate(image, out image);
        MultiExponentiation.Sum([plain, image], [split.First, split.Second], out product);
    }

    /// <summary>
    /// k less a lattice point near it: the quotients are found from the upper half of k, and miss the true ones by less than 1.6, so that
    /// each part stays below 1.6·(A + C), which has 128 bits.
    /// </summary>
    static SplitScalar Split(in UInt256 k)
    {
        UInt256 upper = k >> 126, half = UInt256.One << 127;
        UInt256 first = (upper * AOverOrder + half) >> 128, second = (upper * BOverOrder + half) >> 128;
        return Signed(k - first * A - second * C, second * A - first * B);
    }

    static SplitScalar Signed(in UInt256 k1, in UInt256 k2) => new(
        (UInt128)(k1.IsNegative ? -k1 : k1), k1.IsNegative,
        (UInt128)(k2.IsNegative ? -k2 : k2), k2.IsNegative);

    /// <summary>3^((p-1)/3), a cube root of one.</summary>
    static BnFp MakeBeta()
    {
        Span<ulong> exponent = stackalloc ulong[4];
        BnFp.CopyModulus(exponent);
        UInt128 remainder = 0;
        for (int i = 3; i >= 0; i--)
        {
            UInt128 dividend = (remainder << 64) | exponent[i];
            exponent[i] = (ulong)(dividend / 3);   // p is 1 modulo 3, so this leaves (p-1)/3
            remainder = dividend % 3;
        }
        FieldPower.Raise(BnFp.FromUInt64(3), exponent, out BnFp beta);
        return beta;
    }
}
