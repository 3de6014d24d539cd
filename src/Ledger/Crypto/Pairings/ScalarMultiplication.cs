using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Hufu.Crypto;

/// <summary>A scalar times a point.</summary>
[SkipLocalsInit]
static class ScalarMultiplication
{
    const int WindowBits = 5;

    /// <summary>Any scalar below 2^256, by the non-adjacent form with windows of five bits.</summary>
    public static void Multiply<T>(in AffinePoint<T> point, in Fp256Limbs scalar, out JacobianPoint<T> product) where T : struct, IField<T>
    {
        Span<sbyte> digits = stackalloc sbyte[257];
        int top = NonAdjacentForm(scalar, digits);
        product = default;
        if (top < 0 || point.IsInfinity) return;

        OddMultiples<T> odd = default;
        odd[0] = new JacobianPoint<T>(point);
        JacobianPoint<T>.Double(odd[0], out JacobianPoint<T> twice);
        for (int i = 1; i < 1 << (WindowBits - 2); i++) JacobianPoint<T>.Add(odd[i - 1], twice, out odd[i]);

        for (int i = top; i >= 0; i--)
        {
            JacobianPoint<T>.Double(product, out product);
            int digit = digits[i];
            if (digit > 0) JacobianPoint<T>.Add(product, odd[digit >> 1], out product);
            else if (digit < 0)
            {
                JacobianPoint<T>.Negate(odd[-digit >> 1], out JacobianPoint<T> negative);
                JacobianPoint<T>.Add(product, negative, out product);
            }
        }
    }

    /// <summary>A short fixed scalar, such as a curve's parameter, by doubling and adding.</summary>
    public static void Multiply<T>(in JacobianPoint<T> point, ulong scalar, out JacobianPoint<T> product) where T : struct, IField<T>
    {
        JacobianPoint<T> factor = point;
        product = default;
        for (int bit = 63 - (int)ulong.LeadingZeroCount(scalar); bit >= 0; bit--)
        {
            JacobianPoint<T>.Double(product, out product);
            if (((scalar >> bit) & 1) != 0) JacobianPoint<T>.Add(product, factor, out product);
        }
    }

    /// <summary>A short scalar, of which only the bits it has are gone through.</summary>
    public static void Multiply<T>(in AffinePoint<T> point, ulong scalar, out JacobianPoint<T> product) where T : struct, IField<T>
    {
        // The non-adjacent form: a digit is 1 where only 3k has the bit, -1 where only k has it.
        UInt128 triple = 3 * (UInt128)scalar, plus = triple & ~(UInt128)scalar, minus = scalar & ~triple;
        AffinePoint<T>.Negate(point, out AffinePoint<T> opposite);
        product = default;
        for (int bit = 127 - (int)UInt128.LeadingZeroCount(triple); bit >= 1; bit--)
        {
            if (!product.IsInfinity) JacobianPoint<T>.Double(product, out product);
            if (((plus >> bit) & 1) != 0) JacobianPoint<T>.Add(product, point, out product);
            else if (((minus >> bit) & 1) != 0) JacobianPoint<T>.Add(product, opposite, out product);
        }
    }

    public static Fp256Limbs ReadScalar(ReadOnlySpan<byte> bigEndian) => new(
        BinaryPrimitives.ReadUInt64BigEndian(bigEndian[24..]), BinaryPrimitives.ReadUInt64BigEndian(bigEndian[16..]),
        BinaryPrimitives.ReadUInt64BigEndian(bigEndian[8..]), BinaryPrimitives.ReadUInt64BigEndian(bigEndian));

    /// <summary>Digits odd or zero, of absolute value below 16, at most one in five not zero. Returns the highest one's place, or -1.</summary>
    static int NonAdjacentForm(in Fp256Limbs scalar, Span<sbyte> digits)
    {
        Span<ulong> limbs = [scalar.L0, scalar.L1, scalar.L2, scalar.L3, 0];
        digits.Clear();
        int top = -1, carry = 0;
        for (int bit = 0; bit < 257;)
        {
            int limb = bit >> 6, shift = bit & 63;
            int low = (int)((limbs[limb] >> shift) & 1);
            if (low == carry) { bit++; continue; }

            ulong window = limbs[limb] >> shift;
            if (shift > 64 - WindowBits && limb < 4) window |= limbs[limb + 1] << (64 - shift);
            int digit = (int)(window & ((1 << WindowBits) - 1)) + carry;
            carry = digit >> (WindowBits - 1);
            if (carry != 0) digit -= 1 << WindowBits;
            digits[bit] = (sbyte)digit;
            top = bit;
            bit += WindowBits;
        }
        return top;
    }

    [InlineArray(1 << (WindowBits - 2))]
    struct OddMultiples<T> where T : struct, IField<T>
    {
        JacobianPoint<T> _first;
    }
}
