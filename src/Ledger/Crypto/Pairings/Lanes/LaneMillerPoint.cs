using System.Runtime.CompilerServices;

namespace Hufu.Crypto;

/// <summary>The running points of two Miller loops side by side; the formulas are those of <see cref="MillerPoint{F}"/>.</summary>
[SkipLocalsInit]
struct LaneMillerPoint<F, L> where F : struct, ITowerField<F> where L : struct, ILimbs
{
    L _x, _y, _z;

    /// <summary>The points' affine coordinates, for the additions, and the coordinates of the points of G1 at which lines are evaluated.</summary>
    public L QX, QY, PX, PY;

    public LaneMillerPoint(in AffinePoint<F> p0, in AffinePoint<Fp2<F>> q0, in AffinePoint<F> p1, in AffinePoint<Fp2<F>> q1)
    {
        Lanes<F, L>.Pack(q0.X, q1.X, out QX);
        Lanes<F, L>.Pack(q0.Y, q1.Y, out QY);
        Lanes<F, L>.Pack(p0.X, p0.X, p1.X, p1.X, out PX);
        Lanes<F, L>.Pack(p0.Y, p0.Y, p1.Y, p1.Y, out PY);
        (_x, _y) = (QX, QY);
        Lanes<F, L>.Pack(Fp2<F>.One, Fp2<F>.One, out _z);
    }

    /// <summary>Doubles the points; the tangents, evaluated at the points of G1. For ξ = 1 + u the twist's 3b is 12ξ, otherwise as given.</summary>
    public void Double(in L thriceB, out L constant, out L atX, out L atY)
    {
        Lanes<F, L>.MultiplyFp2(_x, _y, out L a);
        Lanes<F, L>.SquareFp2(_y, out L b);
        Lanes<F, L>.SquareFp2(_z, out L c);
        L e;
        if (F.XiReal == 1) Lanes<F, L>.TwelveXiTimes(c, out e);
        else Lanes<F, L>.MultiplyFp2(c, thriceB, out e);

        Lanes<F, L>.Combine(_y, 1, _z, 1, out L h);
        Lanes<F, L>.SquareFp2(h, out h);
        Lanes<F, L>.Combine(h, 1, b, -1, out h);
        Lanes<F, L>.Combine(h, 1, c, -1, out h);                    // 2·Y·Z

        Lanes<F, L>.Combine(e, 1, b, -1, out constant);
        Lanes<F, L>.SquareFp2(_x, out L j);
        Lanes<F, L>.Combine(j, 3, j, 0, out j);
        Lanes<F, L>.Multiply(j, PX, out atX);
        Lanes<F, L>.Combine(h, -1, h, 0, out j);
        Lanes<F, L>.Multiply(j, PY, out atY);

        Lanes<F, L>.Combine(b, 1, e, -3, out L t);
        Lanes<F, L>.MultiplyFp2(a, t, out t);
        Lanes<F, L>.Combine(t, 2, t, 0, out _x);
        Lanes<F, L>.Combine(b, 1, e, 3, out t);
        Lanes<F, L>.SquareFp2(t, out t);
        Lanes<F, L>.SquareFp2(e, out e);
        Lanes<F, L>.Combine(t, 1, e, -12, out _y);
        Lanes<F, L>.MultiplyFp2(b, h, out t);
        Lanes<F, L>.Combine(t, 4, t, 0, out _z);
    }

    /// <summary>Adds points (QX, QY or others) to the running ones; the chords, evaluated at the points of G1.</summary>
    public void Add(in L qx, in L qy, out L constant, out L atX, out L atY)
    {
        Lanes<F, L>.MultiplyFp2(qy, _z, out L theta);
        Lanes<F, L>.Combine(_y, 1, theta, -1, out theta);
        Lanes<F, L>.MultiplyFp2(qx, _z, out L lambda);
        Lanes<F, L>.Combine(_x, 1, lambda, -1, out lambda);

        Lanes<F, L>.MultiplyFp2(theta, qx, out constant);
        Lanes<F, L>.MultiplyFp2(lambda, qy, out L t);
        Lanes<F, L>.Combine(constant, 1, t, -1, out constant);
        Lanes<F, L>.Combine(theta, -1, theta, 0, out t);
        Lanes<F, L>.Multiply(t, PX, out atX);
        Lanes<F, L>.Multiply(lambda, PY, out atY);

        Lanes<F, L>.SquareFp2(theta, out L c);
        Lanes<F, L>.SquareFp2(lambda, out L d);
        Lanes<F, L>.MultiplyFp2(lambda, d, out L e);
        Lanes<F, L>.MultiplyFp2(_z, c, out L f);
        Lanes<F, L>.MultiplyFp2(_x, d, out L g);
        Lanes<F, L>.Combine(e, 1, f, 1, out L h);
        Lanes<F, L>.Combine(h, 1, g, -2, out h);

        Lanes<F, L>.MultiplyFp2(lambda, h, out _x);
        Lanes<F, L>.Combine(g, 1, h, -1, out g);
        Lanes<F, L>.MultiplyFp2(theta, g, out g);
        Lanes<F, L>.MultiplyFp2(e, _y, out t);
        Lanes<F, L>.Combine(g, 1, t, -1, out _y);
        Lanes<F, L>.MultiplyFp2(_z, e, out _z);
    }
}
