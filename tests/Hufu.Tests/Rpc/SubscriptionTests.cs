using System.Globalization;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Hufu.Crypto;
using Hufu.Primitives;
using Hufu.Rpc;
using Xunit;

namespace Hufu.Tests.Rpc;

/// <summary>Subscriptions over a real socket, of a chain that moves by hand.</summary>
public sealed class SubscriptionTests : IAsyncLifetime
{
    // LOG1 with the topic 0x2a and no data: PUSH1 2a PUSH1 0 PUSH1 0 LOG1, as the code of a creation.
    static readonly byte[] Logging = Convert.FromHexString("602a60006000a1");

    readonly TestLedger _ledger = new();
    readonly CancellationTokenSource _stop = new();
    Task _news = Task.CompletedTask;
    RpcServer _server = null!;
    string? _ipc;

    TestChain Chain => _ledger.Chain;

    public async ValueTask InitializeAsync()
    {
        _news = _ledger.Ledger.News.RunAsync(_stop.Token);
        _server = await Open(new RpcServerOptions());
    }

    async Task<RpcServer> Open(RpcServerOptions options)
    {
        var (server, refusal) = await RpcServer.StartAsync(options with { Port = 0 }, _ledger.Dispatcher);
        Assert.Null(refusal);
        return server!;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _stop.CancelAsync();
        await _news;
        _ledger.Dispose();
        _stop.Dispose();
    }

    Transaction Creation(ulong nonce) => TransactionSigning.Sign(
        new LegacyTransaction { Nonce = nonce, GasPrice = 10_000_000_000, GasLimit = 100_000, Data = Logging, V = 1337 * 2 + 35 }, TestChain.AliceSecret);

    [Fact]
    public async Task New_heads_are_told_in_order_each_as_a_header()
    {
        using var peer = await RpcPeer.ConnectAsync(_server);
        var id = await peer.SubscribeAsync("""["newHeads"]""");
        for (var number = 1UL; number <= 20; number++)
        {
            var block = Chain.Extend(_ledger.Head);
            var header = await peer.NextAsync(id);
            Assert.Equal(block.Hash.ToString(), header.GetProperty("hash").GetString());
            Assert.Equal($"0x{number:x}", header.GetProperty("number").GetString());
            Assert.False(header.TryGetProperty("transactions", out _));
        }
    }

    [Fact]
    public async Task Logs_of_a_block_that_leaves_the_chain_are_told_again_as_removed()
    {
        using var peer = await RpcPeer.ConnectAsync(_server);
        var genesis = _ledger.Head;
        var id = await peer.SubscribeAsync("""["logs",{"topics":["0x000000000000000000000000000000000000000000000000000000000000002a"]}]""");
        var other = await peer.SubscribeAsync("""["logs",{"address":"0x00000000000000000000000000000000000000aa"}]""");
        Assert.NotEqual(id, other);

        var first = Chain.Extend(genesis, transactions: [Creation(0)]);
        var log = await peer.NextAsync(id);
        Assert.Equal(first.Hash.ToString(), log.GetProperty("blockHash").GetString());
        Assert.False(log.GetProperty("removed").GetBoolean());

        var second = Chain.Extend(genesis, secondsLater: 24, transactions: [Creation(0)]);
        Assert.Null(Chain.Chain.Choose(second.Hash));
        var gone = await peer.NextAsync(id);
        Assert.Equal(first.Hash.ToString(), gone.GetProperty("blockHash").GetString());
        Assert.True(gone.GetProperty("removed").GetBoolean());
        var come = await peer.NextAsync(id);
        Assert.Equal(second.Hash.ToString(), come.GetProperty("blockHash").GetString());
        Assert.False(come.GetProperty("removed").GetBoolean());
    }

