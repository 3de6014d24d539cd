using System.Runtime.CompilerServices;

namespace Hufu.Crypto;

/// <summary>
/// A point (X/Z², Y/Z³) of y² = x³ + b; Z = 0 is the point at infinity.
/// Formulas: Bernstein and Lange's Explicit-Formulas Database, a = 0, Jacobian coordinates (dbl-2009-l, add-2007-bl, madd-2007-bl).
/// </summary>
[SkipLocalsInit]
struct JacobianPoint<T> where T : struct, IField<T>
{
    public T X, Y, Z;

    public JacobianPoint(in AffinePoint<T> point)
    {
        this = default;
        if (point.IsInfinity) return;
        (X, Y, Z) = (point.X, point.Y, T.One);
    }

    public readonly bool IsInfinity => Z.IsZero;

    public static void Negate(in JacobianPoint<T> a, out JacobianPoint<T> negative)
    {
        (negative.X, negative.Z) = (a.X, a.Z);
        T.Negate(a.Y, out negative.Y);
    }

    public static void Double(in JacobianPoint<T> point, out JacobianPoint<T> twice)
    {
        T.Square(point.X, out T a);
        T.Square(point.Y, out T b);
        T.Square(b, out T c);

        T.Add(point.X, b, out T d);
        T.Square(d, out d);
        T.Subtract(d, a, out d);
        T.Subtract(d, c, out d);
        T.Double(d, out d);                       // 4·X·Y²

        T.Double(a, out T e);
        T.Add(e, a, out e);                       // 3·X²
        T.Square(e, out T f);

        T.Multiply(point.Y, point.Z, out T z);
        T.Double(z, out twice.Z);

        T.Subtract(f, d, out f);
        T.Subtract(f, d, out twice.X);
        T.Subtract(d, twice.X, out d);
        T.Multiply(e, d, out d);
        T.Double(c, out c);
        T.Double(c, out c);
        T.Double(c, out c);
        T.Subtract(d, c, out twice.Y);
    }

    public static void Add(in JacobianPoint<T> a, in JacobianPoint<T> b, out JacobianPoint<T> sum)
    {
        if (a.IsInfinity) { sum = b; return; }
        if (b.IsInfinity) { sum = a; return; }

        T.Square(a.Z, out T z1z1);
        T.Square(b.Z, out T z2z2);
        T.Multiply(a.X, z2z2, out T u1);
        T.Multiply(b.X, z1z1, out T u2);
        T.Multiply(a.Y, b.Z, out T s1);
        T.Multiply(s1, z2z2, out s1);
        T.Multiply(b.Y, a.Z, out T s2);
        T.Multiply(s2, z1z1, out s2);

        T.Subtract(u2, u1, out T h);
        T.Subtract(s2, s1, out T r);
        if (h.IsZero)
        {
            if (r.IsZero) Double(a, out sum);
            else sum = default;
            return;
        }

        T.Add(a.Z, b.Z, out T z);
        T.Square(z, out z);
        T.Subtract(z, z1z1, out z);
        T.Subtract(z, z2z2, out z);
        Finish(u1, s1, h, r, out sum);
        T.Multiply(z, h, out sum.Z);
    }

    /// <summary>a + b, with b's Z one.</summary>
    public static void Add(in JacobianPoint<T> a, in AffinePoint<T> b, out JacobianPoint<T> sum)
    {
        if (b.IsInfinity) { sum = a; return; }
        if (a.IsInfinity) { sum = new JacobianPoint<T>(b); return; }

        T.Square(a.Z, out T zz);
        T.Multiply(b.X, zz, out T u2);
        T.Multiply(b.Y, a.Z, out T s2);
        T.Multiply(s2, zz, out s2);

        T.Subtract(u2, a.X, out T h);
        T.Subtract(s2, a.Y, out T r);
        if (h.IsZero)
        {
            if (r.IsZero) Double(a, out sum);
            else sum = default;
            return;
        }

        T.Double(a.Z, out T z);
        T x1 = a.X, y1 = a.Y;
        Finish(x1, y1, h, r, out sum);
        T.Multiply(z, h, out sum.Z);
    }

    /// <summary>X and Y of the sum from U1, S1, H = U2 - U1 and S2 - S1; Z must be 2·Z1·Z2·H.</summary>
    static void Finish(in T u1, in T s1, in T h, in T difference, out JacobianPoint<T> sum)
    {
        Unsafe.SkipInit(out sum);
        T.Double(h, out T i);
        T.Square(i, out i);
        T.Multiply(h, i, out T j);
        T.Double(difference, out T r);
        T.Multiply(u1, i, out T v);

        T.Square(r, out T x);
        T.Subtract(x, j, out x);
        T.Subtract(x, v, out x);
        T.Subtract(x, v, out sum.X);

        T.Subtract(v, sum.X, out v);
        T.Multiply(r, v, out v);
        T.Multiply(s1, j, out T y);
        T.Double(y, out y);
        T.Subtract(v, y, out sum.Y);
    }

    public readonly bool IsEqualTo(in JacobianPoint<T> other)
    {
        if (IsInfinity || other.IsInfinity) return IsInfinity && other.IsInfinity;
        T.Square(Z, out T zz);
        T.Square(other.Z, out T otherZz);
        T.Multiply(X, otherZz, out T left);
        T.Multiply(other.X, zz, out T right);
        if (!left.IsEqualTo(right)) return false;
        T.Multiply(zz, Z, out zz);
        T.Multiply(otherZz, other.Z, out otherZz);
        T.Multiply(Y, otherZz, out left);
        T.Multiply(other.Y, zz, out right);
        return left.IsEqualTo(right);
    }

    public readonly void ToAffine(out AffinePoint<T> point)
    {
        // What was handed through as it came needs no inversion, which is most of the price of an addition.
        if (Z.IsEqualTo(T.One))
        {
            point = new AffinePoint<T>(X, Y);
            return;
        }
        T.Invert(Z, out T inverse);   // zero for the point at infinity, which makes (0, 0)
        ToAffine(inverse, out point);
    }

    readonly void ToAffine(in T inverseZ, out AffinePoint<T> point)
    {
        T.Square(inverseZ, out T squared);
        T.Multiply(X, squared, out point.X);
        T.Multiply(squared, inverseZ, out squared);
        T.Multiply(Y, squared, out point.Y);
    }

    /// <summary>Many points at the price of one inversion (Montgomery's trick).</summary>
    public static void ToAffine(ReadOnlySpan<JacobianPoint<T>> points, Span<AffinePoint<T>> affine)
    {
        if (points.IsEmpty) return;
        var products = new T[points.Length];
        T product = T.One;
        for (int i = 0; i < points.Length; i++)
        {
            products[i] = product;
            if (!points[i].IsInfinity) T.Multiply(product, points[i].Z, out product);
        }

        T.Invert(product, out T inverse);
        for (int i = points.Length - 1; i >= 0; i--)
        {
            if (points[i].IsInfinity) { affine[i] = default; continue; }
            T.Multiply(inverse, products[i], out T inverseZ);
            T.Multiply(inverse, points[i].Z, out inverse);
            points[i].ToAffine(inverseZ, out affine[i]);
        }
    }
}
