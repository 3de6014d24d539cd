namespace Hufu.Crypto;

/// <summary>A point of y² = x³ + b, where b is not zero, so that (0, 0) is free to stand for the point at infinity.</summary>
struct AffinePoint<T> where T : struct, IField<T>
{
    public T X, Y;

    public AffinePoint(in T x, in T y) => (X, Y) = (x, y);

    public readonly bool IsInfinity => X.IsZero && Y.IsZero;

    public readonly bool IsEqualTo(in AffinePoint<T> other) => X.IsEqualTo(other.X) && Y.IsEqualTo(other.Y);

    /// <summary>Whether the point satisfies the equation or is at infinity.</summary>
    public readonly bool IsOnCurve(in T b)
    {
        if (IsInfinity) return true;
        T.Square(Y, out T left);
        T.Square(X, out T right);
        T.Multiply(right, X, out right);
        T.Add(right, b, out right);
        return left.IsEqualTo(right);
    }

    /// <summary>The sum of two points of the curve: with the one inversion that the result in this form needs anyway, three products do.</summary>
    public static void Add(in AffinePoint<T> a, in AffinePoint<T> b, out AffinePoint<T> sum)
    {
        if (a.IsInfinity) { sum = b; return; }
        if (b.IsInfinity) { sum = a; return; }

        T.Subtract(b.X, a.X, out T run);
        T.Subtract(b.Y, a.Y, out T rise);
        if (run.IsZero)
        {
            // The same x: the same point, whose tangent counts, or its opposite.
            if (!rise.IsZero || a.Y.IsZero) { sum = default; return; }
            T.Square(a.X, out T squared);
            T.Double(squared, out rise);
            T.Add(rise, squared, out rise);
            T.Double(a.Y, out run);
        }
        T.Invert(run, out run);
        T.Multiply(rise, run, out T slope);
        T.Square(slope, out T x);
        T.Subtract(x, a.X, out x);
        T.Subtract(x, b.X, out x);
        T.Subtract(a.X, x, out run);
        T.Multiply(slope, run, out T y);
        T.Subtract(y, a.Y, out y);
        sum = new AffinePoint<T>(x, y);
    }

    public static void Negate(in AffinePoint<T> a, out AffinePoint<T> negative)
    {
        negative.X = a.X;
        T.Negate(a.Y, out negative.Y);
    }
}
