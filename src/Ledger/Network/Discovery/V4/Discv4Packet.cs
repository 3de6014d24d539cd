using System.Net;
using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>A message of discv4 (devp2p, discv4.md; EIP-868).</summary>
abstract record Discv4Message
{
    public sealed record Ping(NodeEndpoint From, NodeEndpoint To, ulong Expiration, ulong? RecordSequence) : Discv4Message;
    public sealed record Pong(NodeEndpoint To, Hash256 PingHash, ulong Expiration, ulong? RecordSequence) : Discv4Message;
    public sealed record FindNode(NodeId Target, ulong Expiration) : Discv4Message;
    public sealed record Neighbors(IReadOnlyList<FoundNode> Nodes, ulong Expiration) : Discv4Message;
    public sealed record RecordRequest(ulong Expiration) : Discv4Message;
    public sealed record RecordResponse(Hash256 RequestHash, NodeRecord Record) : Discv4Message;
}

/// <summary>Packets of discv4: a hash, a signature, a type and a list. Items and bytes beyond those known are ignored (EIP-8).</summary>
static class Discv4Packet
{
    public const int MostBytes = 1280, HashSize = 32, SignatureSize = 65, HeadSize = HashSize + SignatureSize + 1;

    /// <summary>Nodes in one packet of neighbours, so that it fits.</summary>
    public const int MostNodes = 12;

    public static byte[] Encode(Discv4Message message, NodeKey key, out Hash256 hash)
    {
        using var writer = RlpWriter.Rent();
        var type = Write(writer, message);
        var packet = new byte[HeadSize + writer.Length];
        packet[HeadSize - 1] = type;
        writer.Written.CopyTo(packet.AsSpan(HeadSize));
        key.Sign(Keccak256.Hash(packet.AsSpan(HeadSize - 1)).Bytes, packet.AsSpan(HashSize, SignatureSize));
        hash = Keccak256.Hash(packet.AsSpan(HashSize));
        hash.Bytes.CopyTo(packet);
        return packet;
    }

    /// <summary>Null where the bytes are no packet, or their signature nobody's.</summary>
    public static Discv4Message? Decode(ReadOnlySpan<byte> packet, out NodeId? sender, out Hash256 hash)
    {
        sender = null;
        hash = default;
        if (packet.Length is <= HeadSize or > MostBytes) return null;
        hash = Hash256.FromBytes(packet[..HashSize]);
        if (Keccak256.Hash(packet[HashSize..]) != hash) return null;
        var message = Read(packet[HeadSize - 1], packet[HeadSize..]);
        if (message is null) return null;
        // The signature last: it costs the most.
        Span<byte> key = stackalloc byte[NodeId.Size];
        if (!Secp256k1.TryRecover(Keccak256.Hash(packet[(HeadSize - 1)..]).Bytes, packet.Slice(HashSize, Secp256k1.SignatureSize), packet[HashSize + Secp256k1.SignatureSize], key)) return null;
        sender = NodeId.FromBytes(key);
        return message;
    }

    static byte Write(RlpWriter writer, Discv4Message message)
    {
        var list = writer.StartList();
        byte type;
        switch (message)
        {
            case Discv4Message.Ping ping:
                type = 1;
                writer.Write(4UL);
                WriteEndpoint(writer, ping.From);
                WriteEndpoint(writer, ping.To);
                writer.Write(ping.Expiration);
                if (ping.RecordSequence is { } pingSequence) writer.Write(pingSequence);
                break;
            case Discv4Message.Pong pong:
                type = 2;
                WriteEndpoint(writer, pong.To);
                writer.Write(pong.PingHash);
                writer.Write(pong.Expiration);
                if (pong.RecordSequence is { } pongSequence) writer.Write(pongSequence);
                break;
            case Discv4Message.FindNode find:
                type = 3;
                writer.Write(find.Target.Bytes);
                writer.Write(find.Expiration);
                break;
            case Discv4Message.Neighbors neighbors:
                type = 4;
                var nodes = writer.StartList();
                foreach (var node in neighbors.Nodes)
                {
                    var item = writer.StartList();
                    WriteEndpointItems(writer, node.Endpoint);
                    writer.Write(node.Id.Bytes);
                    writer.EndList(item);
                }
                writer.EndList(nodes);
                writer.Write(neighbors.Expiration);
                break;
            case Discv4Message.RecordRequest request:
                type = 5;
                writer.Write(request.Expiration);
                break;
            case Discv4Message.RecordResponse response:
                type = 6;
                writer.Write(response.RequestHash);
                writer.WriteRaw(response.Record.Encoded);
                break;
            default:
                throw new ArgumentException("no message of discv4", nameof(message));
        }
        writer.EndList(list);
        return type;
    }

