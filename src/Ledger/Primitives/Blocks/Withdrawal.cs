namespace Hufu.Primitives;

/// <summary>Ether pushed from the consensus layer (EIP-4895).</summary>
/// <param name="AmountGwei">In Gwei, not Wei.</param>
public sealed record Withdrawal(ulong Index, ulong ValidatorIndex, Address Address, ulong AmountGwei)
{
    public void Write(RlpWriter writer)
    {
        var list = writer.StartList();
        writer.Write(Index);
        writer.Write(ValidatorIndex);
        writer.Write(Address);
        writer.Write(AmountGwei);
        writer.EndList(list);
    }

    public static Withdrawal Read(ref RlpReader reader)
    {
        var end = reader.EnterList();
        var withdrawal = new Withdrawal(reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadAddress(), reader.ReadUInt64());
        reader.LeaveList(end);
        return withdrawal;
    }
}
