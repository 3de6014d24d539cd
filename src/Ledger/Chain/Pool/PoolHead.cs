using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>What the pool must know of the chain: the state that senders are judged by, and the block that comes next.</summary>
/// <param name="Header">The head of the chain.</param>
/// <param name="State">The state after that block. Read while the head is this one.</param>
/// <param name="NextRules">The rules that the next block is expected to have.</param>
public sealed record PoolHead(Header Header, IStateView State, ForkRules NextRules)
{
    /// <summary>What the next block asks for one gas: by the rules, unless a development chain was told otherwise.</summary>
    public UInt256 NextBaseFee { get; init; } = NextRules.Has(Eip.BaseFee) ? BaseFee.After(Header) : UInt256.Zero;

    public UInt256 NextBlobBaseFee { get; } = NextRules.Has(Eip.BlobTransactions) ? BlobGas.BaseFee(BlobGas.ExcessAfter(Header, NextRules), NextRules.Blob) : UInt256.Zero;
}
