namespace Hufu.Primitives;

/// <summary>A transaction that names what it will touch (EIP-2930).</summary>
public sealed class AccessListTransaction : Transaction
{
    public override TransactionType Type => TransactionType.AccessList;

    public UInt256 GasPrice { get; init; }
    public override UInt256 MaxFeePerGas { get => GasPrice; init => GasPrice = value; }
    public override UInt256 MaxPriorityFeePerGas { get => GasPrice; init => GasPrice = value; }

    private protected override void WriteFields(RlpWriter writer)
    {
        writer.Write(ChainId ?? 0);
        writer.Write(Nonce);
        writer.Write(GasPrice);
        writer.Write(GasLimit);
        writer.Write(To);
        writer.Write(Value);
        writer.Write(Data.Span);
        AccessListEntry.WriteList(writer, AccessList);
    }

    internal static AccessListTransaction Read(ref RlpReader reader)
    {
        var end = reader.EnterList();
        var transaction = new AccessListTransaction
        {
            ChainId = reader.ReadUInt64(),
            Nonce = reader.ReadUInt64(),
            GasPrice = reader.ReadUInt256(),
            GasLimit = reader.ReadUInt64(),
            To = reader.ReadOptionalAddress(),
            Value = reader.ReadUInt256(),
            Data = reader.ReadMemory(),
            AccessList = AccessListEntry.ReadList(ref reader),
            YParity = reader.ReadUInt64(),
            R = reader.ReadUInt256(),
            S = reader.ReadUInt256(),
        };
        reader.LeaveList(end);
        return transaction;
    }
}
