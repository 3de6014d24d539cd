using System.Runtime.CompilerServices;
using Hufu.Primitives;

namespace Hufu.Crypto;

/// <summary>A point (x, y) of a curve, never the point at infinity.</summary>
struct AffineCurvePoint<TCurve>(in Limbs52 x, in Limbs52 y) where TCurve : struct, IWeierstrassCurve
{
    public Limbs52 X = x, Y = y;

    /// <summary>Takes coordinates that come from outside: false unless both are below p and the point lies on the curve.</summary>
    public static bool TryCreate(in UInt256 x, in UInt256 y, out AffineCurvePoint<TCurve> point)
    {
        point = default;
        if (x >= TCurve.PrimeNumber || y >= TCurve.PrimeNumber) return false;
        CurveField<TCurve>.Enter(x, out point.X);
        CurveField<TCurve>.Enter(y, out point.Y);
        CurveField<TCurve>.Square(point.Y, out var left);
        TCurve.RightSide(point.X, out var right);
        return CurveField<TCurve>.AreEqual(right, left);
    }

    public static AffineCurvePoint<TCurve> Generator
    {
        get
        {
            TryCreate(TCurve.GeneratorX, TCurve.GeneratorY, out var generator);
            return generator;
        }
    }
}

/// <summary>
/// A point (X/Z², Y/Z³) on its way through a multiplication. Everything here takes variable time: for public numbers only.
/// Magnitudes between operations: X [7], Y [6], Z [1] (see <see cref="CurveField{TCurve}"/>).
/// </summary>
[SkipLocalsInit]
struct CurvePoint<TCurve> where TCurve : struct, IWeierstrassCurve
{
    public Limbs52 X, Y, Z;
    public bool IsInfinity;

    public static CurvePoint<TCurve> Infinity => new() { IsInfinity = true };

    public CurvePoint(in AffineCurvePoint<TCurve> point)
    {
        X = point.X;
        Y = point.Y;
        Z = TCurve.One;
        IsInfinity = false;
    }

    /// <summary>
    /// M = 3X² + aZ⁴, T = 4XY²: X' = M² - 2T, Y' = M·(T - X') - 8Y⁴, Z' = 2YZ. Written so that only products are ever subtracted,
    /// whose limbs need no carrying first.
    /// </summary>
    public void Double()
    {
        // No point of prime order has y = 0, so doubling never reaches infinity from outside it.
        if (IsInfinity) return;
        TCurve.Tangent(X, Z, out var slope);                              // M [3]
        CurveField<TCurve>.Square(Y, out var yy);
        CurveField<TCurve>.Scale(Y, 2, out var y);                        // [12]
        CurveField<TCurve>.Multiply(y, Z, out Z);
        CurveField<TCurve>.Scale(yy, 4, out var t);
        CurveField<TCurve>.Multiply(X, t, out t);                         // T [1]
        CurveField<TCurve>.Square(slope, out var mm);                     // M² [1]
        CurveField<TCurve>.Scale(yy, 2, out yy);
        CurveField<TCurve>.Square(yy, out yy);                            // 4Y⁴ [1]

        CurveField<TCurve>.Scale(t, 2, out var twiceT);
        CurveField<TCurve>.Subtract(mm, twiceT, out X);                   // [6]
        CurveField<TCurve>.Add(twiceT, t, out t);
        CurveField<TCurve>.Subtract(t, mm, out t);                        // T - X' = 3T - M² [8]
        CurveField<TCurve>.Multiply(slope, t, out t);
        CurveField<TCurve>.Scale(yy, 2, out yy);
        CurveField<TCurve>.Subtract(t, yy, out Y);                        // [6]
    }

