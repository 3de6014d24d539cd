using System.Runtime.Intrinsics.X86;

namespace Hufu.Crypto;

/// <summary>Σ scalar·point in G1 and G2, with the scalars split along the endomorphisms. The points must be of order r.</summary>
static class BlsMultiExponentiation
{
    // So many points of G1 at least fill the lanes with one each; fewer are multiplied one by one, their coordinates in the lanes.
    const int FewestInLanes = 4;

    /// <summary>With -φ(P) = [x²]P, a scalar k = a + b·x² gives [a]P + [b](-φ(P)), both half as long.</summary>
    public static void Sum(ReadOnlySpan<AffinePoint<BlsFp>> points, ReadOnlySpan<BlsFr> scalars, out JacobianPoint<BlsFp> sum)
    {
        if (points.Length < FewestInLanes && LanePoint<BlsFp, BlsLanes>.IsSupported)
        {
            sum = default;
            for (int k = 0; k < points.Length; k++)
            {
                BlsScalarMultiplication.Multiply(new JacobianPoint<BlsFp>(points[k]), scalars[k], out JacobianPoint<BlsFp> product);
                JacobianPoint<BlsFp>.Add(sum, product, out sum);
            }
            return;
        }

        var halves = new UInt128[2 * points.Length];
        var images = new AffinePoint<BlsFp>[2 * points.Length];
        for (int k = 0; k < points.Length; k++)
        {
            Halve(scalars[k], out halves[2 * k], out halves[2 * k + 1]);
            images[2 * k] = points[k];
            BlsCurve.Phi(points[k], out images[2 * k + 1]);
            AffinePoint<BlsFp>.Negate(images[2 * k + 1], out images[2 * k + 1]);
        }
        if (!Avx2.IsSupported || !LaneSums<BlsFp, FourOfG1>.TrySum(images, halves, out sum)) MultiExponentiation.Sum(images, halves, out sum);
    }

    /// <summary>With -ψ(P) = [-x]P, the digits of a scalar to the base -x go to P, -ψ(P), ψ²(P), -ψ³(P).</summary>
    public static void Sum(ReadOnlySpan<AffinePoint<BlsFp2>> points, ReadOnlySpan<BlsFr> scalars, out JacobianPoint<BlsFp2> sum)
    {
        if (points.Length == 1 && LaneTwistPoint<BlsFp, BlsLanes>.IsSupported)
        {
            Span<ulong> quarter = stackalloc ulong[4];
            ToBaseX(scalars[0], quarter);
            LaneTwistPoint<BlsFp, BlsLanes>.Multiply(new JacobianPoint<BlsFp2>(points[0]), quarter, BlsCurve.MinusPsi, BlsCurve.ThriceTwistB, out sum);
            return;
        }

        var quarters = new UInt128[4 * points.Length];
        var images = new AffinePoint<BlsFp2>[4 * points.Length];
        Span<ulong> digits = stackalloc ulong[4];
        for (int k = 0; k < points.Length; k++)
        {
            ToBaseX(scalars[k], digits);
            AffinePoint<BlsFp2> image = points[k];
            for (int i = 0; i < 4; i++)
            {
                quarters[4 * k + i] = digits[i];
                images[4 * k + i] = image;
                BlsCurve.Psi(image, out image);
                AffinePoint<BlsFp2>.Negate(image, out image);
            }
        }
        if (!Avx2.IsSupported || !LaneSums<BlsFp2, TwoOfG2>.TrySum(images, quarters, out sum)) MultiExponentiation.Sum(images, quarters, out sum);
    }

    /// <summary>A scalar as low + high·x².</summary>
    public static void Halve(in BlsFr scalar, out UInt128 low, out UInt128 high)
    {
        Span<ulong> digits = stackalloc ulong[4];
        ToBaseX(scalar, digits);
        low = (UInt128)digits[1] * BlsCurve.MinusX + digits[0];
        high = (UInt128)digits[3] * BlsCurve.MinusX + digits[2];
    }

    /// <summary>The four digits of a scalar to the base -x, lowest first.</summary>
    static void ToBaseX(in BlsFr scalar, Span<ulong> digits)
    {
        (ulong l0, ulong l1, ulong l2, ulong l3) = scalar.ToLimbs();
        Span<ulong> limbs = [l0, l1, l2, l3];
        for (int i = 0; i < 4; i++)
        {
            ulong remainder = 0;
            for (int j = 3; j >= 0; j--)
            {
                UInt128 dividend = ((UInt128)remainder << 64) | limbs[j];
                limbs[j] = (ulong)(dividend / BlsCurve.MinusX);
                remainder = (ulong)(dividend % BlsCurve.MinusX);
            }
            digits[i] = remainder;
        }
    }
}
