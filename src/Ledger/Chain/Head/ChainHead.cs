using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>Where the chain stands: an immutable answer that readers take once and use throughout.</summary>
/// <param name="Safe">The latest block that the consensus calls safe; genesis until it says so.</param>
/// <param name="Finalised">The latest block that the consensus will not go back behind; genesis until it says so.</param>
public sealed record ChainHead(Header Head, Header Safe, Header Finalised, UInt256 TotalDifficulty)
{
    public ulong Number => Head.Number;
    public Hash256 Hash => Head.Hash;
}
