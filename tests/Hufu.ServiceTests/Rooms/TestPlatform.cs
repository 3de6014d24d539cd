using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hufu.Cli;
using Hufu.Client;
using Hufu.Consensus;
using Hufu.Crypto;
using Hufu.Node;
using Hufu.Primitives;
using Hufu.Rpc;
using Hufu.Services;
using Xunit;

namespace Hufu.ServiceTests;

/// <summary>The whole platform over a chain, called as its users call it: by HTTP.</summary>
sealed class TestPlatform : IAsyncDisposable
{
    readonly HttpClient _http;
    readonly TestChain? _chain;

    TestPlatform(Platform platform, TestChain? chain)
    {
        (Platform, _chain) = (platform, chain);
        _http = new HttpClient { BaseAddress = platform.Url, Timeout = TimeSpan.FromSeconds(60) };
    }

    public Platform Platform { get; }

    /// <summary>The key that requests are sent with.</summary>
    public string? Bearer { get; set; }
    public Rooms Rooms => Platform.Rooms;
    public ChainClient Chain => Rooms.Chain;

    /// <summary>Over a chain of its own in this process, remembered by SQLite in a folder that goes with it, unless told otherwise.</summary>
    public static async Task<TestPlatform> StartAsync(Func<PlatformOptions, PlatformOptions>? with = null, TestChain? chain = null)
    {
        var own = chain is null ? await TestChain.StartAsync() : null;
        var faults = new List<Exception>();
        var options = new PlatformOptions
        {
            Chain = (chain ?? own!).Client,
            Key = CustodyKey.New(),
            Operator = Signer.FromSecret(DevAccounts.Secrets(1)[0]),
            Host = IPAddress.Loopback,
            Port = 0,
            Index = new EventIndexOptions { PollEvery = TimeSpan.FromMilliseconds(10) },
            Webhooks = new WebhookOptions { MayCallInside = true },
            ReportFault = faults.Add,
        };
        var (platform, refusal) = await Platform.StartAsync(with?.Invoke(options) ?? options);
        Assert.True(platform is not null, refusal?.ToString());
        return new TestPlatform(platform, own);
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(HttpMethod method, string path, object? body = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        if (Bearer is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Bearer);
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text));
    }

    /// <summary>Does something that has to succeed.</summary>
    public async Task<JsonElement> Post(string path, object body, string? key = null)
    {
        var (status, answer) = await SendAsync(HttpMethod.Post, "/api/v1/" + path, body, key ?? Guid.NewGuid().ToString("N"));
        Assert.True((int)status is >= 200 and < 300, $"{path}: {status} {answer}");
        return answer;
    }

    /// <summary>Asks for something that has to be refused: the problem.</summary>
    public async Task<JsonElement> Refused(HttpStatusCode expected, string path, object body, string? key = null)
    {
        var (status, answer) = await SendAsync(HttpMethod.Post, "/api/v1/" + path, body, key ?? Guid.NewGuid().ToString("N"));
        Assert.True(status == expected, $"{path}: {status} {answer}");
        foreach (var word in new[] { "what", "why", "mend" }) Assert.NotEmpty(answer.GetProperty(word).GetString()!);
        return answer;
    }

    public async Task<JsonElement> Get(string path)
    {
        var (status, answer) = await SendAsync(HttpMethod.Get, "/api/v1/" + path);
        Assert.True(status == HttpStatusCode.OK, $"{path}: {status} {answer}");
        return answer;
    }

    public Task<byte[]> File(string path) => _http.GetByteArrayAsync(path);

    public async Task<Address> Account(string name) => Address.Parse((await Post("accounts", new { name })).GetProperty("address").GetString()!);

    /// <summary>An account with coins, minted against a reserve of a million.</summary>
    public async Task Fund(params (string Name, string Amount)[] accounts)
    {
        if ((await Get("stablecoin")) is var report && (!report.GetProperty("isSetUp").GetBoolean() || report.GetProperty("reserve").GetString()!.StartsWith("0.", StringComparison.Ordinal)))
            await Post("stablecoin/reserve/attestations", new { amount = "1000000", report = "first" });
        foreach (var (name, amount) in accounts)
        {
            await Account(name);
            await Post("stablecoin/mints", new { to = name, amount });
        }
    }

    /// <summary>Every row of every table of the index, as text.</summary>
    public IReadOnlyDictionary<string, string[]> Tables() => Rooms.Index.Tables.ToDictionary(table => table.Name, table => Rooms.Database.Read(session =>
        session.Query($"SELECT * FROM {table}", row => string.Join('|', Enumerable.Range(0, table.Columns.Count).Select(row.Value))).Order(StringComparer.Ordinal).ToArray()));

    /// <summary>Waits until the index is at the head.</summary>
    public async Task InStep() => await Rooms.Index.ReachAsync(await Chain.GetBlockNumberAsync()).WaitAsync(TimeSpan.FromSeconds(30));

    /// <summary>Makes the index anew from the first block, beside the one that there is, and compares every row.</summary>
    public async Task RebuiltAlike()
    {
        await InStep();
        var before = Tables();
        var folder = Directory.CreateTempSubdirectory("hufu-rebuild-");
        try
        {
            await using var fresh = Database.OpenSqlite(Path.Combine(folder.FullName, "index.db"));
            var projections = ServiceCatalog.All(Rooms with { Database = fresh }).SelectMany(service => service.Projections).Append(new NoticeIndex([.. Rooms.Registry.Current!.Contracts.Keys.Where(name => name is not ("Access" or "Registry"))])).ToArray();
            if (Platform.Jobs.OfChain is not null) projections = [.. projections, new JobsIndex(fresh)];
            var index = new EventIndex(Chain, fresh, projections, new EventIndexOptions { PollEvery = TimeSpan.FromMilliseconds(10), KeptBlocks = 8 });
            await index.OpenAsync();
            using var stop = new CancellationTokenSource();
            var deployment = Rooms.Registry.Current!;
            var running = index.RunAsync(deployment.Contracts, deployment.FromBlock, stop.Token);
            await index.ReachAsync(Rooms.Index.Reached!.Number).WaitAsync(TimeSpan.FromSeconds(60));
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
            foreach (var table in index.Tables)
                Assert.Equal(before[table.Name], fresh.Read(session => session.Query($"SELECT * FROM {table}", row => string.Join('|', Enumerable.Range(0, table.Columns.Count).Select(row.Value))).Order(StringComparer.Ordinal).ToArray()));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Platform.DisposeAsync();
        if (_chain is not null) await _chain.DisposeAsync();
    }
}

