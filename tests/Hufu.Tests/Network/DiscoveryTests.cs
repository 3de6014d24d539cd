using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using CsCheck;
using Hufu.Network;
using Hufu.Primitives;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Hufu.Tests;

/// <summary>Both protocols of discovery over real sockets.</summary>
public sealed class DiscoveryTests
{
    static readonly ForkId Ours = new(0x11223344, 0);

    [Fact]
    public async Task Nodes_that_know_one_bootnode_find_each_other_by_both_protocols()
    {
        using var stop = new CancellationTokenSource();
        var nodes = new List<NodeDiscovery>();
        var ports = new List<int>();
        Enode? boot = null;
        for (var i = 0; i < 6; i++)
        {
            var (key, port) = (NodeKey.Random(), FreePort());
            // The last is of another chain.
            var own = new OwnRecord(key, IPAddress.Loopback, port, port, i < 5 ? Ours : new ForkId(1, 0));
            ports.Add(port);
            nodes.Add(NodeDiscovery.TryOpen(key, IPAddress.Loopback, port, own, new DiscoveryOptions { Bootnodes = boot is null ? [] : [boot], IsCompatible = fork => fork == Ours }, NullLogger.Instance, out _)!);
            boot ??= new Enode(key.Id, "127.0.0.1", port, port);
        }
        var running = nodes.Select(node => node.RunAsync(stop.Token)).ToArray();
        for (var patience = 0; patience < 600 && nodes.Any(node => node.KnownCount is not (5, 5)); patience++) await Task.Delay(100);

        Assert.All(nodes, node => Assert.Equal((5, 5), node.KnownCount));
        // All of our chain, and not the one of another.
        var worthDialling = new HashSet<int>();
        for (var patience = 0; patience < 100 && worthDialling.Count < 4; patience++)
        {
            await Task.Delay(50);
            if (nodes[4].NextCandidate() is { } node) worthDialling.Add(node.TcpPort);
        }
        Assert.Equal(ports[..4].Order(), worthDialling.Order());
        await stop.CancelAsync();
        await Task.WhenAll(running);
        foreach (var node in nodes) node.Dispose();
    }

    [Fact]
    public void A_node_believes_what_most_of_several_say_of_its_address()
    {
        var votes = new EndpointVotes();
        var (true_, false_) = (new IPEndPoint(IPAddress.Parse("203.0.113.7"), 30303), new IPEndPoint(IPAddress.Parse("198.51.100.1"), 1));
        for (var i = 0; i < 20; i++) votes.Add(new IPEndPoint(IPAddress.Parse($"80.1.2.{i}"), 30303), false_);
        Assert.Null(votes.Winner);
        for (var i = 0; i < 20; i++) votes.Add(new IPEndPoint(IPAddress.Parse("127.0.0.1"), 1000 + i), new IPEndPoint(IPAddress.Loopback, 30303));
        Assert.Null(votes.Winner);
        for (var i = 0; i < 2; i++) votes.Add(new IPEndPoint(IPAddress.Parse($"80.{i}.3.1"), 30303), true_);
        Assert.Null(votes.Winner);

        votes.Add(new IPEndPoint(IPAddress.Parse("90.1.1.1"), 30303), true_);

        Assert.Equal(true_, votes.Winner);
    }

    [Fact]
    public void The_record_is_signed_anew_at_a_fork_and_for_another_address()
    {
        var key = NodeKey.Random();
        var own = new OwnRecord(key, null, 30303, 30303, Ours);
        var first = own.Current;
        own.SetForkId(Ours);
        Assert.Same(first, own.Current);

        own.SetForkId(new ForkId(5, 0));
        Assert.True(own.SetEndpoint(new IPEndPoint(IPAddress.Parse("203.0.113.7"), 30304)));

        Assert.True(NodeRecord.TryParse(own.Current.ToString(), out var read));
        Assert.Equal((new ForkId(5, 0), IPAddress.Parse("203.0.113.7"), 30304, 30303), (read.Eth!.Value, read.Ip, read.UdpPort!.Value, read.TcpPort!.Value));
        Assert.True(read.Sequence > first.Sequence + 1);
    }

