using System.Text;
using System.Text.Json.Nodes;
using Hufu.Chain;
using Hufu.Cli;
using Hufu.Consensus;
using Hufu.Primitives;
using Hufu.Rpc;
using Hufu.State;
using Xunit;

namespace Hufu.Tests.Rpc;

/// <summary>A chain that a test leads as a consensus client would, and a second one of the same genesis on which it makes the blocks to hand in.</summary>
sealed class EngineChain : IAsyncDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly PoolFollower _follower;
    readonly Task _loops;

    public EngineChain(Fork fork = Fork.Cancun, WorldStateOptions? options = null)
    {
        Led = new TestChain(fork, followsImports: false, options: options);
        Other = new TestChain(fork, followsImports: false);
        var chain = Led.Chain;
        Pool = new TransactionPool(new PoolOptions(), chain.Forks.ChainId, PoolFollower.HeadOf(chain, chain.Head.Head));
        _follower = new PoolFollower(chain, Pool);
        var ledger = new Ledger(chain, Pool);
        var writer = Writer = new ChainWriter(chain);
        var driver = Driver = new BeaconDriver(writer, chain, (_, _) => Pool.Best(UInt256.One, UInt256.Zero), hash => Pool.SidecarOf(hash), TimeProvider.System, fault => Fault = fault);
        Pool.BecameReady += driver.TransactionsArrived;
        _loops = Task.WhenAll(writer.RunAsync(_stop.Token), _follower.RunAsync(_stop.Token), driver.RunAsync(_stop.Token));
        Methods = EngineMethods.Of(ledger, driver, LedgerMethods.Of(ledger, new LedgerMethodOptions()), new EngineOptions());
        Dispatcher = new Dispatcher(Methods, new DispatchLimits(), fault => Fault = fault);
    }

    public TestChain Led { get; }
    public TestChain Other { get; }
    public ChainWriter Writer { get; }
    public BeaconDriver Driver { get; }
    public TransactionPool Pool { get; }
    public MethodTable Methods { get; }
    public Dispatcher Dispatcher { get; }

    /// <summary>What went wrong inside, if anything did.</summary>
    public Exception? Fault { get; private set; }

    public Hash256 Head => Led.Chain.Head.Hash;

    public async Task<JsonNode> Ask(string method, params JsonNode?[] parameters) =>
        await Ask(new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["method"] = method, ["params"] = new JsonArray(parameters) }.ToJsonString());

    public async Task<JsonNode> Ask(string request)
    {
        using var answer = await Dispatcher.AnswerAsync(Encoding.UTF8.GetBytes(request));
        Assert.True(Fault is null, $"{request}\n{Fault}");
        return JsonNode.Parse(answer.Written.Span)!;
    }

    /// <summary>Hands a block in; the status and the latest valid hash that come back.</summary>
    public async Task<(string Status, Hash256? LatestValid)> NewPayload(Block block)
    {
        var payload = EnginePayload.Of(block.Encode(), Other.Chain)!;
        return StatusIn((await Ask($"engine_newPayloadV{payload.Version}", [.. payload.Parameters.DeepClone().AsArray().Select(item => item?.DeepClone())]))["result"]!);
    }

    public async Task<(string Status, Hash256? LatestValid)> Choose(Hash256 head) => StatusIn((await Update(head))["result"]!["payloadStatus"]!);

    public Task<JsonNode> Update(Hash256 head, JsonObject? attributes = null, Hash256 safe = default, Hash256 finalised = default) =>
        Ask("engine_forkchoiceUpdatedV3", StateOf(head, safe, finalised), attributes);

    /// <summary>Asks until the head is there: what waited is executed between the calls.</summary>
    public async Task<JsonNode> UpdateUntilAnswered(Hash256 head)
    {
        for (var i = 0; i < 600; i++)
        {
            var answer = await Update(head);
            if (answer["result"]?["payloadStatus"]?["status"]?.GetValue<string>() != "SYNCING") return answer;
            await Task.Delay(50);
        }
        return await Update(head);
    }

    public static JsonObject StateOf(Hash256 head, Hash256 safe = default, Hash256 finalised = default) =>
        new() { ["headBlockHash"] = head.ToString(), ["safeBlockHash"] = safe.ToString(), ["finalizedBlockHash"] = finalised.ToString() };

    public static JsonObject Attributes(ulong timestamp) => new()
    {
        ["timestamp"] = $"0x{timestamp:x}",
        ["prevRandao"] = Hash256.Zero.ToString(),
        ["suggestedFeeRecipient"] = "0x00000000000000000000000000000000000000cc",
        ["withdrawals"] = new JsonArray(),
        ["parentBeaconBlockRoot"] = Hash256.Zero.ToString(),
    };

    static (string, Hash256?) StatusIn(JsonNode status) =>
        (status["status"]!.GetValue<string>(), status["latestValidHash"] is { } latest ? Hash256.Parse(latest.GetValue<string>()) : null);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loops;
        _follower.Dispose();
        Pool.Dispose();
        Led.Dispose();
        Other.Dispose();
        _stop.Dispose();
    }
}