/// <summary>A development chain in this process, in memory.</summary>
sealed class TestChain : IAsyncDisposable
{
    readonly Node.Node? _node;

    TestChain(Node.Node? node, ChainClient client) => (_node, Client) = (node, client);

    public ChainClient Client { get; }

    /// <param name="runsJobs">Whether it runs jobs by itself, as `hufu up` begins a chain.</param>
    public static async Task<TestChain> StartAsync(bool runsJobs = false)
    {
        var secrets = DevAccounts.Secrets(2);
        var file = DevNetwork.GenesisFile(DevNetwork.ChainId, null, secrets.Select(secret => TransactionSigning.AddressOf(secret)), DevNetwork.DefaultBalance, (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        if (runsJobs)
        {
            var withJobs = JsonNode.Parse(file)!.AsObject();
            GenesisContracts.AddJobs(withJobs);
            file = Encoding.UTF8.GetBytes(withJobs.ToJsonString());
        }
        Assert.True(GenesisJson.TryParse(file, out var genesis, out var refusal), refusal?.ToString());
        var (node, cannot) = await Node.Node.StartAsync(new NodeOptions { Genesis = genesis, HasDevMethods = true, Rpc = new RpcServerOptions { Port = 0 }, Sealing = new SoloOptions { Mode = SoloMode.Instant, ClockFollowsBlocks = true } });
        Assert.True(node is not null, cannot?.ToString());
        var dispatcher = new Dispatcher(node.Methods, new DispatchLimits());
        return new TestChain(node, new ChainClient(new InProcessTransport(async (request, _) =>
        {
            using var answer = await dispatcher.AnswerAsync(request);
            return answer.Written.ToArray();
        })));
    }

    /// <summary>A chain that runs elsewhere.</summary>
    public static async Task<TestChain> ConnectAsync(Uri url) => new(null, await ChainClient.ConnectAsync(url));

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        if (_node is not null) await _node.DisposeAsync();
    }
}
