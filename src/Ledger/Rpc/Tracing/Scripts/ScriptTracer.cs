using System.Text.Json;
using Hufu.Evm;
using Hufu.Primitives;
using Jint;
using Jint.Native;
using Jint.Native.Object;

namespace Hufu.Rpc;

/// <summary>
/// A tracer that the caller wrote in JavaScript for geth's interface: an object with `fault` and `result`, and `step`, or `enter` and `exit`, and perhaps `setup`.
/// Scripts reach nothing but what <see cref="ScriptHost"/> shows them; their time, memory and depth are limited.
/// </summary>
/// <remarks>What a step costs is known only once it has run. A script that asks for it hears of a step right after it; stack and memory are as before it.</remarks>
sealed class ScriptTracer : TransactionTracer
{
    const int MostSourceChars = 1 << 18;
    const long MostBytesInOneCall = 64L << 20, MostBytesKept = 512L << 20;
    const int DeepestCalls = 200, StepsBetweenLooks = 1024;

    readonly Engine _engine;
    readonly ScriptHost _host;
    readonly TraceBudget _budget;
    readonly ObjectInstance _tracer;
    readonly JsValue _log, _db, _frame, _left;
    readonly JsValue? _setup, _step, _fault, _enter, _exit, _result;
    readonly bool _asksCost, _asksMemory;
    readonly string _config;
    readonly long _memoryBefore = GC.GetTotalMemory(false);
    string _answer = "null";
    int _steps;

    ScriptTracer(Engine engine, ScriptHost host, ObjectInstance tracer, string source, string config, TraceBudget budget)
    {
        (_engine, _host, _tracer, _config, _budget) = (engine, host, tracer, config, budget);
        (_log, _db, _frame, _left) = (host.Made("log"), host.Made("db"), host.Made("frame"), host.Made("left"));
        (_setup, _step, _fault, _enter, _exit, _result) = (Function("setup"), Function("step"), Function("fault"), Function("enter"), Function("exit"), Function("result"));
        _asksCost = source.Contains("getCost", StringComparison.Ordinal);
        _asksMemory = source.Contains("memory", StringComparison.Ordinal);
    }

    /// <param name="config">The tracerConfig as JSON.</param>
    public static ScriptTracer? TryMake(string source, string config, TraceBudget budget, out RpcError? error)
    {
        error = null;
        if (source.Length > MostSourceChars)
        {
            error = RpcError.InvalidParams($"tracer script too long: {source.Length} characters, at most {MostSourceChars}");
            return null;
        }
        try
        {
            var prepared = Engine.PrepareScript($"({source}\n)", "tracer");
            if (ScriptForm.Refuse(prepared) is { } why)
            {
                error = RpcError.InvalidParams(why);
                return null;
            }
            var engine = new Engine(options =>
            {
                options.DisableStringCompilation();
                options.LimitMemory(MostBytesInOneCall).TimeoutInterval(budget.TimeLeft + TimeSpan.FromMilliseconds(1)).LimitRecursion(DeepestCalls);
                options.Constraints.RegexTimeout = TimeSpan.FromSeconds(1);
                options.Constraints.MaxArraySize = 1 << 22;
            });
            var host = new ScriptHost(engine);
            if (engine.Evaluate(prepared) is not ObjectInstance tracer)
                error = RpcError.InvalidParams("the tracer script must be an object: {step: function(log, db) {...}, fault: function(log, db) {...}, result: function(ctx, db) {...}}");
            else
            {
                var made = new ScriptTracer(engine, host, tracer, source, config, budget);
                error = made.WhatIsMissing();
                if (error is null) return made;
            }
        }
        catch (TimeoutException)
        {
            error = TraceBudget.Timeout;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            error = RpcError.InvalidParams($"the tracer script cannot be read: {FirstLine(fault)}");
        }
        return null;
    }

    RpcError? WhatIsMissing() =>
        _fault is null ? RpcError.InvalidParams("trace object must expose a function fault()")
        : _result is null ? RpcError.InvalidParams("trace object must expose a function result()")
        : _enter is null != _exit is null ? RpcError.InvalidParams("trace object must expose either both or none of enter() and exit()")
        : null;

    public override void Began(TracedTransaction transaction, IStateView live)
    {
        _host.Begin(transaction, live);
        if (_setup is not null) Call("setup", _setup, new JsString(_config));
    }

    public override void StepStarted(in StepView step)
    {
        if (++_steps % StepsBetweenLooks == 0 && GC.GetTotalMemory(false) - _memoryBefore > MostBytesKept)
            throw new TraceStoppedException(RpcError.Server("the tracer script keeps too much memory: keep less of each step"));
        _host.Hold(step, copies: _asksCost, _asksMemory);
        if (!_asksCost) RunStep();
    }

    public override void StepEnded(long cost, Halt halt)
    {
        _host.StepCost = cost;
        if (_asksCost) RunStep();
        if (halt.IsExceptional() || halt == Halt.Revert)
        {
            _host.StepError = _host.ErrorOf(halt);
            Call("fault", _fault!, _log, _db);
        }
        _host.Release();
    }

    public override void FrameEntered(in FrameView frame)
    {
        _host.Enter(frame);
        if (_enter is not null && frame.Depth > 1) Call("enter", _enter, _frame);
    }

    public override void FrameLeft(Halt halt, ReadOnlySpan<byte> output, long gasUsed)
    {
        _host.Leave(halt, output, gasUsed);
        if (_exit is not null && _host.Depth > 0) Call("exit", _exit, _left);
    }

    public override void SelfDestructed(in Address address, in Address beneficiary, in UInt256 balance)
    {
        if (_enter is null) return;
        _host.EnterSelfDestruct(address, beneficiary, balance);
        Call("enter", _enter, _frame);
        _host.LeaveSelfDestruct();
        Call("exit", _exit!, _left);
    }

    public override void Ended(ExecutionResult result, IStateView after)
    {
        _host.End(after);
        var value = Call("result", _result!, _host.ContextOf(result), _db);
        var text = Call("result", _host.Made("stringify"), value);
        _answer = text.IsString() ? text.AsString() : "null";
        _budget.Spend(_answer.Length);
    }

    public override void Write(Utf8JsonWriter writer) => writer.WriteRawValue(_answer, skipInputValidation: true);

    void RunStep()
    {
        if (_step is not null) Call("step", _step, _log, _db);
    }

    JsValue? Function(string name) => _tracer.Get(name) is Jint.Native.Function.Function function ? function : null;

    JsValue Call(string name, JsValue function, params JsValue[] arguments)
    {
        try
        {
            return _engine.Call(function, _tracer, arguments);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            throw new TraceStoppedException(RpcError.Server($"{FirstLine(fault)} in tracer function '{name}': mend the script, or let it do less in each step"));
        }
    }

    static string FirstLine(Exception fault)
    {
        var text = fault.Message.AsSpan();
        var end = text.IndexOf('\n');
        return (end < 0 ? text : text[..end]).ToString();
    }
}
