using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

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
    [SkipLocalsInit]
    public static unsafe void DivideRemainder(in UInt256 a, in UInt256 b, out UInt256 quotient, out UInt256 remainder)
    {
        var parts = stackalloc ulong[8];
        DivideLimbs(in a, in b, parts, parts + 4);
        quotient = new UInt256(parts[0], parts[1], parts[2], parts[3]);
        remainder = new UInt256(parts[4], parts[5], parts[6], parts[7]);
    }

    public static void SignedDivide(in UInt256 a, in UInt256 b, out UInt256 quotient)
    {
        var negative = (long)(a.U3 ^ b.U3) < 0;
        Divide(Magnitude(in a), Magnitude(in b), out quotient);
        if (negative) SubtractByLimbs(default, in quotient, out quotient);
    }

    public static void SignedRemainder(in UInt256 a, in UInt256 b, out UInt256 remainder)
    {
        var negative = a.IsNegative;
        Remainder(Magnitude(in a), Magnitude(in b), out remainder);
        if (negative) SubtractByLimbs(default, in remainder, out remainder);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static UInt256 Magnitude(in UInt256 value) => value.IsNegative ? -value : value;

    [MethodImpl(MethodImplOptions.NoInlining)]
    [SkipLocalsInit]
    static unsafe void DivideFull(in UInt256 a, in UInt256 b, out UInt256 quotient)
    {
        var parts = stackalloc ulong[8];
        DivideLimbs(in a, in b, parts, parts + 4);
        Store(out quotient, parts[0], parts[1], parts[2], parts[3]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    [SkipLocalsInit]
    static unsafe void RemainderFull(in UInt256 a, in UInt256 b, out UInt256 remainder)
    {
        var parts = stackalloc ulong[8];
        DivideLimbs(in a, in b, parts, parts + 4);
        Store(out remainder, parts[4], parts[5], parts[6], parts[7]);
    }

    /// <summary>Four limbs of quotient and four of remainder, for any operands.</summary>
    [SkipLocalsInit]
    static unsafe void DivideLimbs(in UInt256 a, in UInt256 b, ulong* quotient, ulong* remainder)
    {
        quotient[0] = quotient[1] = quotient[2] = quotient[3] = 0;
        remainder[0] = remainder[1] = remainder[2] = remainder[3] = 0;
        if (b.FitsUInt64)
        {
            if (b.U0 != 0) remainder[0] = DivideByLimb(in a, b.U0, quotient);
            return;
        }
        if (LessByLimbs(in a, in b))
        {
            (remainder[0], remainder[1], remainder[2], remainder[3]) = (a.U0, a.U1, a.U2, a.U3);
            return;
        }

        var dividend = stackalloc ulong[5];
        var divisor = stackalloc ulong[4];
        var size = b.U3 != 0 ? 4 : b.U2 != 0 ? 3 : 2;
        var shift = Normalise(in b, size, divisor);
        dividend[0] = a.U0 << shift;
        dividend[1] = Joined(a.U0, a.U1, shift);
        dividend[2] = Joined(a.U1, a.U2, shift);
        dividend[3] = Joined(a.U2, a.U3, shift);
        dividend[4] = a.U3 >> 1 >> (63 - shift);
        LongDivision.Divide(dividend, 5, divisor, size, quotient);
        for (var i = 0; i < size; i++) remainder[i] = dividend[i] >> shift | (i + 1 < size ? dividend[i + 1] << 1 << (63 - shift) : 0);
    }

    /// <summary>b moved up until its highest bit is that of limb <paramref name="size"/> - 1; by how many bits, returned.</summary>
    static unsafe int Normalise(in UInt256 b, int size, ulong* divisor)
    {
        var shift = BitOperations.LeadingZeroCount(b.Limb(size - 1));
        divisor[0] = b.U0 << shift;
        divisor[1] = Joined(b.U0, b.U1, shift);
        divisor[2] = Joined(b.U1, b.U2, shift);
        divisor[3] = Joined(b.U2, b.U3, shift);
        return shift;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong Joined(ulong below, ulong limb, int shift) => (limb << shift) | (below >> 1 >> (63 - shift));

    static unsafe ulong DivideByLimb(in UInt256 a, ulong b, ulong* quotient)
    {
        if (X86Base.X64.IsSupported)
        {
#pragma warning disable SYSLIB5004 // DivRem of 128 by 64 bits is marked as a preview; its meaning is that of the instruction.
            var rest = 0UL;
            (quotient[3], rest) = X86Base.X64.DivRem(a.U3, rest, b);
            (quotient[2], rest) = X86Base.X64.DivRem(a.U2, rest, b);
            (quotient[1], rest) = X86Base.X64.DivRem(a.U1, rest, b);
            (quotient[0], rest) = X86Base.X64.DivRem(a.U0, rest, b);
            return rest;
#pragma warning restore SYSLIB5004
        }
        var shift = BitOperations.LeadingZeroCount(b);
        var divisor = b << shift;
        var reciprocal = LongDivision.Reciprocal(divisor);
        var r = a.U3 >> 1 >> (63 - shift);
        quotient[3] = LongDivision.DivideTwoByOne(r, Joined(a.U2, a.U3, shift), divisor, reciprocal, out r);
        quotient[2] = LongDivision.DivideTwoByOne(r, Joined(a.U1, a.U2, shift), divisor, reciprocal, out r);
        quotient[1] = LongDivision.DivideTwoByOne(r, Joined(a.U0, a.U1, shift), divisor, reciprocal, out r);
        quotient[0] = LongDivision.DivideTwoByOne(r, a.U0 << shift, divisor, reciprocal, out r);
        return r >> shift;
    }
}
