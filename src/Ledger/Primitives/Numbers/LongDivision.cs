using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Hufu.Primitives;

/// <summary>Division of numbers of many limbs, least significant first: Knuth's algorithm D with the reciprocals of Möller and Granlund ("Improved division by invariant integers", 2011).</summary>
static unsafe class LongDivision
{
    /// <summary>
    /// Divides in place: <paramref name="dividend"/> has <paramref name="length"/> limbs of which the topmost is below the divisor's topmost,
    /// <paramref name="divisor"/> has <paramref name="size"/> &gt;= 2 limbs, its highest bit set.
    /// The remainder is left in the lowest limbs of the dividend; the others are undefined. The quotient has length - size limbs.
    /// </summary>
    public static void Divide(ulong* dividend, int length, ulong* divisor, int size, ulong* quotient)
    {
        var d1 = divisor[size - 1];
        var d0 = divisor[size - 2];
        var reciprocal = Reciprocal(d1, d0);
        for (var j = length - size - 1; j >= 0; j--)
        {
            var u = dividend + j;
            var (u2, u1, u0) = (u[size], u[size - 1], u[size - 2]);
            if (u2 == d1 && u1 == d0)
            {
                quotient[j] = StepOfEqualLimbs(u, divisor, size);
                continue;
            }

            var q = DivideThreeByTwo(u2, u1, u0, d1, d0, reciprocal, out var r1, out var r0);
            if (size > 2)
            {
                var borrow = SubtractProduct(u, divisor, size - 2, q);
                var under = r0 < borrow ? 1UL : 0;
                r0 -= borrow;
                var tooMuch = r1 < under;
                r1 -= under;
                if (tooMuch)
                {
                    q--;
                    var carry = AddBack(u, divisor, size - 2);
                    r0 = AddCarry(r0, d0, ref carry);
                    r1 = AddCarry(r1, d1, ref carry);
                }
            }
            u[size - 2] = r0;
            u[size - 1] = r1;
            quotient[j] = q;
        }
    }

    /// <summary>floor((2^128 - 1) / divisor) - 2^64, for a divisor with its highest bit set.</summary>
    /// <remarks>The hardware's own division: a table and Newton steps took 1.35 of the time of a whole 256-bit division.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Reciprocal(ulong divisor)
    {
#pragma warning disable SYSLIB5004 // DivRem of 128 by 64 bits is marked as a preview; its meaning is that of the instruction.
        if (X86Base.X64.IsSupported) return X86Base.X64.DivRem(ulong.MaxValue, ~divisor, divisor).Quotient;
#pragma warning restore SYSLIB5004
        return (ulong)(new UInt128(~divisor, ulong.MaxValue) / divisor);
    }

    /// <summary>(high, low) / divisor for high &lt; divisor, the divisor's highest bit set, given its <see cref="Reciprocal(ulong)"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong DivideTwoByOne(ulong high, ulong low, ulong divisor, ulong reciprocal, out ulong remainder)
    {
        var q1 = Math.BigMul(reciprocal, high, out var q0);
        q0 += low;
        q1 += high + (q0 < low ? 1UL : 0) + 1;
        var r = low - q1 * divisor;
        if (r > q0)
        {
            q1--;
            r += divisor;
        }
        if (r >= divisor)
        {
            q1++;
            r -= divisor;
        }
        remainder = r;
        return q1;
    }

    /// <summary>floor((2^192 - 1) / (d1, d0)) - 2^64.</summary>
    static ulong Reciprocal(ulong d1, ulong d0)
    {
        var v = Reciprocal(d1);
        var p = d1 * v + d0;
        if (p < d0)
        {
            v--;
            if (p >= d1)
            {
                v--;
                p -= d1;
            }
            p -= d1;
        }
        var t1 = Math.BigMul(v, d0, out var t0);
        p += t1;
        if (p < t1)
        {
            v--;
            if (p > d1 || (p == d1 && t0 >= d0)) v--;
        }
        return v;
    }

    /// <summary>(u2, u1, u0) / (d1, d0) for (u2, u1) &lt; (d1, d0).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong DivideThreeByTwo(ulong u2, ulong u1, ulong u0, ulong d1, ulong d0, ulong reciprocal, out ulong r1, out ulong r0)
    {
        var q1 = Math.BigMul(reciprocal, u2, out var q0);
        q0 += u1;
        q1 += u2 + (q0 < u1 ? 1UL : 0);

        var high = u1 - q1 * d1;
        var t1 = Math.BigMul(d0, q1, out var t0);
        var low = u0 - t0;
        high -= t1 + (u0 < t0 ? 1UL : 0);
        high -= d1 + (low < d0 ? 1UL : 0);
        low -= d0;
        q1++;

        if (high >= q0)
        {
            q1--;
            low += d0;
            high += d1 + (low < d0 ? 1UL : 0);
        }
        if (high > d1 || (high == d1 && low >= d0))
        {
            q1++;
            high -= d1 + (low < d0 ? 1UL : 0);
            low -= d0;
        }
        r1 = high;
        r0 = low;
        return q1;
    }

    // Two equal leading limbs: the estimate is 2^64 - 1, one too large at most. Rare, and so kept out of the loop above.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static ulong StepOfEqualLimbs(ulong* u, ulong* divisor, int size)
    {
        var q = ulong.MaxValue;
        var borrow = SubtractProduct(u, divisor, size, q);
        if (u[size] < borrow)
        {
            q--;
            AddBack(u, divisor, size);
        }
        return q;
    }

    /// <summary>u -= d · q over <paramref name="length"/> limbs; the borrow returned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong SubtractProduct(ulong* u, ulong* d, int length, ulong q)
    {
        var borrow = 0UL;
        for (var i = 0; i < length; i++)
        {
            var high = UInt256.MultiplyAdd(d[i], q, borrow, 0, out var low);
            var limb = u[i];
            u[i] = limb - low;
            borrow = high + (limb < low ? 1UL : 0);
        }
        return borrow;
    }

    static ulong AddBack(ulong* u, ulong* d, int length)
    {
        var carry = 0UL;
        for (var i = 0; i < length; i++) u[i] = AddCarry(u[i], d[i], ref carry);
        return carry;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong AddCarry(ulong a, ulong b, ref ulong carry)
    {
        var sum = a + b;
        var over = sum < a ? 1UL : 0;
        var result = sum + carry;
        carry = over | (result < sum ? 1UL : 0);
        return result;
    }
}
