namespace Hufu.Primitives;

/// <summary>The first form of a transaction, with or without the replay protection of EIP-155.</summary>
public sealed class LegacyTransaction : Transaction
{
    ulong _v;

    public override TransactionType Type => TransactionType.Legacy;

    public UInt256 GasPrice { get; init; }

    /// <summary>27 or 28 without a chain id; chain id * 2 + 35 or 36 with one (EIP-155).</summary>
    public ulong V { get => _v; init => _v = value; }

    public override ulong? ChainId
    {
        get => V >= 35 ? (V - 35) / 2 : null;
        init => throw new NotSupportedException("a legacy transaction's chain id is part of V");
    }

    /// <summary>Anything but 0 and 1 marks a V that no signature has.</summary>
    public override ulong YParity
    {
        get => V >= 35 ? (V - 35) % 2 : V is 27 or 28 ? V - 27 : ulong.MaxValue;
        init => throw new NotSupportedException("a legacy transaction's parity is part of V");
    }

    /// <summary>The V of a transaction that is still to be signed: with it the signing hash is that of EIP-155, or of the form before it for null.</summary>
    public static ulong UnsignedV(ulong? chainId) => chainId is { } id ? checked(id * 2 + 35) : 27;

    private protected override void SetYParity(ulong yParity) => _v = UnsignedV(ChainId) + yParity;

    public override UInt256 MaxFeePerGas { get => GasPrice; init => GasPrice = value; }
    public override UInt256 MaxPriorityFeePerGas { get => GasPrice; init => GasPrice = value; }

    private protected override void WriteFields(RlpWriter writer)
    {
        writer.Write(Nonce);
        writer.Write(GasPrice);
        writer.Write(GasLimit);
        writer.Write(To);
        writer.Write(Value);
        writer.Write(Data.Span);
    }

    private protected override void WriteSigningSuffix(RlpWriter writer)
    {
        if (ChainId is not { } chainId) return;
        writer.Write(chainId);
        writer.Write(0UL);
        writer.Write(0UL);
    }

    private protected override void WriteSignature(RlpWriter writer)
    {
        writer.Write(V);
        writer.Write(R);
        writer.Write(S);
    }

    internal static LegacyTransaction Read(ref RlpReader reader)
    {
        var end = reader.EnterList();
        var transaction = new LegacyTransaction
        {
            Nonce = reader.ReadUInt64(),
            GasPrice = reader.ReadUInt256(),
            GasLimit = reader.ReadUInt64(),
            To = reader.ReadOptionalAddress(),
            Value = reader.ReadUInt256(),
            Data = reader.ReadMemory(),
            V = reader.ReadUInt64(),
            R = reader.ReadUInt256(),
            S = reader.ReadUInt256(),
        };
        reader.LeaveList(end);
        return transaction;
    }
}
