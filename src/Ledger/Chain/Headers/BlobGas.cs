using System.Numerics;
using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>Blob gas from block to block (EIP-4844, EIP-7691, EIP-7918).</summary>
public static class BlobGas
{
    // EIP-7918: what carrying a blob costs in execution gas; blobs never get much cheaper than that.
    const ulong BlobBaseCost = 1 << 13;

    static readonly BigInteger Widest = (BigInteger.One << 256) - 1;

    /// <summary>The excess blob gas that a child of <paramref name="parent"/> under <paramref name="rules"/> must state.</summary>
    public static ulong ExcessAfter(Header parent, ForkRules rules)
    {
        var excess = parent.ExcessBlobGas ?? 0;
        var used = parent.BlobGasUsed ?? 0;
        var blob = rules.Blob;
        var total = (UInt128)excess + used;
        var target = (UInt128)blob.Target * BlobParameters.GasPerBlob;
        if (total < target) return 0;

        if (rules.Has(Eip.BlobBaseFeeBoundedByExecution) && parent.BaseFeePerGas is { } baseFee
            && (BigInteger)baseFee * BlobBaseCost > (BigInteger)BaseFee(excess, blob) * BlobParameters.GasPerBlob)
            return Saturated((UInt128)excess + (UInt128)used * (blob.Max - blob.Target) / blob.Max);
        return Saturated(total - target);
    }

    /// <summary>The price of one blob gas in Wei.</summary>
    public static UInt256 BaseFee(ulong excessBlobGas, in BlobParameters blob) => excessBlobGas == 0 ? BlobParameters.MinBaseFeePerBlobGas
        : FakeExponential((BigInteger)BlobParameters.MinBaseFeePerBlobGas, excessBlobGas, blob.UpdateFraction);

    /// <summary>factor * e^(numerator / denominator) by the Taylor expansion of EIP-4844; the largest value where it would not fit.</summary>
    static UInt256 FakeExponential(BigInteger factor, BigInteger numerator, BigInteger denominator)
    {
        var sum = BigInteger.Zero;
        var term = factor * denominator;
        for (var i = 1; term > 0; i++)
        {
            sum += term;
            if (sum / denominator > Widest) return UInt256.MaxValue;
            term = term * numerator / (denominator * i);
        }
        return (UInt256)(sum / denominator);
    }

    static ulong Saturated(UInt128 value) => value > ulong.MaxValue ? ulong.MaxValue : (ulong)value;
}
