using Hufu.Chain;
using Hufu.Consensus;
using Hufu.Crypto;
using Hufu.Network;
using Hufu.Node;
using Hufu.Primitives;

namespace Hufu;

/// <summary>Blocks of a QBFT chain, sealed by a quorum of its validators as fast as they can be made.</summary>
static class SealedBlocks
{
    /// <summary>Adds a block with one transfer, to an address that no other block knows.</summary>
    /// <param name="keys">Whoever has ever been a validator: those that are one now take turns.</param>
    /// <param name="nonce">The sender's, which counts the blocks.</param>
    /// <param name="vote">What the proposer votes for.</param>
    public static void Extend(Blockchain chain, NodeKey[] keys, ulong nonce, QbftVote? vote = null)
    {
        var parent = chain.Head.Head;
        var validators = ((QbftRules)chain.Consensus).Validators.After(parent);
        NodeKey[] present = [.. keys.Where(key => validators.Contains(key.Id.Address))];
        var extraData = new QbftExtraData { Validators = validators.Addresses, Vote = vote };
        var secret = DevAccounts.Secrets(10)[8];
        var transfer = TransactionSigning.Sign(new DynamicFeeTransaction { ChainId = chain.Forks.ChainId, Nonce = nonce, GasLimit = 21_000, MaxFeePerGas = 10_000_000_000, MaxPriorityFeePerGas = 1_000_000_000, To = Address.FromNumber(0xAB0000 + (uint)nonce), Value = UInt256.One }, secret);
        var built = chain.Build(parent.Hash, new BlockAttributes { Timestamp = parent.Timestamp + 1, Beneficiary = present[(int)(nonce % (ulong)present.Length)].Id.Address, PrevRandao = QbftExtraData.MixHash, ExtraData = extraData.Encode() },
            new TransactionList([(transfer, TransactionSigning.AddressOf(secret))]));
        var digest = built.Header.HashWith(extraData.EncodeForDigest());
        var seals = present.Take(validators.Quorum).Select(key =>
        {
            var seal = new byte[QbftExtraData.SealSize];
            key.Sign(digest.Bytes, seal);
            return (ReadOnlyMemory<byte>)seal;
        });
        var result = chain.Import(built.Sealed((extraData with { Seals = [.. seals] }).Encode()), isChosen: true);
        if (!result.IsAccepted) throw new InvalidOperationException(result.Refusal?.ToString());
    }
}
