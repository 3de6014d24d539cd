using System.Text.Json;
using Hufu.Chain;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Receipts and logs in the form of execution-apis.</summary>
static class ReceiptJson
{
    public static void Write(Utf8JsonWriter writer, TransactionOutcome outcome, ForkRules rules)
    {
        var (header, transaction, receipt) = (outcome.Block.Header, outcome.Transaction, outcome.Receipt);
        var sender = BlockJson.SenderOf(transaction, rules);
        writer.WriteStartObject();
        writer.WriteHash("blockHash"u8, header.Hash);
        writer.WriteQuantity("blockNumber"u8, header.Number);
        writer.WriteOptionalAddress("contractAddress"u8, TransactionOutcome.ContractAddress(transaction, sender));
        writer.WriteQuantity("cumulativeGasUsed"u8, receipt.CumulativeGasUsed);
        writer.WriteQuantity("effectiveGasPrice"u8, outcome.EffectiveGasPrice);
        writer.WriteAddress("from"u8, sender);
        writer.WriteQuantity("gasUsed"u8, outcome.GasUsed);
        if (transaction.Type == TransactionType.Blob)
        {
            writer.WriteQuantity("blobGasUsed"u8, transaction.BlobGas);
            writer.WriteQuantity("blobGasPrice"u8, BlobGas.BaseFee(header.ExcessBlobGas ?? 0, rules.Blob));
        }
        WriteLogs(writer, outcome);
        writer.WriteData("logsBloom"u8, receipt.LogsBloom.Bytes);
        if (receipt.PostState is { } root) writer.WriteHash("root"u8, root);
        else writer.WriteQuantity("status"u8, receipt.Succeeded ? 1UL : 0UL);
        writer.WriteOptionalAddress("to"u8, transaction.To);
        writer.WriteHash("transactionHash"u8, transaction.Hash);
        writer.WriteQuantity("transactionIndex"u8, (ulong)outcome.Index);
        writer.WriteQuantity("type"u8, (ulong)transaction.Type);
        writer.WriteEndObject();
    }

    static void WriteLogs(Utf8JsonWriter writer, TransactionOutcome outcome)
    {
        writer.WriteStartArray("logs"u8);
        var index = outcome.FirstLogIndex;
        foreach (var log in outcome.Receipt.Logs)
            WriteLog(writer, new FoundLog(log, outcome.Block.Header, outcome.Transaction.Hash, outcome.Index, index++));
        writer.WriteEndArray();
    }

    /// <param name="isRemoved">The block of the log has left the chain.</param>
    public static void WriteLog(Utf8JsonWriter writer, FoundLog found, bool isRemoved = false)
    {
        writer.WriteStartObject();
        writer.WriteAddress("address"u8, found.Log.Address);
        writer.WriteStartArray("topics"u8);
        foreach (var topic in found.Log.Topics) writer.WriteData(topic.Bytes);
        writer.WriteEndArray();
        writer.WriteData("data"u8, found.Log.Data.Span);
        writer.WriteQuantity("blockNumber"u8, found.Header.Number);
        writer.WriteHash("transactionHash"u8, found.TransactionHash);
        writer.WriteQuantity("transactionIndex"u8, (ulong)found.TransactionIndex);
        writer.WriteHash("blockHash"u8, found.Header.Hash);
        writer.WriteQuantity("blockTimestamp"u8, found.Header.Timestamp);
        writer.WriteQuantity("logIndex"u8, (ulong)found.LogIndex);
        writer.WriteBoolean("removed"u8, isRemoved);
        writer.WriteEndObject();
    }
}
