using System.Text;
using System.Text.Json;
using Hufu.Chain;
using Hufu.Primitives;
using Hufu.Rpc;
using Hufu.State;
using Xunit;

namespace Hufu.SpecTests;

/// <summary>The exchanges of execution-apis, asked in the process of a node that imported their chain.</summary>
public sealed class RpcExchangeTests(RpcExchangeTests.ExchangeChain chain) : IClassFixture<RpcExchangeTests.ExchangeChain>
{
    const string Tests = "rpc/tests";

    /// <summary>The chain of the fixtures at the head that its forkchoice update names.</summary>
    public sealed class ExchangeChain
    {
        Blockchain? _chain;

        public Blockchain Chain => _chain ??= Import();

        static Blockchain Import()
        {
            Assert.True(GenesisJson.TryParse(File.ReadAllBytes(SharedFolder.Fixture($"{Tests}/genesis.json")), out var genesis, out var refusal), refusal?.ToString());
            // The chain carries no seals: its blocks of proof of work have nonce and mix hash zero.
            var chain = Blockchain.Open(new MemoryStore(), new GenesisBlock(genesis.ToBlock(), genesis.ToStateDiff()), genesis.Schedule, new ProofOfWork(null));
            ReadOnlySpan<byte> blocks = File.ReadAllBytes(SharedFolder.Fixture($"{Tests}/chain.rlp"));
            while (!blocks.IsEmpty)
            {
                var reader = new RlpReader(blocks);
                var block = reader.ReadItem();
                var result = chain.Import(block);
                Assert.True(result.IsAccepted, result.Refusal?.ToString());
                blocks = blocks[block.Length..];
            }
            using var update = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Fixture($"{Tests}/headfcu.json")));
            var state = update.RootElement.GetProperty("params")[0];
            Hash256 Named(string name) => Hash256.Parse(state.GetProperty(name).GetString()!);
            Assert.Null(chain.Choose(Named("headBlockHash"), Named("safeBlockHash"), Named("finalizedBlockHash")));
            return chain;
        }
    }

    public static TheoryData<string> Exchanges
    {
        get
        {
            var data = new TheoryData<string>();
            if (!SharedFolder.Exists) return data;
            var folder = SharedFolder.Fixture(Tests);
            foreach (var file in Directory.EnumerateFiles(folder, "*.io", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                var name = Path.GetRelativePath(folder, file).Replace('\\', '/');
                data.Add(name);
            }
            return data;
        }
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Exchanges))]
    public async Task A_node_answers_as_the_specification_says(string exchange)
    {
        var lines = await File.ReadAllLinesAsync(SharedFolder.Fixture($"{Tests}/{exchange}"), TestContext.Current.CancellationToken);
        var shapeOnly = lines.Any(line => line.StartsWith("//", StringComparison.Ordinal) && line.Contains("speconly", StringComparison.Ordinal));
        var dispatcher = MakeDispatcher();
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith(">> ", StringComparison.Ordinal)) continue;
            using var answer = await dispatcher.AnswerAsync(Encoding.UTF8.GetBytes(lines[i][3..]));
            using var actual = JsonDocument.Parse(answer.Written);
            using var expected = JsonDocument.Parse(lines[i + 1][3..]);
            Compare(expected.RootElement, actual.RootElement, shapeOnly);
        }
    }

    Dispatcher MakeDispatcher()
    {
        var head = chain.Chain.Head.Head;
        var rules = new ChainQueries(chain.Chain).RulesAfter(head);
        var pool = new TransactionPool(new PoolOptions(), chain.Chain.Forks.ChainId, new PoolHead(head, chain.Chain.StateAt(head.Hash)!, rules));
        return new Dispatcher(LedgerMethods.Of(new Ledger(chain.Chain, pool), new LedgerMethodOptions { OffersTesting = true }), new DispatchLimits(), fault => Assert.Fail(fault.ToString()));
    }

    static void Compare(JsonElement expected, JsonElement actual, bool shapeOnly)
    {
        if (expected.TryGetProperty("error", out var error))
        {
            Assert.True(actual.TryGetProperty("error", out var actualError), $"expected an error, got {actual}");
            Assert.Equal(error.GetProperty("code").GetInt32(), actualError.GetProperty("code").GetInt32());
            if (error.TryGetProperty("data", out var data) && !shapeOnly) Assert.Equal(data.ToString(), actualError.GetProperty("data").ToString());
            return;
        }
        Assert.True(actual.TryGetProperty("result", out var result), actual.ToString());
        if (shapeOnly) AssertSameShape(expected.GetProperty("result"), result, "result");
        else Assert.True(JsonElement.DeepEquals(expected, actual), $"expected {expected}\nactual   {actual}");
    }

    /// <summary>The same kinds of values under the same names; what only one of the two has is an optional member.</summary>
    static void AssertSameShape(JsonElement expected, JsonElement actual, string at)
    {
        if (expected.ValueKind == JsonValueKind.Null || actual.ValueKind == JsonValueKind.Null) return;
        Assert.True(expected.ValueKind == actual.ValueKind, $"{at}: expected {expected}, got {actual}");
        if (expected.ValueKind == JsonValueKind.Object)
        {
            var members = expected.EnumerateObject().ToDictionary(member => member.Name, member => member.Value);
            foreach (var member in actual.EnumerateObject())
                if (members.TryGetValue(member.Name, out var value)) AssertSameShape(value, member.Value, $"{at}.{member.Name}");
        }
        else if (expected.ValueKind == JsonValueKind.Array)
        {
            if (expected.GetArrayLength() > 0)
                foreach (var item in actual.EnumerateArray()) AssertSameShape(expected[0], item, $"{at}[]");
        }
        else if (expected.ValueKind == JsonValueKind.String)
            Assert.Equal(expected.GetString()!.StartsWith("0x", StringComparison.Ordinal), actual.GetString()!.StartsWith("0x", StringComparison.Ordinal));
    }
}
