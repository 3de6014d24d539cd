using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>What one consensus asks of a header beyond what every block of a fork must fulfil, and what it pays.</summary>
public interface IConsensusRules
{
    /// <summary>Whether blocks compete by total difficulty, so that the chain itself chooses its head; otherwise a driver chooses.</summary>
    bool ChoosesByTotalDifficulty { get; }

    /// <summary>Whether blocks carry a seal that every node can check, so that they may travel from node to node. Under proof of stake they come from a consensus client alone.</summary>
    bool LetsBlocksTravel => ChoosesByTotalDifficulty;

    /// <summary>Whether a header can be checked only where its parent's state is, because a contract there names those who seal. Such a chain is executed from its beginning, or taken in up to a block that its operator trusts.</summary>
    bool NeedsStateToCheck => false;

    /// <summary>Whether a header that is in order is final, by what it carries itself.</summary>
    bool ProvesFinality => false;

    /// <summary>The most bytes of extra data a header may carry.</summary>
    int MaxExtraData { get; }

    /// <summary>The first broken rule of difficulty, nonce and seal, or null.</summary>
    BlockRefusal? Check(Header header, Header parent, ForkRules rules);

    /// <summary>The difficulty that a block to be built must state.</summary>
    UInt256 DifficultyAfter(Header parent, ulong timestamp, ForkRules rules);

    /// <summary>What the beneficiary of a block gets for it, in Wei, before anything for ommers.</summary>
    UInt256 BlockReward(Header header, ForkRules rules);

    /// <summary>Called once, when the chain is open: for rules that look at ancestors, or at a contract's state.</summary>
    void Join(Blockchain chain) { }
}
