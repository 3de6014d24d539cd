namespace Hufu.Consensus;

/// <summary>The ids of what Hufu's validators tell each other beside the messages of QBFT, in the sub-protocol <c>hufuqbft/1</c>. Others are for later versions.</summary>
enum BesideCode : byte
{
    /// <summary>A <see cref="QbftExchange"/>.</summary>
    Exchange = 0,

    /// <summary>A Proposal without the transactions that the receiver has: <see cref="Proposal.EncodeCompact"/>.</summary>
    CompactProposal = 1,

    /// <summary>A RoundChange without the block that the receiver has: <see cref="RoundChange.EncodeCompact"/>.</summary>
    CompactRoundChange = 2,

    /// <summary>"I cannot put that message together": <c>[code, height, round, author]</c>. It comes whole then, by `istanbul/100`.</summary>
    SendWhole = 3,
}
