namespace Hufu.Evm;

/// <summary>How large code may be.</summary>
public static class CodeLimits
{
    /// <summary>EIP-170.</summary>
    public const int MaxCodeSize = 0x6000;

    /// <summary>EIP-3860.</summary>
    public const int MaxInitCodeSize = 2 * MaxCodeSize;
}
