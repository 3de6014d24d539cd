using System.Text.Json;
using Xunit;

namespace Hufu.Tests.Rpc;

/// <summary>Tracers that a caller writes in JavaScript, for geth's interface.</summary>
public sealed class ScriptTracerTests : IDisposable
{
    const string Target = "0x00000000000000000000000000000000000000bb";

    // Stores 7 at 1, calls the identity precompile with nothing, and stops.
    const string Code = "0x6007600155" + "60006000600060006000600461fffff1" + "00";

    readonly TestLedger _ledger = new();

    public void Dispose() => _ledger.Dispose();

    static string Parameters(string script, string code = Code, string options = "") =>
        $$"""[{"to":"{{Target}}","gas":"0x20000","data":"0x010203","value":"0x0"},"latest",{"tracer":{{JsonSerializer.Serialize(script)}},"stateOverrides":{"{{Target}}":{"code":"{{code}}","balance":"0xde0b6b3a7640000"} }{{options}} }]""";

    JsonElement Trace(string script, string code = Code, string options = "") => _ledger.Result("debug_traceCall", Parameters(script, code, options));

    string Refused(string script, string code = Code, string options = "") => _ledger.Error("debug_traceCall", Parameters(script, code, options)).Message;

    static string WithResult(string expression, string step = "") => $$"""{data: [], step: function(log, db) { {{step}} }, fault: function(log, db) {}, result: function(ctx, db) { return {{expression}}; } }""";

    [Fact]
    public void A_script_hears_every_step() =>
        Assert.Equal("[\"PUSH1\",\"PUSH1\",\"SSTORE\",\"PUSH1\",\"PUSH1\",\"PUSH1\",\"PUSH1\",\"PUSH1\",\"PUSH1\",\"PUSH2\",\"CALL\",\"STOP\"]",
            Trace(WithResult("this.data", "this.data.push(log.op.toString())")).GetRawText());

    [Fact]
    public void A_script_that_asks_what_a_step_costs_sees_the_stack_as_it_was_before()
    {
        var step = "if (log.op.toNumber() == 0x55) this.data.push([log.getCost(), log.stack.peek(0).toString(16), log.stack.peek(1), log.stack.length(), log.getPC(), log.getDepth()])";
        Assert.Equal("[[22100,\"1\",\"7\",2,4,1]]", Trace(WithResult("this.data", step)).GetRawText());
    }

    [Fact]
    public void A_script_reads_the_state_as_it_changes()
    {
        var slot = "toWord('0x01')";
        var step = $"this.data.push(toHex(db.getState(log.contract.getAddress(), {slot})).slice(-1))";
        Assert.Equal("\"000777777777\"", Trace(WithResult("this.data.join('')", step)).GetRawText());
        Assert.Equal("""["1000000000000000000",0,true,false,"0x6007600155"]""", Trace(WithResult(
            $"[db.getBalance('{Target}'), db.getNonce('{Target}'), db.exists('{Target}'), db.exists('0x99'), toHex(slice(db.getCode('{Target}'), 0, 5))]")).GetRawText());
    }

    [Fact]
    public void A_script_hears_of_frames_and_of_the_transaction()
    {
        var script = """
            {calls: [], setup: function(cfg) { this.wanted = JSON.parse(cfg).wanted },
             enter: function(f) { this.calls.push([f.getType(), toHex(f.getTo()), f.getGas(), f.getValue()]) },
             exit: function(r) { this.calls.push([r.getGasUsed(), r.getError() === undefined]) },
             fault: function() {}, result: function(ctx) { return {calls: this.calls, wanted: this.wanted, type: ctx.type, input: toHex(ctx.input), gas: ctx.gas, error: ctx.error} } }
            """;
        Assert.Equal("""{"calls":[["CALL","0x0000000000000000000000000000000000000004",65535,"0"],[15,true]],"wanted":5,"type":"CALL","input":"0x010203","gas":131072}""",
            Trace(script, options: ""","tracerConfig":{"wanted":5}""").GetRawText());
    }

    [Fact]
    public void A_fault_is_told_with_its_reason() =>
        Assert.Equal("[\"invalid opcode: INVALID\"]", Trace("{data: [], step: function() {}, fault: function(log) { this.data.push(log.getError()) }, result: function() { return this.data } }", "0xfe").GetRawText());

    [Fact]
    public void Big_numbers_have_the_methods_that_scripts_know() => Assert.Equal("""["36893488147419103232","ff",true,true,255,"-1"]""", Trace(WithResult(
        "[bigInt(2).pow(65), bigInt('255').toString(16), bigInt('ff', 16).equals(255), bigInt(3).gt(2), bigInt(255).toJSNumber(), bigInt(4).minus(5)]")).GetRawText());

