using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hufu.Crypto;

/// <summary>
/// Eight points (X/Z², Y/Z³) side by side, on their way through a multiplication. Two equal or opposite points that meet in an addition give Z = 0, which nothing
/// heals afterwards: who looks at Z in the end knows of every such lane. Magnitudes: X [6], Y [4], Z [2].
/// </summary>
[SkipLocalsInit]
struct LanePoint
{
    public LaneNumber X, Y, Z;

    /// <summary>X' = (3X²)² - 8XY², Y' = 3X²·(12XY² - (3X²)²) - 8Y⁴, Z' = 2YZ.</summary>
    public void Double()
    {
        LaneNumber.Multiply(Y, Z, out Z);
        LaneNumber.Double(Z, 1, out Z);                                   // [2]
        LaneNumber.Square(X, out var slope);
        LaneNumber.Double(slope, 1, out var twice);
        LaneNumber.Add(slope, twice, out slope);                          // 3X² [3]
        LaneNumber.Square(slope, out var square);
        LaneNumber.Square(Y, out var yy);
        LaneNumber.Double(yy, 1, out yy);                                 // 2Y² [2]
        LaneNumber.Multiply(X, yy, out var product);                      // 2XY² [1]
        LaneNumber.Square(yy, out yy);
        LaneNumber.Double(yy, 1, out yy);                                 // 8Y⁴ [2]

        LaneNumber.Double(product, 2, out var eight);                     // 8XY² [4]
        LaneNumber.Subtract(square, eight, 4, out X);                     // [6]
        LaneNumber.Double(product, 1, out product);
        LaneNumber.Add(product, eight, out product);                      // 12XY² [6]
        LaneNumber.Subtract(product, square, 1, out product);             // [8]
        LaneNumber.Multiply(slope, product, out product);
        LaneNumber.Subtract(product, yy, 2, out Y);                       // [4]
    }

    /// <summary>Adds a point (<paramref name="x"/>, <paramref name="y"/>), [1] and [2], in the lanes that are not to be skipped.</summary>
    /// <param name="z">Z, or Z times a number whose square and cube the point's coordinates still lack, [2].</param>
    /// <param name="skip">All ones in the lanes that stay as they are.</param>
    /// <param name="step">Receives what Z was multiplied by.</param>
    public void Add(in LaneNumber x, in LaneNumber y, in LaneNumber z, Vector512<ulong> skip, out LaneNumber step)
    {
        LaneNumber.Square(z, out var zz);
        LaneNumber.Multiply(x, zz, out step);
        LaneNumber.Multiply(zz, z, out zz);
        LaneNumber.Multiply(y, zz, out var slope);
        LaneNumber.Subtract(step, X, 6, out step);                        // H = x·z² - X [8]
        LaneNumber.Subtract(slope, Y, 4, out slope);                      // R = y·z³ - Y [6]
        LaneNumber.Multiply(Z, step, out var nextZ);
        LaneNumber.Square(step, out var square);
        LaneNumber.Multiply(square, step, out var cube);
        LaneNumber.Multiply(X, square, out var product);                  // XH² [1]

        // X' = R² - H³ - 2XH², Y' = R·(XH² - X') - Y·H³
        LaneNumber.Square(slope, out var nextX);
        LaneNumber.Double(product, 1, out square);
        LaneNumber.Add(square, cube, out square);                         // [3]
        LaneNumber.Subtract(nextX, square, 3, out nextX);                 // [5]
        LaneNumber.Subtract(product, nextX, 5, out product);              // [7]
        LaneNumber.Multiply(slope, product, out product);
        LaneNumber.Multiply(Y, cube, out cube);
        LaneNumber.Subtract(product, cube, 1, out product);               // [3]

        LaneNumber.Choose(skip, nextX, X, out X);
        LaneNumber.Choose(skip, product, Y, out Y);
        LaneNumber.Choose(skip, nextZ, Z, out Z);
    }
}
