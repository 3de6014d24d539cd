using System.Text.Json;
using Hufu.Chain;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>debug_trace*: transactions and calls under a tracer that the caller chooses.</summary>
/// <param name="gasCap">The most gas a call may use, whatever it asks for.</param>
sealed class DebugTrace(Ledger ledger, ulong gasCap)
{
    public RpcError? Transaction(ref Parameters parameters, Answer answer)
    {
        var hash = parameters.Hash();
        var options = TraceOptions.Read(ref parameters);
        if (parameters.Failed) return parameters.Error;
        if (ledger.Queries.OutcomeOf(hash) is not { } found) return RpcError.Server("transaction not found");
        return Guarded(options, answer, budget =>
        {
            if (BlockTracing.TryBegin(ledger, found.Block, out var tracing) is { } error) return error;
            if (tracing.RunTo(found.Index, budget) is { } failed) return failed;
            return TraceNext(tracing, options, answer.Result, budget);
        });
    }

    public RpcError? BlockByNumber(ref Parameters parameters, Answer answer)
    {
        var reference = parameters.Block();
        var options = TraceOptions.Read(ref parameters);
        if (parameters.Failed) return parameters.Error;
        return ledger.FindBlock(reference) is { } block ? TraceBlock(block, options, answer) : RpcError.Server("block not found");
    }

    public RpcError? BlockByHash(ref Parameters parameters, Answer answer)
    {
        var hash = parameters.Hash();
        var options = TraceOptions.Read(ref parameters);
        if (parameters.Failed) return parameters.Error;
        return ledger.Chain.Blocks.BlockOf(hash) is { } block ? TraceBlock(block, options, answer) : RpcError.Server($"block {hash} not found");
    }

    /// <summary>A block as RLP, which need not be known here, but its parent must be.</summary>
    public RpcError? BlockOfRlp(ref Parameters parameters, Answer answer)
    {
        var rlp = parameters.Data();
        var options = TraceOptions.Read(ref parameters);
        if (parameters.Failed) return parameters.Error;
        return DecodedBlock.TryDecode(rlp, out var decoded, out var refusal) ? TraceBlock(decoded.Block, options, answer) : RpcError.InvalidParams($"could not decode block: {refusal.Why}");
    }

    public RpcError? Call(ref Parameters parameters, Answer answer)
    {
        var call = CallObject.Read(ref parameters);
        var block = parameters.Block();
        var options = TraceOptions.Read(ref parameters);
        if (parameters.Failed) return parameters.Error;
        return Guarded(options, answer, budget =>
        {
            if (CallTracing.TryBegin(ledger, block, options.State, options.Block, options.TransactionIndex, budget, out var tracing) is { } error) return error;
            if (!NamedTracers.TryMake(options, answer.Result, budget, out var tracer, out var unknown)) return unknown;
            if (tracing.Trace(call!, Math.Min(call!.Gas ?? gasCap, gasCap), tracer, budget, out _) is { } failed) return failed;
            tracer.Write(answer.Result);
            return null;
        });
    }

    RpcError? TraceBlock(Block block, TraceOptions options, Answer answer) => Guarded(options, answer, budget =>
    {
        if (BlockTracing.TryBegin(ledger, block, out var tracing) is { } error) return error;
        var writer = answer.Result;
        writer.WriteStartArray();
        foreach (var transaction in block.Transactions)
        {
            writer.WriteStartObject();
            writer.WriteHash("txHash"u8, transaction.Hash);
            writer.WritePropertyName("result"u8);
            if (TraceNext(tracing, options, writer, budget) is { } failed) return failed;
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        return null;
    });

    static RpcError? TraceNext(BlockTracing tracing, TraceOptions options, Utf8JsonWriter writer, TraceBudget budget)
    {
        if (!NamedTracers.TryMake(options, writer, budget, out var tracer, out var unknown)) return unknown;
        if (tracing.Trace(tracer, budget, out _) is { } failed) return failed;
        tracer.Write(writer);
        return null;
    }

    static RpcError? Guarded(TraceOptions options, Answer answer, Func<TraceBudget, RpcError?> trace) => TraceBudget.Guard(options.Timeout, answer, trace);
}
