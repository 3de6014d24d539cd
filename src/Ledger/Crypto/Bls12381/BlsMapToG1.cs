using System.Runtime.CompilerServices;

namespace Hufu.Crypto;

/// <summary>
/// Field elements to points of G1 (RFC 9380, sections 6.6.3 and 8.8.1): the simplified SWU map to a curve y² = x³ + A·x + B
/// that is 11-isogenous to ours, the isogeny, and multiplication by 1 - x to clear the cofactor.
/// </summary>
[SkipLocalsInit]
static class BlsMapToG1
{
    static readonly BlsFp A = BlsIsogenyOfG1.Parse("00144698a3b8e9433d693a02c96d4982b0ea985383ee66a8d8e8981aefd881ac98936f8da0e0f97f5cf428082d584c1d");
    static readonly BlsFp B = BlsIsogenyOfG1.Parse("12e2908d11688030018b12e8753eee3b2016c1f0f24f4070a0b9c14fcef35ef55a23215a316ceaa5d1cc48e98e172be0");
    static readonly BlsFp Z = BlsFp.FromUInt64(11);
    static readonly BlsFp RootOfMinusZ = MakeRootOfMinusZ();

    public static void Map(in BlsFp element, out JacobianPoint<BlsFp> point)
    {
        MapToIsogenousCurve(element, out BlsFp x, out BlsFp y);
        BlsIsogenyOfG1.Map(x, y, out JacobianPoint<BlsFp> image);
        BlsCurve.MultiplyByMinusX(image, out point);
        JacobianPoint<BlsFp>.Add(point, image, out point);
    }

    /// <summary>RFC 9380, appendix F.2, its variables by name.</summary>
    static void MapToIsogenousCurve(in BlsFp u, out BlsFp x, out BlsFp y)
    {
        BlsFp.Square(u, out BlsFp tv1);
        BlsFp.Multiply(tv1, Z, out tv1);
        BlsFp.Square(tv1, out BlsFp tv2);
        BlsFp.Add(tv2, tv1, out tv2);
        BlsFp.Add(tv2, BlsFp.One, out BlsFp tv3);
        BlsFp.Multiply(tv3, B, out tv3);
        BlsFp tv4 = Z;
        if (!tv2.IsZero) BlsFp.Negate(tv2, out tv4);
        BlsFp.Multiply(tv4, A, out tv4);

        // g(tv3/tv4) as a fraction.
        BlsFp.Square(tv4, out BlsFp tv6);
        BlsFp.Multiply(tv6, A, out BlsFp tv5);
        BlsFp.Square(tv3, out tv2);
        BlsFp.Add(tv2, tv5, out tv2);
        BlsFp.Multiply(tv2, tv3, out tv2);
        BlsFp.Multiply(tv6, tv4, out tv6);
        BlsFp.Multiply(tv6, B, out tv5);
        BlsFp.Add(tv2, tv5, out tv2);

        x = tv3;
        if (!TryRootOfRatio(tv2, tv6, out y))
        {
            BlsFp.Multiply(tv1, tv3, out x);
            BlsFp.Multiply(y, tv1, out y);
            BlsFp.Multiply(y, u, out y);
        }
        if (u.IsOdd != y.IsOdd) BlsFp.Negate(y, out y);

        BlsFp.Invert(tv4, out tv4);
        BlsFp.Multiply(x, tv4, out x);
    }

    /// <summary>The root of u/v, or, where it is no square, false and the root of Z·u/v (RFC 9380, appendix F.2.1.2).</summary>
    static bool TryRootOfRatio(in BlsFp u, in BlsFp v, out BlsFp root)
    {
        BlsFp.Square(v, out BlsFp tv1);
        BlsFp.Multiply(u, v, out BlsFp tv2);
        BlsFp.Multiply(tv1, tv2, out tv1);
        BlsSquareRoot.InverseRoot(tv1, out root);
        BlsFp.Multiply(root, tv2, out root);
        BlsFp.Square(root, out tv1);
        BlsFp.Multiply(tv1, v, out tv1);
        if (tv1.IsEqualTo(u)) return true;
        BlsFp.Multiply(root, RootOfMinusZ, out root);
        return false;
    }

    static BlsFp MakeRootOfMinusZ()
    {
        BlsFp.Negate(Z, out BlsFp minusZ);
        BlsSquareRoot.TryTake(minusZ, out BlsFp root);
        return root;
    }
}
