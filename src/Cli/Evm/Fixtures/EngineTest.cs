using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hufu.Chain;
using Hufu.Consensus;
using Hufu.Primitives;
using Hufu.Rpc;
using Hufu.State;

namespace Hufu.Cli;

/// <summary>
/// Runs one blockchain test as a consensus client would: each block through engine_newPayload, each valid one chosen with engine_forkchoiceUpdated. The
/// verdicts must be those of direct import, and every invalid block must come back with its latest valid ancestor.
/// </summary>
sealed class EngineTest : IDisposable
{
    const int InvalidParams = -32602;
    const int UnsupportedFork = -38005;

    readonly MemoryStore _store = new();
    readonly CancellationTokenSource _stop = new();
    readonly Blockchain _chain;
    readonly TransactionPool _pool;
    readonly Dispatcher _dispatcher;
    readonly Task _writing;
    Exception? _fault;

    EngineTest(GenesisBlock genesis, ForkSchedule forks)
    {
        _chain = Blockchain.Open(_store, genesis, forks, new ProofOfStake());
        _pool = new TransactionPool(new PoolOptions(), forks.ChainId, PoolFollower.HeadOf(_chain, _chain.Head.Head));
        var ledger = new Ledger(_chain, _pool);
        var writer = new ChainWriter(_chain);
        var driver = new BeaconDriver(writer, _chain, (_, _) => new TransactionList([]), _ => null, TimeProvider.System, fault => _fault = fault);
        _writing = writer.RunAsync(_stop.Token);
        var methods = EngineMethods.Of(ledger, driver, LedgerMethods.Of(ledger, new LedgerMethodOptions()), new EngineOptions());
        _dispatcher = new Dispatcher(methods, new DispatchLimits(), fault => _fault = fault);
    }

    /// <summary>Null where the test's chain does not begin in proof of stake: the Engine API has no blocks of proof of work.</summary>
    public static FixtureVerdict? Run(string name, JsonElement test)
    {
        var network = test.OptionalText("network") ?? "";
        if (FixtureForks.Schedule(network, test) is not { TerminalTotalDifficulty.IsZero: true } forks) return null;
        try
        {
            using var run = new EngineTest(new GenesisBlock(BlockTest.GenesisOf(test), FixtureJson.Accounts(test.GetProperty("pre"))), forks);
            return new FixtureVerdict(name, network, run.FaultOf(test, network), LastBlockHash: run._chain.Head.Hash);
        }
        catch (Exception error) when (error is FormatException or KeyNotFoundException or InvalidOperationException or OverflowException)
        {
            return new FixtureVerdict(name, network, $"the test cannot be run: {error.Message}");
        }
    }

    string? FaultOf(JsonElement test, string network)
    {
        var index = 0;
        var isEngineForm = test.TryGetProperty("engineNewPayloads", out var payloads);
        foreach (var item in (isEngineForm ? payloads : test.GetProperty("blocks")).EnumerateArray())
        {
            var fault = isEngineForm ? PayloadFault(item) : BlockFault(item, BlockTest.Expected(item, network));
            if ((fault ?? _fault?.ToString()) is { } why) return $"block {index}: {why}";
            index++;
        }
        var last = test.Hash("lastblockhash");
        if (_chain.Head.Hash != last) return $"the head is {_chain.Head.Hash}, expected {last}";
        return BlockTest.PostStateFault(_chain, test, _chain.Head.Head);
    }

    /// <summary>A block of a blockchain test.</summary>
    string? BlockFault(JsonElement block, string? expected)
    {
        byte[] rlp;
        try
        {
            rlp = block.Bytes("rlp");
        }
        catch (FormatException) when (expected is not null)
        {
            return null; // not even hexadecimal
        }
        // What is no block cannot be handed in, and direct import has refused it for the same reason.
        if (EnginePayload.Of(rlp, _chain) is not { } payload) return expected is null ? "a valid block cannot be read" : null;
        if (expected is null) return Judge(payload) is { } answer && StatusOf(answer) is ("VALID", { } own) && own == payload.Hash ? Choose(payload, "VALID") : $"a valid block got {Judge(payload)}";
        return InvalidFault(payload, expected);
    }