    /// <summary>Adds an affine point, whose magnitudes may be X [7], Y [6].</summary>
    public void Add(in AffineCurvePoint<TCurve> point)
    {
        if (IsInfinity)
        {
            this = new CurvePoint<TCurve>(point);
            return;
        }

        // With H = X - x·Z² and R = Y - y·Z³: X' = R² + H³ - 2XH², Y' = R·(XH² - X') - Y·H³, Z' = Z·H.
        CurveField<TCurve>.Square(Z, out var zz);
        CurveField<TCurve>.Multiply(point.X, zz, out var h);
        CurveField<TCurve>.Multiply(zz, Z, out var r);
        CurveField<TCurve>.Multiply(point.Y, r, out r);
        CurveField<TCurve>.Subtract(X, h, out h);                         // [12]
        CurveField<TCurve>.Subtract(Y, r, out r);                         // [11]
        if (CurveField<TCurve>.IsZero(h))
        {
            if (CurveField<TCurve>.IsZero(r)) Double();
            else IsInfinity = true;
            return;
        }
        AddWithSlope(h, r);
    }

    void AddWithSlope(in Limbs52 h, in Limbs52 r)
    {
        CurveField<TCurve>.Square(h, out var hh);
        CurveField<TCurve>.Multiply(Z, h, out Z);
        CurveField<TCurve>.Multiply(X, hh, out var v);                    // XH² [1]
        CurveField<TCurve>.Multiply(h, hh, out var hhh);
        CurveField<TCurve>.Multiply(Y, hhh, out var yhhh);
        CurveField<TCurve>.Square(r, out var rr);

        CurveField<TCurve>.Add(rr, hhh, out rr);                          // R² + H³ [2]
        CurveField<TCurve>.Scale(v, 2, out var twiceV);
        CurveField<TCurve>.Subtract(rr, twiceV, out X);                   // [7]
        CurveField<TCurve>.Add(twiceV, v, out v);
        CurveField<TCurve>.Subtract(v, rr, out v);                        // XH² - X' = 3XH² - (R² + H³) [8]
        CurveField<TCurve>.Multiply(r, v, out v);
        CurveField<TCurve>.Subtract(v, yhhh, out Y);                      // [6]
    }

    /// <summary>Adds digit times the point whose odd multiples 1, 3, 5, … stand in the table; the digit is odd, or zero for nothing to add.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddMultiple(int digit, ReadOnlySpan<AffineCurvePoint<TCurve>> oddMultiples)
    {
        if (digit > 0)
        {
            Add(oddMultiples[digit >> 1]);
        }
        else if (digit < 0)
        {
            ref readonly var point = ref oddMultiples[-digit >> 1];
            AffineCurvePoint<TCurve> negative;
            negative.X = point.X;
            CurveField<TCurve>.Subtract(default, point.Y, out negative.Y);
            Add(negative);
        }
    }

    /// <summary>The coordinates as numbers below p; the point is not at infinity.</summary>
    public readonly void ToAffine(out UInt256 x, out UInt256 y)
    {
        CurveField<TCurve>.Invert(Z, out var inverse);
        ToAffine(inverse, out x, out y);
    }

    /// <param name="inverse">1/Z.</param>
    /// <inheritdoc cref="ToAffine(out UInt256, out UInt256)"/>
    public readonly void ToAffine(in Limbs52 inverse, out UInt256 x, out UInt256 y)
    {
        CurveField<TCurve>.Square(inverse, out var squared);
        CurveField<TCurve>.Multiply(X, squared, out var affine);
        x = CurveField<TCurve>.Leave(affine);
        CurveField<TCurve>.Multiply(squared, inverse, out squared);
        CurveField<TCurve>.Multiply(Y, squared, out affine);
        y = CurveField<TCurve>.Leave(affine);
    }

    /// <summary>Whether the affine x, as an integer, is <paramref name="x"/>: compared without a division.</summary>
    public readonly bool HasX(in UInt256 x)
    {
        CurveField<TCurve>.Square(Z, out var zz);
        CurveField<TCurve>.Enter(x, out var expected);
        CurveField<TCurve>.Multiply(expected, zz, out expected);
        return !IsInfinity && CurveField<TCurve>.AreEqual(X, expected);
    }
}
