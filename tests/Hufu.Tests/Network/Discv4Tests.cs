using System.Net;
using System.Text.Json;
using CsCheck;
using Hufu.Network;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests;

public sealed class Discv4Tests
{
    [Theory]
    [InlineData("ping packet with version 4", typeof(Discv4Message.Ping))]
    [InlineData("ping packet with version 555", typeof(Discv4Message.Ping))]
    [InlineData("pong packet", typeof(Discv4Message.Pong))]
    [InlineData("findnode packet", typeof(Discv4Message.FindNode))]
    [InlineData("neighbours packet", typeof(Discv4Message.Neighbors))]
    public void The_packets_of_EIP_8_are_read(string name, Type kind)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Fixture("p2p/eip-8.json")));
        var key = new NodeKey(Convert.FromHexString(document.RootElement.GetProperty("discoveryNodeKey").GetString()!));
        var packet = Convert.FromHexString(document.RootElement.GetProperty("vectors").EnumerateArray().First(vector => vector.GetProperty("description").GetString()!.StartsWith(name)).GetProperty("hex").GetString()!);

        var message = Discv4Packet.Decode(packet, out var sender, out _);

        Assert.IsType(kind, message);
        Assert.Equal(key.Id, sender);
    }

    [Fact]
    public void Every_message_is_read_as_it_was_written()
    {
        var key = NodeKey.Random();
        var endpoint = new NodeEndpoint(IPAddress.Parse("10.1.2.3"), 30303, 30304);
        var nodes = Enumerable.Range(0, Discv4Packet.MostNodes).Select(i => new FoundNode(NodeKey.Random().Id, new NodeEndpoint(IPAddress.Parse("2001:db8::1"), 65000 + i, 1))).ToList();
        Discv4Message[] messages =
        [
            new Discv4Message.Ping(endpoint, endpoint, 77, 5), new Discv4Message.Ping(endpoint, endpoint, 77, null), new Discv4Message.Pong(endpoint, Keccak256.Hash([1]), 78, 6),
            new Discv4Message.FindNode(key.Id, 79), new Discv4Message.RecordRequest(80),
        ];
        foreach (var message in messages)
        {
            Assert.Equal(message, Discv4Packet.Decode(Discv4Packet.Encode(message, key, out var hash), out var sender, out var read));
            Assert.Equal((key.Id, hash), (sender!, read));
        }
        var packet = Discv4Packet.Encode(new Discv4Message.Neighbors(nodes, 1), key, out _);
        Assert.InRange(packet.Length, 1, Discv4Packet.MostBytes);
        Assert.Equal(nodes, Assert.IsType<Discv4Message.Neighbors>(Discv4Packet.Decode(packet, out _, out _)).Nodes);
        var record = NodeRecord.Make(key, 9, IPAddress.Loopback, 1, 2, null);
        var response = Assert.IsType<Discv4Message.RecordResponse>(Discv4Packet.Decode(Discv4Packet.Encode(new Discv4Message.RecordResponse(default, record), key, out _), out _, out _));
        Assert.Equal(record.ToString(), response.Record.ToString());
    }

    [Fact]
    public void Hostile_packets_are_no_message()
    {
        var key = NodeKey.Random();
        Gen.Select(Gen.Byte.Array[0, 300], Gen.Byte[0, 8]).Sample((bytes, type) =>
        {
            Discv4Packet.Decode(bytes, out _, out _);
            // The same bytes in a packet whose hash and signature hold.
            var packet = new byte[Discv4Packet.HeadSize + bytes.Length];
            packet[Discv4Packet.HeadSize - 1] = type;
            bytes.CopyTo(packet, Discv4Packet.HeadSize);
            key.Sign(Keccak256.Hash(packet.AsSpan(Discv4Packet.HeadSize - 1)).Bytes, packet.AsSpan(32, 65));
            Keccak256.Hash(packet.AsSpan(32), packet);
            Discv4Packet.Decode(packet, out _, out _);
        }, iter: RlpxConnectionTests.FuzzCases(500));
    }

    [Fact]
    public void One_network_of_256_addresses_gets_few_places()
    {
        var table = new NodeTable(NodeKey.Random().Id);
        for (var i = 0; i < 200; i++) table.Seen(new FoundNode(NodeKey.Random().Id, new NodeEndpoint(new IPAddress([80, 1, 2, (byte)i]), 30303, 30303)));

        Assert.InRange(table.Count, 1, 10);
    }

    [Fact]
    public void A_node_that_is_known_keeps_its_place_before_a_newcomer()
    {
        var self = NodeKey.Random().Id;
        var table = new NodeTable(self);
        var far = Enumerable.Range(0, 200).Select(_ => NodeKey.Random().Id).Where(id => NodeTable.LogDistanceOf(self.Hash, id.Hash) == 256).Take(NodeTable.BucketSize + 1).Select(id => new FoundNode(id, new NodeEndpoint(IPAddress.Loopback, 1, 1))).ToList();
        foreach (var node in far.SkipLast(1)) Assert.Null(table.Seen(node));

        Assert.Equal(far[0], table.Seen(far[^1]));

        Assert.Null(table.Find(far[^1].Id));
    }
}
