using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>How large code may be, in bytes (EIP-170, and EIP-7954 since Amsterdam).</summary>
public readonly record struct CodeLimits(int MaxCodeSize)
{
    /// <summary>EIP-3860.</summary>
    public int MaxInitCodeSize => 2 * MaxCodeSize;

    public static CodeLimits Of(ForkRules rules) => new(rules.Has(Eip.LargerContracts) ? 0x8000 : 0x6000);
}
