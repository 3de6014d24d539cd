using System.Text.Json;
using Hufu.Primitives;
using Hufu.Rpc;
using Xunit;

namespace Hufu.Tests.Rpc;

public sealed class DebugTraceTests : IDisposable
{
    const string Callee = "0x00000000000000000000000000000000000000aa";
    const string Target = "0x00000000000000000000000000000000000000bb";

    // Calls the callee with a selector and a Wei, then stores; the callee stores, logs and reads its balance.
    const string TargetCode = "0x63a9059cbb600052600060006004601c600173" + "00000000000000000000000000000000000000aa" + "61ffff" + "f1" + "600160005500";
    const string CalleeCode = "0x6001600255" + "60006000a0" + "3031" + "50" + "00";

    readonly TestLedger _ledger = new();

    static readonly string Overrides = $$"""{"{{Target}}":{"code":"{{TargetCode}}","balance":"0x10"},"{{Callee}}":{"code":"{{CalleeCode}}"} }""";

    JsonElement Call(string options) => _ledger.Result("debug_traceCall", $$"""[{"to":"{{Target}}","gas":"0x30000"},"latest",{"stateOverrides":{{Overrides}}{{options}} }]""");

    public void Dispose() => _ledger.Dispose();

    [Fact]
    public void The_struct_logger_tells_every_step_and_what_it_costs()
    {
        var trace = Call("");
        var steps = trace.GetProperty("structLogs").EnumerateArray().ToList();
        Assert.False(trace.GetProperty("failed").GetBoolean());
        Assert.Equal("PUSH4", steps[0].GetProperty("op").GetString());
        Assert.Equal(0x30000 - 21000, steps[0].GetProperty("gas").GetInt64());
        // Where a step calls nothing, what it costs is what the next one misses.
        foreach (var (step, next) in steps.Zip(steps.Skip(1)))
            if (step.GetProperty("depth").GetInt32() == next.GetProperty("depth").GetInt32())
                Assert.Equal(step.GetProperty("gas").GetInt64() - step.GetProperty("gasCost").GetInt64(), next.GetProperty("gas").GetInt64());
        Assert.Contains(steps, step => step.GetProperty("depth").GetInt32() == 2);
    }

    [Fact]
    public void The_struct_logger_leaves_out_what_is_not_wanted()
    {
        var plain = Call("").GetProperty("structLogs").EnumerateArray().ToList();
        Assert.All(plain, step => Assert.True(step.TryGetProperty("stack", out _)));
        Assert.Single(plain, step => step.GetProperty("op").GetString() == "SSTORE" && step.GetProperty("depth").GetInt32() == 2 && step.TryGetProperty("storage", out _));
        Assert.DoesNotContain(plain, step => step.TryGetProperty("memory", out _));

        var bare = Call(""","disableStack":true,"disableStorage":true,"enableMemory":true,"limit":8""").GetProperty("structLogs").EnumerateArray().ToList();
        Assert.Equal(8, bare.Count);
        Assert.DoesNotContain(bare, step => step.TryGetProperty("stack", out _) || step.TryGetProperty("storage", out _));
        Assert.Contains(bare, step => step.TryGetProperty("memory", out _));
    }

    [Fact]
    public void Several_tracers_hear_one_run()
    {
        var trace = Call(""","tracer":"muxTracer","tracerConfig":{"callTracer":{"withLog":true},"4byteTracer":null,"prestateTracer":{"diffMode":true},"noopTracer":{} }""");
        var call = trace.GetProperty("callTracer").GetProperty("calls")[0];
        Assert.Equal(Callee, call.GetProperty("to").GetString());
        Assert.Equal("0x1", call.GetProperty("value").GetString());
        Assert.Equal(Callee, call.GetProperty("logs")[0].GetProperty("address").GetString());
        Assert.Equal(1, trace.GetProperty("4byteTracer").GetProperty("0xa9059cbb-0").GetInt32());
        Assert.Equal("0xf", trace.GetProperty("prestateTracer").GetProperty("post").GetProperty(Target).GetProperty("balance").GetString());
        Assert.Equal("0x0000000000000000000000000000000000000000000000000000000000000001",
            trace.GetProperty("prestateTracer").GetProperty("post").GetProperty(Callee).GetProperty("storage").EnumerateObject().Single().Value.GetString());
    }

    [Fact]
    public void Only_the_top_call_is_told_where_that_is_enough() =>
        Assert.False(Call(""","tracer":"callTracer","tracerConfig":{"onlyTopCall":true}""").TryGetProperty("calls", out _));

    [Fact]
    public void A_tracer_nobody_knows_is_refused_with_the_names_there_are() =>
        Assert.Contains("callTracer", _ledger.Error("debug_traceCall", """[{},"latest",{"tracer":"bestTracer"}]""").Message, StringComparison.Ordinal);

