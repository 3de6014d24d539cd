using System.Runtime.CompilerServices;

namespace Hufu.Crypto;

/// <summary>
/// Elements of Fp2 to points of G2 (RFC 9380, sections 6.6.3 and 8.8.2): the simplified SWU map to a curve y² = x³ + A·x + B that is
/// 3-isogenous to the twist, the isogeny, and the cofactor cleared by endomorphisms.
/// </summary>
[SkipLocalsInit]
static class BlsMapToG2
{
    static readonly BlsFp2 A = Number(0, 240), B = Number(1012, 1012), Z = Number(-2, -1);

    static readonly BlsFp FiveTimesRootOfMinusFive = MakeFiveTimesRootOfMinusFive();

    /// <summary>RFC 9380, appendix E.3, whose coefficients are small fractions.</summary>
    static readonly Isogeny<BlsFp2> Isogeny = new(
        [Fraction(304, 304, 9), Fraction(0, -8, 3), Fraction(4, -4, 3), Fraction(1, 0, 9)],
        [Number(0, -72), Number(12, -12), BlsFp2.One],
        [Fraction(752, 752, 27), Fraction(0, 88, 9), Fraction(-2, 2, 3), Fraction(-1, 0, 27)],
        [Number(-432, -432), Number(0, -216), Number(18, -18), BlsFp2.One]);

    public static void Map(in BlsFp2 element, out JacobianPoint<BlsFp2> point)
    {
        MapToIsogenousCurve(element, out BlsFp2 x, out BlsFp2 y);
        Isogeny.Map(x, y, out JacobianPoint<BlsFp2> image);
        ClearCofactor(image, out point);
    }

    /// <summary>RFC 9380, appendix F.2, its variables by name.</summary>
    static void MapToIsogenousCurve(in BlsFp2 u, out BlsFp2 x, out BlsFp2 y)
    {
        BlsFp2.Square(u, out BlsFp2 tv1);
        BlsFp2.Multiply(tv1, Z, out tv1);
        BlsFp2.Square(tv1, out BlsFp2 tv2);
        BlsFp2.Add(tv2, tv1, out tv2);
        BlsFp2.Add(tv2, BlsFp2.One, out BlsFp2 tv3);
        BlsFp2.Multiply(tv3, B, out tv3);
        BlsFp2 tv4 = Z;
        if (!tv2.IsZero) BlsFp2.Negate(tv2, out tv4);
        BlsFp2.Multiply(tv4, A, out tv4);

        BlsFp2.Invert(tv4, out tv4);
        BlsFp2.Multiply(tv3, tv4, out x);
        BlsFp2.Square(x, out BlsFp2 g);
        BlsFp2.Add(g, A, out g);
        BlsFp2.Multiply(g, x, out g);
        BlsFp2.Add(g, B, out g);

        BlsFp2.Norm(g, out BlsFp norm);
        if (BlsSquareRoot.TryTake(norm, out BlsFp root)) BlsSquareRoot.Take(g, root, out y);
        else
        {
            // g(Z·u²·x) = (Z·u²)³·g(x) is a square when g(x) is none. Its norm's root needs no power: the one just tried is the root of the
            // norm's opposite, and the factor's norm is 5·N², cubed, for Z's norm is 5 and u's is N.
            BlsFp2.Multiply(x, tv1, out x);
            BlsFp2.Multiply(g, tv1, out g);
            BlsFp2.Square(tv1, out tv1);
            BlsFp2.Multiply(g, tv1, out g);
            BlsFp2.Norm(u, out norm);
            BlsFp.Square(norm, out BlsFp cube);
            BlsFp.Multiply(cube, norm, out cube);
            BlsFp.Multiply(root, cube, out root);
            BlsFp.Multiply(root, FiveTimesRootOfMinusFive, out root);
            BlsSquareRoot.Take(g, root, out y);
        }
        if (IsOdd(u) != IsOdd(y)) BlsFp2.Negate(y, out y);
    }

    /// <summary>sgn0 (RFC 9380, section 4.1).</summary>
    static bool IsOdd(in BlsFp2 a) => a.C0.IsZero ? a.C1.IsOdd : a.C0.IsOdd;

