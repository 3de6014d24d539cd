using System.Net;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>What joins an answer to its question: up to eight bytes that the asker chose.</summary>
readonly record struct RequestId(ulong Value, int Length)
{
    public const int MostBytes = 8;

    public static RequestId Random() => new((ulong)System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue) << 32 | (uint)System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue), MostBytes);

    public static RequestId FromBytes(ReadOnlySpan<byte> bytes)
    {
        var value = 0UL;
        foreach (var b in bytes) value = value << 8 | b;
        return new RequestId(value, bytes.Length);
    }

    public void Write(RlpWriter writer)
    {
        Span<byte> bytes = stackalloc byte[MostBytes];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes, Value);
        writer.Write(bytes[(MostBytes - Length)..]);
    }
}

/// <summary>A message of discv5 (devp2p, discv5-wire.md, "Protocol Messages"), as it is before encryption: a type and a list.</summary>
abstract record Discv5Message(RequestId Id)
{
    /// <summary>Records in all packets that answer one question.</summary>
    public const int MostRecords = 16;

    /// <summary>Records in one packet, so that it fits.</summary>
    public const int MostRecordsInPacket = 3;

    const int MostDistances = 257, MostPackets = 16;

    public sealed record Ping(RequestId Id, ulong RecordSequence) : Discv5Message(Id);

    /// <param name="Seen">Where the ping came from, as its receiver saw it.</param>
    public sealed record Pong(RequestId Id, ulong RecordSequence, IPEndPoint Seen) : Discv5Message(Id);

    /// <param name="Distances">Logarithmic distances from the one who is asked; 0 is its own record.</param>
    public sealed record FindNode(RequestId Id, IReadOnlyList<int> Distances) : Discv5Message(Id);

    /// <param name="Total">In how many packets the answer comes.</param>
    /// <param name="Records">Their RLP: whether they are records is looked at where they were asked for.</param>
    public sealed record Nodes(RequestId Id, int Total, IReadOnlyList<byte[]> Records) : Discv5Message(Id);
    public sealed record TalkRequest(RequestId Id, byte[] Protocol, byte[] Request) : Discv5Message(Id);
    public sealed record TalkResponse(RequestId Id, byte[] Response) : Discv5Message(Id);

    public byte[] Encode()
    {
        using var writer = RlpWriter.Rent();
        writer.WriteRaw(this switch { Ping => 1, Pong => 2, FindNode => 3, Nodes => 4, TalkRequest => 5, _ => (byte)6 });
        var list = writer.StartList();
        Id.Write(writer);
        switch (this)
        {
            case Ping ping:
                writer.Write(ping.RecordSequence);
                break;
            case Pong pong:
                writer.Write(pong.RecordSequence);
                writer.Write(pong.Seen.Address.GetAddressBytes());
                writer.Write((ulong)pong.Seen.Port);
                break;
            case FindNode find:
                var distances = writer.StartList();
                foreach (var distance in find.Distances) writer.Write((ulong)distance);
                writer.EndList(distances);
                break;
            case Nodes nodes:
                writer.Write((ulong)nodes.Total);
                var records = writer.StartList();
                foreach (var record in nodes.Records) writer.WriteRaw(record);
                writer.EndList(records);
                break;
            case TalkRequest request:
                writer.Write(request.Protocol);
                writer.Write(request.Request);
                break;
            case TalkResponse response:
                writer.Write(response.Response);
                break;
        }
        writer.EndList(list);
        return writer.ToArray();
    }

    /// <summary>Null for what is no message, or one of a kind not known here. Further items are for later versions, and passed over.</summary>
    public static Discv5Message? Decode(ReadOnlySpan<byte> plain)
    {
        if (plain.IsEmpty) return null;
        var reader = new RlpReader(plain[1..]);
        var end = reader.EnterList();
        var id = reader.ReadBytes();
        if (id.Length > RequestId.MostBytes) return null;
        var requestId = RequestId.FromBytes(id);
        Discv5Message? message = plain[0] switch
        {
            1 => new Ping(requestId, reader.ReadUInt64()),
            2 => ReadPong(ref reader, requestId),
            3 => new FindNode(requestId, ReadDistances(ref reader)),
            4 => ReadNodes(ref reader, requestId),
            5 => new TalkRequest(requestId, reader.ReadBytes().ToArray(), reader.ReadBytes().ToArray()),
            6 => new TalkResponse(requestId, reader.ReadBytes().ToArray()),
            _ => null,
        };
        while (reader.HasMore(end)) reader.ReadItem();
        reader.LeaveList(end);
        reader.ExpectEnd();
        return reader.Failed ? null : message;
    }

    static Pong? ReadPong(ref RlpReader reader, RequestId id)
    {
        var sequence = reader.ReadUInt64();
        var address = reader.ReadBytes();
        var port = reader.ReadUInt64();
        if (address.Length is not (4 or 16) || port > 65535) reader.Fail("no endpoint");
        return reader.Failed ? null : new Pong(id, sequence, new IPEndPoint(new IPAddress(address), (int)port));
    }

    static List<int> ReadDistances(ref RlpReader reader)
    {
        var distances = new List<int>();
        var end = reader.EnterList();
        while (reader.HasMore(end))
        {
            var distance = reader.ReadUInt64();
            if (distance > 256 || distances.Count >= MostDistances) reader.Fail("no distance");
            else distances.Add((int)distance);
        }
        reader.LeaveList(end);
        return distances;
    }

    static Nodes ReadNodes(ref RlpReader reader, RequestId id)
    {
        var total = reader.ReadUInt64();
        if (total > MostPackets) reader.Fail("an answer in too many packets");
        var records = new List<byte[]>();
        var end = reader.EnterList();
        while (reader.HasMore(end))
        {
            var record = reader.ReadItem();
            if (records.Count >= MostRecords || record.Length > NodeRecord.MostBytes) reader.Fail("too many records, or too long");
            else records.Add(record.ToArray());
        }
        reader.LeaveList(end);
        return new Nodes(id, (int)total, records);
    }
}
