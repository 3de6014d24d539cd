using System.Runtime.CompilerServices;

namespace Hufu.Crypto;

/// <summary>A scalar times one point of G1, split along the endomorphism φ.</summary>
[SkipLocalsInit]
static class BlsScalarMultiplication
{
    const int WindowBits = 5, Multiples = 1 << (WindowBits - 2);

    public static void Multiply(in JacobianPoint<BlsFp> point, in BlsFr scalar, out JacobianPoint<BlsFp> product)
    {
        BlsMultiExponentiation.Halve(scalar, out UInt128 first, out UInt128 second);
        if (LanePoint<BlsFp, BlsLanes>.IsSupported)
        {
            LanePoint<BlsFp, BlsLanes>.Multiply(point, BlsCurve.Beta, new SplitScalar(first, false, second, true), out product);
            return;
        }
        Span<sbyte> firstForm = stackalloc sbyte[MultiExponentiation.FormLength], secondForm = stackalloc sbyte[MultiExponentiation.FormLength];
        firstForm.Clear();
        secondForm.Clear();
        int top = Math.Max(
            MultiExponentiation.NonAdjacentForm(first, WindowBits, firstForm),
            MultiExponentiation.NonAdjacentForm(second, WindowBits, secondForm));

        Unsafe.SkipInit(out OddMultiples odd);
        Unsafe.SkipInit(out OddMultiples images);
        JacobianPoint<BlsFp>.Double(point, out JacobianPoint<BlsFp> twice);
        odd[0] = point;
        for (int i = 1; i < Multiples; i++) JacobianPoint<BlsFp>.Add(odd[i - 1], twice, out odd[i]);
        for (int i = 0; i < Multiples; i++) BlsCurve.MinusPhi(odd[i], out images[i]);

        product = default;
        for (int bit = top; bit >= 0; bit--)
        {
            JacobianPoint<BlsFp>.Double(product, out product);
            if (firstForm[bit] != 0) AddSigned(ref product, odd[Math.Abs(firstForm[bit]) >> 1], firstForm[bit] < 0);
            if (secondForm[bit] != 0) AddSigned(ref product, images[Math.Abs(secondForm[bit]) >> 1], secondForm[bit] < 0);
        }
    }

    static void AddSigned(ref JacobianPoint<BlsFp> sum, in JacobianPoint<BlsFp> point, bool negative)
    {
        if (!negative)
        {
            JacobianPoint<BlsFp>.Add(sum, point, out sum);
            return;
        }
        JacobianPoint<BlsFp>.Negate(point, out JacobianPoint<BlsFp> opposite);
        JacobianPoint<BlsFp>.Add(sum, opposite, out sum);
    }

    [InlineArray(Multiples)]
    struct OddMultiples
    {
        JacobianPoint<BlsFp> _first;
    }
}
