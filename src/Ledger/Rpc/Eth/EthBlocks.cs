using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Blocks, their receipts and ommers.</summary>
sealed class EthBlocks(Ledger ledger)
{
    public RpcError? BlockNumber(ref Parameters parameters, Answer answer)
    {
        answer.Result.WriteQuantity(ledger.Chain.Head.Number);
        return null;
    }

    public RpcError? GetByNumber(ref Parameters parameters, Answer answer)
    {
        var block = parameters.Block();
        return Write(ref parameters, block, answer);
    }

    public RpcError? GetByHash(ref Parameters parameters, Answer answer)
    {
        var hash = parameters.Hash();
        return Write(ref parameters, new BlockReference(BlockReferenceKind.Hash, Hash: hash), answer);
    }

    public RpcError? CountByNumber(ref Parameters parameters, Answer answer)
    {
        var block = parameters.Block();
        return WriteCount(ref parameters, block, answer, static found => found.Transactions.Count);
    }

    public RpcError? CountByHash(ref Parameters parameters, Answer answer)
    {
        var hash = parameters.Hash();
        return WriteCount(ref parameters, new BlockReference(BlockReferenceKind.Hash, Hash: hash), answer, static found => found.Transactions.Count);
    }

    public RpcError? OmmerCountByNumber(ref Parameters parameters, Answer answer)
    {
        var block = parameters.Block();
        return WriteCount(ref parameters, block, answer, static found => found.Ommers.Count);
    }

    public RpcError? OmmerCountByHash(ref Parameters parameters, Answer answer)
    {
        var hash = parameters.Hash();
        return WriteCount(ref parameters, new BlockReference(BlockReferenceKind.Hash, Hash: hash), answer, static found => found.Ommers.Count);
    }

    public RpcError? OmmerByNumber(ref Parameters parameters, Answer answer)
    {
        var block = parameters.Block();
        return WriteOmmer(ref parameters, block, answer);
    }

    public RpcError? OmmerByHash(ref Parameters parameters, Answer answer)
    {
        var hash = parameters.Hash();
        return WriteOmmer(ref parameters, new BlockReference(BlockReferenceKind.Hash, Hash: hash), answer);
    }

    public RpcError? GetReceipts(ref Parameters parameters, Answer answer)
    {
        var reference = parameters.Block();
        if (parameters.Failed) return parameters.Error;
        if (ledger.FindBlock(reference) is not { } block || ledger.Queries.OutcomesOf(block) is not { } outcomes) return null;
        var rules = ledger.RulesOf(block.Header);
        var writer = answer.Result;
        writer.WriteStartArray();
        foreach (var outcome in outcomes) ReceiptJson.Write(writer, outcome, rules);
        writer.WriteEndArray();
        return null;
    }

    RpcError? Write(ref Parameters parameters, in BlockReference reference, Answer answer)
    {
        var withTransactions = parameters.Boolean();
        if (parameters.Failed) return parameters.Error;
        // Null where there is no such block.
        if (ledger.FindPending(reference) is { } pending) BlockJson.Write(answer.Result, pending, ledger.RulesOf(pending.Header), withTransactions, isPending: true);
        else if (ledger.FindBlock(reference) is { } block) BlockJson.Write(answer.Result, block, ledger.RulesOf(block.Header), withTransactions);
        return null;
    }

    RpcError? WriteCount(ref Parameters parameters, in BlockReference reference, Answer answer, Func<Block, int> count)
    {
        if (parameters.Failed) return parameters.Error;
        if ((ledger.FindPending(reference) ?? ledger.FindBlock(reference)) is { } block) answer.Result.WriteQuantity((ulong)count(block));
        return null;
    }

    RpcError? WriteOmmer(ref Parameters parameters, in BlockReference reference, Answer answer)
    {
        var index = parameters.UInt64();
        if (parameters.Failed) return parameters.Error;
        if (ledger.FindBlock(reference) is { } block && index < (ulong)block.Ommers.Count) BlockJson.WriteOmmer(answer.Result, block.Ommers[(int)index]);
        return null;
    }
}
