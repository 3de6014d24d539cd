using System.Runtime.CompilerServices;

namespace Hufu.Crypto;

/// <summary>A line through points of the twist, Constant + AtX·x + AtY·y, to be evaluated at a point (x, y) of G1.</summary>
struct Line<F> where F : struct, ITowerField<F>
{
    public Fp2<F> Constant, AtX, AtY;
}

/// <summary>
/// The running point of a Miller loop, (X/Z, Y/Z) on the twist y² = x³ + b. Each step moves it and yields the tangent or chord, as in
/// Costello, Lange and Naehrig, "Faster pairing computations on curves with high-degree twists" (2010).
/// </summary>
[SkipLocalsInit]
struct MillerPoint<F> where F : struct, ITowerField<F>
{
    Fp2<F> _x, _y, _z;

    public MillerPoint(in AffinePoint<Fp2<F>> point) => (_x, _y, _z) = (point.X, point.Y, Fp2<F>.One);

    public void Double(in Fp2<F> thriceB, out Line<F> tangent)
    {
        Fp2<F>.Multiply(_x, _y, out Fp2<F> a);
        Fp2<F>.Square(_y, out Fp2<F> b);
        Fp2<F>.Square(_z, out Fp2<F> c);
        Fp2<F>.Multiply(thriceB, c, out Fp2<F> e);
        Fp2<F>.Double(e, out Fp2<F> f);
        Fp2<F>.Add(f, e, out f);

        Fp2<F>.Add(_y, _z, out Fp2<F> h);
        Fp2<F>.Square(h, out h);
        Fp2<F>.Subtract(h, b, out h);
        Fp2<F>.Subtract(h, c, out h);                          // 2·Y·Z

        Fp2<F>.Subtract(e, b, out tangent.Constant);
        Fp2<F>.Square(_x, out Fp2<F> j);
        Fp2<F>.Double(j, out tangent.AtX);
        Fp2<F>.Add(tangent.AtX, j, out tangent.AtX);
        Fp2<F>.Negate(h, out tangent.AtY);

        // All three coordinates carry a factor of 4, which spares the halvings.
        Fp2<F>.Subtract(b, f, out Fp2<F> t);
        Fp2<F>.Multiply(a, t, out t);
        Fp2<F>.Double(t, out _x);
        Fp2<F>.Add(b, f, out t);
        Fp2<F>.Square(t, out t);
        Fp2<F>.Square(e, out e);
        Fp2<F>.Double(e, out e);
        Fp2<F>.Double(e, out e);
        Fp2<F>.Subtract(t, e, out t);
        Fp2<F>.Subtract(t, e, out t);
        Fp2<F>.Subtract(t, e, out _y);
        Fp2<F>.Multiply(b, h, out t);
        Fp2<F>.Double(t, out t);
        Fp2<F>.Double(t, out _z);
    }

    public void Add(in AffinePoint<Fp2<F>> point, out Line<F> chord)
    {
        Fp2<F>.Multiply(point.Y, _z, out Fp2<F> theta);
        Fp2<F>.Subtract(_y, theta, out theta);
        Fp2<F>.Multiply(point.X, _z, out Fp2<F> lambda);
        Fp2<F>.Subtract(_x, lambda, out lambda);

        Fp2<F>.Multiply(theta, point.X, out chord.Constant);
        Fp2<F>.Multiply(lambda, point.Y, out Fp2<F> t);
        Fp2<F>.Subtract(chord.Constant, t, out chord.Constant);
        Fp2<F>.Negate(theta, out chord.AtX);
        chord.AtY = lambda;

        Fp2<F>.Square(theta, out Fp2<F> c);
        Fp2<F>.Square(lambda, out Fp2<F> d);
        Fp2<F>.Multiply(lambda, d, out Fp2<F> e);
        Fp2<F>.Multiply(_z, c, out Fp2<F> f);
        Fp2<F>.Multiply(_x, d, out Fp2<F> g);
        Fp2<F>.Add(e, f, out Fp2<F> h);
        Fp2<F>.Subtract(h, g, out h);
        Fp2<F>.Subtract(h, g, out h);

        Fp2<F>.Multiply(lambda, h, out _x);
        Fp2<F>.Subtract(g, h, out g);
        Fp2<F>.Multiply(theta, g, out g);
        Fp2<F>.Multiply(e, _y, out t);
        Fp2<F>.Subtract(g, t, out _y);
        Fp2<F>.Multiply(_z, e, out _z);
    }
}
