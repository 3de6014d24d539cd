using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>engine_getPayloadBodies: the bodies of blocks that a consensus client keeps only the headers of.</summary>
sealed class EngineBodies(Ledger ledger)
{
    const int Most = 1024;

    public Method ByHash(int version) => (ref Parameters parameters, Answer answer) =>
    {
        var why = "";
        var hashes = parameters.NextArray("an array of block hashes", out var reader) ? reader.ReadHashList(out why) : [];
        if (why.Length > 0) parameters.Fail(why);
        if (parameters.Failed) return parameters.Error;
        if (hashes.Count > Most) return EngineErrors.TooLargeRequest(Most);

        var writer = answer.Result;
        writer.WriteStartArray();
        foreach (var hash in hashes) Write(writer, ledger.Chain.Blocks.BlockOf(hash), version);
        writer.WriteEndArray();
        return null;
    };

    public Method ByRange(int version) => (ref Parameters parameters, Answer answer) =>
    {
        var (start, count) = (parameters.UInt64(), parameters.UInt64());
        if (parameters.Failed) return parameters.Error;
        if (start == 0 || count == 0) return RpcError.InvalidParams("start and count are at least 1");
        if (count > Most) return EngineErrors.TooLargeRequest(Most);

        var writer = answer.Result;
        var head = ledger.Chain.Head.Number;
        writer.WriteStartArray();
        for (var number = start; number <= head && number - start < count; number++)
            Write(writer, ledger.Chain.Blocks.CanonicalHash(number) is { } hash ? ledger.Chain.Blocks.BlockOf(hash) : null, version);
        writer.WriteEndArray();
        return null;
    };

    static void Write(Utf8JsonWriter writer, Block? block, int version)
    {
        if (block is null)
        {
            writer.WriteNullValue();
            return;
        }
        writer.WriteStartObject();
        ExecutionPayloadJson.WriteTransactions(writer, block);
        if (block.Withdrawals is { } withdrawals) BlockJson.WriteWithdrawals(writer, withdrawals);
        else writer.WriteNull("withdrawals"u8);
        if (version >= 2) writer.WriteNull("blockAccessList"u8);
        writer.WriteEndObject();
    }
}
