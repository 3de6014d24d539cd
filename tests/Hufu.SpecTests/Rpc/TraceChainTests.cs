using System.Text;
using System.Text.Json;
using Hufu.Chain;
using Hufu.Rpc;
using Xunit;

namespace Hufu.SpecTests;

/// <summary>Every block of execution-apis' chain, from proof of work to the newest fork, under every tracer.</summary>
public sealed class TraceChainTests(RpcExchangeTests.ExchangeChain chain) : IClassFixture<RpcExchangeTests.ExchangeChain>
{
    const string CountingScript = "{n: 0, step: function() { this.n++ }, fault: function() {}, result: function() { return this.n } }";

    [Fact]
    public async Task Every_tracer_agrees_with_the_receipts_of_every_block()
    {
        var queries = new ChainQueries(chain.Chain);
        for (var number = 1UL; number <= chain.Chain.Head.Number; number++)
        {
            var block = queries.BlockOf(new BlockSelector.ByNumber(number))!;
            var outcomes = queries.OutcomesOf(block)!;
            var calls = await TraceAsync(number, "callTracer", """{"withLog":true}""");
            var steps = await TraceAsync(number, "", "null");
            var counts = await TraceAsync(number, CountingScript, "null");
            var mux = await TraceAsync(number, "muxTracer", """{"prestateTracer":{"diffMode":true},"4byteTracer":null,"flatCallTracer":{},"erc7562Tracer":{} }""");
            var replays = await AskAsync("trace_replayBlockTransactions", $"""["0x{number:x}",["trace","stateDiff","vmTrace"]]""");
            Assert.Equal(outcomes.Count, calls.GetArrayLength());
            for (var i = 0; i < outcomes.Count; i++)
            {
                var (call, receipt) = (calls[i].GetProperty("result"), outcomes[i].Receipt);
                Assert.Equal(outcomes[i].GasUsed, Convert.ToUInt64(call.GetProperty("gasUsed").GetString(), 16));
                Assert.Equal(receipt.PostState is not null || receipt.Succeeded, receipt.PostState is not null || !call.TryGetProperty("error", out _));
                Assert.Equal(receipt.Logs.Count, LogsIn(call));
                Assert.Equal(outcomes[i].GasUsed, steps[i].GetProperty("result").GetProperty("gas").GetUInt64());
                Assert.Equal(steps[i].GetProperty("result").GetProperty("structLogs").GetArrayLength(), counts[i].GetProperty("result").GetInt32());
                Assert.Equal(mux[i].GetProperty("result").GetProperty("flatCallTracer").GetArrayLength(), replays[i].GetProperty("trace").GetArrayLength());
                Assert.Equal(steps[i].GetProperty("result").GetProperty("structLogs").GetArrayLength(), StepsIn(replays[i].GetProperty("vmTrace")));
            }
        }
    }

    static int LogsIn(JsonElement call) =>
        (call.TryGetProperty("logs", out var logs) ? logs.GetArrayLength() : 0) + (call.TryGetProperty("calls", out var calls) ? calls.EnumerateArray().Sum(LogsIn) : 0);

    static int StepsIn(JsonElement trace) => trace.ValueKind == JsonValueKind.Null ? 0
        : trace.GetProperty("ops").EnumerateArray().Sum(step => 1 + StepsIn(step.GetProperty("sub")));

    Task<JsonElement> TraceAsync(ulong number, string tracer, string config) =>
        AskAsync("debug_traceBlockByNumber", $$"""["0x{{number:x}}",{"tracer":{{JsonSerializer.Serialize(tracer)}},"tracerConfig":{{config}},"timeout":"120s"}]""");

    async Task<JsonElement> AskAsync(string method, string parameters)
    {
        var head = chain.Chain.Head.Head;
        using var pool = new TransactionPool(new PoolOptions(), chain.Chain.Forks.ChainId, new PoolHead(head, chain.Chain.StateAt(head.Hash)!, new ChainQueries(chain.Chain).RulesAfter(head)));
        var dispatcher = new Dispatcher(LedgerMethods.Of(new Ledger(chain.Chain, pool), new LedgerMethodOptions()), new DispatchLimits(), fault => Assert.Fail(fault.ToString()));
        using var answer = await dispatcher.AnswerAsync(Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{parameters}} }"""));
        using var json = JsonDocument.Parse(answer.Written, new JsonDocumentOptions { MaxDepth = 4096 });
        Assert.True(json.RootElement.TryGetProperty("result", out var result), json.RootElement.ToString());
        return result.Clone();
    }
}
