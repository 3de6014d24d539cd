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

    public static void Negate(in AffinePoint<T> a, out AffinePoint<T> negative)
    {
        negative.X = a.X;
        T.Negate(a.Y, out negative.Y);
    }
}