    [Fact]
    public async Task Filters_tell_of_the_same_reorganisation()
    {
        var genesis = _ledger.Head;
        var id = _ledger.Result("eth_newFilter", "[{}]").ToString();
        var blocks = _ledger.Result("eth_newBlockFilter", "[]").ToString();
        var first = Chain.Extend(genesis, transactions: [Creation(0)]);
        Assert.Single(_ledger.Result("eth_getFilterChanges", $"[\"{id}\"]").EnumerateArray());
        var second = Chain.Extend(genesis, secondsLater: 24, transactions: [Creation(0)]);
        Assert.Null(Chain.Chain.Choose(second.Hash));

        var changes = _ledger.Result("eth_getFilterChanges", $"[\"{id}\"]").EnumerateArray().ToArray();
        Assert.Equal([true, false], changes.Select(log => log.GetProperty("removed").GetBoolean()));
        Assert.Equal([first.Hash.ToString(), second.Hash.ToString()], changes.Select(log => log.GetProperty("blockHash").GetString()));
        Assert.Equal(second.Hash.ToString(), _ledger.Result("eth_getFilterChanges", $"[\"{blocks}\"]").EnumerateArray().Last().GetString());
        Assert.Empty(_ledger.Result("eth_getFilterChanges", $"[\"{id}\"]").EnumerateArray());
        Assert.True(_ledger.Result("eth_uninstallFilter", $"[\"{id}\"]").GetBoolean());
        Assert.Equal(-32000, _ledger.Error("eth_getFilterChanges", $"[\"{id}\"]").Code);
    }

    [Fact]
    public async Task Arriving_transactions_are_told_by_hash_or_whole()
    {
        using var peer = await RpcPeer.ConnectAsync(_server);
        using var whole = await RpcPeer.ConnectAsync(_server);
        var hashes = await peer.SubscribeAsync("""["newPendingTransactions"]""");
        var bodies = await whole.SubscribeAsync("""["newPendingTransactions", true]""");
        var transaction = Chain.Transfer(TestChain.AliceSecret, 0, TestChain.Bob, 1);
        Assert.Null(_ledger.Pool.Add(transaction).Refusal);

        Assert.Equal(transaction.Hash.ToString(), (await peer.NextAsync(hashes)).GetString());
        var body = await whole.NextAsync(bodies);
        Assert.Equal(transaction.Hash.ToString(), body.GetProperty("hash").GetString());
        Assert.Equal(JsonValueKind.Null, body.GetProperty("blockHash").ValueKind);
    }

    [Fact]
    public async Task Syncing_is_told_when_it_begins_and_ends()
    {
        using var peer = await RpcPeer.ConnectAsync(_server);
        var id = await peer.SubscribeAsync("""["syncing"]""");
        _ledger.Ledger.Sync.Report(new SyncProgress(0, 5, 100));
        _ledger.Ledger.Sync.Report(new SyncProgress(0, 50, 100));
        _ledger.Ledger.Sync.Report(null);
        var begun = await peer.NextAsync(id);
        Assert.True(begun.GetProperty("syncing").GetBoolean());
        Assert.Equal("0x64", begun.GetProperty("status").GetProperty("highestBlock").GetString());
        Assert.False((await peer.NextAsync(id)).GetBoolean());
    }

