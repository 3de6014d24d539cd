using System.Text.Json;
using Hufu.Chain;

namespace Hufu.Rpc;

/// <summary>trace_replay* and the trial calls of the trace namespace: the parts of a trace that the caller asks for.</summary>
/// <param name="gasCap">The most gas a call may use, whatever it asks for.</param>
sealed class TraceReplays(Ledger ledger, ulong gasCap, TraceLimits limits)
{
    public RpcError? ReplayTransaction(ref Parameters parameters, Answer answer)
    {
        var hash = parameters.Hash();
        var types = parameters.ReadTraceTypes();
        if (parameters.Failed) return parameters.Error;
        if (ledger.Queries.OutcomeOf(hash) is not { } found) return RpcError.Server("transaction not found");
        return Guarded(answer, budget =>
        {
            if (BlockTracing.TryBegin(ledger, found.Block, out var tracing) is { } error) return error;
            if (tracing.RunTo(found.Index, budget) is { } failed) return failed;
            var tracer = new ReplayTracer(budget, types);
            if (tracing.Trace(tracer, budget, out _) is { } broken) return broken;
            tracer.WriteReplay(answer.Result);
            return null;
        });
    }

    public RpcError? ReplayBlock(ref Parameters parameters, Answer answer)
    {
        var reference = parameters.Block();
        var types = parameters.ReadTraceTypes();
        if (parameters.Failed) return parameters.Error;
        if (ledger.FindBlock(reference) is not { } block) return RpcError.Server("block not found");
        return Guarded(answer, budget =>
        {
            if (BlockTracing.TryBegin(ledger, block, out var tracing) is { } error) return error;
            var writer = answer.Result;
            writer.WriteStartArray();
            foreach (var transaction in block.Transactions)
            {
                var tracer = new ReplayTracer(budget, types);
                if (tracing.Trace(tracer, budget, out _) is { } failed) return failed;
                tracer.WriteReplay(writer, transaction.Hash);
            }
            writer.WriteEndArray();
            return null;
        });
    }

    public RpcError? Call(ref Parameters parameters, Answer answer)
    {
        var call = CallObject.Read(ref parameters);
        var types = parameters.ReadTraceTypes();
        var block = parameters.Block();
        var state = StateOverrides.Read(ref parameters);
        var overrides = BlockOverrides.Read(ref parameters) ?? new BlockOverrides();
        if (parameters.Failed) return parameters.Error;
        return Guarded(answer, budget =>
        {
            if (CallTracing.TryBegin(ledger, block, state, overrides, null, budget, out var tracing) is { } error) return error;
            var tracer = new ReplayTracer(budget, types);
            if (tracing.Trace(call!, GasOf(call!), tracer, budget, out _) is { } failed) return failed;
            tracer.WriteReplay(answer.Result);
            return null;
        });
    }

    public RpcError? CallMany(ref Parameters parameters, Answer answer)
    {
        var calls = ReadCalls(ref parameters);
        var block = parameters.Block();
        if (parameters.Failed) return parameters.Error;
        return Guarded(answer, budget =>
        {
            if (CallTracing.TryBegin(ledger, block, new StateOverrides(), new BlockOverrides(), null, budget, out var tracing) is { } error) return error;
            var writer = answer.Result;
            writer.WriteStartArray();
            foreach (var (call, types) in calls)
            {
                var tracer = new ReplayTracer(budget, types);
                if (tracing.Trace(call, GasOf(call), tracer, budget, out _) is { } failed) return failed;
                tracer.WriteReplay(writer);
            }
            writer.WriteEndArray();
            return null;
        });
    }

    /// <summary>A signed transaction as the next one after a block.</summary>
    public RpcError? RawTransaction(ref Parameters parameters, Answer answer)
    {
        var raw = parameters.Data();
        var types = parameters.ReadTraceTypes();
        var reference = parameters.Block();
        if (parameters.Failed) return parameters.Error;
        if (!NetworkForm.TryDecode(raw, out var transaction, out _, out var refusal)) return RpcError.Of(refusal);
        if (ledger.FindBlock(reference) is not { } head) return RpcError.Server("block not found");
        return Guarded(answer, budget =>
        {
            // A block that never was, on top of the one named.
            var next = ledger.Chain.BuildAside(head.Header, new BlockAttributes { Timestamp = head.Header.Timestamp + 12, Beneficiary = head.Header.Beneficiary }, new TransactionList([]));
            if (next is null) return RpcError.Server($"historical state of block {head.Number} is not available: it is not kept any more");
            if (BlockTracing.TryBegin(ledger, next.Block with { Transactions = [transaction] }, out var tracing) is { } error) return error;
            var tracer = new ReplayTracer(budget, types);
            if (tracing.Trace(tracer, budget, out _) is { } failed) return failed;
            tracer.WriteReplay(answer.Result);
            return null;
        });
    }

    static List<(CallObject, TraceTypes)> ReadCalls(ref Parameters parameters)
    {
        List<(CallObject, TraceTypes)> calls = [];
        if (!parameters.NextOptionalArray("an array of [call, trace types]", out var reader)) return calls;
        string? why = null;
        while (why is null && reader.Read() && reader.TokenType == JsonTokenType.StartArray)
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject) why = "expected a transaction object";
            else why = CallObject.TryRead(ref reader, out var call) ?? ReadTypes(ref reader, call, calls);
        }
        if (why is null && reader.TokenType != JsonTokenType.EndArray) why = "expected pairs of a call and its trace types";
        if (why is not null) parameters.Fail(why);
        return calls;
    }

    static string? ReadTypes(ref Utf8JsonReader reader, CallObject call, List<(CallObject, TraceTypes)> calls)
    {
        reader.Read();
        var types = TraceTypesReading.Read(ref reader, out var why);
        if (why.Length > 0) return why;
        reader.Read();
        calls.Add((call, types));
        return reader.TokenType == JsonTokenType.EndArray ? null : "expected pairs of a call and its trace types";
    }

    RpcError? Guarded(Answer answer, Func<TraceBudget, RpcError?> trace) => TraceBudget.Guard(limits.TimeLimit, answer, trace);

    ulong GasOf(CallObject call) => Math.Min(call.Gas ?? gasCap, gasCap);
}
