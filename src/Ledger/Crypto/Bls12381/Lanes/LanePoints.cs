using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hufu.Crypto;

/// <summary>
/// Points (X/Z², Y/Z³) side by side, on their way through a multiplication. Two equal or opposite points that meet in an addition give Z = 0,
/// which nothing heals afterwards: who looks at Z in the end knows of every such lane.
/// </summary>
[SkipLocalsInit]
struct LanePoints<T, TGroup> where T : unmanaged, IField<T> where TGroup : struct, ILaneGroup<T>
{
    public BlsLanes X, Y, Z;

    /// <summary>The points with Z = 1.</summary>
    public LanePoints(ReadOnlySpan<AffinePoint<T>> points)
    {
        Span<T> elements = stackalloc T[TGroup.Width];
        for (int i = 0; i < elements.Length; i++) elements[i] = points[i].X;
        TGroup.Pack(elements, out X);
        for (int i = 0; i < elements.Length; i++) elements[i] = points[i].Y;
        TGroup.Pack(elements, out Y);
        elements.Fill(T.One);
        TGroup.Pack(elements, out Z);
    }

    /// <summary>As many of the points as go side by side; others stand in where there are none, or infinity.</summary>
    public static void Take(ReadOnlySpan<AffinePoint<T>> points, int from, Span<AffinePoint<T>> members)
    {
        for (int i = 0; i < members.Length; i++)
            members[i] = from + i < points.Length && !points[from + i].IsInfinity ? points[from + i] : TGroup.Start;
    }

    /// <summary>X' = (3X²)² - 8XY², Y' = 3X²·(4XY² - X') - 8Y⁴, Z' = 2YZ.</summary>
    public void Double()
    {
        TGroup.Multiply(Y, Z, out Z);
        Lanes<BlsFp, BlsLanes>.Combine(Z, 2, Z, 0, out Z);
        TGroup.Square(X, out BlsLanes slope);
        Lanes<BlsFp, BlsLanes>.Combine(slope, 3, slope, 0, out slope);
        TGroup.Square(Y, out BlsLanes yy);
        TGroup.Multiply(X, yy, out BlsLanes product);
        TGroup.Square(yy, out yy);
        TGroup.Square(slope, out X);
        Lanes<BlsFp, BlsLanes>.Combine(X, 1, product, -8, out X);
        Lanes<BlsFp, BlsLanes>.Combine(product, 4, X, -1, out product);
        TGroup.Multiply(slope, product, out product);
        Lanes<BlsFp, BlsLanes>.Combine(product, 1, yy, -8, out Y);
    }

    /// <summary>Adds points (<paramref name="x"/>, <paramref name="y"/>) in the lanes that are not to be skipped.</summary>
    /// <param name="skip">All ones in the lanes that stay as they are.</param>
    /// <param name="step">Receives what Z was multiplied by.</param>
    public void Add(in BlsLanes x, in BlsLanes y, Vector256<long> skip, out BlsLanes step)
    {
        TGroup.Square(Z, out BlsLanes zz);
        TGroup.Multiply(x, zz, out step);
        TGroup.Multiply(zz, Z, out zz);
        TGroup.Multiply(y, zz, out BlsLanes slope);
        Lanes<BlsFp, BlsLanes>.Combine(step, 1, X, -1, out step);            // H = x·Z² - X
        Lanes<BlsFp, BlsLanes>.Combine(slope, 1, Y, -1, out slope);          // R = y·Z³ - Y
        TGroup.Multiply(Z, step, out BlsLanes nextZ);
        TGroup.Square(step, out BlsLanes square);
        TGroup.Multiply(square, step, out BlsLanes cube);
        TGroup.Multiply(X, square, out BlsLanes product);                    // X·H²

        // X' = R² - H³ - 2XH², Y' = R·(XH² - X') - Y·H³
        TGroup.Square(slope, out BlsLanes nextX);
        Lanes<BlsFp, BlsLanes>.Combine(nextX, 1, cube, -1, out nextX);
        Lanes<BlsFp, BlsLanes>.Combine(nextX, 1, product, -2, out nextX);
        Lanes<BlsFp, BlsLanes>.Combine(product, 1, nextX, -1, out product);
        TGroup.Multiply(slope, product, out product);
        TGroup.Multiply(Y, cube, out cube);
        Lanes<BlsFp, BlsLanes>.Combine(product, 1, cube, -1, out product);

        Choose(skip, X, nextX, out X);
        Choose(skip, Y, product, out Y);
        Choose(skip, Z, nextZ, out Z);
    }

    /// <summary>Writes the points apart; false where one has met another on the way.</summary>
    public readonly bool TryUnpack(Span<JacobianPoint<T>> points)
    {
        Span<T> elements = stackalloc T[TGroup.Width];
        TGroup.Unpack(X, elements);
        for (int i = 0; i < elements.Length; i++) points[i].X = elements[i];
        TGroup.Unpack(Y, elements);
        for (int i = 0; i < elements.Length; i++) points[i].Y = elements[i];
        TGroup.Unpack(Z, elements);
        bool areAllThere = true;
        for (int i = 0; i < elements.Length; i++)
        {
            points[i].Z = elements[i];
            areAllThere &= !elements[i].IsZero;
        }
        return areAllThere;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Choose(Vector256<long> mask, in BlsLanes where, in BlsLanes otherwise, out BlsLanes chosen)
    {
        Unsafe.SkipInit(out chosen);
        for (int i = 0; i < BlsLanes.Count; i++)
            Lanes<BlsFp, BlsLanes>.At(ref chosen, i) = Vector256.ConditionalSelect(mask, Lanes<BlsFp, BlsLanes>.Get(where, i), Lanes<BlsFp, BlsLanes>.Get(otherwise, i));
    }
}