    /// <summary>[x² - x - 1]P + [x - 1]ψ(P) + ψ²([2]P) (RFC 9380, appendix G.3).</summary>
    static void ClearCofactor(in JacobianPoint<BlsFp2> point, out JacobianPoint<BlsFp2> cleared)
    {
        if (LaneTwistPoint<BlsFp, BlsLanes>.IsSupported)
        {
            ClearCofactorInLanes(point, out cleared);
            return;
        }
        MultiplyByX(point, out JacobianPoint<BlsFp2> t1);
        BlsCurve.Psi(point, out JacobianPoint<BlsFp2> t2);
        JacobianPoint<BlsFp2>.Double(point, out JacobianPoint<BlsFp2> t3);
        BlsCurve.Psi(t3, out t3);
        BlsCurve.Psi(t3, out t3);
        Subtract(t3, t2, out t3);
        JacobianPoint<BlsFp2>.Add(t1, t2, out t2);
        MultiplyByX(t2, out t2);
        JacobianPoint<BlsFp2>.Add(t3, t2, out t3);
        Subtract(t3, t1, out t3);
        Subtract(t3, point, out cleared);
    }

    static void ClearCofactorInLanes(in JacobianPoint<BlsFp2> point, out JacobianPoint<BlsFp2> cleared)
    {
        Lanes<BlsFp, BlsLanes>.Pack(BlsCurve.ThriceTwistB, BlsCurve.ThriceTwistB, out BlsLanes thriceB);
        Lanes<BlsFp, BlsLanes>.Pack(BlsCurve.PsiX, BlsCurve.PsiY, out BlsLanes psi);
        var p = new LaneTwistPoint<BlsFp, BlsLanes>(point);
        LaneTwistPoint<BlsFp, BlsLanes> minusT1 = p.Times(BlsCurve.MinusX, thriceB), t2 = p, t3 = p;
        t2.MoveToImage(psi);
        t3.Double(thriceB);
        t3.MoveToImage(psi);
        t3.MoveToImage(psi);
        t3.Add(minusT1, thriceB);
        LaneTwistPoint<BlsFp, BlsLanes> minusT2 = t2;
        minusT2.Negate();
        t3.Add(minusT2, thriceB);

        // x·(t1 + t2) = (-x)·(-t1 - t2)
        minusT2.Add(minusT1, thriceB);
        t3.Add(minusT2.Times(BlsCurve.MinusX, thriceB), thriceB);
        p.Negate();
        t3.Add(p, thriceB);
        t3.Unpack(out cleared);
    }

    static void MultiplyByX(in JacobianPoint<BlsFp2> point, out JacobianPoint<BlsFp2> product)
    {
        BlsCurve.MultiplyByMinusX(point, out product);
        JacobianPoint<BlsFp2>.Negate(product, out product);
    }

    static void Subtract(in JacobianPoint<BlsFp2> a, in JacobianPoint<BlsFp2> b, out JacobianPoint<BlsFp2> difference)
    {
        JacobianPoint<BlsFp2>.Negate(b, out JacobianPoint<BlsFp2> opposite);
        JacobianPoint<BlsFp2>.Add(a, opposite, out difference);
    }

    static BlsFp MakeFiveTimesRootOfMinusFive()
    {
        BlsSquareRoot.TryTake(Number(-5), out BlsFp root);
        BlsFp.Multiply(root, Number(5), out root);
        return root;
    }

    static BlsFp2 Number(int real, int imaginary) => new(Number(real), Number(imaginary));

    static BlsFp Number(int number)
    {
        BlsFp element = BlsFp.FromUInt64((ulong)Math.Abs(number));
        if (number < 0) BlsFp.Negate(element, out element);
        return element;
    }

    static BlsFp2 Fraction(int real, int imaginary, int denominator)
    {
        BlsFp.Invert(Number(denominator), out BlsFp inverse);
        BlsFp2.Scale(Number(real, imaginary), inverse, out BlsFp2 fraction);
        return fraction;
    }
}
