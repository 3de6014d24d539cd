using System.Runtime.CompilerServices;

namespace Hufu.Crypto;

/// <summary>A rational map (x, y) → (XNumerator/XDenominator, y·YNumerator/YDenominator) between curves; coefficients of x^0 first.</summary>
[SkipLocalsInit]
sealed class Isogeny<T>(T[] xNumerator, T[] xDenominator, T[] yNumerator, T[] yDenominator) where T : struct, IField<T>
{
    public void Map(in T x, in T y, out JacobianPoint<T> point)
    {
        Evaluate(xNumerator, x, out T xn);
        Evaluate(xDenominator, x, out T xd);
        Evaluate(yNumerator, x, out T yn);
        Evaluate(yDenominator, x, out T yd);
        Join(xn, xd, yn, yd, y, out point);
    }

    /// <summary>The point (xn/xd, y·yn/yd).</summary>
    public static void Join(in T xn, in T xd, in T yn, in T yd, in T y, out JacobianPoint<T> point)
    {
        // Over the common Z = xd·yd, without a division: X = xn·xd·yd², Y = y·yn·xd³·yd². A zero denominator is the point at infinity.
        T.Multiply(xd, yd, out point.Z);
        T.Multiply(point.Z, yd, out T xdYdYd);
        T.Multiply(xn, xdYdYd, out point.X);
        T.Square(xd, out T xdSquared);
        T.Multiply(xdSquared, xdYdYd, out T factor);
        T.Multiply(y, yn, out point.Y);
        T.Multiply(point.Y, factor, out point.Y);
    }

    static void Evaluate(T[] coefficients, in T x, out T value)
    {
        value = coefficients[^1];
        for (int i = coefficients.Length - 2; i >= 0; i--)
        {
            T.Multiply(value, x, out value);
            T.Add(value, coefficients[i], out value);
        }
    }
}
