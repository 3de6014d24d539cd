using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hufu.Primitives;

/// <content>Quotients and remainders. Dividing by zero gives zero, as the EVM has it.</content>
public readonly partial struct UInt256
{
    public static UInt256 operator /(in UInt256 a, in UInt256 b)
    {
        Divide(in a, in b, out var quotient);
        return quotient;
    }

    public static UInt256 operator %(in UInt256 a, in UInt256 b)
    {
        Remainder(in a, in b, out var remainder);
        return remainder;
    }

    /// <summary>a / b in two's complement, rounded towards zero; the lowest number divided by -1 is itself (SDIV).</summary>
    public static UInt256 SignedDivide(in UInt256 a, in UInt256 b)
    {
        SignedDivide(in a, in b, out var quotient);
        return quotient;
    }

    /// <summary>The rest of <see cref="SignedDivide(in UInt256, in UInt256)"/>, with the sign of <paramref name="a"/> (SMOD).</summary>
    public static UInt256 SignedRemainder(in UInt256 a, in UInt256 b)
    {
        SignedRemainder(in a, in b, out var remainder);
        return remainder;
    }

    /// <summary>a / b, 0 where b is 0 (DIV).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Divide(in UInt256 a, in UInt256 b, out UInt256 quotient)
    {
        if ((a.U1 | a.U2 | a.U3 | b.U1 | b.U2 | b.U3) == 0) Store(out quotient, b.U0 == 0 ? 0 : a.U0 / b.U0);
        else DivideFull(in a, in b, out quotient);
    }

    /// <summary>a mod b, 0 where b is 0 (MOD).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Remainder(in UInt256 a, in UInt256 b, out UInt256 remainder)
    {
        if ((a.U1 | a.U2 | a.U3 | b.U1 | b.U2 | b.U3) == 0) Store(out remainder, b.U0 == 0 ? 0 : a.U0 % b.U0);
        else RemainderFull(in a, in b, out remainder);
    }

    /// <summary>Both parts of a division; both 0 where b is 0.</summary>
    public static void DivideRemainder(in UInt256 a, in UInt256 b, out UInt256 quotient, out UInt256 remainder)
    {
        if (b.FitsUInt64) DivideByOne(in a, b.U0, out quotient, out remainder);
        else if (LessByLimbs(in a, in b)) KeepDividend(in a, out quotient, out remainder);
        else if (b.U3 != 0) DivideByFour(in a, in b, out quotient, out remainder);
        else if (b.U2 != 0) DivideByThree(in a, in b, out quotient, out remainder);
        else DivideByTwo(in a, in b, out quotient, out remainder);
    }

    public static void SignedDivide(in UInt256 a, in UInt256 b, out UInt256 quotient)
    {
        if (b.IsZero)
        {
            Store(out quotient, 0);
            return;
        }
        var negative = (long)(a.U3 ^ b.U3) < 0;
        Magnitude(in a, out var x);
        Magnitude(in b, out var y);
        Divide(in x, in y, out quotient);
        if (negative) Negate(in quotient, out quotient);
    }

    public static void SignedRemainder(in UInt256 a, in UInt256 b, out UInt256 remainder)
    {
        if (b.IsZero)
        {
            Store(out remainder, 0);
            return;
        }
        var negative = a.IsNegative;
        Magnitude(in a, out var x);
        Magnitude(in b, out var y);
        Remainder(in x, in y, out remainder);
        if (negative) Negate(in remainder, out remainder);
    }

    bool IsPowerOfTwo => BitOperations.PopCount(U0) + BitOperations.PopCount(U1) + BitOperations.PopCount(U2) + BitOperations.PopCount(U3) == 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Magnitude(in UInt256 value, out UInt256 magnitude)
    {
        // Stored whole: a word put together from limbs and compared whole stalls.
        if (value.IsNegative) Negate(in value, out magnitude);
        else if (Vector256.IsHardwareAccelerated) Store(out magnitude, Load(in value));
        else magnitude = value;
    }

    /// <summary>The same without the short way of <see cref="Divide(in UInt256, in UInt256, out UInt256)"/>, for who knows that it does not apply.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void DivideFull(in UInt256 a, in UInt256 b, out UInt256 quotient)
    {
        // Compared by limbs: what was put together from limbs just now stalls where it is read whole.
        // Programs from before SHR divide by powers of two to shift: 0.2 of the time of a division.
        if (b.IsZero || LessByLimbs(in a, in b)) Store(out quotient, 0);
        else if (b.IsPowerOfTwo) ShiftRight(in a, b.BitLength - 1, out quotient);
        else DivideRemainder(in a, in b, out quotient, out _);
    }

    /// <summary>The same without the short way of <see cref="Remainder(in UInt256, in UInt256, out UInt256)"/>, for who knows that it does not apply.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void RemainderFull(in UInt256 a, in UInt256 b, out UInt256 remainder)
    {
        if (b.IsZero) Store(out remainder, 0);
        else if (LessByLimbs(in a, in b)) remainder = a;
        else DivideRemainder(in a, in b, out _, out remainder);
    }

    static void KeepDividend(in UInt256 a, out UInt256 quotient, out UInt256 remainder)
    {
        var kept = a; // the quotient may overwrite it
        Store(out quotient, 0);
        remainder = kept;
    }

    static void DivideByOne(in UInt256 a, ulong b, out UInt256 quotient, out UInt256 remainder)
    {
        if (b == 0)
        {
            Store(out quotient, 0);
            Store(out remainder, 0);
            return;
        }

        // The hardware divides by any limb above the rest; a reciprocal asks for the highest bit to be set.
        var shift = LongDivision.UsesHardware ? 0 : BitOperations.LeadingZeroCount(b);
        var divisor = b << shift;
        var reciprocal = LongDivision.Reciprocal(divisor);
        ulong q3 = 0, q2 = 0, rest;
        if ((a.U3 | a.U2) != 0)
        {
            rest = a.U3 >> 1 >> (63 - shift);
            q3 = LongDivision.DivideLimb(rest, Limbs.ShiftLeft(a.U3, a.U2, shift), divisor, reciprocal, out rest);
            q2 = LongDivision.DivideLimb(rest, Limbs.ShiftLeft(a.U2, a.U1, shift), divisor, reciprocal, out rest);
        }
        else
        {
            rest = a.U1 >> 1 >> (63 - shift);
        }
        var q1 = LongDivision.DivideLimb(rest, Limbs.ShiftLeft(a.U1, a.U0, shift), divisor, reciprocal, out rest);
        var q0 = LongDivision.DivideLimb(rest, a.U0 << shift, divisor, reciprocal, out rest);
        Store(out quotient, q0, q1, q2, q3);
        Store(out remainder, rest >> shift);
    }

    static void DivideByTwo(in UInt256 a, in UInt256 b, out UInt256 quotient, out UInt256 remainder)
    {
        var shift = BitOperations.LeadingZeroCount(b.U1);
        ulong d0 = b.U0 << shift, d1 = Limbs.ShiftLeft(b.U1, b.U0, shift);
        var (u0, u1, u2, u3, u4) = MovedUp(in a, shift);
        var reciprocal = LongDivision.Reciprocal(d1);
        // Sums of 128-bit numbers, and their products with short ones, leave the first step nothing to divide.
        var q2 = 0UL;
        if ((u4 | u3) == 0) u3 = u2;
        else q2 = LongDivision.StepByTwo(ref u4, ref u3, u2, d1, d0, reciprocal);
        var q1 = LongDivision.StepByTwo(ref u4, ref u3, u1, d1, d0, reciprocal);
        var q0 = LongDivision.StepByTwo(ref u4, ref u3, u0, d1, d0, reciprocal);
        Store(out quotient, q0, q1, q2, 0);
        Store(out remainder, Limbs.ShiftRight(u3, u4, shift), u4 >> shift);
    }

    static void DivideByThree(in UInt256 a, in UInt256 b, out UInt256 quotient, out UInt256 remainder)
    {
        var shift = BitOperations.LeadingZeroCount(b.U2);
        ulong d0 = b.U0 << shift, d1 = Limbs.ShiftLeft(b.U1, b.U0, shift), d2 = Limbs.ShiftLeft(b.U2, b.U1, shift);
        var (u0, u1, u2, u3, u4) = MovedUp(in a, shift);
        var reciprocal = LongDivision.Reciprocal(d2);
        var q1 = LongDivision.StepByThree(ref u4, ref u3, ref u2, u1, d2, d1, d0, reciprocal);
        var q0 = LongDivision.StepByThree(ref u4, ref u3, ref u2, u0, d2, d1, d0, reciprocal);
        Store(out quotient, q0, q1);
        Store(out remainder, Limbs.ShiftRight(u2, u3, shift), Limbs.ShiftRight(u3, u4, shift), u4 >> shift, 0);
    }

    static void DivideByFour(in UInt256 a, in UInt256 b, out UInt256 quotient, out UInt256 remainder)
    {
        var shift = BitOperations.LeadingZeroCount(b.U3);
        ulong d0 = b.U0 << shift, d1 = Limbs.ShiftLeft(b.U1, b.U0, shift), d2 = Limbs.ShiftLeft(b.U2, b.U1, shift), d3 = Limbs.ShiftLeft(b.U3, b.U2, shift);
        var (u0, u1, u2, u3, u4) = MovedUp(in a, shift);
        var q0 = LongDivision.StepByFour(ref u4, ref u3, ref u2, ref u1, u0, d3, d2, d1, d0, LongDivision.Reciprocal(d3));
        Store(out quotient, q0);
        Store(out remainder, Limbs.ShiftRight(u1, u2, shift), Limbs.ShiftRight(u2, u3, shift), Limbs.ShiftRight(u3, u4, shift), u4 >> shift);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static (ulong U0, ulong U1, ulong U2, ulong U3, ulong U4) MovedUp(in UInt256 a, int shift) => (
        a.U0 << shift,
        Limbs.ShiftLeft(a.U1, a.U0, shift),
        Limbs.ShiftLeft(a.U2, a.U1, shift),
        Limbs.ShiftLeft(a.U3, a.U2, shift),
        a.U3 >> 1 >> (63 - shift));

    /// <summary>Divides <paramref name="length"/> limbs by a divisor of more than 64 bits; the dividend has room for one more limb and is overwritten.</summary>
    [SkipLocalsInit]
    internal static unsafe void DivideWide(ulong* dividend, int length, in UInt256 b, ulong* quotient, ulong* remainder)
    {
        // Both are moved up until the divisor's highest bit is set.
        var size = b.U3 != 0 ? 4 : b.U2 != 0 ? 3 : 2;
        var shift = BitOperations.LeadingZeroCount(b.Limb(size - 1));
        var divisor = stackalloc ulong[4];
        divisor[0] = b.U0 << shift;
        divisor[1] = Limbs.ShiftLeft(b.U1, b.U0, shift);
        divisor[2] = Limbs.ShiftLeft(b.U2, b.U1, shift);
        divisor[3] = Limbs.ShiftLeft(b.U3, b.U2, shift);
        dividend[length] = dividend[length - 1] >> 1 >> (63 - shift);
        for (var i = length - 1; i > 0; i--) dividend[i] = Limbs.ShiftLeft(dividend[i], dividend[i - 1], shift);
        dividend[0] <<= shift;

        switch (size)
        {
            case 4: LongDivision.DivideByFour(dividend, length + 1, divisor, quotient); break;
            case 3: LongDivision.DivideByThree(dividend, length + 1, divisor, quotient); break;
            default: LongDivision.DivideByTwo(dividend, length + 1, divisor, quotient); break;
        }

        remainder[0] = Limbs.ShiftRight(dividend[0], dividend[1], shift);
        remainder[1] = Limbs.ShiftRight(dividend[1], size > 2 ? dividend[2] : 0, shift);
        remainder[2] = size > 2 ? Limbs.ShiftRight(dividend[2], size > 3 ? dividend[3] : 0, shift) : 0;
        remainder[3] = size > 3 ? dividend[3] >> shift : 0;
    }
}
