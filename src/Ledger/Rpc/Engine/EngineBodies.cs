using System.Text.Json;
using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>engine_getPayloadBodies: the bodies of blocks that a consensus client keeps only the headers of.</summary>
sealed class EngineBodies(Ledger ledger)
{
    const int Most = 1024;

    // Version 2 runs each block again for its access list.
    const int MostRun = 32;

    public Method ByHash(int version) => (ref Parameters parameters, Answer answer) =>
    {
        var why = "";
        var hashes = parameters.NextArray("an array of block hashes", out var reader) ? reader.ReadHashList(out why) : [];
        if (why.Length > 0) parameters.Fail(why);
        if (parameters.Failed) return parameters.Error;
        if (hashes.Count > MostOf(version)) return EngineErrors.TooLargeRequest(MostOf(version));

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
        if (count > (ulong)MostOf(version)) return EngineErrors.TooLargeRequest(MostOf(version));

        var writer = answer.Result;
        var head = ledger.Chain.Head.Number;
        writer.WriteStartArray();
        for (var number = start; number <= head && number - start < count; number++)
            Write(writer, ledger.Chain.Blocks.CanonicalHash(number) is { } hash ? ledger.Chain.Blocks.BlockOf(hash) : null, version);
        writer.WriteEndArray();
        return null;
    };

    static int MostOf(int version) => version >= 2 ? MostRun : Most;

    void Write(Utf8JsonWriter writer, Block? block, int version)
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
        if (version >= 2)
        {
            if (AccessListOf(block) is { } accessList) writer.WriteData("blockAccessList"u8, accessList.Encode());
            else writer.WriteNull("blockAccessList"u8);
        }
        writer.WriteEndObject();
    }

    /// <summary>What running the block again meets (EIP-7928); null before Amsterdam and where the state below the block is not kept any more.</summary>
    BlockAccessList? AccessListOf(Block block)
    {
        if (block.Header.BlockAccessListHash is null || ledger.Chain.Replay(block.Header) is not { } execution) return null;
        execution.Begin();
        foreach (var transaction in block.Transactions)
            if (!SenderRecovery.TryRecover(transaction, execution.Rules, out var sender) || execution.TryInclude(transaction, sender) is not null) return null;
        return execution.Finish(block.Withdrawals, block.Ommers) is null ? execution.AccessList : null;
    }
}