    static Discv4Message? Read(byte type, ReadOnlySpan<byte> data)
    {
        var reader = new RlpReader(data);
        var end = reader.EnterList();
        Discv4Message? message = null;
        switch (type)
        {
            case 1:
                reader.ReadUInt64();
                var (from, to) = (ReadEndpoint(ref reader), ReadEndpoint(ref reader));
                message = new Discv4Message.Ping(from, to, reader.ReadUInt64(), ReadSequence(ref reader, end));
                break;
            case 2:
                message = new Discv4Message.Pong(ReadEndpoint(ref reader), reader.ReadHash(), reader.ReadUInt64(), ReadSequence(ref reader, end));
                break;
            case 3:
                var target = reader.ReadBytes(NodeId.Size);
                var expiration = reader.ReadUInt64();
                if (!reader.Failed) message = new Discv4Message.FindNode(NodeId.FromBytes(target), expiration);
                break;
            case 4:
                var nodes = ReadNodes(ref reader);
                message = new Discv4Message.Neighbors(nodes, reader.ReadUInt64());
                break;
            case 5:
                message = new Discv4Message.RecordRequest(reader.ReadUInt64());
                break;
            case 6:
                var hash = reader.ReadHash();
                if (NodeRecord.TryDecode(reader.ReadItem(), out var record)) message = new Discv4Message.RecordResponse(hash, record);
                break;
        }
        return reader.Failed || reader.Position > end ? null : message;
    }

    static List<FoundNode> ReadNodes(ref RlpReader reader)
    {
        var nodes = new List<FoundNode>();
        var end = reader.EnterList();
        while (reader.HasMore(end))
        {
            var itemEnd = reader.EnterList();
            var endpoint = ReadEndpointItems(ref reader);
            var id = reader.ReadBytes(NodeId.Size);
            SkipTo(ref reader, itemEnd);
            if (!reader.Failed) nodes.Add(new FoundNode(NodeId.FromBytes(id), endpoint));
        }
        reader.LeaveList(end);
        return nodes;
    }

    // A later version may put something else here, which is no fault of the sender (EIP-8).
    static ulong? ReadSequence(ref RlpReader reader, int end)
    {
        if (!reader.HasMore(end) || reader.NextIsList) return null;
        var item = new RlpReader(reader.ReadItem());
        var sequence = item.ReadUInt64();
        return item.Failed ? null : sequence;
    }

    static void WriteEndpoint(RlpWriter writer, NodeEndpoint endpoint)
    {
        var list = writer.StartList();
        WriteEndpointItems(writer, endpoint);
        writer.EndList(list);
    }

    static void WriteEndpointItems(RlpWriter writer, NodeEndpoint endpoint)
    {
        writer.Write(endpoint.Address.GetAddressBytes());
        writer.Write((ulong)endpoint.UdpPort);
        writer.Write((ulong)endpoint.TcpPort);
    }

    static NodeEndpoint ReadEndpoint(ref RlpReader reader)
    {
        var end = reader.EnterList();
        var endpoint = ReadEndpointItems(ref reader);
        SkipTo(ref reader, end);
        return endpoint;
    }

    static NodeEndpoint ReadEndpointItems(ref RlpReader reader)
    {
        var address = reader.ReadBytes();
        var (udp, tcp) = (reader.ReadUInt64(), reader.ReadUInt64());
        if (address.Length is not (0 or 4 or 16) || udp > 65535 || tcp > 65535) reader.Fail("no endpoint");
        return reader.Failed ? default : new NodeEndpoint(address.IsEmpty ? IPAddress.Any : new IPAddress(address), (int)udp, (int)tcp);
    }

    static void SkipTo(ref RlpReader reader, int end)
    {
        while (reader.HasMore(end)) reader.ReadItem();
        reader.LeaveList(end);
    }
}
