using System.Buffers.Binary;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>What both sides say of their chain before anything else.</summary>
/// <param name="TotalDifficulty">Only up to eth/68.</param>
/// <param name="Earliest">The first block whose body can be asked for; from eth/69 on.</param>
/// <param name="Latest">The number of the head; from eth/69 on.</param>
public sealed record EthStatus(int Version, ulong NetworkId, Hash256 Genesis, ForkId ForkId, Hash256 Head, UInt256? TotalDifficulty, ulong? Earliest, ulong? Latest)
{
    public byte[] Encode()
    {
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        writer.Write((ulong)Version);
        writer.Write(NetworkId);
        if (Version <= 68)
        {
            writer.Write(TotalDifficulty ?? UInt256.Zero);
            writer.Write(Head);
        }
        writer.Write(Genesis);
        NodeRecord.WriteForkId(writer, ForkId);
        if (Version >= 69)
        {
            writer.Write(Earliest ?? 0);
            writer.Write(Latest ?? 0);
            writer.Write(Head);
        }
        writer.EndList(list);
        return writer.ToArray();
    }

    /// <param name="version">The version agreed on, which tells the form.</param>
    public static EthStatus? TryRead(ReadOnlySpan<byte> body, int version)
    {
        var reader = new RlpReader(body);
        var end = reader.EnterList();
        var stated = reader.ReadUInt64();
        var network = reader.ReadUInt64();
        UInt256? difficulty = null;
        ulong? earliest = null, latest = null;
        Hash256 head = default;
        if (version <= 68)
        {
            difficulty = reader.ReadUInt256();
            head = reader.ReadHash();
        }
        var genesis = reader.ReadHash();
        var forkId = ReadForkId(ref reader);
        if (version >= 69) (earliest, latest, head) = (reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadHash());
        reader.LeaveList(end);
        reader.ExpectEnd();
        if (earliest > latest || stated != (ulong)version) reader.Fail("a version or a range that cannot be");
        return reader.Failed ? null : new EthStatus(version, network, genesis, forkId, head, difficulty, earliest, latest);
    }

    static ForkId ReadForkId(ref RlpReader reader)
    {
        var end = reader.EnterList();
        var hash = reader.ReadBytes(4);
        var next = reader.ReadUInt64();
        reader.LeaveList(end);
        return reader.Failed ? default : new ForkId(BinaryPrimitives.ReadUInt32BigEndian(hash), next);
    }
}
