using System.Globalization;
using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Going back, and other pasts.</summary>
static class DevSnapshots
{
    public static void AddAll(MethodTable methods, DevChain dev)
    {
        foreach (var prefix in new[] { "evm_", "anvil_", "hardhat_" })
        {
            methods.AddWaiting(prefix + "snapshot", (ref Parameters _, Answer answer) => TakeAsync(answer));
            methods.AddWaiting(prefix + "revert", (ref Parameters parameters, Answer answer) =>
            {
                var id = parameters.UInt64();
                return parameters.Failed ? new(parameters.Error) : RevertAsync(id, answer);
            });
        }
        foreach (var (prefix, isHardhat) in new[] { ("hardhat_", true), ("anvil_", false) })
        {
            methods.AddWaiting(prefix + "reset", (ref Parameters parameters, Answer answer) =>
            {
                if (parameters.Next() && WhyNotReset(parameters.JsonHere(), dev) is { } why) parameters.Fail(why);
                return parameters.Failed ? new(parameters.Error) : DevMethods.Act(dev.ResetAsync(), answer, isHardhat);
            });
            methods.AddWaiting(prefix + "rollback", (ref Parameters parameters, Answer answer) =>
            {
                var depth = parameters.Next() ? parameters.UInt64Here() : 1;
                return parameters.Failed ? new(parameters.Error) : Told(dev.RollBackAsync(depth), answer);
            });
            methods.AddWaiting(prefix + "reorg", (ref Parameters parameters, Answer answer) =>
            {
                var (depth, transactions) = ReorganisationOf(ref parameters, dev);
                if (!parameters.Failed && depth > DevChain.MostBlocks) parameters.Fail($"{depth} blocks are too many at once: at most {DevChain.MostBlocks}");
                return parameters.Failed ? new(parameters.Error) : Told(dev.ReorganiseAsync(depth, transactions), answer);
            });
        }

        async ValueTask<RpcError?> TakeAsync(Answer answer)
        {
            var id = await dev.TakeSnapshotAsync().ConfigureAwait(false);
            answer.Result.WriteStringValue(string.Create(CultureInfo.InvariantCulture, $"0x{id:x}"));
            return null;
        }

        async ValueTask<RpcError?> RevertAsync(ulong id, Answer answer)
        {
            answer.Result.WriteBooleanValue(await dev.RevertAsync(id).ConfigureAwait(false));
            return null;
        }
    }

    // Going back to where the fork began is a reset; leaving another block, or another chain, is another start.
    static string? WhyNotReset(JsonElement wish, DevChain dev)
    {
        if (wish.ValueKind != JsonValueKind.Object || !wish.TryGetProperty("forking", out var forking) || forking.ValueKind != JsonValueKind.Object) return null;
        var hasUrl = forking.TryGetProperty("jsonRpcUrl", out var asked) && asked.ValueKind == JsonValueKind.String;
        if (dev.Fork is not { } fork) return hasUrl ? "this chain forks no other: start it with --fork-url" : null;
        if (hasUrl && (!Uri.TryCreate(asked.GetString(), UriKind.Absolute, out var wanted) || wanted != fork.Remote.Url))
            return "this chain forks another URL: start a second one with --fork-url";
        return forking.TryGetProperty("blockNumber", out var number) && number.ValueKind is JsonValueKind.Number && number.GetUInt64() != fork.Block.Number
            ? $"this chain forks block {fork.Block.Number}: start a second one with --fork-block-number" : null;
    }

    static async ValueTask<RpcError?> Told(Task<string?> act, Answer answer)
    {
        if (await act.ConfigureAwait(false) is { } why) return RpcError.InvalidParams(why);
        answer.Result.WriteNullValue();
        return null;
    }

    // The depth, then pairs of a transaction, raw or as an object, and the place of its block.
    static (ulong Depth, List<(Func<Transaction>, ulong)> Transactions) ReorganisationOf(ref Parameters parameters, DevChain dev)
    {
        var transactions = new List<(Func<Transaction>, ulong)>();
        var depth = parameters.UInt64();
        if (parameters.Failed || !parameters.NextOptionalArray("an array of transactions with the place of their block", out var reader)) return (depth, transactions);
        while (!parameters.Failed && reader.Read() && reader.TokenType == JsonTokenType.StartArray)
        {
            reader.Read();
            var make = ReadTransaction(ref reader, dev, out var why);
            if (!reader.Read() || reader.TokenType != JsonTokenType.Number || !reader.TryGetUInt64(out ulong block)) why ??= "the place of a transaction's block is a number";
            else if (make is not null) transactions.Add((make, block));
            if (why is not null) parameters.Fail(why);
            reader.Read();
        }
        return (depth, transactions);
    }

    static Func<Transaction>? ReadTransaction(ref Utf8JsonReader reader, DevChain dev, out string? why)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            if (!reader.TryGetData(out var envelope, out why)) return null;
            why = Transaction.TryDecode(envelope, out var raw, out var refusal) ? null : refusal.ToString();
            return raw is null ? null : () => raw;
        }
        var call = new CallObject();
        why = reader.TokenType == JsonTokenType.StartObject ? CallObject.TryRead(ref reader, out call) : "a transaction is its raw bytes or an object";
        return why is null ? () => Make(call, dev) : null;
    }

    static Transaction Make(CallObject call, DevChain dev)
    {
        var from = call.From ?? Address.Zero;
        var unsigned = FilledTransaction.Of(call, dev.Ledger, call.Nonce ?? dev.Ledger.Pool.NextNonce(from), call.Gas ?? 1_000_000, usualTip: 1_000_000_000);
        return dev.Accounts.TryFind(from, out var secret) ? Crypto.TransactionSigning.Sign(unsigned, secret) : unsigned.ImpersonatedBy(from);
    }
}