    [Fact]
    public void A_trace_that_takes_too_long_is_stopped()
    {
        // An endless loop.
        var (code, message) = _ledger.Error("debug_traceCall", $$"""[{"to":"{{Target}}"},"latest",{"tracer":"callTracer","timeout":"20ms","stateOverrides":{"{{Target}}":{"code":"0x5b600056"} } }]""");
        Assert.Equal(-32000, code);
        Assert.Contains("timeout", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_trace_that_grows_too_large_is_stopped_and_the_error_names_the_options()
    {
        using var ledger = new TestLedger(limits: new DispatchLimits { MaxResponseBytes = 1 << 20 });
        var (code, message) = ledger.Error("debug_traceCall", $$"""[{"to":"{{Target}}"},"latest",{"stateOverrides":{"{{Target}}":{"code":"0x5b600056"} } }]""");
        Assert.Equal(-32005, code);
        Assert.Contains("disableStack", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("callTracer")]
    [InlineData("flatCallTracer")]
    [InlineData("erc7562Tracer")]
    [InlineData("{enter: function() {}, exit: function() {}, fault: function() {}, result: function() { return 1 } }")]
    public void The_deepest_calls_are_told(string tracer)
    {
        using var ledger = new TestLedger(Fork.Homestead);
        // Calls itself with all gas but 30,000, as long as there is any.
        var state = $$"""{"{{Target}}":{"code":"0x60006000600060006000306175305a03f1"} }""";
        var trace = ledger.Result("debug_traceCall", $$"""[{"to":"{{Target}}"},"latest",{"tracer":{{JsonSerializer.Serialize(tracer)}},"stateOverrides":{{state}} }]""");
        if (tracer == "callTracer") Assert.Equal(1026, Depth(trace));
        if (tracer == "flatCallTracer") Assert.Equal(1025, trace[1025].GetProperty("traceAddress").GetArrayLength());
        Assert.Equal(1026, ledger.Result("trace_call", $$"""[{"to":"{{Target}}"},["trace","vmTrace"],"latest",{{state}}]""").GetProperty("trace").GetArrayLength());
    }

    static int Depth(JsonElement call)
    {
        var depth = 1;
        while (call.TryGetProperty("calls", out var calls)) (call, depth) = (calls[0], depth + 1);
        return depth;
    }

    [Fact]
    public void A_block_is_traced_alike_by_number_hash_and_bytes_and_its_transactions_alone()
    {
        var first = _ledger.Chain.Transfer(TestChain.AliceSecret, 0, TestChain.Bob, 7);
        var second = _ledger.Chain.Transfer(TestChain.BobSecret, 0, TestChain.Carol, 8);
        var block = _ledger.Chain.Extend(_ledger.Head, transactions: [first, second]);
        var byNumber = _ledger.Result("debug_traceBlockByNumber", """["0x1",{"tracer":"prestateTracer"}]""");
        Assert.True(JsonElement.DeepEquals(byNumber, _ledger.Result("debug_traceBlockByHash", $$"""["{{block.Hash}}",{"tracer":"prestateTracer"}]""")));
        Assert.True(JsonElement.DeepEquals(byNumber, _ledger.Result("debug_traceBlock", $$"""["{{Hex.Encode(block.Encode())}}",{"tracer":"prestateTracer"}]""")));
        Assert.True(JsonElement.DeepEquals(byNumber[1].GetProperty("result"), _ledger.Result("debug_traceTransaction", $$"""["{{second.Hash}}",{"tracer":"prestateTracer"}]""")));
        // What the first sent, the second has.
        Assert.Equal((TestChain.Ether * 1000UL + 7UL).ToHexQuantity(), byNumber[1].GetProperty("result").GetProperty(TestChain.Bob.ToString()).GetProperty("balance").GetString());
    }

    [Fact]
    public void A_call_can_be_traced_between_two_transactions_of_a_block()
    {
        _ledger.Chain.Extend(_ledger.Head, transactions: [_ledger.Chain.Transfer(TestChain.AliceSecret, 0, TestChain.Carol, 7), _ledger.Chain.Transfer(TestChain.AliceSecret, 1, TestChain.Carol, 7)]);
        string BalanceAt(int index) => _ledger.Result("debug_traceCall", $$"""[{"to":"{{TestChain.Carol}}"},"0x1",{"tracer":"prestateTracer","txIndex":{{index}} }]""")
            is var state && state.TryGetProperty(TestChain.Carol.ToString(), out var carol) ? carol.GetProperty("balance").GetString()! : "none";
        Assert.Equal(["none", "0x7", "0xe"], [BalanceAt(0), BalanceAt(1), BalanceAt(2)]);
    }
}
