using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>The base fee of a block from its parent (EIP-1559).</summary>
public static class BaseFee
{
    public static readonly UInt256 Initial = 1_000_000_000;

    public const ulong ElasticityMultiplier = 2;
    const ulong MaxChangeDenominator = 8;

    /// <summary>The base fee that a child of <paramref name="parent"/> must state; the child's fork has EIP-1559.</summary>
    public static UInt256 After(Header parent)
    {
        if (parent.BaseFeePerGas is not { } fee) return Initial;

        var target = parent.GasLimit / ElasticityMultiplier;
        if (parent.GasUsed == target || target == 0) return fee;
        if (parent.GasUsed > target)
        {
            var rise = fee * (parent.GasUsed - target) / target / MaxChangeDenominator;
            return fee + (rise.IsZero ? UInt256.One : rise);
        }
        return fee - fee * (target - parent.GasUsed) / target / MaxChangeDenominator;
    }
}
