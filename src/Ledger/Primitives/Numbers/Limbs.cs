using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Hufu.Primitives;

/// <summary>Arithmetic of one limb of 64 bits and what it carries over. The compiler knows no add-with-carry, so a carry is a comparison.</summary>
static class Limbs
{
    /// <summary>a + b + carry; the carry, 0 or 1, is replaced by the new one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Add(ulong a, ulong b, ref ulong carry)
    {
        var sum = a + b;
        var over = One(sum < a);
        var result = sum + carry;
        carry = over + One(result < sum);
        return result;
    }

    /// <summary>a - b - borrow; the borrow, 0 or 1, is replaced by the new one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Subtract(ulong a, ulong b, ref ulong borrow)
    {
        var difference = a - b;
        var under = One(a < b);
        var result = difference - borrow;
        borrow = under + One(difference < borrow);
        return result;
    }

    /// <summary>The 128 bits of a · b: the low limb, and the high one returned.</summary>
    /// <remarks>Two multiplications: mulx alone would leave the low limb in memory (powers took 2.0 of the time, products of 512 bits 1.3).</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Multiply(ulong a, ulong b, out ulong low)
    {
        if (!Bmi2.X64.IsSupported) return Math.BigMul(a, b, out low);
        low = a * b;
        return Bmi2.X64.MultiplyNoFlags(a, b);
    }

    /// <summary>a · b + c: the low limb, and the high one returned. It always fits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong MultiplyAdd(ulong a, ulong b, ulong c, out ulong low)
    {
        var high = Multiply(a, b, out low);
        low += c;
        return high + One(low < c);
    }

    /// <summary>a · b + c + d: the low limb, and the high one returned. It always fits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong MultiplyAdd(ulong a, ulong b, ulong c, ulong d, out ulong low)
    {
        var high = MultiplyAdd(a, b, c, out low);
        low += d;
        return high + One(low < d);
    }

    /// <summary>limb · 2^shift with the bits of its lower neighbour that come up; 0 &lt;= shift &lt; 64.</summary>
    /// <remarks>Shifting by one and then by 63 - shift has no exception at shift 0, where 64 would mean 0.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ShiftLeft(ulong limb, ulong below, int shift) => (limb << shift) | (below >> 1 >> (63 - shift));

    /// <summary>limb / 2^shift with the bits of its upper neighbour that come down; 0 &lt;= shift &lt; 64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ShiftRight(ulong limb, ulong above, int shift) => (limb >> shift) | (above << 1 << (63 - shift));

    /// <summary>1 for true. The cast spares the compiler a move that "? 1 : 0" costs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong One(bool condition) => Unsafe.BitCast<bool, byte>(condition);
}
