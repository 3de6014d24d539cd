using System.Diagnostics.CodeAnalysis;
using Hufu.Chain;
using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>testing_buildBlockV1: a block built in one call and forgotten. For those who make tests; never offered unless asked for.</summary>
sealed class TestingBlocks(Ledger ledger)
{
    // Where mainnet's block builders go, and with them the blocks that tests expect.
    const ulong GasLimitTarget = 60_000_000;

    public RpcError? BuildBlock(ref Parameters parameters, Answer answer)
    {
        var parentHash = parameters.Hash();
        if (!parameters.NextObject("payload attributes", out var reader)) return parameters.Error;
        if (!PayloadAttributes.TryRead(ref reader, out var attributes, out var why)) parameters.Fail(why);
        var raw = parameters.NextOptionalArray("an array of raw transactions, or null for those of the pool", out reader) ? reader.ReadDataList(out why) : null;
        if (why.Length > 0) parameters.Fail(why);
        var extraData = parameters.Next() ? parameters.DataHere() : [];
        if (parameters.Failed) return parameters.Error;

        if (ledger.Chain.Blocks.HeaderOf(parentHash) is not { } parent) return RpcError.InvalidParams($"unknown parent: block {parentHash} is not kept here");
        if (attributes.Timestamp <= parent.Timestamp) return RpcError.InvalidParams($"invalid timestamp: {attributes.Timestamp} is not later than the parent's {parent.Timestamp}");
        if (extraData.Length > ledger.Chain.Consensus.MaxExtraData) return RpcError.InvalidParams($"extra data too long: {extraData.Length} bytes, at most {ledger.Chain.Consensus.MaxExtraData}");
        var rules = ledger.Chain.RulesAfter(parent, attributes.Timestamp);
        var block = attributes.ToBlockAttributes(extraData, GasLimitTarget);
        if (raw is null) return Write(answer, ledger.Chain.BuildAside(parent, block, FromPool(parent, rules)), rules);

        if (!TryDecode(raw, rules, out var given, out var refused)) return refused;
        var source = new WholeList(given);
        if (ledger.Chain.BuildAside(parent, block, source) is not { } built) return NoState(parent);
        return built.Block.Transactions.Count == given.Count ? Write(answer, built, rules) : WhyLeftOut(built, given);
    }

    static RpcError NoState(Header parent) => RpcError.Server($"historical state of block {parent.Number} is not available: it is not kept any more");

    RpcError? Write(Answer answer, ExecutedBlock? built, ForkRules rules)
    {
        if (built is null) return RpcError.Server("historical state of the parent is not available: it is not kept any more");
        if (!BlobsBundle.TryGather(built.Block, rules, hash => ledger.Pool.Find(hash)?.Sidecar, out var bundle)) bundle = BlobsBundle.Empty;
        ExecutionPayloadJson.WriteEnvelope(answer.Result, built, bundle);
        return null;
    }

    BestTransactions FromPool(Header parent, ForkRules rules) => ledger.Pool.Best(
        rules.Has(Eip.BaseFee) ? BaseFee.After(parent) : UInt256.Zero,
        rules.Has(Eip.BlobTransactions) ? BlobGas.BaseFee(BlobGas.ExcessAfter(parent, rules), rules.Blob) : UInt256.Zero);

    static bool TryDecode(List<byte[]> raw, ForkRules rules, out List<(Transaction, Address)> given, [NotNullWhen(false)] out RpcError? error)
    {
        (given, error) = ([], null);
        for (var i = 0; i < raw.Count; i++)
        {
            if (!NetworkForm.TryDecode(raw[i], out var transaction, out _, out var refusal)) error = RpcError.InvalidParams($"transaction {i}: {refusal.Why}");
            else if (!SenderRecovery.TryRecover(transaction, rules, out var sender)) error = RpcError.InvalidParams($"transaction {i}: the signature is nobody's");
            else given.Add((transaction, sender));
            if (error is not null) return false;
        }
        return true;
    }

    // The builder only leaves out; why is found by running as far again.
    RpcError WhyLeftOut(ExecutedBlock built, List<(Transaction Transaction, Address Sender)> given)
    {
        var index = built.Block.Transactions.Count;
        if (ledger.Chain.Replay(built.Header) is not { } execution) return NoState(built.Parent);
        execution.Begin();
        for (var i = 0; i <= index; i++)
            if (execution.TryInclude(given[i].Transaction, given[i].Sender) is { } refusal) return RpcError.InvalidParams($"transaction {i} cannot be included: {refusal.Why}");
        return RpcError.InvalidParams($"transaction {index} cannot be included: the block is full");
    }

    /// <summary>All of a list in its order, and nothing after the first that does not fit.</summary>
    sealed class WholeList(IReadOnlyList<(Transaction Transaction, Address Sender)> list) : ITransactionSource
    {
        int _next;
        bool _failed;

        public bool IsEmpty => _failed || _next == list.Count;

        public bool TryTake([NotNullWhen(true)] out Transaction? transaction, out Address sender)
        {
            (transaction, sender) = _failed || _next == list.Count ? default : list[_next++];
            return transaction is not null;
        }

        public void SkipSender() => _failed = true;
    }
}
