namespace Hufu.Crypto;

/// <summary>The groups of BLS12-381: G1 on y² = x³ + 4, G2 on its sextic twist y² = x³ + 4ξ, both of order r.</summary>
static class BlsCurve
{
    /// <summary>-x, where x is the curve's parameter: p and r are polynomials in it.</summary>
    public const ulong MinusX = 0xd201_0000_0001_0000;

    public static readonly BlsFp B = BlsFp.FromUInt64(4);
    public static readonly BlsFp2 TwistB = new(B, B);
    public static readonly BlsFp2 ThriceTwistB = new(BlsFp.FromUInt64(12), BlsFp.FromUInt64(12));

    /// <summary>The cube root of one for which φ(x, y) = (βx, y) multiplies G1 by -x²: 2^((p-1)/3).</summary>
    public static readonly BlsFp Beta = MakeBeta();

    /// <summary>1/γ₂ and 1/γ₃, which carry the p-th power over to the twist.</summary>
    public static readonly BlsFp2 PsiX = Inverse(Frobenius<BlsFp>.Factor(2)), PsiY = Inverse(Frobenius<BlsFp>.Factor(3));

    /// <summary>What -ψ, which multiplies by -x, multiplies the conjugates of the coordinates by.</summary>
    public static readonly AffinePoint<BlsFp2> MinusPsi = Negative(new AffinePoint<BlsFp2>(PsiX, PsiY));

    public static readonly AffinePoint<BlsFp> G1 = BlsGenerators.MakeG1();
    public static readonly AffinePoint<BlsFp2> G2 = BlsGenerators.MakeG2();

    /// <summary>The endomorphism of G1 that multiplies by -x².</summary>
    public static void Phi(in AffinePoint<BlsFp> point, out AffinePoint<BlsFp> image)
    {
        BlsFp.Multiply(point.X, Beta, out image.X);
        image.Y = point.Y;
    }

    /// <summary>-φ, which multiplies by x².</summary>
    public static void MinusPhi(in JacobianPoint<BlsFp> point, out JacobianPoint<BlsFp> image)
    {
        BlsFp.Multiply(point.X, Beta, out image.X);
        BlsFp.Negate(point.Y, out image.Y);
        image.Z = point.Z;
    }

    /// <summary>The endomorphism of G2 that multiplies by x.</summary>
    public static void Psi(in AffinePoint<BlsFp2> point, out AffinePoint<BlsFp2> image)
    {
        BlsFp2.Conjugate(point.X, out image.X);
        BlsFp2.Multiply(image.X, PsiX, out image.X);
        BlsFp2.Conjugate(point.Y, out image.Y);
        BlsFp2.Multiply(image.Y, PsiY, out image.Y);
    }

    public static void Psi(in JacobianPoint<BlsFp2> point, out JacobianPoint<BlsFp2> image)
    {
        BlsFp2.Conjugate(point.X, out image.X);
        BlsFp2.Multiply(image.X, PsiX, out image.X);
        BlsFp2.Conjugate(point.Y, out image.Y);
        BlsFp2.Multiply(image.Y, PsiY, out image.Y);
        BlsFp2.Conjugate(point.Z, out image.Z);
    }

    /// <summary>
    /// Whether a point of the curve has order r: φ(P) = [-x²]P
    /// (Scott, "A note on group membership tests for G1, G2 and GT on BLS pairing-friendly curves", 2021).
    /// </summary>
    public static bool IsInG1(in AffinePoint<BlsFp> point)
    {
        if (point.IsInfinity) return true;
        MultiplyByMinusX(new JacobianPoint<BlsFp>(point), out JacobianPoint<BlsFp> multiple);
        MultiplyByMinusX(multiple, out multiple);
        Phi(point, out AffinePoint<BlsFp> image);
        JacobianPoint<BlsFp>.Negate(multiple, out multiple);
        return multiple.IsEqualTo(new JacobianPoint<BlsFp>(image));
    }

    /// <summary>Whether a point of the twist has order r: ψ(Q) = [x]Q (same source).</summary>
    public static bool IsInG2(in AffinePoint<BlsFp2> point)
    {
        if (point.IsInfinity) return true;
        MultiplyByMinusX(new JacobianPoint<BlsFp2>(point), out JacobianPoint<BlsFp2> multiple);
        Psi(point, out AffinePoint<BlsFp2> image);
        JacobianPoint<BlsFp2>.Negate(multiple, out multiple);
        return multiple.IsEqualTo(new JacobianPoint<BlsFp2>(image));
    }

    public static void MultiplyByMinusX(in JacobianPoint<BlsFp> point, out JacobianPoint<BlsFp> product)
    {
        if (LanePoint<BlsFp, BlsLanes>.IsSupported) LanePoint<BlsFp, BlsLanes>.Multiply(point, MinusX, out product);
        else ScalarMultiplication.Multiply(point, MinusX, out product);
    }

    public static void MultiplyByMinusX(in JacobianPoint<BlsFp2> point, out JacobianPoint<BlsFp2> product)
    {
        if (LaneTwistPoint<BlsFp, BlsLanes>.IsSupported) LaneTwistPoint<BlsFp, BlsLanes>.Multiply(point, MinusX, ThriceTwistB, out product);
        else ScalarMultiplication.Multiply(point, MinusX, out product);
    }

    static BlsFp MakeBeta()
    {
        // p is 1 modulo 3, so dividing p itself leaves (p-1)/3.
        Span<ulong> exponent = stackalloc ulong[6];
        BlsFp.CopyModulus(exponent);
        UInt128 remainder = 0;
        for (int i = 5; i >= 0; i--)
        {
            UInt128 dividend = (remainder << 64) | exponent[i];
            exponent[i] = (ulong)(dividend / 3);
            remainder = dividend % 3;
        }
        FieldPower.Raise(BlsFp.FromUInt64(2), exponent, out BlsFp beta);
        return beta;
    }

    static AffinePoint<BlsFp2> Negative(in AffinePoint<BlsFp2> point)
    {
        AffinePoint<BlsFp2>.Negate(point, out AffinePoint<BlsFp2> negative);
        return negative;
    }

    static BlsFp2 Inverse(in BlsFp2 a)
    {
        BlsFp2.Invert(a, out BlsFp2 inverse);
        return inverse;
    }
}
