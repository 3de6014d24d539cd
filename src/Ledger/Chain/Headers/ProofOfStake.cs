using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>Headers after the merge: the consensus layer vouches for them, so that nothing is left to seal (EIP-3675).</summary>
public sealed class ProofOfStake : IConsensusRules
{
    public bool ChoosesByTotalDifficulty => false;
    public int MaxExtraData => 32;

    public BlockRefusal? Check(Header header, Header parent, ForkRules rules)
    {
        if (!header.Difficulty.IsZero)
            return new BlockRefusal(BlockRule.Difficulty, header.Number, $"difficulty is {header.Difficulty}; with proof of stake it is zero");
        if (header.Nonce != 0)
            return new BlockRefusal(BlockRule.Nonce, header.Number, $"nonce is 0x{header.Nonce:x16}; with proof of stake it is zero");
        if (header.OmmersHash != Header.EmptyOmmersHash)
            return new BlockRefusal(BlockRule.OmmersHash, header.Number, "with proof of stake a block has no ommers");
        return null;
    }

    public UInt256 DifficultyAfter(Header parent, ulong timestamp, ForkRules rules) => UInt256.Zero;
    public UInt256 BlockReward(Header header, ForkRules rules) => UInt256.Zero;
}
