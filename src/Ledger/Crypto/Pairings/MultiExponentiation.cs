using System.Runtime.CompilerServices;

namespace Hufu.Crypto;

/// <summary>Σ scalar·point for scalars below 2^128, which is what the curves' endomorphisms leave of longer ones.</summary>
[SkipLocalsInit]
static class MultiExponentiation
{
    /// <summary>How many digits a non-adjacent form of a scalar takes.</summary>
    public const int FormLength = 129;

    const int WindowBits = 4;

    /// <param name="points">The points.</param>
    /// <param name="scalars">As many scalars.</param>
    /// <param name="sum">The result.</param>
    public static void Sum<T>(ReadOnlySpan<AffinePoint<T>> points, ReadOnlySpan<UInt128> scalars, out JacobianPoint<T> sum)
        where T : struct, IField<T>
    {
        if (points.Length <= 24) Interleave(points, scalars, out sum);
        else SortIntoBuckets(points, scalars, out sum);
    }

    /// <summary>Straus: the points share the doublings, each has its odd multiples at hand.</summary>
    static void Interleave<T>(ReadOnlySpan<AffinePoint<T>> points, ReadOnlySpan<UInt128> scalars, out JacobianPoint<T> sum)
        where T : struct, IField<T>
    {
        const int Multiples = 1 << (WindowBits - 2);
        var odd = new JacobianPoint<T>[points.Length * Multiples];
        var digits = new sbyte[points.Length * FormLength];
        int top = -1;
        for (int k = 0; k < points.Length; k++)
        {
            top = Math.Max(top, NonAdjacentForm(scalars[k], WindowBits, digits.AsSpan(k * FormLength, FormLength)));
            Span<JacobianPoint<T>> multiples = odd.AsSpan(k * Multiples, Multiples);
            multiples[0] = new JacobianPoint<T>(points[k]);
            JacobianPoint<T>.Double(multiples[0], out JacobianPoint<T> twice);
            for (int i = 1; i < Multiples; i++) JacobianPoint<T>.Add(twice, multiples[i - 1], out multiples[i]);
        }

        var affine = new AffinePoint<T>[odd.Length];
        JacobianPoint<T>.ToAffine(odd, affine);

        sum = default;
        for (int bit = top; bit >= 0; bit--)
        {
            if (!sum.IsInfinity) JacobianPoint<T>.Double(sum, out sum);
            for (int k = 0; k < points.Length; k++)
            {
                int digit = digits[k * FormLength + bit];
                if (digit != 0) AddSigned(ref sum, affine[k * Multiples + (Math.Abs(digit) >> 1)], digit < 0);
            }
        }
    }

    /// <summary>Digits odd or zero, at most one in a window not zero, of zeroed digits. Returns the highest one's place, or -1.</summary>
    public static int NonAdjacentForm(UInt128 scalar, int windowBits, Span<sbyte> digits)
    {
        int top = -1, bit = 0;
        while (scalar != 0)
        {
            bool wrapped = false;
            if (((ulong)scalar & 1) != 0)
            {
                int digit = (int)((ulong)scalar & ((1UL << windowBits) - 1));
                if (digit >= 1 << (windowBits - 1)) digit -= 1 << windowBits;
                digits[bit] = (sbyte)digit;
                top = bit;
                UInt128 before = scalar;
                scalar -= (UInt128)(Int128)digit;
                wrapped = digit < 0 && scalar < before;
            }
            scalar >>= 1;
            if (wrapped) scalar |= UInt128.One << 127;
            bit++;
        }
        return top;
    }

    /// <summary>Pippenger: for each window, points with equal digits are added first, then each such sum is multiplied by its digit.</summary>
    static void SortIntoBuckets<T>(ReadOnlySpan<AffinePoint<T>> points, ReadOnlySpan<UInt128> scalars, out JacobianPoint<T> sum)
        where T : struct, IField<T>
    {
        int width = WindowWidth(points.Length);
        var buckets = new JacobianPoint<T>[1 << (width - 1)];
        sum = default;
        for (int window = 128 / width; window >= 0; window--)
        {
            if (!sum.IsInfinity)
                for (int i = 0; i < width; i++) JacobianPoint<T>.Double(sum, out sum);

            Array.Clear(buckets);
            bool any = false;
            for (int k = 0; k < points.Length; k++)
            {
                int digit = SignedDigit(scalars[k], window * width, width);
                if (digit == 0) continue;
                any = true;
                AddSigned(ref buckets[Math.Abs(digit) - 1], points[k], digit < 0);
            }
            if (!any) continue;

            // Σ digit·bucket as a sum of running sums.
            JacobianPoint<T> running = default;
            for (int i = buckets.Length - 1; i >= 0; i--)
            {
                JacobianPoint<T>.Add(running, buckets[i], out running);
                JacobianPoint<T>.Add(sum, running, out sum);
            }
        }
    }

    static int WindowWidth(int points)
    {
        int best = 4;
        long cheapest = long.MaxValue;
        for (int width = 4; width <= 13; width++)
        {
            long cost = (128 / width + 1) * (points + 3L * (1 << (width - 1)));
            if (cost < cheapest) (cheapest, best) = (cost, width);
        }
        return best;
    }

    /// <summary>The window's bits plus the bit below it, less 2^width where its top bit is set: a digit in [-2^(width-1), 2^(width-1)].</summary>
    public static int SignedDigit(UInt128 scalar, int from, int width)
    {
        int bits = (int)((ulong)(scalar >> from) & ((1UL << width) - 1));
        if (from >= 128) bits = 0;
        int below = from == 0 || from > 128 ? 0 : (int)((ulong)(scalar >> (from - 1)) & 1);
        int digit = bits + below;
        return (bits >> (width - 1)) != 0 ? digit - (1 << width) : digit;
    }

    static void AddSigned<T>(ref JacobianPoint<T> sum, in AffinePoint<T> point, bool negative) where T : struct, IField<T>
    {
        if (!negative)
        {
            JacobianPoint<T>.Add(sum, point, out sum);
            return;
        }
        AffinePoint<T>.Negate(point, out AffinePoint<T> opposite);
        JacobianPoint<T>.Add(sum, opposite, out sum);
    }
}
