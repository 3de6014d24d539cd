using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hufu.Chain;
using Hufu.Primitives;
using Hufu.Rpc;
using Hufu.State;
using Xunit;

namespace Hufu.SpecTests;

/// <summary>geth's own tracer cases, asked by debug_traceBlock as a client would ask them: one transaction of a block on a state.</summary>
public class TracerTests
{
    const string Archive = "evm/tracers.zip";
    const string Folder = "eth/tracers/internal/tracetest/testdata/";

    static readonly Dictionary<string, string> TracerOf = new()
    {
        ["call_tracer"] = "callTracer",
        ["call_tracer_legacy"] = "callTracer",
        ["call_tracer_withLog"] = "callTracer",
        ["call_tracer_flat"] = "flatCallTracer",
        ["prestate_tracer"] = "prestateTracer",
        ["prestate_tracer_legacy"] = "prestateTracer",
        ["prestate_tracer_with_diff_mode"] = "prestateTracer",
        ["erc7562_tracer"] = "erc7562Tracer",
    };

    public static TheoryData<string> Cases
    {
        get
        {
            var data = new TheoryData<string>();
            if (!SharedFolder.Exists) return data;
            using var archive = ZipFile.OpenRead(SharedFolder.Fixture(Archive));
            foreach (var entry in archive.Entries) data.Add(entry.FullName[Folder.Length..]);
            return data;
        }
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Cases))]
    public async Task A_trace_is_what_geth_makes_of_the_same_transaction(string name)
    {
        var test = Read(name);
        var suite = name[..name.IndexOf('/')];
        var actual = await TraceAsync(test, TracerOf[suite]);
        var expected = test["result"]!;
        switch (suite)
        {
            case "call_tracer_flat":
                AssertSameFlat(expected.AsArray(), actual.AsArray());
                break;
            case "call_tracer_legacy" or "prestate_tracer_legacy":
                AssertSameAsLegacy(expected, actual, "result");
                break;
            default:
                Assert.True(JsonNode.DeepEquals(WithoutEmpty(expected), WithoutEmpty(actual)), $"expected {expected.ToJsonString()}\nactual   {actual.ToJsonString()}");
                break;
        }
    }

    static JsonNode Read(string name)
    {
        using var archive = ZipFile.OpenRead(SharedFolder.Fixture(Archive));
        using var stream = archive.GetEntry(Folder + name)!.Open();
        return JsonNode.Parse(stream)!;
    }

    static async Task<JsonNode> TraceAsync(JsonNode test, string tracer)
    {
        using var chain = OpenChain(test["genesis"]!);
        var head = chain.Head.Head;
        var block = BlockOf(test, head, chain.Forks);
        using var pool = new TransactionPool(new PoolOptions(), chain.Forks.ChainId, new PoolHead(head, chain.StateAt(head.Hash)!, chain.Forks.RulesOf(head)));
        var dispatcher = new Dispatcher(LedgerMethods.Of(new Ledger(chain, pool), new LedgerMethodOptions()), new DispatchLimits(), fault => Assert.Fail(fault.ToString()));
        var request = new JsonObject
        {
            ["jsonrpc"] = "2.0",
            ["id"] = 1,
            ["method"] = "debug_traceBlock",
            ["params"] = new JsonArray(Hex.Encode(block.Encode()), new JsonObject { ["tracer"] = tracer, ["tracerConfig"] = test["tracerConfig"]?.DeepClone() }),
        };
        using var answer = await dispatcher.AnswerAsync(Encoding.UTF8.GetBytes(request.ToJsonString()));
        var json = JsonNode.Parse(answer.Written.Span, documentOptions: new JsonDocumentOptions { MaxDepth = 4096 })!;
        Assert.True(json["result"] is not null, json.ToJsonString());
        return json["result"]![0]!["result"]!;
    }

    static Blockchain OpenChain(JsonNode genesis)
    {
        var config = genesis["config"]!.DeepClone().AsObject();
        // Proposals that no network has.
        foreach (var proposal in config.Select(member => member.Key).Where(key => key.StartsWith("rip", StringComparison.Ordinal)).ToList()) config.Remove(proposal);
        var plain = new JsonObject
        {
            ["config"] = config,
            ["alloc"] = genesis["alloc"]!.DeepClone(),
            ["difficulty"] = "0x1",
            ["gasLimit"] = "0x1000000",
        };
        Assert.True(GenesisJson.TryParse(Encoding.UTF8.GetBytes(plain.ToJsonString()), out var parsed, out var refusal), refusal?.ToString());
        return Blockchain.Open(new MemoryStore(), new GenesisBlock(parsed.ToBlock(), parsed.ToStateDiff()), parsed.Schedule, new ProofOfWork(null));
    }

    // Headers in these cases are not complete; a trace asks no more of them than their context.
    static Block BlockOf(JsonNode test, Header parent, ForkSchedule forks)
    {
        var context = test["context"]!;
        Assert.True(Transaction.TryDecode(Convert.FromHexString(test["input"]!.GetValue<string>().Replace("0x", "", StringComparison.Ordinal)), out var transaction, out var refusal), refusal?.ToString());
        var header = new Header
        {
            ParentHash = parent.Hash,
            Number = (ulong)NumberOf(context["number"]),
            Timestamp = (ulong)NumberOf(context["timestamp"]),
            GasLimit = (ulong)NumberOf(context["gasLimit"]),
            Difficulty = NumberOf(context["difficulty"]),
            Beneficiary = Address.Parse(context["miner"]!.GetValue<string>()),
        };
        var rules = forks.RulesOf(header);
        header = header with
        {
            BaseFeePerGas = rules.Has(Eip.BaseFee) ? NumberOf(context["baseFeePerGas"]) : null,
            WithdrawalsRoot = rules.Has(Eip.Withdrawals) ? Account.EmptyTrieRoot : null,
            BlobGasUsed = rules.Has(Eip.BlobTransactions) ? 0 : null,
            ExcessBlobGas = rules.Has(Eip.BlobTransactions) ? 0 : null,
            ParentBeaconBlockRoot = rules.Has(Eip.BeaconRoot) ? Hash256.Zero : null,
            RequestsHash = rules.Has(Eip.GeneralRequests) ? Hash256.Zero : null,
        };
        return new Block(header, [transaction], [], rules.Has(Eip.Withdrawals) ? [] : null);
    }

    static UInt256 NumberOf(JsonNode? node)
    {
        var text = node?.ToString() ?? "0";
        return text.StartsWith("0x", StringComparison.Ordinal) ? UInt256.Parse(text) : (UInt256)ulong.Parse(text, CultureInfo.InvariantCulture);
    }

    // To geth's comparison a value that is left out is a zero, and blocks are not part of it.
    static void AssertSameFlat(JsonArray expected, JsonArray actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (var i = 0; i < expected.Count; i++)
        {
            var (left, right) = (expected[i]!, actual[i]!);
            foreach (var member in new[] { "error", "subtraces", "type" }) AssertSame(left[member], right[member], $"[{i}].{member}");
            Assert.Equal(left["traceAddress"]!.ToJsonString(), right["traceAddress"]!.ToJsonString());
            foreach (var part in new[] { "action", "result" })
                foreach (var member in Names(left[part]).Union(Names(right[part]))) AssertSame(left[part]?[member], right[part]?[member], $"[{i}].{part}.{member}");
        }
    }

    static IEnumerable<string> Names(JsonNode? node) => node is JsonObject members ? members.Select(member => member.Key) : [];

    static void AssertSame(JsonNode? expected, JsonNode? actual, string at)
    {
        static string Text(JsonNode? node) => (node?.ToString() ?? "0x").TrimStart('0').TrimStart('x').TrimStart('0');
        Assert.True(Text(expected) == Text(actual), $"{at}: expected {expected}, got {actual}");
    }

    // The first tracers were scripts, which saw less: what they do not tell is not compared, and empty values stand where none are now.
    static void AssertSameAsLegacy(JsonNode expected, JsonNode? actual, string at)
    {
        switch (expected)
        {
            case JsonObject members:
                foreach (var (name, value) in members)
                    if (value?.ToJsonString() is not ("\"0x\"" or "{}" or "\"internal failure\"")) AssertSameAsLegacy(value!, actual?[name], $"{at}.{name}");
                break;
            case JsonArray items:
                Assert.Equal(items.Count, actual!.AsArray().Count);
                for (var i = 0; i < items.Count; i++) AssertSameAsLegacy(items[i]!, actual[i], $"{at}[{i}]");
                break;
            default:
                Assert.True(string.Equals(expected.ToString(), actual?.ToString(), StringComparison.OrdinalIgnoreCase), $"{at}: expected {expected}, got {actual}");
                break;
        }
    }

    static JsonNode? WithoutEmpty(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Where(member => member.Value?.ToJsonString() is not "\"0x\"" && (member.Key, member.Value?.ToString()) is not ("index", "0x0")).Select(member => KeyValuePair.Create(member.Key, WithoutEmpty(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(WithoutEmpty)]),
        _ => node?.DeepClone(),
    };
}
