using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>What one search for traces may cost.</summary>
public sealed record TraceLimits
{
    /// <summary>Every block of the range runs again.</summary>
    public ulong MaxBlocks { get; init; } = 1000;
    public int MaxTraces { get; init; } = 10_000;

    /// <summary>For one request of the trace namespace.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(20);
}

/// <summary>trace_block, trace_transaction, trace_get and trace_filter: the calls of transactions that are in blocks.</summary>
sealed class TraceMethods(Ledger ledger, TraceLimits limits)
{
    public RpcError? Block(ref Parameters parameters, Answer answer)
    {
        var reference = parameters.Block();
        if (parameters.Failed) return parameters.Error;
        if (ledger.FindBlock(reference) is not { } block) return RpcError.Server("block not found");
        return Guarded(answer, budget =>
        {
            var writer = answer.Result;
            writer.WriteStartArray();
            if (block.Number > 0)
            {
                if (ForEachCall(block, budget, (frame, address, place) => ReplayTracer.WriteCall(writer, frame, address, place)) is { } error) return error;
                foreach (var reward in RewardsOf(block)) BlockRewards.Write(writer, block.Header, reward);
            }
            writer.WriteEndArray();
            return null;
        });
    }

    /// <summary>Null for a transaction that no block has.</summary>
    public RpcError? Transaction(ref Parameters parameters, Answer answer)
    {
        var hash = parameters.Hash();
        if (parameters.Failed) return parameters.Error;
        return WithCalls(hash, answer, (calls, place) =>
        {
            answer.Result.WriteStartArray();
            foreach (var (frame, address) in calls) ReplayTracer.WriteCall(answer.Result, frame, address, place);
            answer.Result.WriteEndArray();
        });
    }

    /// <summary>The one call at a path; null where there is none.</summary>
    public RpcError? Get(ref Parameters parameters, Answer answer)
    {
        var hash = parameters.Hash();
        var path = ReadPath(ref parameters);
        if (parameters.Failed) return parameters.Error;
        return WithCalls(hash, answer, (calls, place) =>
        {
            foreach (var (frame, address) in calls)
            {
                if (!address.AsSpan().SequenceEqual(path)) continue;
                ReplayTracer.WriteCall(answer.Result, frame, address, place);
                return;
            }
            answer.Result.WriteNullValue();
        });
    }

    public RpcError? Filter(ref Parameters parameters, Answer answer)
    {
        var question = TraceQuestion.Read(ref parameters);
        if (parameters.Failed) return parameters.Error;
        if (ledger.Find(question!.FromBlock) is not { } from || ledger.Find(question.ToBlock) is not { } to) return RpcError.Server("header not found: no such block");
        if (from.Number > to.Number) return RpcError.InvalidParams($"invalid block range: fromBlock {from.Number} is after toBlock {to.Number}");
        if (to.Number - from.Number >= limits.MaxBlocks)
            return new RpcError(RpcError.LimitExceededCode, $"block range too large: {to.Number - from.Number + 1} blocks, at most {limits.MaxBlocks} are searched at once; ask for smaller ranges one after the other");
        return Guarded(answer, budget => Search(question, from.Number, to.Number, answer.Result, budget));
    }

    RpcError? Search(TraceQuestion question, ulong from, ulong to, Utf8JsonWriter writer, TraceBudget budget)
    {
        var (skip, wanted, tooMany) = (question.After, question.Count ?? ulong.MaxValue, false);
        var left = (int)Math.Min(wanted, (ulong)limits.MaxTraces);
        writer.WriteStartArray();
        for (var number = Math.Max(from, 1); number <= to && (left > 0 || wanted > (ulong)limits.MaxTraces) && !tooMany; number++)
        {
            if (ledger.FindBlock(new BlockReference(BlockReferenceKind.Number, number)) is not { } block) break;
            var error = ForEachCall(block, budget, (frame, address, place) =>
            {
                if (question.Matches(frame) && Takes()) ReplayTracer.WriteCall(writer, frame, address, place);
            });
            if (error is not null) return error;
            foreach (var reward in RewardsOf(block))
                if (question.MatchesReward(reward.Author) && Takes()) BlockRewards.Write(writer, block.Header, reward);
        }
        if (tooMany) return new RpcError(RpcError.LimitExceededCode, $"query returned more than {limits.MaxTraces} traces: page through them with \"after\" and \"count\", or ask for fewer blocks");
        writer.WriteEndArray();
        return null;

        bool Takes()
        {
            if (skip > 0)
            {
                skip--;
                return false;
            }
            if (left > 0)
            {
                left--;
                return true;
            }
            tooMany |= wanted > (ulong)limits.MaxTraces;
            return false;
        }
    }

    RpcError? WithCalls(Hash256 hash, Answer answer, Action<IEnumerable<(CallFrame, int[])>, ReplayTracer.TransactionPlace> write)
    {
        if (ledger.Queries.OutcomeOf(hash) is not { } found) return null;
        return Guarded(answer, budget =>
        {
            if (BlockTracing.TryBegin(ledger, found.Block, out var tracing) is { } error) return error;
            if (tracing.RunTo(found.Index, budget) is { } failed) return failed;
            var tracer = new ReplayTracer(budget, TraceTypes.Trace);
            if (tracing.Trace(tracer, budget, out _) is { } broken) return broken;
            write(FlatCalls.Of(tracer.Root), new ReplayTracer.TransactionPlace(found.Block.Header, hash, found.Index));
            return null;
        });
    }

    RpcError? ForEachCall(Block block, TraceBudget budget, Action<CallFrame, int[], ReplayTracer.TransactionPlace> take)
    {
        if (block.Transactions.Count == 0) return null;
        if (BlockTracing.TryBegin(ledger, block, out var tracing) is { } error) return error;
        for (var i = 0; i < block.Transactions.Count; i++)
        {
            // What one transaction kept is free again when the next begins.
            var tracer = new ReplayTracer(budget.Afresh(), TraceTypes.Trace);
            if (tracing.Trace(tracer, budget, out _) is { } failed) return failed;
            foreach (var (frame, address) in FlatCalls.Of(tracer.Root)) take(frame, address, new ReplayTracer.TransactionPlace(block.Header, block.Transactions[i].Hash, i));
        }
        return null;
    }

    IEnumerable<(Address Author, string Type, UInt256 Value)> RewardsOf(Block block) =>
        BlockRewards.Of(block, ledger.Chain.Consensus.BlockReward(block.Header, ledger.RulesOf(block.Header)));

    static int[] ReadPath(ref Parameters parameters)
    {
        List<int> path = [];
        if (!parameters.NextOptionalArray("an array of indices", out var reader)) return [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var index)) path.Add(index);
            else if (reader.TokenType == JsonTokenType.String && reader.TryGetUInt64(out var quantity, out _)) path.Add((int)Math.Min(quantity, int.MaxValue));
            else
            {
                parameters.Fail("an index is a number or a quantity");
                break;
            }
        }
        return [.. path];
    }

    RpcError? Guarded(Answer answer, Func<TraceBudget, RpcError?> trace) => TraceBudget.Guard(limits.TimeLimit, answer, trace);
}
