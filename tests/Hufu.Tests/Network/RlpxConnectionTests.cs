using System.Net;
using System.Net.Sockets;
using CsCheck;
using Hufu.Network;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests;

/// <summary>Two ends of a real socket.</summary>
public sealed class RlpxConnectionTests
{
    static readonly RlpxLimits Quick = new()
    {
        Handshake = TimeSpan.FromMilliseconds(800),
        Hello = TimeSpan.FromMilliseconds(800),
        Parting = TimeSpan.FromMilliseconds(300),
        ReadingMessage = TimeSpan.FromSeconds(5),
    };

    [Fact]
    public async Task Two_nodes_shake_hands_and_messages_arrive_whole_and_in_order()
    {
        var (left, right) = await Connect([new Capability("eth", 68, 17), new Capability("eth", 69, 18)], [new Capability("eth", 69, 18), new Capability("istanbul", 100, 22)]);
        Assert.Equal([(new Capability("eth", 69, 18), 0x10)], left.Shared);
        Assert.Equal(right.RemoteHello.Id, left.RemoteHello.Id.Equals(right.Remote) ? left.Remote : right.Remote);

        var messages = Enumerable.Range(0, 50).Select(i => new byte[i * i * 37].Select((_, at) => (byte)(at * i)).ToArray()).ToList();
        var got = new List<byte[]>();
        var all = new TaskCompletionSource();
        var reading = right.RunAsync((id, body) =>
        {
            Assert.Equal(0x10 + got.Count % 18, id);
            got.Add(body.ToArray());
            if (got.Count == messages.Count) all.SetResult();
            return ValueTask.FromResult<PeerFault?>(null);
        }, CancellationToken.None);
        var writing = left.RunAsync((_, _) => ValueTask.FromResult<PeerFault?>(null), CancellationToken.None);
        for (var i = 0; i < messages.Count; i++) Assert.True(left.Send(0x10 + i % 18, messages[i]));
        await all.Task.WaitAsync(TimeSpan.FromSeconds(20));
        left.Disconnect(new PeerFault(DisconnectReason.ClientQuitting, "done"));

        Assert.Equal(messages, got);
        var end = await reading.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Equal((DisconnectReason.ClientQuitting, true), (end.Reason, end.IsRemote));
        Assert.False((await writing).IsRemote);
    }

    [Fact]
    public async Task A_node_that_shares_no_protocol_is_told_that_it_is_useless()
    {
        using var listener = Listen();
        var (bob, alice) = (NodeKey.Random(), NodeKey.Random());
        var accepting = Accept(listener, bob, [new Capability("eth", 69, 18)]);
        var (connection, fault) = await Dial(listener, alice, bob.Id, [new Capability("zzz", 1, 4)]);

        Assert.Null(connection);
        Assert.Equal(DisconnectReason.UselessPeer, fault!.Reason);
        Assert.Equal(DisconnectReason.UselessPeer, (await accepting).Fault!.Reason);
    }

    [Fact]
    public async Task Whoever_does_not_hold_the_key_that_was_dialled_gets_no_connection()
    {
        using var listener = Listen();
        var accepting = Accept(listener, NodeKey.Random(), [new Capability("eth", 69, 18)]);

        var (connection, _) = await Dial(listener, NodeKey.Random(), NodeKey.Random().Id, [new Capability("eth", 69, 18)]);

        Assert.Null(connection);
        Assert.Null((await accepting).Connection);
    }

    [Fact]
    public async Task A_connection_that_says_nothing_is_closed_in_time()
    {
        using var listener = Listen();
        var accepting = Accept(listener, NodeKey.Random(), [new Capability("eth", 69, 18)]);
        using var silent = new TcpClient();
        await silent.ConnectAsync((IPEndPoint)listener.LocalEndpoint);

        var (connection, fault) = await accepting.WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Null(connection);
        Assert.Equal(DisconnectReason.TcpError, fault!.Reason);
        Assert.Equal(0, await silent.GetStream().ReadAsync(new byte[1]));
    }

    [Fact]
    public void Random_bytes_never_shake_hands() => Gen.Byte.Array[0, 700].Sample(bytes =>
    {
        var bob = new RlpxHandshake(SomeKey);
        return !bob.TryAnswer(bytes, out _, out _, out _) && !bob.TryFinish([], bytes, out _);
    }, iter: FuzzCases(500));

    [Fact]
    public void A_damaged_frame_does_not_open() => Gen.Select(Gen.Byte.Array[0, 200], Gen.Int[0, 1 << 20], Gen.Byte[1, 255]).Sample((body, at, flip) =>
    {
        var (left, right) = Secrets();
        using var sender = new FrameCodec(left);
        using var receiver = new FrameCodec(right);
        var wire = new byte[FrameCodec.SealedSize(1 + body.Length)];
        sender.Seal([0x10], body, wire);
        wire[at % wire.Length] ^= flip;

        if (!receiver.TryOpenHeader(wire.AsSpan(0, 32), out var size)) return true;
        Assert.Equal(1 + body.Length, size);
        return !receiver.TryOpenBody(wire.AsSpan(32));
    }, iter: FuzzCases(200));