    [Fact]
    public void A_record_may_name_an_address_of_version_six()
    {
        Assert.True(NodeRecord.TryParse(NodeRecord.Make(NodeKey.Random(), 1, IPAddress.Parse("2001:db8::1"), 1, 2, null).ToString(), out var record));

        Assert.Equal(new NodeEndpoint(IPAddress.Parse("2001:db8::1"), 2, 1), record.EndpointOver(AddressFamily.InterNetworkV6));
        Assert.Null(record.EndpointOver(AddressFamily.InterNetwork));
        Assert.Equal("2001:db8::1", record.ToEnode()!.Host);
    }

    [Theory]
    [InlineData(256, new[] { 256, 255, 254 })]
    [InlineData(250, new[] { 250, 251, 249 })]
    [InlineData(1, new[] { 1, 2, 3 })]
    public void A_lookup_asks_for_the_distance_of_its_target_and_its_neighbours(int distance, int[] asked) => Assert.Equal(asked, Discv5.DistancesTo(distance));

    [Fact]
    public async Task Whoever_did_not_prove_himself_gets_no_more_bytes_than_he_sent()
    {
        await using var node = new LoneNode();
        using var stranger = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var packet = Discv5Packet.Encode(NodeKey.Random().Id.Hash, node.Id.Hash, new byte[12], new byte[16], []);

        await stranger.SendAsync(packet, node.EndPoint);
        var answer = (await stranger.ReceiveAsync().WaitAsync(TimeSpan.FromSeconds(5))).Buffer;

        Assert.InRange(answer.Length, 1, packet.Length);
        // The same again, and again: asked for a few times, then left alone.
        for (var i = 0; i < 20; i++) await stranger.SendAsync(packet, node.EndPoint);
        await Task.Delay(300);
        Assert.InRange(stranger.Available, 0, 20 * answer.Length);
        Assert.Equal(0, node.SessionCount);
    }

    [Fact]
    public async Task A_packet_is_answered_once_and_a_handshake_taken_once()
    {
        await using var node = new LoneNode();
        await using var asker = new Recorder(node);

        var answers = await asker.Wire.AskAsync(asker.Node, id => new Discv5Message.FindNode(id, [0]));

        Assert.Equal(node.Id, NodeRecord.TryDecode(Assert.IsType<Discv5Message.Nodes>(Assert.Single(answers!)).Records[0], out var record) ? record.Id : null);
        Assert.Equal(1, node.SessionCount);
        // What was sent is sent again, by the same address: nothing comes back.
        await Task.Delay(100);
        var before = asker.Received;
        foreach (var packet in asker.Sent.ToArray().Skip(1)) asker.Again(packet);
        await Task.Delay(300);
        Assert.Equal(before, asker.Received);

        Assert.IsType<Discv5Message.TalkResponse>(Assert.Single((await asker.Wire.AskAsync(asker.Node, id => new Discv5Message.TalkRequest(id, "none"u8.ToArray(), [1, 2])))!));
        var pong = Assert.IsType<Discv5Message.Pong>(Assert.Single((await asker.Wire.AskAsync(asker.Node, id => new Discv5Message.Ping(id, 1)))!));
        Assert.Equal(asker.EndPoint, pong.Seen);
    }

    [Fact]
    public async Task A_node_that_lost_its_sessions_is_asked_again_after_a_new_handshake()
    {
        var (key, port) = (NodeKey.Random(), FreePort());
        await using var asker = new Recorder(new FoundNode(key.Id, new NodeEndpoint(IPAddress.Loopback, port, port)));
        await using (new LoneNode(key, port)) Assert.NotNull(await asker.Wire.AskAsync(asker.Node, id => new Discv5Message.Ping(id, 1)));

        await using var again = new LoneNode(key, port);

        Assert.NotNull(await asker.Wire.AskAsync(asker.Node, id => new Discv5Message.Ping(id, 1)));
        Assert.Equal(1, again.SessionCount);
    }

