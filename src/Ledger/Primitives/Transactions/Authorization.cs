namespace Hufu.Primitives;

/// <summary>A signed wish of an account to run the code of another (EIP-7702). Its authority is recovered where it is applied.</summary>
/// <param name="ChainId">0 stands for every chain. As wide as the EIP allows; one that fits no chain is skipped, not refused.</param>
public sealed record Authorization(UInt256 ChainId, Address Address, ulong Nonce, byte YParity, UInt256 R, UInt256 S)
{
    // A list of an address and five numbers.
    const int LeastBytes = 1 + 21 + 5;

    /// <summary>keccak(0x05 || rlp([chain_id, address, nonce])).</summary>
    public Hash256 SigningHash
    {
        get
        {
            using var writer = RlpWriter.Rent();
            writer.WriteRaw(0x05);
            var list = writer.StartList();
            writer.Write(ChainId);
            writer.Write(Address);
            writer.Write(Nonce);
            writer.EndList(list);
            return Keccak256.Hash(writer.Written);
        }
    }

    internal static void WriteList(RlpWriter writer, IReadOnlyList<Authorization> authorizations)
    {
        var list = writer.StartList();
        foreach (var one in authorizations)
        {
            var item = writer.StartList();
            writer.Write(one.ChainId);
            writer.Write(one.Address);
            writer.Write(one.Nonce);
            writer.Write((ulong)one.YParity);
            writer.Write(one.R);
            writer.Write(one.S);
            writer.EndList(item);
        }
        writer.EndList(list);
    }

    internal static Authorization[] ReadList(ref RlpReader reader)
    {
        var end = reader.EnterList();
        var count = reader.CountItems(end, LeastBytes);
        var authorizations = count == 0 ? [] : new Authorization[count];
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            var itemEnd = reader.EnterList();
            var chainId = reader.ReadUInt256();
            var address = reader.ReadAddress();
            var nonce = reader.ReadUInt64();
            var yParity = reader.ReadUInt64();
            if (yParity > byte.MaxValue) reader.Fail("an authorization's y_parity does not fit a byte");
            authorizations[i] = new Authorization(chainId, address, nonce, (byte)yParity, reader.ReadUInt256(), reader.ReadUInt256());
            reader.LeaveList(itemEnd);
        }
        reader.LeaveList(end);
        return reader.Failed ? [] : authorizations;
    }
}