    [Fact]
    public void Addresses_of_contracts_are_computed() => Assert.Equal("[\"0xbd770416a3345f91e4b34576cb804a576fa48eb1\",true,false]", Trace(WithResult(
        "[toHex(toContract('0x0000000000000000000000000000000000000000', 0)), isPrecompiled('0x01'), isPrecompiled('0x0200')]")).GetRawText());

    [Theory]
    [InlineData("{", "cannot be read")]
    [InlineData("function() { }", "must")]
    [InlineData("{result: function() {} }", "fault()")]
    [InlineData("{fault: function() {} }", "result()")]
    [InlineData("{fault: function() {}, result: function() {}, enter: function() {} }", "enter() and exit()")]
    [InlineData("{fault: function() {}, result: function() { return (function*() { yield 1 })() } }", "generators")]
    [InlineData("{fault: function() {}, result: function() { return new (class extends Array {})() } }", "classes")]
    [InlineData("{fault: function() {}, result: async function() { } }", "async")]
    public void A_script_without_what_it_needs_is_refused(string script, string why) => Assert.Contains(why, Refused(script), StringComparison.Ordinal);

    [Theory]
    [InlineData("log.stack.peek(9)", "out of bound stack")]
    [InlineData("log.memory.slice(5, 2)", "out of bound memory")]
    [InlineData("throw new Error('enough')", "enough")]
    [InlineData("host.op()", "host")]
    [InlineData("System.IO.File.ReadAllText('/etc/passwd')", "System")]
    public void A_script_that_fails_is_told_where(string step, string why)
    {
        var message = Refused(WithResult("1", step));
        Assert.Contains(why, message, StringComparison.Ordinal);
        Assert.Contains("'step'", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("while (true) {}")]
    [InlineData("var a = []; while (true) a.push(new Array(1000).fill(1))")]
    [InlineData("var s = 'x'; while (true) s += s")]
    [InlineData("new Uint8Array(1e9)")]
    [InlineData("toHex(new Uint8Array(9)).constructor; new (toAddress('0x01').constructor)(1e9)")]
    [InlineData("new (Object.getPrototypeOf(toAddress('0x01')).constructor)(1e9)")]
    [InlineData("'x'.repeat(1e9)")]
    [InlineData("(function f() { return f() + 1 })()")]
    [InlineData("/^(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')")]
    [InlineData("var a = []; for (var i = 0; i < 20000; i++) a = [a]; JSON.stringify(a)")]
    [InlineData("var a = []; for (var i = 0; i < 20000; i++) a = [a]; '' + a")]
    [InlineData("var a = []; for (var i = 0; i < 20000; i++) a = [a]; a.toLocaleString()")]
    [InlineData("var a = []; for (var i = 0; i < 20000; i++) a = [a]; a.flat(Infinity)")]
    [InlineData("var a = {}; for (var i = 0; i < 20000; i++) a = {toJSON: (function(b) { return function() { return b } })(a)}; JSON.stringify({a: a}); throw 1")]
    [InlineData("var f = function() { return 1 }; for (var i = 0; i < 20000; i++) f = f.bind(null); f()")]
    [InlineData("var it = [1].values(); for (var i = 0; i < 20000; i++) it = it.map(function(x) { return x }); it.next()")]
    [InlineData("var p = {}; for (var i = 0; i < 20000; i++) p = new Proxy(p, {}); p.x")]
    [InlineData("eval('1'); new Function('return 1')()")]
    [InlineData("(function() {}).constructor('return 1')()")]
    [InlineData("'x'.repeat(1e6).replace(/x/g, 'y'.repeat(1000))")]
    public void A_hostile_script_is_stopped_and_the_node_lives(string step)
    {
        Assert.NotEmpty(Refused(WithResult("1", step), options: ",\"timeout\":\"1500ms\""));
        Assert.Equal("1", Trace(WithResult("1")).GetRawText());
    }

    [Theory]
    [InlineData("[")]
    [InlineData("(")]
    [InlineData("!")]
    [InlineData("1+")]
    public void Source_that_is_nested_without_end_is_refused(string opening) =>
        Assert.NotEmpty(Refused("{fault: function() {}, result: " + string.Concat(Enumerable.Repeat(opening, 50_000))));

    [Fact]
    public void A_result_that_is_nested_too_deeply_is_refused() =>
        Assert.Contains("nested", Refused("{fault: function() {}, result: function() { var a = []; for (var i = 0; i < 20000; i++) a = [a]; return a } }"), StringComparison.Ordinal);
}
