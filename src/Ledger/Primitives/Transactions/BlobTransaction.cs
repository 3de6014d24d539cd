namespace Hufu.Primitives;

/// <summary>A transaction that pays for blobs (EIP-4844). The blobs themselves travel beside it, in a sidecar, and never stand in a block.</summary>
public sealed class BlobTransaction : Transaction
{
    public override TransactionType Type => TransactionType.Blob;
    public override UInt256 MaxFeePerGas { get; init; }
    public override UInt256 MaxPriorityFeePerGas { get; init; }
    public override UInt256 MaxFeePerBlobGas { get; init; }

    private protected override void WriteFields(RlpWriter writer)
    {
        writer.Write(ChainId ?? 0);
        writer.Write(Nonce);
        writer.Write(MaxPriorityFeePerGas);
        writer.Write(MaxFeePerGas);
        writer.Write(GasLimit);
        writer.Write(To);
        writer.Write(Value);
        writer.Write(Data.Span);
        AccessListEntry.WriteList(writer, AccessList);
        writer.Write(MaxFeePerBlobGas);
        var hashes = writer.StartList();
        foreach (var hash in BlobVersionedHashes) writer.Write(hash);
        writer.EndList(hashes);
    }

    internal static BlobTransaction Read(ref RlpReader reader)
    {
        var end = reader.EnterList();
        var transaction = new BlobTransaction
        {
            ChainId = reader.ReadUInt64(),
            Nonce = reader.ReadUInt64(),
            MaxPriorityFeePerGas = reader.ReadUInt256(),
            MaxFeePerGas = reader.ReadUInt256(),
            GasLimit = reader.ReadUInt64(),
            To = ReadRecipient(ref reader),
            Value = reader.ReadUInt256(),
            Data = reader.ReadMemory(),
            AccessList = AccessListEntry.ReadList(ref reader),
            MaxFeePerBlobGas = reader.ReadUInt256(),
            BlobVersionedHashes = reader.ReadHashes(),
            YParity = reader.ReadUInt64(),
            R = reader.ReadUInt256(),
            S = reader.ReadUInt256(),
        };
        reader.LeaveList(end);
        return transaction;
    }

    // EIP-4844 and EIP-7702 transactions cannot create: the recipient is a whole address.
    internal static Address? ReadRecipient(ref RlpReader reader)
    {
        var recipient = reader.ReadOptionalAddress();
        if (recipient is null) reader.Fail("a transaction with blobs or authorizations has a recipient: it cannot create a contract");
        return recipient;
    }
}
