using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>
/// A network that begins with one consensus and goes over to proof of stake (EIP-3675). Difficulty zero tells the second part from the first;
/// whether a header may already, or may still, belong to its part is decided by total difficulty, which the chain knows.
/// </summary>
public sealed class Merge(IConsensusRules before) : IConsensusRules
{
    readonly ProofOfStake _after = new();

    public bool ChoosesByTotalDifficulty => before.ChoosesByTotalDifficulty;
    public int MaxExtraData => before.MaxExtraData;

    public BlockRefusal? Check(Header header, Header parent, ForkRules rules) => At(rules).Check(header, parent, rules);
    public UInt256 DifficultyAfter(Header parent, ulong timestamp, ForkRules rules) => At(rules).DifficultyAfter(parent, timestamp, rules);
    public UInt256 BlockReward(Header header, ForkRules rules) => At(rules).BlockReward(header, rules);
    public void Join(Blockchain chain) => before.Join(chain);

    IConsensusRules At(ForkRules rules) => rules.Has(Eip.ProofOfStake) ? _after : before;
}
