using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Hufu.Primitives;

/// <summary>
/// A modulus met more than once in a row, with its reciprocal: Barrett's reduction. Programs that work in a prime field multiply
/// thousands of times modulo one number; each then takes 0.75 of the time it takes with a long division.
/// </summary>
sealed unsafe class RepeatedModulus
{
    const int Remembered = 4; // a curve has the prime of its field and that of its group; two more for what runs beside it

    [ThreadStatic]
    static RepeatedModulus[]? _moduli;

    UInt256 _modulus;
    bool _isPrepared;
    ulong _mu0, _mu1, _mu2, _mu3, _mu4; // floor(2^512 / modulus)

    /// <summary>
    /// The reduction for a modulus of at least 2^193, from the second time on that this thread asks for it without another one having
    /// taken its place. The first time costs a comparison: preparing would cost a long division, too much for a modulus met once.
    /// </summary>
    public static bool TryGet(in UInt256 modulus, [NotNullWhen(true)] out RepeatedModulus? repeated)
    {
        var moduli = _moduli ?? Begin();
        repeated = moduli[(modulus.U0 * 0x9E3779B97F4A7C15) >> 62];
        if (repeated._modulus != modulus)
        {
            repeated._modulus = modulus;
            repeated._isPrepared = false;
            return false;
        }
        if (!repeated._isPrepared) repeated.Prepare();
        return true;
    }

    /// <summary>Eight limbs modulo this number, left in the lowest four.</summary>
    public void Reduce(ulong* x)
    {
        // The quotient's estimate: (x / 2^192) · mu / 2^320, without the columns of the product that could only add one to it. With the
        // two that Barrett's estimate itself may be short, the rest is below four times the modulus.
        var carry = Limbs.Multiply(x[3], _mu3, out var t3);
        var t5 = Limbs.MultiplyAdd(x[3], _mu4, carry, out var t4);

        carry = Limbs.MultiplyAdd(x[4], _mu2, t3, out t3);
        carry = Limbs.MultiplyAdd(x[4], _mu3, t4, carry, out t4);
        var t6 = Limbs.MultiplyAdd(x[4], _mu4, t5, carry, out t5);

        carry = Limbs.MultiplyAdd(x[5], _mu1, t3, out t3);
        carry = Limbs.MultiplyAdd(x[5], _mu2, t4, carry, out t4);
        carry = Limbs.MultiplyAdd(x[5], _mu3, t5, carry, out t5);
        var t7 = Limbs.MultiplyAdd(x[5], _mu4, t6, carry, out t6);

        carry = Limbs.MultiplyAdd(x[6], _mu0, t3, out t3);
        carry = Limbs.MultiplyAdd(x[6], _mu1, t4, carry, out t4);
        carry = Limbs.MultiplyAdd(x[6], _mu2, t5, carry, out t5);
        carry = Limbs.MultiplyAdd(x[6], _mu3, t6, carry, out t6);
        var t8 = Limbs.MultiplyAdd(x[6], _mu4, t7, carry, out t7);

        carry = Limbs.MultiplyAdd(x[7], _mu0, t4, out t4);
        carry = Limbs.MultiplyAdd(x[7], _mu1, t5, carry, out t5);
        carry = Limbs.MultiplyAdd(x[7], _mu2, t6, carry, out t6);
        carry = Limbs.MultiplyAdd(x[7], _mu3, t7, carry, out t7);
        var t9 = Limbs.MultiplyAdd(x[7], _mu4, t8, carry, out t8);

        // The lowest five limbs of estimate · modulus: the rest has no more.
        ulong m0 = _modulus.U0, m1 = _modulus.U1, m2 = _modulus.U2, m3 = _modulus.U3;
        carry = Limbs.Multiply(t5, m0, out var p0);
        carry = Limbs.MultiplyAdd(t5, m1, carry, out var p1);
        carry = Limbs.MultiplyAdd(t5, m2, carry, out var p2);
        var p4 = Limbs.MultiplyAdd(t5, m3, carry, out var p3);

        carry = Limbs.MultiplyAdd(t6, m0, p1, out p1);
        carry = Limbs.MultiplyAdd(t6, m1, p2, carry, out p2);
        carry = Limbs.MultiplyAdd(t6, m2, p3, carry, out p3);
        p4 += t6 * m3 + carry;

        carry = Limbs.MultiplyAdd(t7, m0, p2, out p2);
        carry = Limbs.MultiplyAdd(t7, m1, p3, carry, out p3);
        p4 += t7 * m2 + carry;

        carry = Limbs.MultiplyAdd(t8, m0, p3, out p3);
        p4 += t8 * m1 + carry + t9 * m0;

        var borrow = 0UL;
        var r0 = Limbs.Subtract(x[0], p0, ref borrow);
        var r1 = Limbs.Subtract(x[1], p1, ref borrow);
        var r2 = Limbs.Subtract(x[2], p2, ref borrow);
        var r3 = Limbs.Subtract(x[3], p3, ref borrow);
        var r4 = x[4] - p4 - borrow;
        while (true)
        {
            borrow = 0;
            var s0 = Limbs.Subtract(r0, m0, ref borrow);
            var s1 = Limbs.Subtract(r1, m1, ref borrow);
            var s2 = Limbs.Subtract(r2, m2, ref borrow);
            var s3 = Limbs.Subtract(r3, m3, ref borrow);
            if (r4 < borrow) break;
            r4 -= borrow;
            (r0, r1, r2, r3) = (s0, s1, s2, s3);
        }
        (x[0], x[1], x[2], x[3]) = (r0, r1, r2, r3);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    [SkipLocalsInit]
    void Prepare()
    {
        var power = stackalloc ulong[10];
        new Span<ulong>(power, 10).Clear();
        power[8] = 1;
        var quotient = stackalloc ulong[8];
        var rest = stackalloc ulong[4];
        UInt256.DivideWide(power, 9, in _modulus, quotient, rest);
        (_mu0, _mu1, _mu2, _mu3, _mu4) = (quotient[0], quotient[1], quotient[2], quotient[3], quotient[4]);
        _isPrepared = true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static RepeatedModulus[] Begin()
    {
        var moduli = new RepeatedModulus[Remembered];
        for (var i = 0; i < moduli.Length; i++) moduli[i] = new RepeatedModulus();
        return _moduli = moduli;
    }
}
