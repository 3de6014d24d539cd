using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Where a transaction stands in a block.</summary>
readonly record struct TransactionPlace(Header Header, int Index);

/// <summary>Transactions in the form of execution-apis: those in a block, and those that wait (whose place is null).</summary>
static class TransactionJson
{
    public static void Write(Utf8JsonWriter writer, Transaction transaction, in Address sender, TransactionPlace? place)
    {
        writer.WriteStartObject();
        WritePlace(writer, place);
        writer.WriteAddress("from"u8, sender);
        writer.WriteQuantity("gas"u8, transaction.GasLimit);
        WriteFees(writer, transaction, place);
        writer.WriteHash("hash"u8, transaction.Hash);
        writer.WriteData("input"u8, transaction.Data.Span);
        writer.WriteQuantity("nonce"u8, transaction.Nonce);
        writer.WriteOptionalAddress("to"u8, transaction.To);
        if (place is { } at) writer.WriteQuantity("transactionIndex"u8, (ulong)at.Index);
        else writer.WriteNull("transactionIndex"u8);
        writer.WriteQuantity("value"u8, transaction.Value);
        writer.WriteQuantity("type"u8, (ulong)transaction.Type);
        if (transaction.Type != TransactionType.Legacy) WriteAccessList(writer, transaction.AccessList);
        if (transaction.ChainId is { } chainId) writer.WriteQuantity("chainId"u8, chainId);
        if (transaction.Type == TransactionType.Blob) WriteBlobHashes(writer, transaction);
        if (transaction.Type == TransactionType.SetCode) WriteAuthorizations(writer, transaction);
        WriteSignature(writer, transaction);
        writer.WriteEndObject();
    }

    static void WritePlace(Utf8JsonWriter writer, TransactionPlace? place)
    {
        if (place is not { } at)
        {
            writer.WriteNull("blockHash"u8);
            writer.WriteNull("blockNumber"u8);
            writer.WriteNull("blockTimestamp"u8);
            return;
        }
        writer.WriteHash("blockHash"u8, at.Header.Hash);
        writer.WriteQuantity("blockNumber"u8, at.Header.Number);
        writer.WriteQuantity("blockTimestamp"u8, at.Header.Timestamp);
    }

    static void WriteFees(Utf8JsonWriter writer, Transaction transaction, TransactionPlace? place)
    {
        // What was paid where that is known; before that the most that may be.
        var price = place is { } at ? transaction.EffectiveGasPrice(at.Header.BaseFeePerGas ?? UInt256.Zero) : transaction.MaxFeePerGas;
        writer.WriteQuantity("gasPrice"u8, price);
        if (transaction.Type < TransactionType.DynamicFee) return;
        writer.WriteQuantity("maxFeePerGas"u8, transaction.MaxFeePerGas);
        writer.WriteQuantity("maxPriorityFeePerGas"u8, transaction.MaxPriorityFeePerGas);
        if (transaction.Type == TransactionType.Blob) writer.WriteQuantity("maxFeePerBlobGas"u8, transaction.MaxFeePerBlobGas);
    }

    public static void WriteAccessList(Utf8JsonWriter writer, IReadOnlyList<AccessListEntry> accessList)
    {
        writer.WriteStartArray("accessList"u8);
        foreach (var entry in accessList)
        {
            writer.WriteStartObject();
            writer.WriteAddress("address"u8, entry.Address);
            writer.WriteStartArray("storageKeys"u8);
            foreach (var key in entry.StorageKeys) writer.WriteData(key.Bytes);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    static void WriteBlobHashes(Utf8JsonWriter writer, Transaction transaction)
    {
        writer.WriteStartArray("blobVersionedHashes"u8);
        foreach (var hash in transaction.BlobVersionedHashes) writer.WriteData(hash.Bytes);
        writer.WriteEndArray();
    }

    static void WriteAuthorizations(Utf8JsonWriter writer, Transaction transaction)
    {
        writer.WriteStartArray("authorizationList"u8);
        foreach (var one in transaction.AuthorizationList)
        {
            writer.WriteStartObject();
            writer.WriteQuantity("chainId"u8, one.ChainId);
            writer.WriteAddress("address"u8, one.Address);
            writer.WriteQuantity("nonce"u8, one.Nonce);
            writer.WriteQuantity("yParity"u8, one.YParity);
            writer.WriteQuantity("r"u8, one.R);
            writer.WriteQuantity("s"u8, one.S);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    static void WriteSignature(Utf8JsonWriter writer, Transaction transaction)
    {
        var legacy = transaction as LegacyTransaction;
        writer.WriteQuantity("v"u8, legacy?.V ?? transaction.YParity);
        writer.WriteQuantity("r"u8, transaction.R);
        writer.WriteQuantity("s"u8, transaction.S);
        if (legacy is null) writer.WriteQuantity("yParity"u8, transaction.YParity);
    }
}
