using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hufu.Crypto;

/// <summary>
/// Σ scalar·point with the points spread over the lanes (Straus): each lane has a sum of its own and shares the doublings among its points.
/// Sixteen points of G1 take half of the time they take one by one.
/// </summary>
[SkipLocalsInit]
static class LaneSums<T, TGroup> where T : unmanaged, IField<T> where TGroup : struct, ILaneGroup<T>
{
    const int WindowBits = 4, Multiples = 1 << (WindowBits - 1);

    // What the start of all lanes has become when the sums are done.
    static readonly JacobianPoint<T> StartInTheEnd = MakeStartInTheEnd();

    static int TopWindow => TGroup.ScalarBits / WindowBits;

    /// <summary>False where two equal or opposite points met, as only made-up points do: then it must be summed in another way.</summary>
    /// <param name="points">Points of the group.</param>
    /// <param name="scalars">As many scalars, of <see cref="ILaneGroup{T}.ScalarBits"/> at most.</param>
    /// <param name="sum">The result.</param>
    public static bool TrySum(ReadOnlySpan<AffinePoint<T>> points, ReadOnlySpan<UInt128> scalars, out JacobianPoint<T> sum)
    {
        sum = default;
        int groups = (points.Length + TGroup.Width - 1) / TGroup.Width;
        var tables = new BlsLanes[2 * Multiples * groups];
        if (!TryFill(points, groups, tables)) return false;

        Span<AffinePoint<T>> starts = stackalloc AffinePoint<T>[TGroup.Width];
        starts.Fill(TGroup.Start);
        var running = new LanePoints<T, TGroup>(starts);
        Span<int> digits = stackalloc int[TGroup.Width];
        for (int window = TopWindow; window >= 0; window--)
        {
            if (window != TopWindow)
                for (int i = 0; i < WindowBits; i++) running.Double();
            for (int group = 0; group < groups; group++)
            {
                for (int i = 0; i < digits.Length; i++)
                {
                    int k = group * TGroup.Width + i;
                    digits[i] = k < points.Length && !points[k].IsInfinity ? MultiExponentiation.SignedDigit(scalars[k], window * WindowBits, WindowBits) : 0;
                }
                Vector256<long> signed = TGroup.Spread(digits);
                Vector256<long> skip = Vector256.Equals(signed, Vector256<long>.Zero);
                if (skip == Vector256<long>.AllBitsSet) continue;
                Select(tables.AsSpan(2 * Multiples * group, 2 * Multiples), signed, out BlsLanes x, out BlsLanes y);
                running.Add(x, y, skip, out _);
            }
        }

        Span<JacobianPoint<T>> sums = stackalloc JacobianPoint<T>[TGroup.Width];
        if (!running.TryUnpack(sums)) return false;
        JacobianPoint<T>.Negate(StartInTheEnd, out sum);
        foreach (JacobianPoint<T> one in sums) JacobianPoint<T>.Add(sum, one, out sum);
        return true;
    }

    /// <summary>The multiples 1 to 8 of each group's points, x and y in turns.</summary>
    static bool TryFill(ReadOnlySpan<AffinePoint<T>> points, int groups, BlsLanes[] tables)
    {
        // First with Z, whose inverses are then taken together.
        var steps = new BlsLanes[Multiples * groups];
        var lastZ = new T[TGroup.Width * groups];
        Span<AffinePoint<T>> members = stackalloc AffinePoint<T>[TGroup.Width];
        for (int group = 0; group < groups; group++)
        {
            LanePoints<T, TGroup>.Take(points, group * TGroup.Width, members);
            var running = new LanePoints<T, TGroup>(members);
            (BlsLanes x, BlsLanes y) = (running.X, running.Y);
            Span<BlsLanes> table = tables.AsSpan(2 * Multiples * group, 2 * Multiples), step = steps.AsSpan(Multiples * group, Multiples);
            for (int i = 0; i < Multiples; i++)
            {
                if (i == 1) running.Double();
                else if (i > 1) running.Add(x, y, default, out step[i]);
                if (i == 1) step[1] = running.Z;
                (table[2 * i], table[2 * i + 1]) = (running.X, running.Y);
            }
            TGroup.Unpack(running.Z, lastZ.AsSpan(TGroup.Width * group, TGroup.Width));
        }
        // A Z of zero is a point that has met another.
        foreach (ref readonly T z in lastZ.AsSpan())
            if (z.IsZero) return false;
        BatchInverse.Invert<T>(lastZ);

        for (int group = 0; group < groups; group++)
        {
            Span<BlsLanes> table = tables.AsSpan(2 * Multiples * group, 2 * Multiples);
            TGroup.Pack(lastZ.AsSpan(TGroup.Width * group, TGroup.Width), out BlsLanes inverse);
            for (int i = Multiples - 1; i > 0; i--)
            {
                TGroup.Square(inverse, out BlsLanes power);
                TGroup.Multiply(table[2 * i], power, out table[2 * i]);
                TGroup.Multiply(power, inverse, out power);
                TGroup.Multiply(table[2 * i + 1], power, out table[2 * i + 1]);
                // 1/Z of the multiple before it.
                TGroup.Multiply(inverse, steps[Multiples * group + i], out inverse);
            }
        }
        return true;
    }

    /// <summary>The multiples of the digits' size, with y negated where the digit is negative; what stands in lanes of zero means nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Select(ReadOnlySpan<BlsLanes> table, Vector256<long> digits, out BlsLanes x, out BlsLanes y)
    {
        (x, y) = (default, default);
        Vector256<long> sizes = Vector256.Abs(digits), sign = Vector256.LessThan(digits, Vector256<long>.Zero);
        for (int multiple = 0; multiple < Multiples; multiple++)
        {
            Vector256<long> mask = Vector256.Equals(sizes, Vector256.Create(multiple + 1L));
            for (int i = 0; i < BlsLanes.Count; i++)
            {
                Lanes<BlsFp, BlsLanes>.At(ref x, i) |= Lanes<BlsFp, BlsLanes>.Get(table[2 * multiple], i) & mask;
                Lanes<BlsFp, BlsLanes>.At(ref y, i) |= Lanes<BlsFp, BlsLanes>.Get(table[2 * multiple + 1], i) & mask;
            }
        }
        for (int i = 0; i < BlsLanes.Count; i++)
        {
            ref Vector256<long> limb = ref Lanes<BlsFp, BlsLanes>.At(ref y, i);
            limb = (limb ^ sign) - sign;
        }
    }

    static JacobianPoint<T> MakeStartInTheEnd()
    {
        var point = new JacobianPoint<T>(TGroup.Start);
        for (int i = 0; i < TopWindow * WindowBits; i++) JacobianPoint<T>.Double(point, out point);
        JacobianPoint<T> all = point;
        for (int i = 1; i < TGroup.Width; i++) JacobianPoint<T>.Add(all, point, out all);
        return all;
    }
}
