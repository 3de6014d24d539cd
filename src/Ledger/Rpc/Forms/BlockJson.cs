using System.Buffers.Binary;
using System.Text.Json;
using Hufu.Chain;
using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Blocks and headers in the form of execution-apis.</summary>
static class BlockJson
{
    /// <param name="isPending">A block that was only put together for the question: what makes a block real (hash, nonce, beneficiary) is null.</param>
    public static void Write(Utf8JsonWriter writer, Block block, ForkRules rules, bool withTransactions, bool isPending = false)
    {
        writer.WriteStartObject();
        WriteMembers(writer, block, withTransactions, index => SenderOf(block.Transactions[index], rules), isPending);
        writer.WriteEndObject();
    }

    /// <summary>Writes the members without the braces around them.</summary>
    /// <param name="senderOf">Who sent the transaction of that index.</param>
    public static void WriteMembers(Utf8JsonWriter writer, Block block, bool withTransactions, Func<int, Address> senderOf, bool isPending = false)
    {
        WriteHeader(writer, block.Header, isPending);
        writer.WriteQuantity("size"u8, (ulong)DecodedBlock.Of(block).SizeBytes);
        WriteTransactions(writer, block, withTransactions, senderOf);
        writer.WriteStartArray("uncles"u8);
        foreach (var ommer in block.Ommers) writer.WriteData(ommer.Hash.Bytes);
        writer.WriteEndArray();
        if (block.Withdrawals is { } withdrawals) WriteWithdrawals(writer, withdrawals);
    }

    /// <summary>An ommer as if it were a block: all that is known of it is its header.</summary>
    public static void WriteOmmer(Utf8JsonWriter writer, Header ommer)
    {
        writer.WriteStartObject();
        WriteHeader(writer, ommer, isPending: false);
        writer.WriteQuantity("size"u8, (ulong)DecodedBlock.Of(new Block(ommer, [], [], null)).SizeBytes);
        writer.WriteStartArray("uncles"u8);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>A header by itself, as news of a new head tell it.</summary>
    public static void WriteHeaderAlone(Utf8JsonWriter writer, Header header)
    {
        writer.WriteStartObject();
        WriteHeader(writer, header, isPending: false);
        writer.WriteEndObject();
    }

    static void WriteHeader(Utf8JsonWriter writer, Header header, bool isPending)
    {
        writer.WriteQuantity("number"u8, header.Number);
        if (isPending) writer.WriteNull("hash"u8);
        else writer.WriteHash("hash"u8, header.Hash);
        writer.WriteHash("parentHash"u8, header.ParentHash);
        WriteNonce(writer, header, isPending);
        writer.WriteHash("mixHash"u8, header.PrevRandao);
        writer.WriteHash("sha3Uncles"u8, header.OmmersHash);
        writer.WriteData("logsBloom"u8, header.LogsBloom.Bytes);
        writer.WriteHash("stateRoot"u8, header.StateRoot);
        writer.WriteAddress("miner"u8, header.Beneficiary);
        writer.WriteQuantity("difficulty"u8, header.Difficulty);
        writer.WriteData("extraData"u8, header.ExtraData.Span);
        writer.WriteQuantity("gasLimit"u8, header.GasLimit);
        writer.WriteQuantity("gasUsed"u8, header.GasUsed);
        writer.WriteQuantity("timestamp"u8, header.Timestamp);
        writer.WriteHash("transactionsRoot"u8, header.TransactionsRoot);
        writer.WriteHash("receiptsRoot"u8, header.ReceiptsRoot);
        if (header.BaseFeePerGas is { } baseFee) writer.WriteQuantity("baseFeePerGas"u8, baseFee);
        if (header.WithdrawalsRoot is { } withdrawals) writer.WriteHash("withdrawalsRoot"u8, withdrawals);
        if (header.BlobGasUsed is { } blobGas) writer.WriteQuantity("blobGasUsed"u8, blobGas);
        if (header.ExcessBlobGas is { } excess) writer.WriteQuantity("excessBlobGas"u8, excess);
        if (header.ParentBeaconBlockRoot is { } beacon) writer.WriteHash("parentBeaconBlockRoot"u8, beacon);
        if (header.RequestsHash is { } requests) writer.WriteHash("requestsHash"u8, requests);
        if (header.BlockAccessListHash is { } accessList) writer.WriteHash("blockAccessListHash"u8, accessList);
        if (header.SlotNumber is { } slot) writer.WriteQuantity("slotNumber"u8, slot);
    }

    static void WriteNonce(Utf8JsonWriter writer, Header header, bool isPending)
    {
        if (isPending)
        {
            writer.WriteNull("nonce"u8);
            return;
        }
        Span<byte> nonce = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(nonce, header.Nonce);
        writer.WriteData("nonce"u8, nonce);
    }

    static void WriteTransactions(Utf8JsonWriter writer, Block block, bool withTransactions, Func<int, Address> senderOf)
    {
        writer.WriteStartArray("transactions"u8);
        for (var i = 0; i < block.Transactions.Count; i++)
        {
            var transaction = block.Transactions[i];
            if (withTransactions) TransactionJson.Write(writer, transaction, senderOf(i), new TransactionPlace(block.Header, i));
            else writer.WriteData(transaction.Hash.Bytes);
        }
        writer.WriteEndArray();
    }

    public static void WriteWithdrawals(Utf8JsonWriter writer, IReadOnlyList<Withdrawal> withdrawals)
    {
        writer.WriteStartArray("withdrawals"u8);
        foreach (var withdrawal in withdrawals)
        {
            writer.WriteStartObject();
            writer.WriteQuantity("index"u8, withdrawal.Index);
            writer.WriteQuantity("validatorIndex"u8, withdrawal.ValidatorIndex);
            writer.WriteAddress("address"u8, withdrawal.Address);
            writer.WriteQuantity("amount"u8, withdrawal.AmountGwei);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    /// <summary>Who signed a transaction of an accepted block: there the signature is known to be good.</summary>
    public static Address SenderOf(Transaction transaction, ForkRules rules) =>
        SenderRecovery.TryRecover(transaction, rules, out var sender) ? sender
            : throw new InvalidDataException($"transaction {transaction.Hash} of an accepted block has no valid signature");
}
