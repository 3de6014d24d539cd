using System.Numerics;
using Hufu.Primitives;

namespace Hufu.Crypto;

/// <summary>Modular exponentiation in C#: Montgomery's multiplication for the modulus's odd part, plain truncation for its power of two, joined by the Chinese remainder theorem.</summary>
static class ManagedModExp
{
    /// <param name="base">Not zero, without leading zeros, like the rest.</param>
    /// <param name="exponent">Not zero.</param>
    /// <param name="modulus">Above one.</param>
    /// <param name="output">As long as the modulus.</param>
    public static void Compute(ReadOnlySpan<byte> @base, ReadOnlySpan<byte> exponent, ReadOnlySpan<byte> modulus, Span<byte> output)
    {
        if (modulus.Length <= 32) ComputeShort(@base, exponent, UInt256.FromBigEndian(modulus), output);
        else ModExp.Write(Power(ModExp.Read(@base), exponent, ModExp.Read(modulus)), output);
    }

    static BigInteger Power(in BigInteger @base, ReadOnlySpan<byte> exponent, in BigInteger modulus)
    {
        // Too short for any preparation to pay.
        if (exponent is [<= 3]) return BigInteger.ModPow(@base % modulus, exponent[0], modulus);

        var twos = (int)BigInteger.TrailingZeroCount(modulus);
        if (twos == 0) return LaneModulus.Odd(modulus).Power(@base, exponent);

        var odd = modulus >> twos;
        var mask = (BigInteger.One << twos) - 1;
        var low = @base & mask;
        var even = TruncateExponent(low.IsEven, exponent, twos, out var shortened) ? LaneModulus.PowerOfTwo(twos).Power(low, shortened) : BigInteger.Zero;
        if (odd.IsOne) return even;

        // The x with x ≡ first (mod odd) and x ≡ even (mod 2^twos).
        var first = LaneModulus.Odd(odd).Power(@base, exponent);
        var difference = (even - first) & mask;
        return first + odd * ((difference * InverseModuloPowerOfTwo(odd, twos)) & mask);
    }

    /// <summary>The same on numbers of up to 256 bits.</summary>
    static void ComputeShort(ReadOnlySpan<byte> @base, ReadOnlySpan<byte> exponent, in UInt256 modulus, Span<byte> output)
    {
        var twos = TrailingZeros(modulus);
        var odd = modulus >> twos;
        var power = UInt256.Zero;
        if (!odd.IsOne)
        {
            var ring = new OddModulus(odd);
            power = ring.Power(ring.Reduce(@base), exponent);
        }
        if (twos > 0)
        {
            var mask = UInt256.MaxValue >> (256 - twos);
            var low = UInt256.FromBigEndian(@base[Math.Max(0, @base.Length - 32)..]) & mask;
            var even = TruncateExponent((low.U0 & 1) == 0, exponent, twos, out var shortened) ? PowerOfWord(low, shortened) & mask : UInt256.Zero;
            var inverse = odd;
            for (var right = 3; right < twos; right *= 2) inverse *= 2 - odd * inverse;
            power += odd * (((even - power) * inverse) & mask);
        }
        Span<byte> word = stackalloc byte[32];
        power.WriteBigEndian(word);
        word[^output.Length..].CopyTo(output);
    }

    /// <summary>
    /// Modulo 2^<paramref name="twos"/>, powers of an odd number come round every 2^(twos-2) steps or sooner, so the exponent's low bits are enough;
    /// those of an even number are zero from exponent twos on, which is told by false.
    /// </summary>
    static bool TruncateExponent(bool baseIsEven, ReadOnlySpan<byte> exponent, int twos, out ReadOnlySpan<byte> shortened)
    {
        shortened = exponent;
        if (baseIsEven) return exponent.Length <= 4 && ModExp.Read(exponent) < twos;
        var kept = Math.Min(exponent.Length, (twos + 7) / 8);
        shortened = exponent[^kept..];
        return true;
    }

    /// <summary>base^exponent modulo 2^256.</summary>
    static UInt256 PowerOfWord(in UInt256 @base, ReadOnlySpan<byte> exponent)
    {
        var digits = new ExponentWindows(exponent);
        if (digits.Bits == 0) return UInt256.One;
        Span<UInt256> table = stackalloc UInt256[digits.OddPowers];
        table[0] = @base;
        for (var i = 1; i < table.Length; i++) table[i] = table[i - 1] * @base * @base;
        digits.Next(out _, out var digit);
        var power = table[digit >> 1];
        while (digits.Next(out var squarings, out digit))
        {
            for (; squarings > 0; squarings--) power *= power;
            if (digit != 0) power *= table[digit >> 1];
        }
        return power;
    }

    static int TrailingZeros(in UInt256 number)
    {
        if (number.U0 != 0) return BitOperations.TrailingZeroCount(number.U0);
        if (number.U1 != 0) return 64 + BitOperations.TrailingZeroCount(number.U1);
        return number.U2 != 0 ? 128 + BitOperations.TrailingZeroCount(number.U2) : 192 + BitOperations.TrailingZeroCount(number.U3);
    }

    /// <summary>Newton's iteration: each step doubles the number of right bits.</summary>
    static BigInteger InverseModuloPowerOfTwo(in BigInteger odd, int bits)
    {
        var inverse = BigInteger.One;
        for (var right = 1; right < bits;)
        {
            right = Math.Min(2 * right, bits);
            var mask = (BigInteger.One << right) - 1;
            inverse = (inverse * (2 - (odd & mask) * inverse)) & mask;
        }
        return inverse;
    }
}