    [Fact]
    public void Hostile_packets_and_messages_are_none()
    {
        var (self, other) = (NodeKey.Random(), NodeKey.Random());
        using var socket = DiscoverySocket.TryOpen(IPAddress.Loopback, 0, NullLogger.Instance, out _)!;
        var node = new Discv5(self, new OwnRecord(self, IPAddress.Loopback, 1, 1, null), socket, [], _ => true, true, NullLogger.Instance);
        var from = new IPEndPoint(IPAddress.Loopback, 9);
        Gen.Select(Gen.Byte.Array[0, 1280], Gen.Byte[0, 7], Gen.Int[0, 1279]).Sample((bytes, kind, at) =>
        {
            node.Taker(bytes, from);
            Discv5Message.Decode([kind, .. bytes]);
            // Whole packets to this node, with a byte changed somewhere.
            var packet = kind % 2 == 0
                ? Discv5Packet.Encode(other.Id.Hash, self.Id.Hash, RandomNumberGenerator.GetBytes(12), RandomNumberGenerator.GetBytes(16), bytes.AsSpan(0, Math.Min(bytes.Length, 1100)))
                : Discv5Packet.EncodeHandshake(other.Id.Hash, self.Id.Hash, RandomNumberGenerator.GetBytes(12), RandomNumberGenerator.GetBytes(64), other.Id.Compress(), bytes.AsSpan(0, Math.Min(bytes.Length, 300)), RandomNumberGenerator.GetBytes(16), [1]);
            if (kind > 3) packet[at % packet.Length]++;
            node.Taker(packet, from);
        }, iter: RlpxConnectionTests.FuzzCases(500));
        Assert.Equal(0, node.SessionCount);
    }

    internal static int FreePort()
    {
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.Client.LocalEndPoint!).Port;
    }

    /// <summary>A node that runs and knows nobody.</summary>
    sealed class LoneNode : IAsyncDisposable
    {
        readonly CancellationTokenSource _stop = new();
        readonly DiscoverySocket _socket;
        readonly Discv5 _node;
        readonly Task _running;

        public LoneNode(NodeKey? key = null, int? port = null)
        {
            key ??= NodeKey.Random();
            _socket = DiscoverySocket.TryOpen(IPAddress.Loopback, port ?? FreePort(), NullLogger.Instance, out _)!;
            Id = key.Id;
            _node = new Discv5(key, new OwnRecord(key, IPAddress.Loopback, EndPoint.Port, EndPoint.Port, Ours), _socket, [], _ => true, true, NullLogger.Instance);
            _running = Task.WhenAll(_socket.RunAsync([_node.Taker], _stop.Token), _node.RunAsync(_stop.Token));
        }

        public NodeId Id { get; }
        public IPEndPoint EndPoint => _socket.LocalEndPoint;
        public int SessionCount => _node.SessionCount;

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            _socket.Dispose();
            _stop.Dispose();
        }
    }

    /// <summary>Asks, through a relay that keeps every packet sent.</summary>
    sealed class Recorder : IAsyncDisposable
    {
        readonly CancellationTokenSource _stop = new();
        readonly DiscoverySocket _socket;
        readonly UdpClient _relay = new(new IPEndPoint(IPAddress.Loopback, 0));
        readonly IPEndPoint _to;
        readonly Task _running;
        IPEndPoint? _asker;

        public Recorder(LoneNode node) : this(new FoundNode(node.Id, new NodeEndpoint(IPAddress.Loopback, node.EndPoint.Port, 0))) { }

        public Recorder(FoundNode node)
        {
            var key = NodeKey.Random();
            _to = new IPEndPoint(node.Endpoint.Address, node.Endpoint.UdpPort);
            Node = node with { Endpoint = new NodeEndpoint(IPAddress.Loopback, EndPoint.Port, 0) };
            _socket = DiscoverySocket.TryOpen(IPAddress.Loopback, 0, NullLogger.Instance, out _)!;
            Wire = new Discv5Wire(key, new OwnRecord(key, null, 0, 0, null), _socket) { Answer = (_, _, _) => [], Met = (_, _) => { }, RecordOf = _ => null };
            _running = Task.WhenAll(_socket.RunAsync([Wire.Take], _stop.Token), RelayAsync());
        }

        public FoundNode Node { get; }
        public Discv5Wire Wire { get; }
        public List<byte[]> Sent { get; } = [];
        public int Received { get; private set; }
        public IPEndPoint EndPoint => (IPEndPoint)_relay.Client.LocalEndPoint!;

        public void Again(byte[] packet) => _relay.Send(packet, _to);

        async Task RelayAsync()
        {
            try
            {
                while (true)
                {
                    var received = await _relay.ReceiveAsync(_stop.Token);
                    if (received.RemoteEndPoint.Equals(_to))
                    {
                        Received++;
                        await _relay.SendAsync(received.Buffer, _asker!);
                    }
                    else
                    {
                        _asker = received.RemoteEndPoint;
                        Sent.Add(received.Buffer);
                        await _relay.SendAsync(received.Buffer, _to);
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // The way to stop.
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            _relay.Dispose();
            _socket.Dispose();
            _stop.Dispose();
        }
    }
}
