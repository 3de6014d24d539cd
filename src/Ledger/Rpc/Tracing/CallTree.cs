using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Collects the calls of a transaction as a tree: what several tracers are made of.</summary>
/// <param name="ofTransaction">Whether the outermost frame has the gas of the transaction, what it costs before its first instruction and what it gets back included.</param>
/// <param name="keeps">False for a frame that shall not be kept; it may still be asked about frames inside it.</param>
sealed class CallTree(TraceBudget budget, bool withLogs = false, bool onlyTopCall = false, bool ofTransaction = true, Func<CallFrame, bool>? keeps = null)
{
    // What a frame costs beside its bytes.
    const int FrameBytes = 300;

    readonly Stack<Running> _running = [];
    TracedTransaction _transaction = null!;
    int _logIndex;

    sealed class Running(CallFrame frame, int logsBefore)
    {
        public CallFrame Frame => frame;
        public int LogsBefore => logsBefore;
        public Opcode LastOpcode { get; set; }
        public int LastHeight { get; set; }
        public long LastGas { get; set; }
    }

    /// <summary>The outermost frame, once it has begun.</summary>
    public CallFrame Root { get; private set; } = null!;

    /// <summary>The frame that runs.</summary>
    public CallFrame Current => _running.Peek().Frame;

    public void Began(TracedTransaction transaction) => (_transaction, _logIndex) = (transaction, transaction.FirstLogIndex);

    public void StepStarted(in StepView step)
    {
        var running = _running.Peek();
        (running.LastOpcode, running.LastHeight, running.LastGas) = (step.Opcode, step.Stack.Length, step.Gas);
    }

    public void FrameEntered(in FrameView frame)
    {
        var kept = !onlyTopCall || frame.Depth == 1;
        if (kept) budget.Spend(FrameBytes + frame.Input.Length);
        var entered = new CallFrame
        {
            Kind = frame.Kind,
            From = frame.From,
            To = frame.To,
            Value = frame.Value,
            Gas = ofTransaction && frame.Depth == 1 ? _transaction.Gas : (ulong)frame.Gas,
            Input = kept ? frame.Input.ToArray() : [],
            IsPrecompile = frame.IsPrecompile,
        };
        if (frame.Depth == 1) Root = entered;
        _running.Push(new Running(entered, _logIndex));
    }

    public void FrameLeft(Halt halt, ReadOnlySpan<byte> output, long gasUsed)
    {
        var running = _running.Pop();
        var frame = running.Frame;
        frame.Halt = halt;
        frame.GasUsed = (ulong)gasUsed;
        if (halt.IsSuccess() || halt == Halt.Revert)
        {
            budget.Spend(output.Length);
            frame.Output = output.ToArray();
        }
        if (!halt.IsSuccess())
        {
            frame.Error = halt == Halt.PrecompileFailure ? PrecompileError(frame)
                : Faults.Describe(halt, running.LastOpcode, running.LastHeight, running.LastGas, _transaction.Rules);
            _logIndex = running.LogsBefore;
            ClearLogs(frame);
        }
        if (_running.TryPeek(out var caller)) Keep(caller.Frame, frame);
    }

    public void Logged(Log log)
    {
        var index = _logIndex++;
        if (!withLogs || (onlyTopCall && _running.Count > 1)) return;
        budget.Spend(FrameBytes + log.Data.Length);
        Current.Logs.Add(new CallLog(log, Current.Calls.Count, index));
    }

    public void SelfDestructed(in Address address, in Address beneficiary, in UInt256 balance)
    {
        budget.Spend(FrameBytes);
        Keep(Current, new CallFrame { IsSelfDestruct = true, From = address, To = beneficiary, Value = balance });
    }

    /// <summary>The outermost frame is charged what the transaction was, refunds and all.</summary>
    public void Ended(ExecutionResult result)
    {
        if (ofTransaction) Root.GasUsed = result.GasUsed;
    }

    void Keep(CallFrame caller, CallFrame frame)
    {
        if (!onlyTopCall && (keeps is null || keeps(frame))) caller.Calls.Add(frame);
    }

    // What failed took back the logs of all it called.
    static void ClearLogs(CallFrame frame)
    {
        frame.Logs.Clear();
        foreach (var call in frame.Calls) ClearLogs(call);
    }

    static string PrecompileError(CallFrame frame) => frame.To == Address.FromNumber(9) && frame.Input.Length != 213 ? "invalid input length"
        : frame.To == Address.FromNumber(9) ? "invalid final flag" : "precompiled failed";
}
