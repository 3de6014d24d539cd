using System.Net;
using System.Net.Sockets;
using Hufu.Network;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Hufu.Tests;

/// <summary>Nodes that are to be connected at all times, and what an operator hears of those that are not.</summary>
public sealed class DialTests
{
    [Fact]
    public async Task A_static_node_that_is_away_is_told_of_once_and_told_of_again_when_it_is_there()
    {
        var key = NodeKey.Random();
        var port = FreePort();
        await using var node = new Dialler(NodeKey.Random());
        node.Peers.AddStatic(new Enode(key.Id, "127.0.0.1", port, port));
        node.Run();
        await Until(() => node.Lines.Any(line => line.Contains("is away", StringComparison.Ordinal)), () => "nothing was told");
        // It goes on dialling, and does not go on talking.
        await Task.Delay(TimeSpan.FromSeconds(2.5));
        Assert.Single(node.Lines, line => line.Contains($"127.0.0.1:{port}", StringComparison.Ordinal) && line.Contains("cannot be reached", StringComparison.Ordinal));
        Assert.Contains("cannot be reached", node.Peers.TroubleWith(key.Id)!.Why, StringComparison.Ordinal);

        await using var other = new Dialler(key, port);
        other.Run();
        await Until(() => node.Lines.Any(line => line.Contains("is there after", StringComparison.Ordinal)), () => string.Join('\n', node.Lines));
        Assert.NotNull(node.Peers.Find(key.Id));
    }

    [Fact]
    public async Task A_name_that_nobody_knows_is_told_of()
    {
        await using var node = new Dialler(NodeKey.Random());
        node.Peers.AddStatic(new Enode(NodeKey.Random().Id, "nobody.invalid", 30303, 30303));
        node.Run();
        await Until(() => node.Lines.Any(line => line.Contains("no address is known of nobody.invalid", StringComparison.Ordinal)), () => string.Join('\n', node.Lines));
    }

    [Fact]
    public async Task A_static_node_that_may_not_be_connected_is_not_dialled_until_it_may()
    {
        await using var other = new Dialler(NodeKey.Random());
        other.Run();
        string? forbidden = "the list does not name it";
        await using var node = new Dialler(NodeKey.Random(), whyForbidden: () => Volatile.Read(ref forbidden));
        node.Peers.AddStatic(other.Peers.Enode);
        node.Run();
        await Until(() => node.Lines.Any(line => line.Contains("is not dialled: the list does not name it", StringComparison.Ordinal)), () => string.Join('\n', node.Lines));
        Assert.Empty(other.Lines);

        Volatile.Write(ref forbidden, null);
        node.Peers.RecheckAll();
        await Until(() => node.Peers.Find(other.Peers.Id) is not null, () => "it was not dialled again");
        Volatile.Write(ref forbidden, "it was removed");
        node.Peers.RecheckAll();
        await Until(() => node.Peers.Find(other.Peers.Id) is null, () => "it stayed");
    }