    // Only a payload whose hash is not that of its header, or whose parent is unknown, has no valid ancestor to name: the expected blob hashes are handed in as they are.
    string? InvalidFault(EnginePayload payload, string expected)
    {
        var head = _chain.Head.Hash;
        var isOrphan = !_chain.Blocks.Contains(payload.ParentHash);
        var answer = Judge(payload);
        var fault = StatusOf(answer) switch
        {
            // A structure that the fork does not have.
            _ when answer["error"]?["code"]?.GetValue<int>() is InvalidParams or UnsupportedFork => null,
            ("SYNCING", null) when isOrphan => null,
            ("INVALID" or "INVALID_BLOCK_HASH", null) when !payload.IsFaithful || isOrphan => null,
            ("INVALID", { } latest) when latest == payload.ParentHash => Choose(payload, "INVALID"),
            _ => $"a block to be refused with {expected} got {answer}",
        };
        return fault ?? (_chain.Head.Hash == head ? null : $"the head moved to {_chain.Head.Hash} with an invalid block");
    }

    /// <summary>An element of a test in Engine API form.</summary>
    string? PayloadFault(JsonElement item)
    {
        var version = int.Parse(FixtureJson.Text(item.GetProperty("newPayloadVersion")), System.Globalization.CultureInfo.InvariantCulture);
        var parameters = JsonNode.Parse(item.GetProperty("params").GetRawText())!.AsArray();
        var hash = Hash256.Parse(parameters[0]!["blockHash"]!.GetValue<string>());
        var answer = Ask($"engine_newPayloadV{version}", parameters);
        if (item.OptionalText("errorCode") is { } code) return answer["error"]?["code"]?.ToString() == code ? null : $"expected error {code}, got {answer}";
        var (status, _) = StatusOf(answer);
        if (item.OptionalText("validationError") is { } why) return status is "INVALID" or "INVALID_BLOCK_HASH" ? null : $"a payload to be refused with {why} got {answer}";
        return status == "VALID" ? Choose(new EnginePayload(version, hash, default, [], true), "VALID") : $"a valid payload got {answer}";
    }

    JsonNode Judge(EnginePayload payload) => Ask($"engine_newPayloadV{payload.Version}", (JsonArray)payload.Parameters.DeepClone());

    /// <summary>Names the block as the head, and says what is wrong with the answer.</summary>
    string? Choose(EnginePayload payload, string expected)
    {
        var zero = Hash256.Zero.ToString();
        var state = new JsonObject { ["headBlockHash"] = payload.Hash.ToString(), ["safeBlockHash"] = zero, ["finalizedBlockHash"] = zero };
        // Versions of forkchoiceUpdated: 1 Paris, 2 Shanghai, 3 Cancun to Osaka, 4 from Amsterdam on.
        var version = payload.Version <= 3 ? payload.Version : payload.Version - 1;
        var answer = Ask($"engine_forkchoiceUpdatedV{version}", version >= 4 ? [state, null, null] : [state, null]);
        if (answer["result"]?["payloadStatus"]?["status"]?.GetValue<string>() != expected) return $"forkchoiceUpdated to a block that is {expected} got {answer}";
        return expected != "VALID" || _chain.Head.Hash == payload.Hash ? null : $"the head is {_chain.Head.Hash} after it was told to be {payload.Hash}";
    }

    static (string? Status, Hash256? LatestValid) StatusOf(JsonNode answer) => answer["result"] is { } result
        ? (result["status"]?.GetValue<string>(), result["latestValidHash"] is { } latest ? Hash256.Parse(latest.GetValue<string>()) : null)
        : (null, null);

    JsonNode Ask(string method, JsonArray parameters)
    {
        var request = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["method"] = method, ["params"] = parameters };
        using var answer = _dispatcher.AnswerAsync(Encoding.UTF8.GetBytes(request.ToJsonString())).AsTask().GetAwaiter().GetResult();
        return JsonNode.Parse(answer.Written.Span)!;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _writing.GetAwaiter().GetResult();
        _stop.Dispose();
        _pool.Dispose();
        _chain.Dispose();
        _store.Dispose();
    }
}
