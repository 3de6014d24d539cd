using System.Runtime.CompilerServices;

namespace Hufu.Primitives;

/// <content>ADDMOD and MULMOD: the sum and the product before they wrap, modulo a third number.</content>
public readonly partial struct UInt256
{
    /// <summary>(a + b) mod m over unbounded integers, 0 where m is 0 (ADDMOD).</summary>
    public static UInt256 AddMod(in UInt256 a, in UInt256 b, in UInt256 m)
    {
        AddMod(in a, in b, in m, out var result);
        return result;
    }

    /// <summary>(a · b) mod m over unbounded integers, 0 where m is 0 (MULMOD).</summary>
    public static UInt256 MultiplyMod(in UInt256 a, in UInt256 b, in UInt256 m)
    {
        MultiplyMod(in a, in b, in m, out var result);
        return result;
    }

    [SkipLocalsInit]
    public static unsafe void AddMod(in UInt256 a, in UInt256 b, in UInt256 m, out UInt256 result)
    {
        var carry = 0UL;
        var wide = stackalloc ulong[8];
        wide[0] = AddCarry(a.U0, b.U0, ref carry);
        wide[1] = AddCarry(a.U1, b.U1, ref carry);
        wide[2] = AddCarry(a.U2, b.U2, ref carry);
        wide[3] = AddCarry(a.U3, b.U3, ref carry);
        wide[4] = carry;
        wide[5] = wide[6] = wide[7] = 0;
        ReduceWide(wide, in m, out result);
    }

    [SkipLocalsInit]
    public static unsafe void MultiplyMod(in UInt256 a, in UInt256 b, in UInt256 m, out UInt256 result)
    {
        var wide = stackalloc ulong[8];
        MultiplyWide(in a, in b, wide);
        ReduceWide(wide, in m, out result);
    }

    [SkipLocalsInit]
    static unsafe void ReduceWide(ulong* wide, in UInt256 m, out UInt256 result)
    {
        var length = 8;
        while (length > 0 && wide[length - 1] == 0) length--;
        if (length <= 4)
        {
            Remainder(new UInt256(wide[0], wide[1], wide[2], wide[3]), in m, out result);
            return;
        }
        if (m.FitsUInt64)
        {
            Remainder(new UInt256(wide[4], wide[5], wide[6], wide[7]), in m, out var upper);
            Remainder(new UInt256(wide[3], upper.U0, 0, 0), in m, out upper);
            Remainder(new UInt256(wide[2], upper.U0, 0, 0), in m, out upper);
            Remainder(new UInt256(wide[1], upper.U0, 0, 0), in m, out upper);
            Remainder(new UInt256(wide[0], upper.U0, 0, 0), in m, out result);
            return;
        }
        var dividend = stackalloc ulong[9];
        var quotient = stackalloc ulong[8];
        var divisor = stackalloc ulong[4];
        var size = m.U3 != 0 ? 4 : m.U2 != 0 ? 3 : 2;
        var shift = Normalise(in m, size, divisor);
        dividend[0] = wide[0] << shift;
        for (var i = 1; i < length; i++) dividend[i] = Joined(wide[i - 1], wide[i], shift);
        dividend[length] = wide[length - 1] >> 1 >> (63 - shift);
        LongDivision.Divide(dividend, length + 1, divisor, size, quotient);
        dividend[size] = 0;
        if (size < 3) dividend[3] = 0;
        Store(out result,
            Below(dividend[0], dividend[1], shift),
            Below(dividend[1], dividend[2], shift),
            size > 2 ? Below(dividend[2], dividend[3], shift) : 0,
            size > 3 ? dividend[3] >> shift : 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong Below(ulong limb, ulong above, int shift) => (limb >> shift) | (above << 1 << (63 - shift));
}
