using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>What a header must be, given its parent, under the rules of its fork. What execution decides (roots, gas used, bloom) is checked by <see cref="BlockExecution"/>.</summary>
public sealed class HeaderRules(ForkSchedule forks, IConsensusRules consensus)
{
    public const ulong MinGasLimit = 5000;
    public const ulong MaxGasLimit = long.MaxValue;
    public const ulong GasLimitBoundDivisor = 1024;

    const ulong DaoExtraDataBlocks = 10;

    public ForkSchedule Forks => forks;
    public IConsensusRules Consensus => consensus;

    /// <summary>The first rule that the header breaks, or null. Total difficulty is not looked at here.</summary>
    public BlockRefusal? Check(Header header, Header parent)
    {
        var rules = forks.RulesOf(header);
        return CheckLineage(header, parent)
            ?? CheckGasLimit(header, parent, rules)
            ?? CheckExtraData(header)
            ?? CheckFields(header, rules)
            ?? CheckBaseFee(header, parent, rules)
            ?? CheckBlobGas(header, parent, rules)
            ?? consensus.Check(header, parent, rules);
    }

    static BlockRefusal? CheckLineage(Header header, Header parent)
    {
        if (header.ParentHash != parent.Hash)
            return BlockRefusal.Mismatch(BlockRule.Parent, header, "parent", header.ParentHash, parent.Hash);
        if (header.Number != parent.Number + 1)
            return BlockRefusal.Mismatch(BlockRule.Number, header, "number", header.Number, parent.Number + 1);
        if (header.Timestamp <= parent.Timestamp)
            return new BlockRefusal(BlockRule.Timestamp, header.Number, $"timestamp {header.Timestamp} is not later than the parent's {parent.Timestamp}");
        return null;
    }

    static BlockRefusal? CheckGasLimit(Header header, Header parent, ForkRules rules)
    {
        if (header.GasUsed > header.GasLimit)
            return new BlockRefusal(BlockRule.GasUsedAboveLimit, header.Number, $"gas used {header.GasUsed} exceeds the gas limit {header.GasLimit}");
        if (header.GasLimit > MaxGasLimit)
            return new BlockRefusal(BlockRule.GasLimit, header.Number, $"gas limit {header.GasLimit} exceeds {MaxGasLimit}");
        if (header.GasLimit < MinGasLimit)
            return new BlockRefusal(BlockRule.GasLimit, header.Number, $"gas limit {header.GasLimit} is below {MinGasLimit}");

        var from = ParentGasLimit(parent, rules);
        var change = header.GasLimit > from ? header.GasLimit - from : from - header.GasLimit;
        if (change >= from / GasLimitBoundDivisor)
            return new BlockRefusal(BlockRule.GasLimit, header.Number, $"gas limit {header.GasLimit} is too far from the parent's {from}: it may move by less than {from / GasLimitBoundDivisor}");
        return null;
    }

    /// <summary>The gas limit that a child under <paramref name="rules"/> starts from: London doubles it, so that the target stays what the limit was (EIP-1559).</summary>
    public static ulong ParentGasLimit(Header parent, ForkRules rules) =>
        rules.Has(Eip.BaseFee) && parent.BaseFeePerGas is null ? parent.GasLimit * BaseFee.ElasticityMultiplier : parent.GasLimit;

    BlockRefusal? CheckExtraData(Header header)
    {
        if (header.ExtraData.Length > consensus.MaxExtraData)
            return new BlockRefusal(BlockRule.ExtraData, header.Number, $"extra data has {header.ExtraData.Length} bytes, at most {consensus.MaxExtraData} are allowed");
        if (IsDaoExtraDataDue(header.Number) && !header.ExtraData.Span.SequenceEqual("dao-hard-fork"u8))
            return new BlockRefusal(BlockRule.DaoExtraData, header.Number, "the ten blocks from the DAO fork on carry the extra data 'dao-hard-fork'");
        return null;
    }

    /// <summary>Whether the block must carry the DAO fork's extra data (EIP-779).</summary>
    public bool IsDaoExtraDataDue(ulong number) => forks.DaoForkBlock is { } dao && number >= dao && number - dao < DaoExtraDataBlocks;

    static BlockRefusal? CheckFields(Header header, ForkRules rules) =>
        Presence(header, rules, Eip.BaseFee, header.BaseFeePerGas is not null, "base fee")
        ?? Presence(header, rules, Eip.Withdrawals, header.WithdrawalsRoot is not null, "withdrawals root")
        ?? Presence(header, rules, Eip.BlobTransactions, header.BlobGasUsed is not null, "blob gas used")
        ?? Presence(header, rules, Eip.BlobTransactions, header.ExcessBlobGas is not null, "excess blob gas")
        ?? Presence(header, rules, Eip.BeaconRoot, header.ParentBeaconBlockRoot is not null, "parent beacon block root")
        ?? Presence(header, rules, Eip.GeneralRequests, header.RequestsHash is not null, "requests hash")
        ?? Presence(header, rules, Eip.BlockAccessLists, header.BlockAccessListHash is not null, "block access list hash")
        ?? Presence(header, rules, Eip.SlotNumber, header.SlotNumber is not null, "slot number");

    static BlockRefusal? Presence(Header header, ForkRules rules, int eip, bool present, string field) =>
        rules.Has(eip) == present ? null
        : new BlockRefusal(BlockRule.Fields, header.Number, present ? $"a header of {rules.Fork} has no {field}" : $"a header of {rules.Fork} must have a {field}");

    static BlockRefusal? CheckBaseFee(Header header, Header parent, ForkRules rules)
    {
        if (!rules.Has(Eip.BaseFee)) return null;
        var expected = BaseFee.After(parent);
        return header.BaseFeePerGas == expected ? null
            : BlockRefusal.Mismatch(BlockRule.BaseFee, header, "base fee", header.BaseFeePerGas!.Value, expected);
    }

    static BlockRefusal? CheckBlobGas(Header header, Header parent, ForkRules rules)
    {
        if (!rules.Has(Eip.BlobTransactions)) return null;
        var used = header.BlobGasUsed!.Value;
        if (used % BlobParameters.GasPerBlob != 0)
            return new BlockRefusal(BlockRule.BlobGasUsed, header.Number, $"blob gas used {used} is not a multiple of {BlobParameters.GasPerBlob}");
        if (used > rules.Blob.Max * BlobParameters.GasPerBlob)
            return new BlockRefusal(BlockRule.BlobGasUsedAboveLimit, header.Number, $"blob gas used {used} exceeds that of {rules.Blob.Max} blobs");
        var expected = BlobGas.ExcessAfter(parent, rules);
        return header.ExcessBlobGas == expected ? null
            : BlockRefusal.Mismatch(BlockRule.ExcessBlobGas, header, "excess blob gas", header.ExcessBlobGas!.Value, expected);
    }
}
