using System.Net;
using System.Net.Sockets;
using Hufu.Network;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests;

/// <summary>Two nodes that dial each other at the same moment have two connections for an instant; one that comes back has an old one that looks whole.</summary>
public sealed class DoubleDialTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_end_of_one_of_two_connections_is_not_the_end_of_the_peer(bool theDyingOneBeginsLast)
    {
        var protocol = ValidatorProtocol.Istanbul();
        var address = NodeKey.Random().Id.Address;
        var sent = 0;
        var left = new List<Address>();
        protocol.Left += left.Add;
        var dying = new ValidatorProtocol.Session(protocol, address, (_, _) => false, 0x21);
        var living = new ValidatorProtocol.Session(protocol, address, (_, _) => ++sent > 0, 0x21);

        // Which of them begins first, once both are admitted, is up to the scheduler.
        foreach (var session in theDyingOneBeginsLast ? new[] { living, dying } : [dying, living]) session.Begin();
        Assert.True(protocol.Send(address, ValidatorProtocol.Prepare, new byte[] { 0xC0 }));
        dying.End();

        Assert.True(protocol.IsConnected(address));
        Assert.True(protocol.Send(address, ValidatorProtocol.Prepare, new byte[] { 0xC0 }));
        Assert.Equal(2, sent);
        Assert.Empty(left);

        living.End();
        Assert.False(protocol.IsConnected(address));
        Assert.Equal(address, Assert.Single(left));
    }

    [Fact]
    public async Task Nodes_that_dial_each_other_at_once_stay_connected_on_both_sides()
    {
        for (var round = 0; round < 25; round++)
        {
            await using var left = new Validator(NodeKey.Random());
            await using var right = new Validator(NodeKey.Random());
            left.Peers.AddStatic(right.Peers.Enode);
            right.Peers.AddStatic(left.Peers.Enode);
            left.Run();
            right.Run();

            await Until(() => left.Sees(right) && right.Sees(left), "they do not see each other");
            // The second connection of the two has been turned away by now, or is about to be.
            for (var i = 0; i < 10; i++) await Task.Delay(5);
            await Until(() => left.Sees(right) && right.Sees(left), "they lost each other");
            Assert.NotNull(left.Peers.Find(right.Peers.Id));
            Assert.NotNull(right.Peers.Find(left.Peers.Id));
        }
    }

    [Fact]
    public async Task A_static_node_that_is_connected_is_not_dialled_again()
    {
        await using var host = new Validator(NodeKey.Random());
        host.Run();
        using var wire = new Wire(host.Peers.Port);
        await using var guest = new Validator(NodeKey.Random());
        guest.Peers.AddStatic(host.Peers.Enode with { TcpPort = wire.Port });
        guest.Run();
        await Until(() => guest.Sees(host) && host.Sees(guest), "they do not see each other");

        // Two of the rounds in which static nodes are looked after.
        await Task.Delay(TimeSpan.FromSeconds(2.5));
        Assert.Equal(1, wire.Connections);
    }

    [Fact]
    public async Task A_node_that_lost_its_connections_without_a_word_is_let_in_again_at_once()
    {
        await using var host = new Validator(NodeKey.Random(), TimeSpan.FromSeconds(3));
        host.Run();
        using var wire = new Wire(host.Peers.Port);
        var key = NodeKey.Random();
        await using (var before = new Validator(key))
        {
            before.Peers.AddStatic(host.Peers.Enode with { TcpPort = wire.Port });
            before.Run();
            await Until(() => host.Sees(before), "the node did not connect");
            // Its machine loses power: nothing ends the connection.
            wire.Cut();
        }
        await Task.Delay(TimeSpan.FromSeconds(1.1));
        await using var after = new Validator(key);
        after.Peers.AddStatic(host.Peers.Enode);
        var gone = host.Peers.Find(key.Id);
        Assert.NotNull(gone);
        after.Run();

        // Long before the silent one would be given up.
        await Until(() => host.Peers.Find(key.Id) is { } peer && peer != gone && after.Sees(host), "the node was turned away");
        Assert.True(host.Istanbul.IsConnected(key.Id.Address));
    }

    static async Task Until(Func<bool> condition, string why)
    {
        for (var i = 0; i < 1000; i++)
        {
            if (condition()) return;
            await Task.Delay(10);
        }
        Assert.Fail(why);
    }

    /// <summary>A node that speaks nothing but `istanbul`.</summary>
    sealed class Validator : IAsyncDisposable
    {
        readonly CancellationTokenSource _stop = new();
        Task _running = Task.CompletedTask;

        public Validator(NodeKey key, TimeSpan? silence = null)
        {
            var limits = new RlpxLimits { Parting = TimeSpan.FromMilliseconds(200), Silence = silence ?? TimeSpan.FromSeconds(15) };
            Assert.True(PeerSet.TryOpen(key, new PeerSetOptions { Limits = limits, LongestBackoff = TimeSpan.FromSeconds(1) }, [Istanbul], Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, out var peers, out var refusal), refusal?.ToString());
            Peers = peers;
        }

        public ValidatorProtocol Istanbul { get; } = ValidatorProtocol.Istanbul();
        public PeerSet Peers { get; }

        public bool Sees(Validator other) => Istanbul.IsConnected(other.Peers.Id.Address);

        public void Run() => _running = Peers.RunAsync(_stop.Token);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            Peers.Dispose();
        }
    }

    /// <summary>Carries bytes both ways until it is cut; then it holds both ends open and carries nothing, as a cable does.</summary>
    sealed class Wire : IDisposable
    {
        readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        readonly List<TcpClient> _ends = [];
        volatile bool _isCut;

        public Wire(int to)
        {
            _listener.Start();
            _ = CarryAsync(to);
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        /// <summary>How many connections have come.</summary>
        public int Connections => _ends.Count / 2;

        public void Cut() => _isCut = true;

        async Task CarryAsync(int to)
        {
            try
            {
                while (true)
                {
                    var near = await _listener.AcceptTcpClientAsync();
                    var far = new TcpClient();
                    await far.ConnectAsync(IPAddress.Loopback, to);
                    _ends.AddRange([near, far]);
                    _ = PumpAsync(near.GetStream(), far.GetStream());
                    _ = PumpAsync(far.GetStream(), near.GetStream());
                }
            }
            catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        async Task PumpAsync(NetworkStream from, NetworkStream to)
        {
            var buffer = new byte[8192];
            try
            {
                while (await from.ReadAsync(buffer) is var read and > 0)
                    if (!_isCut) await to.WriteAsync(buffer.AsMemory(0, read));
            }
            catch (Exception ended) when (ended is IOException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        public void Dispose()
        {
            _listener.Dispose();
            foreach (var end in _ends) end.Dispose();
        }
    }
}
