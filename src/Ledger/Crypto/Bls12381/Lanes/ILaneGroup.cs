using System.Runtime.Intrinsics;

namespace Hufu.Crypto;

/// <summary>How many points of a group stand side by side in the lanes, and how their coordinates are multiplied there.</summary>
interface ILaneGroup<T> where T : unmanaged, IField<T>
{
    /// <summary>How many points stand side by side.</summary>
    static abstract int Width { get; }

    /// <summary>How many bits the scalars have that the group's endomorphism leaves.</summary>
    static abstract int ScalarBits { get; }

    /// <summary>A point that nobody knows a multiple of: where sums begin, so that they meet no point on their way.</summary>
    static abstract AffinePoint<T> Start { get; }

    /// <summary>By this number a point of the group is multiplied where <see cref="Image"/> takes it; points of the curve outside the group go elsewhere.</summary>
    static abstract UInt128 Parameter { get; }
    static abstract void Image(in AffinePoint<T> point, out AffinePoint<T> image);
    static abstract bool IsMember(in AffinePoint<T> point);

    static abstract void Pack(ReadOnlySpan<T> elements, out BlsLanes packed);
    static abstract void Unpack(in BlsLanes packed, Span<T> elements);
    static abstract void Multiply(in BlsLanes a, in BlsLanes b, out BlsLanes product);
    static abstract void Square(in BlsLanes a, out BlsLanes square);

    /// <summary>One number for each point, in all lanes of its coordinates.</summary>
    static abstract Vector256<long> Spread(ReadOnlySpan<int> numbers);
}

/// <summary>Four points of G1: a lane each.</summary>
readonly struct FourOfG1 : ILaneGroup<BlsFp>
{
    public static int Width => 4;
    public static int ScalarBits => 128;
    public static AffinePoint<BlsFp> Start { get; } = MakeStart();

    public static UInt128 Parameter => (UInt128)BlsCurve.MinusX * BlsCurve.MinusX;

    public static void Image(in AffinePoint<BlsFp> point, out AffinePoint<BlsFp> image)
    {
        BlsCurve.Phi(point, out image);
        AffinePoint<BlsFp>.Negate(image, out image);
    }

    public static bool IsMember(in AffinePoint<BlsFp> point) => BlsCurve.IsInG1(point);

    public static void Pack(ReadOnlySpan<BlsFp> elements, out BlsLanes packed) => Lanes<BlsFp, BlsLanes>.Pack(elements[0], elements[1], elements[2], elements[3], out packed);

    public static void Unpack(in BlsLanes packed, Span<BlsFp> elements)
    {
        Lanes<BlsFp, BlsLanes>.Unpack(packed, out BlsFp2 first, out BlsFp2 second);
        (elements[0], elements[1], elements[2], elements[3]) = (first.C0, first.C1, second.C0, second.C1);
    }

    public static void Multiply(in BlsLanes a, in BlsLanes b, out BlsLanes product) => Lanes<BlsFp, BlsLanes>.Multiply(a, b, out product);

    public static void Square(in BlsLanes a, out BlsLanes square) => Lanes<BlsFp, BlsLanes>.Multiply(a, a, out square);

    public static Vector256<long> Spread(ReadOnlySpan<int> numbers) => Vector256.Create((long)numbers[0], numbers[1], numbers[2], numbers[3]);

    static AffinePoint<BlsFp> MakeStart()
    {
        BlsMapToG1.Map(BlsFp.FromUInt64(0x68756675), out JacobianPoint<BlsFp> point);
        point.ToAffine(out AffinePoint<BlsFp> affine);
        return affine;
    }
}

/// <summary>Two points of G2: two lanes each, the real parts of their coordinates and the imaginary ones.</summary>
readonly struct TwoOfG2 : ILaneGroup<BlsFp2>
{
    public static int Width => 2;
    public static int ScalarBits => 64;
    public static AffinePoint<BlsFp2> Start { get; } = MakeStart();

    public static UInt128 Parameter => BlsCurve.MinusX;

    public static void Image(in AffinePoint<BlsFp2> point, out AffinePoint<BlsFp2> image)
    {
        BlsCurve.Psi(point, out image);
        AffinePoint<BlsFp2>.Negate(image, out image);
    }

    public static bool IsMember(in AffinePoint<BlsFp2> point) => BlsCurve.IsInG2(point);

    public static void Pack(ReadOnlySpan<BlsFp2> elements, out BlsLanes packed) => Lanes<BlsFp, BlsLanes>.Pack(elements[0], elements[1], out packed);

    public static void Unpack(in BlsLanes packed, Span<BlsFp2> elements) => Lanes<BlsFp, BlsLanes>.Unpack(packed, out elements[0], out elements[1]);

    public static void Multiply(in BlsLanes a, in BlsLanes b, out BlsLanes product) => Lanes<BlsFp, BlsLanes>.MultiplyFp2(a, b, out product);

    public static void Square(in BlsLanes a, out BlsLanes square) => Lanes<BlsFp, BlsLanes>.SquareFp2(a, out square);

    public static Vector256<long> Spread(ReadOnlySpan<int> numbers) => Vector256.Create((long)numbers[0], numbers[0], numbers[1], numbers[1]);

    static AffinePoint<BlsFp2> MakeStart()
    {
        BlsMapToG2.Map(new BlsFp2(BlsFp.FromUInt64(0x68756675), BlsFp.One), out JacobianPoint<BlsFp2> point);
        point.ToAffine(out AffinePoint<BlsFp2> affine);
        return affine;
    }
}
