using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>Modular exponentiation of integers of any size (address 0x05; EIP-198). Its price changed with EIP-2565 and EIP-7883, its bounds with EIP-7823.</summary>
sealed class ModExp : Precompile
{
    const int LengthsSize = 96, WordSize = 32;

    // Beyond this no block's gas pays for it.
    const int LongestAtAll = 1 << 28;

    readonly Func<UInt256, UInt256> _complexity;
    readonly ulong _divisor, _exponentByte;
    readonly long _leastGas;
    readonly int _longest;

    ModExp(Func<UInt256, UInt256> complexity, ulong divisor, ulong exponentByte, long leastGas, int longest) =>
        (_complexity, _divisor, _exponentByte, _leastGas, _longest) = (complexity, divisor, exponentByte, leastGas, longest);

    public static ModExp Of(ForkRules rules)
    {
        var longest = rules.Has(Eip.ModExpUpperBounds) ? 1024 : LongestAtAll;
        if (rules.Has(Eip.ModExpGasIncrease)) return new(ComplexityOf7883, 1, 16, 500, longest);
        if (rules.Has(Eip.ModExpGas)) return new(ComplexityOf2565, 3, 8, 200, longest);
        return new(ComplexityOf198, 20, 8, 0, longest);
    }

    public override long GasFor(ReadOnlySpan<byte> input)
    {
        ReadLengths(input, out var baseLength, out var exponentLength, out var modulusLength);
        var longer = baseLength > modulusLength ? baseLength : modulusLength;
        if (!longer.FitsUInt64) return long.MaxValue;
        var complexity = _complexity(longer);
        if (complexity.IsZero) return _leastGas;
        if (!exponentLength.FitsUInt64) return long.MaxValue;
        var gas = complexity * Iterations(input, baseLength, exponentLength) / _divisor;
        return gas.BitLength > 63 ? long.MaxValue : Math.Max((long)gas.Low64, _leastGas);
    }

    public override bool TryRun(ReadOnlySpan<byte> input, ReturnData output)
    {
        output.Clear();
        ReadLengths(input, out var baseLength, out var exponentLength, out var modulusLength);
        var isBounded = _longest < LongestAtAll;
        if (modulusLength.IsZero && !isBounded) return true;
        if (baseLength > _longest || exponentLength > _longest || modulusLength > _longest) return false;
        if (modulusLength.IsZero) return true;

        var (b, e, m) = ((int)baseLength.Low64, (int)exponentLength.Low64, (int)modulusLength.Low64);
        var operands = new byte[b + e + m];
        Read(input, LengthsSize, operands);
        Crypto.ModExp.Compute(operands.AsSpan(0, b), operands.AsSpan(b, e), operands.AsSpan(b + e, m), output.Resize(m));
        return true;
    }

    static UInt256 ComplexityOf198(UInt256 x) =>
        x <= 64 ? x * x
        : x <= 1024 ? x * x / 4 + 96 * x - 3_072
        : x * x / 16 + 480 * x - 199_680;

    static UInt256 ComplexityOf2565(UInt256 x)
    {
        var words = (x + 7) / 8;
        return words * words;
    }

    static UInt256 ComplexityOf7883(UInt256 x) => x <= 32 ? 16 : 2 * ComplexityOf2565(x);

    // The bits of the exponent, counted from its first word; what follows that word counts by its length only.
    UInt256 Iterations(ReadOnlySpan<byte> input, in UInt256 baseLength, in UInt256 exponentLength)
    {
        Span<byte> head = stackalloc byte[WordSize];
        var headLength = exponentLength < WordSize ? (int)exponentLength.Low64 : WordSize;
        head.Clear();
        if (baseLength.FitsUInt64 && baseLength.Low64 < (ulong)input.Length)
            Read(input, LengthsSize + (int)baseLength.Low64, head[(WordSize - headLength)..]);
        var bits = UInt256.FromBigEndian(head).BitLength;
        var iterations = bits == 0 ? UInt256.Zero : bits - 1;
        if (exponentLength > WordSize) iterations += _exponentByte * (exponentLength - WordSize);
        return iterations.IsZero ? UInt256.One : iterations;
    }

    static void ReadLengths(ReadOnlySpan<byte> input, out UInt256 baseLength, out UInt256 exponentLength, out UInt256 modulusLength)
    {
        Span<byte> lengths = stackalloc byte[LengthsSize];
        Read(input, 0, lengths);
        baseLength = UInt256.FromBigEndian(lengths[..32]);
        exponentLength = UInt256.FromBigEndian(lengths[32..64]);
        modulusLength = UInt256.FromBigEndian(lengths[64..]);
    }
}
