namespace Hufu.Primitives;

/// <summary>A transaction that carries authorizations to delegate accounts to code (EIP-7702).</summary>
public sealed class SetCodeTransaction : Transaction
{
    public override TransactionType Type => TransactionType.SetCode;
    public override UInt256 MaxFeePerGas { get; init; }
    public override UInt256 MaxPriorityFeePerGas { get; init; }

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
        Authorization.WriteList(writer, AuthorizationList);
    }

    internal static SetCodeTransaction Read(ref RlpReader reader)
    {
        var end = reader.EnterList();
        var transaction = new SetCodeTransaction
        {
            ChainId = reader.ReadUInt64(),
            Nonce = reader.ReadUInt64(),
            MaxPriorityFeePerGas = reader.ReadUInt256(),
            MaxFeePerGas = reader.ReadUInt256(),
            GasLimit = reader.ReadUInt64(),
            To = BlobTransaction.ReadRecipient(ref reader),
            Value = reader.ReadUInt256(),
            Data = reader.ReadMemory(),
            AccessList = AccessListEntry.ReadList(ref reader),
            AuthorizationList = Authorization.ReadList(ref reader),
            YParity = reader.ReadUInt64(),
            R = reader.ReadUInt256(),
            S = reader.ReadUInt256(),
        };
        reader.LeaveList(end);
        return transaction;
    }
}
