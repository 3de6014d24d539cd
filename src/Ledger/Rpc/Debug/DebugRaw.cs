using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Blocks, headers, receipts and transactions as bytes.</summary>
sealed class DebugRaw(Ledger ledger)
{
    public RpcError? Header(ref Parameters parameters, Answer answer)
    {
        var reference = parameters.Block();
        if (parameters.Failed) return parameters.Error;
        if (ledger.Find(reference) is not { } header) return NoBlock;
        using var writer = RlpWriter.Rent();
        header.Write(writer);
        answer.Result.WriteData(writer.Written);
        return null;
    }

    public RpcError? Block(ref Parameters parameters, Answer answer)
    {
        var reference = parameters.Block();
        if (parameters.Failed) return parameters.Error;
        if (ledger.FindBlock(reference) is not { } block) return NoBlock;
        answer.Result.WriteData(block.Encode());
        return null;
    }

    public RpcError? Receipts(ref Parameters parameters, Answer answer)
    {
        var reference = parameters.Block();
        if (parameters.Failed) return parameters.Error;
        if (ledger.Find(reference) is not { } header || ledger.Chain.Blocks.ReceiptsOf(header.Hash) is not { } receipts) return NoBlock;
        var writer = answer.Result;
        writer.WriteStartArray();
        foreach (var receipt in receipts) writer.WriteData(receipt.Encode());
        writer.WriteEndArray();
        return null;
    }

    static readonly RpcError NoBlock = RpcError.Server("block not found");

    /// <summary>The last blocks that broke a rule here.</summary>
    public RpcError? BadBlocks(ref Parameters parameters, Answer answer)
    {
        var writer = answer.Result;
        writer.WriteStartArray();
        foreach (var (block, _) in ledger.Chain.RecentlyRefused)
        {
            writer.WriteStartObject();
            writer.WriteHash("hash"u8, block.Hash);
            writer.WriteStartObject("block"u8);
            // Who signed a transaction of a block that is bad is not asked: its hash tells which it is.
            BlockJson.WriteMembers(writer, block, withTransactions: false, _ => default);
            writer.WriteEndObject();
            writer.WriteData("rlp"u8, block.Encode());
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        return null;
    }
}