    [Fact]
    public async Task After_unsubscribing_nothing_is_told_and_the_id_is_unknown()
    {
        using var peer = await RpcPeer.ConnectAsync(_server);
        var id = await peer.SubscribeAsync("""["newHeads"]""");
        Assert.True((await peer.AskAsync("eth_unsubscribe", $"[\"{id}\"]")).GetProperty("result").GetBoolean());
        Chain.Extend(_ledger.Head);
        Assert.Equal("0x1", (await peer.AskAsync("eth_blockNumber", "[]")).GetProperty("result").GetString());
        var error = (await peer.AskAsync("eth_unsubscribe", $"[\"{id}\"]")).GetProperty("error");
        Assert.Equal("subscription not found", error.GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("""["newBlocks"]""", -32601)]
    [InlineData("""["logs", 5]""", -32602)]
    [InlineData("""[]""", -32602)]
    public async Task What_cannot_be_subscribed_to_is_refused(string parameters, int code)
    {
        using var peer = await RpcPeer.ConnectAsync(_server);
        Assert.Equal(code, (await peer.AskAsync("eth_subscribe", parameters)).GetProperty("error").GetProperty("code").GetInt32());
    }

    [Fact]
    public void Over_HTTP_there_are_no_subscriptions() =>
        Assert.StartsWith("notifications not supported", _ledger.Error("eth_subscribe", """["newHeads"]""").Message, StringComparison.Ordinal);

    [Fact]
    public async Task Many_calls_sent_at_once_are_answered_in_their_order()
    {
        using var peer = await RpcPeer.ConnectAsync(_server);
        for (var id = 1; id <= 500; id++) await peer.SendAsync($$"""{"jsonrpc":"2.0","id":{{id}},"method":"eth_chainId","params":[]}""");
        for (var id = 1; id <= 500; id++) Assert.Equal(id, (await peer.ReceiveAsync()).GetProperty("id").GetInt32());
        await peer.SendAsync("nonsense");
        Assert.Equal(-32700, (await peer.ReceiveAsync()).GetProperty("error").GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task A_message_beyond_the_limit_closes_the_connection_with_the_reason()
    {
        await using var server = await Open(new RpcServerOptions { MaxBodyBytes = 10_000 });
        using var peer = await RpcPeer.ConnectAsync(server);
        await peer.SendAsync(new string(' ', 50_000));
        var error = await Assert.ThrowsAsync<InvalidOperationException>(peer.ReceiveAsync);
        Assert.Contains("MessageTooBig", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_does_not_read_is_dropped_with_the_reason_and_who_reads_misses_nothing()
    {
        await using var server = await Open(new RpcServerOptions { Connections = new ConnectionLimits { MaxWaiting = 64, MostWaiting = 256, Patience = TimeSpan.FromMilliseconds(200) } });
        using var slow = await RpcPeer.ConnectAsync(server);
        await slow.SubscribeAsync("""["newHeads"]""");
        using var healthy = await RpcPeer.ConnectAsync(server);
        var id = await healthy.SubscribeAsync("""["newHeads"]""");

        // Far more than the kernel's buffers between the two hold.
        const int blocks = 6000;
        var parent = _ledger.Head;
        for (var number = 1; number <= blocks; number++)
        {
            parent = Chain.Extend(parent).Hash;
            if (number % 40 != 0) continue;
            for (var told = number - 39; told <= number; told++)
                Assert.Equal(told, int.Parse((await healthy.NextAsync(id)).GetProperty("number").GetString()![2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        }

        var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var buffer = new byte[1 << 16];
        var taken = 0;
        try
        {
            while ((await slow.Socket.ReceiveAsync(buffer, patience.Token)).MessageType != WebSocketMessageType.Close) taken++;
            Assert.Equal(1013, (int)slow.Socket.CloseStatus!);
            Assert.StartsWith("too slow", slow.Socket.CloseStatusDescription, StringComparison.Ordinal);
        }
        catch (WebSocketException)
        {
            // Given up before it read at all: then there was no room for the reason either.
        }
        Assert.True(taken < blocks);
    }

    [Fact]
    public async Task A_local_socket_serves_values_however_they_are_cut_and_its_subscribers()
    {
        _ipc = Path.Combine(Path.GetTempPath(), $"hufu-{Guid.NewGuid():N}.ipc");
        await using var server = await Open(new RpcServerOptions { IpcPath = _ipc });
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_ipc));
        var (_, refusal) = await RpcServer.StartAsync(new RpcServerOptions { Port = 0, IpcPath = _ipc }, _ledger.Dispatcher);
        Assert.Contains("another process", refusal!.ToString(), StringComparison.Ordinal);

        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(_ipc), TestContext.Current.CancellationToken);
        await using var stream = new NetworkStream(socket);
        using var lines = new StreamReader(stream);
        var calls = """{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}{"jsonrpc":"2.0","id":"}\"{","method":"eth_blockNumber"}[{"jsonrpc":"2.0","id":2,"method":"eth_subscribe","params":["newHeads"]}]""";
        foreach (var piece in Encoding.UTF8.GetBytes(calls).Chunk(7))
        {
            await stream.WriteAsync(piece, TestContext.Current.CancellationToken);
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
        Assert.Contains("\"id\":1,\"result\":\"0x539\"", await lines.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("\"id\":\"}\\\"{\",\"result\":\"0x0\"", await lines.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("\"result\":\"0x", await lines.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var block = Chain.Extend(_ledger.Head);
        Assert.Contains(block.Hash.ToString(), await lines.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_that_goes_away_leaves_nothing_behind()
    {
        for (var i = 0; i < 20; i++)
        {
            var peer = await RpcPeer.ConnectAsync(_server);
            await peer.SubscribeAsync("""["newHeads"]""");
            if (i % 2 == 0) peer.Socket.Abort();
            peer.Dispose();
        }
        using var last = await RpcPeer.ConnectAsync(_server);
        var id = await last.SubscribeAsync("""["newHeads"]""");
        Chain.Extend(_ledger.Head);
        await last.NextAsync(id);
        await RpcPeer.UntilAsync(() => _ledger.Ledger.News.Count == 1);
    }
}
