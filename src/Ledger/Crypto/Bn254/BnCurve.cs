namespace Hufu.Crypto;

/// <summary>The groups of alt_bn128: G1 on y² = x³ + 3, G2 on its sextic twist y² = x³ + 3/ξ.</summary>
static class BnCurve
{
    /// <summary>The curve's parameter: p and the group order are polynomials in it.</summary>
    public const ulong X = 4965661367192848881;

    public static readonly BnFp B = BnFp.FromUInt64(3);
    public static readonly BnFp2 TwistB = MakeTwistB();
    public static readonly BnFp2 ThriceTwistB = Thrice(TwistB);

    /// <summary>Reads 64 bytes x ‖ y; false for a coordinate not below p or a point off the curve. Zeros are the point at infinity.</summary>
    public static bool TryReadG1(ReadOnlySpan<byte> bytes, out AffinePoint<BnFp> point) =>
        BnFp.TryRead(bytes, out point.X) & BnFp.TryRead(bytes[32..], out point.Y) && point.IsOnCurve(B);

    public static void WriteG1(in AffinePoint<BnFp> point, Span<byte> bytes)
    {
        point.X.Write(bytes);
        point.Y.Write(bytes[32..]);
    }

    /// <summary>Reads 128 bytes, each coordinate's imaginary part first (EIP-197); false also for a point outside the group of order r.</summary>
    public static bool TryReadG2(ReadOnlySpan<byte> bytes, out AffinePoint<BnFp2> point) =>
        BnFp.TryRead(bytes, out point.X.C1) & BnFp.TryRead(bytes[32..], out point.X.C0)
        & BnFp.TryRead(bytes[64..], out point.Y.C1) & BnFp.TryRead(bytes[96..], out point.Y.C0)
        && point.IsOnCurve(TwistB) && IsInG2(point);

    /// <summary>The endomorphism ψ of the twist: the p-th power carried over from the curve itself.</summary>
    public static void Psi(in AffinePoint<BnFp2> point, out AffinePoint<BnFp2> image)
    {
        BnFp2.Conjugate(point.X, out image.X);
        BnFp2.Multiply(image.X, Frobenius<BnFp>.Factor(2), out image.X);
        BnFp2.Conjugate(point.Y, out image.Y);
        BnFp2.Multiply(image.Y, Frobenius<BnFp>.Factor(3), out image.Y);
    }

    static void Psi(in JacobianPoint<BnFp2> point, out JacobianPoint<BnFp2> image)
    {
        BnFp2.Conjugate(point.X, out image.X);
        BnFp2.Multiply(image.X, Frobenius<BnFp>.Factor(2), out image.X);
        BnFp2.Conjugate(point.Y, out image.Y);
        BnFp2.Multiply(image.Y, Frobenius<BnFp>.Factor(3), out image.Y);
        BnFp2.Conjugate(point.Z, out image.Z);
    }

    /// <summary>
    /// Whether a point of the twist has order r: [x+1]Q + ψ([x]Q) + ψ²([x]Q) = ψ³([2x]Q)
    /// (El Housni, Guillevic and Piellard, "Co-factor clearing and subgroup membership testing on pairing-friendly curves", 2022).
    /// </summary>
    static bool IsInG2(in AffinePoint<BnFp2> point)
    {
        if (point.IsInfinity) return true;
        JacobianPoint<BnFp2> q = new(point), xQ;
        if (LaneTwistPoint<BnFp, BnLanes>.IsSupported) LaneTwistPoint<BnFp, BnLanes>.Multiply(q, X, ThriceTwistB, out xQ);
        else ScalarMultiplication.Multiply(q, X, out xQ);
        JacobianPoint<BnFp2>.Add(xQ, point, out JacobianPoint<BnFp2> left);
        Psi(xQ, out JacobianPoint<BnFp2> image);
        JacobianPoint<BnFp2>.Add(left, image, out left);
        Psi(image, out image);
        JacobianPoint<BnFp2>.Add(left, image, out left);
        Psi(image, out image);
        JacobianPoint<BnFp2>.Double(image, out JacobianPoint<BnFp2> right);
        return left.IsEqualTo(right);
    }

    static BnFp2 MakeTwistB()
    {
        BnFp2.Invert(BnFp2.Xi, out BnFp2 b);
        BnFp2.Scale(b, B, out b);
        return b;
    }

    static BnFp2 Thrice(in BnFp2 a)
    {
        BnFp2.Double(a, out BnFp2 thrice);
        BnFp2.Add(thrice, a, out thrice);
        return thrice;
    }
}