    [Fact]
    public void A_repeated_frame_does_not_open()
    {
        var (left, right) = Secrets();
        using var sender = new FrameCodec(left);
        using var receiver = new FrameCodec(right);
        var wire = new byte[FrameCodec.SealedSize(4)];
        sender.Seal([0x10], [1, 2, 3], wire);
        var again = (byte[])wire.Clone();
        Assert.True(receiver.TryOpenHeader(wire.AsSpan(0, 32), out _) && receiver.TryOpenBody(wire.AsSpan(32)));

        Assert.False(receiver.TryOpenHeader(again.AsSpan(0, 32), out _));
    }

    [Fact]
    public void A_body_that_claims_more_than_it_can_hold_is_refused_before_room_is_made()
    {
        Assert.Null(SnappyBody.Decompress([0xFF, 0xFF, 0xFF, 0x7F, 0x00], int.MaxValue));
        Assert.Null(SnappyBody.Decompress([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], int.MaxValue));
        Assert.Null(SnappyBody.Decompress([], 100));
        Assert.Null(SnappyBody.Decompress(SnappyBody.Compress(new byte[101]), 100));
        Assert.Equal(new byte[100_000], SnappyBody.Decompress(SnappyBody.Compress(new byte[100_000]), 100_000));
    }

    [Fact]
    public void Bodies_survive_compression_and_damaged_ones_do_no_harm() => Gen.Byte.Array[0, 300].Sample(bytes =>
    {
        Assert.Equal(bytes, SnappyBody.Decompress(SnappyBody.Compress(bytes), bytes.Length));
        SnappyBody.Decompress(bytes, 1 << 20);
        _ = Hello.Read(bytes);
    }, iter: FuzzCases(1000));

    [Fact]
    public void Capabilities_take_their_ids_by_name_and_the_highest_shared_version_wins()
    {
        Capability[] own = [new("snap", 1, 8), new("eth", 68, 17), new("istanbul", 100, 22), new("eth", 69, 18)];

        var shared = Capability.Share(own, [("snap", 1), ("istanbul", 100), ("eth", 68), ("eth", 67)]);

        Assert.Equal([(own[1], 0x10), (own[2], 0x21), (own[0], 0x37)], shared);
    }

    [Fact]
    public void A_new_node_key_is_for_its_owner_alone_and_stays()
    {
        var file = Path.Combine(Path.GetTempPath(), $"hufu-key-{Guid.NewGuid():N}");
        try
        {
            Assert.True(NodeKey.TryReadOrMake(file, out var key, out _));
            Assert.True(NodeKey.TryReadOrMake(file, out var again, out _));
            Assert.Equal(key.Id, again.Id);
            if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            File.WriteAllText(file, "not a key");
            Assert.False(NodeKey.TryReadOrMake(file, out _, out var refusal));
            Assert.DoesNotContain("not a key", refusal.ToString());
        }
        finally
        {
            File.Delete(file);
        }
    }

    static readonly NodeKey SomeKey = NodeKey.Random();

    internal static int FuzzCases(int share) => int.TryParse(Environment.GetEnvironmentVariable("HUFU_FUZZ_CASES"), out var cases) ? Math.Max(share, cases) : share;

    static (RlpxSecrets Left, RlpxSecrets Right) Secrets()
    {
        var (aes, mac) = (new byte[32], new byte[32]);
        return (new RlpxSecrets(aes, mac, State(1), State(2)), new RlpxSecrets(aes, mac, State(2), State(1)));

        static RunningKeccak256 State(byte start)
        {
            var state = new RunningKeccak256();
            state.Update([start]);
            return state;
        }
    }

    static async Task<(RlpxConnection Left, RlpxConnection Right)> Connect(Capability[] left, Capability[] right)
    {
        using var listener = Listen();
        var (alice, bob) = (NodeKey.Random(), NodeKey.Random());
        var accepting = Accept(listener, bob, right);
        var (dialled, fault) = await Dial(listener, alice, bob.Id, left);
        Assert.True(dialled is not null, fault?.ToString());
        var (accepted, _) = await accepting;
        Assert.Equal(alice.Id, accepted!.Remote);
        Assert.Equal(bob.Id, dialled.Remote);
        return (dialled, accepted);
    }

    static TcpListenerHandle Listen() => new();

    sealed class TcpListenerHandle : IDisposable
    {
        readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public TcpListenerHandle() => _listener.Start();

        public EndPoint LocalEndpoint => _listener.LocalEndpoint;
        public async Task<Stream> AcceptAsync() => new NetworkStream(await _listener.AcceptSocketAsync(), ownsSocket: true);
        public void Dispose() => _listener.Stop();
    }

    static async Task<(RlpxConnection? Connection, PeerFault? Fault)> Accept(TcpListenerHandle listener, NodeKey key, Capability[] capabilities) =>
        await RlpxConnection.AcceptAsync(await listener.AcceptAsync(), key, capabilities, HelloOf(key, capabilities), Quick, CancellationToken.None);

    static async Task<(RlpxConnection? Connection, PeerFault? Fault)> Dial(TcpListenerHandle listener, NodeKey key, NodeId remote, Capability[] capabilities)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(listener.LocalEndpoint);
        return await RlpxConnection.DialAsync(new NetworkStream(socket, ownsSocket: true), key, remote, capabilities, HelloOf(key, capabilities), Quick, CancellationToken.None);
    }

    static Hello HelloOf(NodeKey key, Capability[] capabilities) =>
        new(Hello.CurrentVersion, "test", [.. capabilities.Select(capability => (capability.Name, capability.Version))], 0, key.Id);
}
