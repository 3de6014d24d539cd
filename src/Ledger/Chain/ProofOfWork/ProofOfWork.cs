using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>Headers before the merge: difficulty, and the Ethash seal where it is asked for.</summary>
/// <param name="seal">Checks seals; null for networks and fixtures that carry none ("NoProof").</param>
/// <param name="fixedDifficulty">The difficulty of every block of a private network; null where it follows from the parent's.</param>
public sealed class ProofOfWork(Ethash? seal, UInt256? fixedDifficulty = null) : IConsensusRules
{
    static readonly UInt256 Ether = UInt256.Parse("1000000000000000000");

    public bool ChoosesByTotalDifficulty => true;
    public int MaxExtraData => 32;

    public BlockRefusal? Check(Header header, Header parent, ForkRules rules)
    {
        var expected = DifficultyAfter(parent, header.Timestamp, rules);
        if (header.Difficulty != expected)
            return BlockRefusal.Mismatch(BlockRule.Difficulty, header, "difficulty", header.Difficulty, expected);
        if (seal is not null && !seal.IsSealed(header))
            return new BlockRefusal(BlockRule.Seal, header.Number, "nonce and mix hash are not an Ethash proof of work for this header");
        return null;
    }

    /// <summary>Checks seals; null where blocks carry none.</summary>
    public Ethash? Seal => seal;

    public UInt256 DifficultyAfter(Header parent, ulong timestamp, ForkRules rules) => fixedDifficulty ??
        Difficulty.Of(rules, parent.Number + 1, timestamp, parent.Timestamp, parent.Difficulty, parent.OmmersHash != Header.EmptyOmmersHash);

    /// <summary>Five Ether, three from Byzantium (EIP-649), two from Constantinople (EIP-1234).</summary>
    public UInt256 BlockReward(Header header, ForkRules rules) =>
        Ether * (rules.Has(Eip.BombDelayConstantinople) ? 2UL : rules.Has(Eip.BombDelayByzantium) ? 3UL : 5UL);
}
