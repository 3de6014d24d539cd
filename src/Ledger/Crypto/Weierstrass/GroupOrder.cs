using Hufu.Primitives;

namespace Hufu.Crypto;

/// <summary>Arithmetic modulo the order of a curve's group, a number between 2^255 and 2^256. A handful of these go into a signature, so plain Montgomery form will do.</summary>
sealed class GroupOrder
{
    readonly ulong[] _limbs;
    readonly ulong _negativeInverse;
    readonly UInt256 _square;

    public GroupOrder(in UInt256 order)
    {
        Order = order;
        _limbs = [order.U0, order.U1, order.U2, order.U3];

        // Newton's iteration doubles the right bits of the inverse: 3, 6, 12, 24, 48, 96.
        var inverse = order.U0;
        for (var i = 0; i < 5; i++) inverse *= 2 - order.U0 * inverse;
        _negativeInverse = 0 - inverse;

        // 2^512 mod n, from 2^256 - n by doubling.
        var power = UInt256.Zero - order;
        for (var i = 0; i < 256; i++) power = Add(power, power);
        _square = power;
    }

    public UInt256 Order { get; }

    /// <summary>Brings a number of 256 bits below the order.</summary>
    public UInt256 Reduce(in UInt256 number) => number >= Order ? number - Order : number;

    public UInt256 Negate(in UInt256 a) => a.IsZero ? a : Order - a;

    public UInt256 Add(in UInt256 a, in UInt256 b)
    {
        var sum = a + b;
        return sum < a || sum >= Order ? sum - Order : sum;
    }

    public UInt256 Multiply(in UInt256 a, in UInt256 b) => MontgomeryMultiply(MontgomeryMultiply(a, b), _square);

    /// <summary>The inverse of a number that is not zero.</summary>
    public UInt256 Invert(in UInt256 a)
    {
        Span<ulong> limbs = [a.U0, a.U1, a.U2, a.U3];
        ModularInverse.Invert(limbs, _limbs, _negativeInverse);
        return new UInt256(limbs[0], limbs[1], limbs[2], limbs[3]);
    }

    /// <summary>a·b·2^-256.</summary>
    UInt256 MontgomeryMultiply(in UInt256 a, in UInt256 b)
    {
        Span<ulong> sum = stackalloc ulong[6];
        sum.Clear();
        for (var i = 0; i < 4; i++)
        {
            var word = i switch { 0 => a.U0, 1 => a.U1, 2 => a.U2, _ => a.U3 };
            Accumulate(sum, word, b.U0, b.U1, b.U2, b.U3);
            Accumulate(sum, sum[0] * _negativeInverse, _limbs[0], _limbs[1], _limbs[2], _limbs[3]);
            sum[1..].CopyTo(sum);
            sum[5] = 0;
        }
        var product = new UInt256(sum[0], sum[1], sum[2], sum[3]);
        return sum[4] != 0 || product >= Order ? product - Order : product;
    }

    static void Accumulate(Span<ulong> sum, ulong factor, ulong b0, ulong b1, ulong b2, ulong b3)
    {
        var carry = (UInt128)factor * b0 + sum[0];
        sum[0] = (ulong)carry;
        carry = (UInt128)factor * b1 + sum[1] + (carry >> 64);
        sum[1] = (ulong)carry;
        carry = (UInt128)factor * b2 + sum[2] + (carry >> 64);
        sum[2] = (ulong)carry;
        carry = (UInt128)factor * b3 + sum[3] + (carry >> 64);
        sum[3] = (ulong)carry;
        carry = (carry >> 64) + sum[4];
        sum[4] = (ulong)carry;
        sum[5] += (ulong)(carry >> 64);
    }
}
