namespace Hufu.Primitives;

/// <summary>A transaction that bids a cap and a tip over the base fee (EIP-1559).</summary>
public sealed class DynamicFeeTransaction : Transaction
{
    public override TransactionType Type => TransactionType.DynamicFee;
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
    }

    internal static DynamicFeeTransaction Read(ref RlpReader reader)
    {
        var end = reader.EnterList();
        var transaction = new DynamicFeeTransaction
        {
            ChainId = reader.ReadUInt64(),
            Nonce = reader.ReadUInt64(),
            MaxPriorityFeePerGas = reader.ReadUInt256(),
            MaxFeePerGas = reader.ReadUInt256(),
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
