using Hufu.Chain;

namespace Hufu.Rpc;

/// <summary>eth_getLogs, and the filters that are asked again and again.</summary>
sealed class EthLogs(Ledger ledger, LogLimits limits)
{
    public RpcError? GetLogs(ref Parameters parameters, Answer answer)
    {
        var question = LogQuestion.Read(ref parameters);
        return parameters.Failed ? parameters.Error : Write(question!, answer);
    }

    /// <summary>Writes the logs that the question asks for.</summary>
    public RpcError? Write(LogQuestion question, Answer answer)
    {
        if (question.BlockHash is { } hash)
        {
            if (ledger.Find(new BlockReference(BlockReferenceKind.Hash, Hash: hash)) is not { } header) return RpcError.Server("unknown block");
            WriteAll(ledger.Queries.LogsOf(header, question.Filter), answer);
            return null;
        }
        if (Range(question, out var from, out var to) is { } invalid) return invalid;
        if (ledger.Queries.LogsIn(from, to, question.Filter, limits.MaxBlocks, limits.MaxLogs, out var refusal) is not { } found)
            return new RpcError(RpcError.LimitExceededCode, refusal!.ToString());
        WriteAll(found, answer);
        return null;
    }

    RpcError? Range(LogQuestion question, out ulong from, out ulong to)
    {
        var head = ledger.Chain.Head.Number;
        from = NumberOf(question.From, head);
        to = NumberOf(question.To, head);
        if (from > to) return RpcError.InvalidParams("invalid block range params: fromBlock is after toBlock");
        return to > head ? RpcError.InvalidParams("block range extends beyond current head block") : null;
    }

    ulong NumberOf(in BlockReference reference, ulong head) => reference.Kind switch
    {
        BlockReferenceKind.Number => reference.Number,
        BlockReferenceKind.Earliest => 0,
        BlockReferenceKind.Safe => ledger.Chain.Head.Safe.Number,
        BlockReferenceKind.Finalized => ledger.Chain.Head.Finalised.Number,
        _ => head,
    };

    static void WriteAll(IReadOnlyList<FoundLog> logs, Answer answer)
    {
        var writer = answer.Result;
        writer.WriteStartArray();
        foreach (var log in logs)
        {
            ReceiptJson.WriteLog(writer, log);
            // Flushing tells the answer how long it has become, so that its limit holds.
            if (writer.BytesPending > 1 << 16) writer.Flush();
        }
        writer.WriteEndArray();
    }
}

/// <summary>How far one search for logs goes.</summary>
public sealed record LogLimits
{
    public ulong MaxBlocks { get; init; } = 1_000_000;
    public int MaxLogs { get; init; } = 100_000;
}
