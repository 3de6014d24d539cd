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
        if (limits.MaxBlocks is { } most && to - from >= most)
            return new RpcError(RpcError.LimitExceededCode, $"exceed maximum block range: {most}. {Page(from, from + most - 1)}");
        var search = ledger.Queries.SearchLogs(from, to, question.Filter, limits.MaxLogs, () => answer.IsOverdue);
        if (search.End != LogSearchEnd.Complete) return Incomplete(search, from, question.Filter);
        WriteAll(search.Found, answer);
        return null;
    }

    /// <summary>Says how to page, in the words that wallets and indexers look for.</summary>
    RpcError Incomplete(LogSearch search, ulong from, LogFilter filter)
    {
        var hint = filter is { Addresses.Count: 0, Topics.Count: 0 } ? " Naming an address or a topic makes it faster." : "";
        if (search.End == LogSearchEnd.TooMany) return new RpcError(RpcError.LimitExceededCode, $"query returned more than {limits.MaxLogs} results. {Page(from, search.CompleteTo)}");
        return new RpcError(RpcError.LimitExceededCode, search.CompleteTo < from || search.CompleteTo == ulong.MaxValue
            ? $"query timed out: ask for fewer blocks at once.{hint}" : $"query timed out. {Page(from, search.CompleteTo)}{hint}");
    }

    static string Page(ulong from, ulong to) => $"Try with this block range [0x{from:x}, 0x{to:x}].";

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
    /// <summary>A wider range is refused; null: as wide as the chain, since the index makes a range cheap and its matches are what costs.</summary>
    public ulong? MaxBlocks { get; init; }

    /// <summary>More matches than this are refused, with a range that holds fewer.</summary>
    public int MaxLogs { get; init; } = 100_000;
}
