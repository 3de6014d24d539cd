using System.Text.Json;
using Hufu.Chain;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Blocks in the form in which consensus clients take and give them: ExecutionPayloadV1 to V4. What a fork added stands there where the block has it.</summary>
static class ExecutionPayloadJson
{
    /// <param name="blockAccessList">The RLP that the header's hash is of, since Amsterdam (EIP-7928).</param>
    public static void Write(Utf8JsonWriter writer, Block block, ReadOnlyMemory<byte>? blockAccessList = null)
    {
        var header = block.Header;
        writer.WriteStartObject();
        writer.WriteHash("parentHash"u8, header.ParentHash);
        writer.WriteAddress("feeRecipient"u8, header.Beneficiary);
        writer.WriteHash("stateRoot"u8, header.StateRoot);
        writer.WriteHash("receiptsRoot"u8, header.ReceiptsRoot);
        writer.WriteData("logsBloom"u8, header.LogsBloom.Bytes);
        writer.WriteHash("prevRandao"u8, header.PrevRandao);
        writer.WriteQuantity("blockNumber"u8, header.Number);
        writer.WriteQuantity("gasLimit"u8, header.GasLimit);
        writer.WriteQuantity("gasUsed"u8, header.GasUsed);
        writer.WriteQuantity("timestamp"u8, header.Timestamp);
        writer.WriteData("extraData"u8, header.ExtraData.Span);
        writer.WriteQuantity("baseFeePerGas"u8, header.BaseFeePerGas ?? UInt256.Zero);
        writer.WriteHash("blockHash"u8, block.Hash);
        WriteTransactions(writer, block);
        if (block.Withdrawals is { } withdrawals) BlockJson.WriteWithdrawals(writer, withdrawals);
        if (header.BlobGasUsed is { } blobGas) writer.WriteQuantity("blobGasUsed"u8, blobGas);
        if (header.ExcessBlobGas is { } excess) writer.WriteQuantity("excessBlobGas"u8, excess);
        if (blockAccessList is { } accessList) writer.WriteData("blockAccessList"u8, accessList.Span);
        if (header.SlotNumber is { } slot) writer.WriteQuantity("slotNumber"u8, slot);
        writer.WriteEndObject();
    }

    /// <summary>Writes the result of engine_getPayload from V3 on (and of testing_buildBlockV1): the payload with all that its proposer needs beside it.</summary>
    /// <param name="built">The block, with the requests and fees that running it gave.</param>
    public static void WriteEnvelope(Utf8JsonWriter writer, ExecutedBlock built, BlobsBundle bundle)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("executionPayload"u8);
        Write(writer, built.Block, built.AccessList is { } accessList ? accessList.Encode() : (ReadOnlyMemory<byte>?)null);
        writer.WriteQuantity("blockValue"u8, built.Fees);
        WriteBundle(writer, bundle);
        writer.WriteBoolean("shouldOverrideBuilder"u8, false);
        if (built.Header.RequestsHash is not null) WriteList(writer, "executionRequests"u8, built.Requests);
        writer.WriteEndObject();
    }

    /// <summary>Writes the member `transactions` as envelopes, the form of payloads and of payload bodies.</summary>
    public static void WriteTransactions(Utf8JsonWriter writer, Block block)
    {
        writer.WriteStartArray("transactions"u8);
        foreach (var transaction in block.Transactions) writer.WriteData(transaction.Encoded.Span);
        writer.WriteEndArray();
    }

    static void WriteBundle(Utf8JsonWriter writer, BlobsBundle bundle)
    {
        writer.WriteStartObject("blobsBundle"u8);
        WriteList(writer, "commitments"u8, bundle.Commitments);
        WriteList(writer, "proofs"u8, bundle.Proofs);
        WriteList(writer, "blobs"u8, bundle.Blobs);
        writer.WriteEndObject();
    }

    static void WriteList(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<byte[]> items)
    {
        writer.WriteStartArray(name);
        foreach (var item in items) writer.WriteData(item);
        writer.WriteEndArray();
    }
}