    [Fact]
    public async Task Two_nodes_do_not_share_a_port()
    {
        await using var first = new Dialler(NodeKey.Random());
        Assert.False(PeerSet.TryOpen(NodeKey.Random(), new PeerSetOptions { Port = first.Peers.Port }, [ValidatorProtocol.Istanbul()], Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, out _, out var refusal));
        Assert.Contains($"cannot listen for peers on 127.0.0.1:{first.Peers.Port}", refusal!.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_is_taken_again_at_once_after_a_kill()
    {
        var port = 0;
        for (var life = 0; life < 3; life++)
        {
            await using var node = new Dialler(NodeKey.Random(), port);
            node.Run();
            port = node.Peers.Port;
            await using var other = new Dialler(NodeKey.Random());
            other.Peers.AddStatic(node.Peers.Enode);
            other.Run();
            await Until(() => node.Peers.Find(other.Peers.Id) is not null, () => string.Join('\n', other.Lines));
            // Connections that end on this side linger with its port.
        }
    }

    [Fact]
    public void Whoever_lets_us_in_and_goes_at_once_is_dialled_at_growing_pauses()
    {
        var schedule = new DialSchedule(TimeSpan.FromSeconds(30));
        var node = new Enode(NodeKey.Random().Id, "127.0.0.1", 1, 1);
        schedule.AddStatic(node);
        for (var attempt = 0; attempt < 5; attempt++)
        {
            schedule.TryAllNow();
            Assert.Equal(node, Assert.Single(schedule.Due(_ => false)));
            // Nobody is dialled twice at once.
            Assert.Empty(schedule.Due(_ => false));
            schedule.Reached(node.Id);
            schedule.Ended(node.Id, wasPeer: false);
            Assert.Empty(schedule.Due(_ => false));
        }
    }

    [Fact]
    public void Whoever_was_cut_off_from_all_tries_all_at_once_when_one_is_there()
    {
        var schedule = new DialSchedule(TimeSpan.FromMinutes(10));
        Enode[] nodes = [.. Enumerable.Range(1, 4).Select(port => new Enode(NodeKey.Random().Id, "127.0.0.1", port, port))];
        foreach (var node in nodes) schedule.AddStatic(node);
        for (var hours = 0; hours < 12; hours++)
        {
            schedule.TryAllNow();
            foreach (var node in schedule.Due(_ => false)) schedule.Ended(node.Id, wasPeer: false);
        }
        Assert.Empty(schedule.Due(_ => false));
        schedule.TryAllNow();
        Assert.Equal(3, schedule.Due(id => id.Equals(nodes[0].Id)).Count);
    }

    [Fact]
    public void What_strangers_cause_in_the_log_is_bounded()
    {
        var allowance = new LineAllowance(3);
        Assert.Equal(3, Enumerable.Range(0, 1000).Count(_ => allowance.MayTell(out _)));
    }

    [Fact]
    public void What_is_known_of_a_static_node_outlives_a_crowd_of_strangers()
    {
        var troubles = new PeerTroubles(Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var node = new Enode(NodeKey.Random().Id, "127.0.0.1", 1, 1);
        troubles.NoteUnreached(node, "it is away");
        for (var i = 0; i < 1500; i++) troubles.Note(NodeKey.Random().Id, "nothing is spoken with it");
        Assert.Equal("it is away", troubles.Of(node.Id)?.Why);
    }

    [Fact]
    public async Task A_loop_that_fails_is_told_of_and_begins_again()
    {
        var lines = new LineLogger();
        var rounds = 0;
        await Loop.RunAsync("the loop", _ => ++rounds == 1 ? throw new InvalidOperationException("a fault of ours") : Task.CompletedTask, lines, TestContext.Current.CancellationToken);
        Assert.Equal(2, rounds);
        Assert.Contains("the loop ended with a fault", Assert.Single(lines.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Addresses_written_on_packets_at_will_pass_no_more_of_them_in_a_second()
    {
        var allowance = new PacketAllowance();
        Assert.Equal(PacketAllowance.MostOfAddressASecond, Enumerable.Range(0, 500).Count(_ => allowance.MayTake(IPAddress.Parse("203.0.113.7"))));
        Assert.Equal(PacketAllowance.MostASecond - PacketAllowance.MostOfAddressASecond, Enumerable.Range(0, 100_000).Count(i => allowance.MayTake(new IPAddress(0x08_00_00_00L + i))));
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    static async Task Until(Func<bool> condition, Func<string> why)
    {
        for (var i = 0; i < 1000; i++)
        {
            if (condition()) return;
            await Task.Delay(10);
        }
        Assert.Fail(why());
    }

    /// <summary>A node that speaks nothing but `istanbul`, and remembers what it logged at information and above.</summary>
    sealed class Dialler : IAsyncDisposable
    {
        readonly CancellationTokenSource _stop = new();
        readonly LineLogger _log = new();
        Task _running = Task.CompletedTask;

        public Dialler(NodeKey key, int port = 0, Func<string?>? whyForbidden = null)
        {
            var options = new PeerSetOptions { Port = port, LongestBackoff = TimeSpan.FromSeconds(0.5), Limits = new RlpxLimits { Parting = TimeSpan.FromMilliseconds(200) }, WhyForbidden = whyForbidden is null ? null : (_, _) => whyForbidden() };
            Assert.True(PeerSet.TryOpen(key, options, [ValidatorProtocol.Istanbul()], _log, out var peers, out var refusal), refusal?.ToString());
            Peers = peers;
        }

        public PeerSet Peers { get; }
        public IReadOnlyList<string> Lines => _log.Lines;

        public void Run() => _running = Peers.RunAsync(_stop.Token);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            Peers.Dispose();
        }
    }

    sealed class LineLogger : ILogger
    {
        readonly List<string> _lines = [];

        public IReadOnlyList<string> Lines
        {
            get { lock (_lines) return [.. _lines]; }
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            lock (_lines) _lines.Add(formatter(state, exception));
        }
    }
}
