using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>Where a chain begins: block 0 and the accounts that exist in it. The header's state root must be that of the accounts.</summary>
public sealed record GenesisBlock(Block Block, StateDiff State)
{
    /// <summary>Whether the block is one of another chain that this one forks: it has a number above 0, and a state root of accounts that are not all here.</summary>
    public bool IsForked { get; init; }
}
