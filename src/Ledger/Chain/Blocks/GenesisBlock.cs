using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>Where a chain begins: block 0 and the accounts that exist in it. The header's state root must be that of the accounts.</summary>
public sealed record GenesisBlock(Block Block, StateDiff State);
