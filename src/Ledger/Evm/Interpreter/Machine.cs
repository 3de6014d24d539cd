using System.Collections.Concurrent;
using Hufu.Evm.Threaded;
using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>How a call or creation ended, and the gas it gives back. Its output is in the machine's return data.</summary>
readonly record struct Outcome(Halt Halt, long GasLeft);

/// <summary>
/// The machine with everything it works on: frames, stacks, memory, journal. Calls do not recurse: frames stand on a stack of their own,
/// so the depth of 1024 costs no native stack. Machines are rented; a thread that runs transactions holds one at a time.
/// </summary>
sealed unsafe class Machine : IDisposable
{
    public const int CallDepthLimit = 1024;
    const int MachinesKept = 16;

    static readonly ConcurrentBag<Machine> Idle = [];

    // The bag's own count stops all who use it.
    static int _idle;

    readonly StackArena _stacks = new();
    readonly Frame?[] _frames = new Frame?[CallDepthLimit + 1];
    IStateView _view = null!;
    ExecutionEngine _engine;

    /// <summary>How often a block runs before it is compiled; less than nothing where none is.</summary>
    public int Countdown { get; private set; }

    public Journal Journal { get; } = new();
    public MemoryArena Memory { get; } = new();
    public ReturnData ReturnData { get; } = new();
    public KeccakMemo Hashes { get; } = new();

    public BlockContext Block { get; private set; } = null!;
    public ForkRules Rules { get; private set; } = null!;
    public GasSchedule Gas { get; private set; } = null!;

    /// <summary>What calls meet: the fork's own, unless a simulation moved some of them.</summary>
    public PrecompileSet Precompiles { get; private set; } = null!;
    PrecompileSet _precompilesOfFork = null!;

    /// <summary>For tracers.</summary>
    public LiveState Live { get; }

    /// <summary>What the frame that just said <see cref="Halt.Entering"/> wants to enter.</summary>
    public Message Pending;

    /// <summary>What state costs in this block (EIP-8037).</summary>
    public StateGasCosts StateCosts { get; private set; }

    /// <summary>The state gas of the transaction (EIP-8037).</summary>
    public StateGasMeter StateGas;

    // Of the transaction.
    public Address Origin;
    public UInt256 GasPrice;
    public IReadOnlyList<Hash256> BlobVersionedHashes = [];

    // Rules that stand on a hot path, read once.
    public bool ClearsEmptyAccounts { get; private set; }
    public bool HasDelegations { get; private set; }
    public bool DestructsOnlyNewAccounts { get; private set; }
    public bool LimitsInitCode { get; private set; }
    public bool LogsTransfers { get; private set; }
    public CodeLimits CodeLimits { get; private set; }
    bool _limitsCodeSize, _rejectsEf, _failsWithoutDepositGas;

    Machine() => Live = new LiveState(Journal);

    /// <summary>Hands out a machine for one transaction. Give it back with <see cref="Return"/>.</summary>
    /// <param name="precompiles">In place of those of the fork; null for those.</param>
    /// <param name="engine">What runs frames that are not traced; null for <see cref="Engines.Default"/>.</param>
    public static Machine Rent(IStateView view, BlockContext block, ForkRules rules, PrecompileSet? precompiles = null, ExecutionEngine? engine = null)
    {
        if (Idle.TryTake(out var machine)) Interlocked.Decrement(ref _idle);
        else machine = new Machine();
        machine.Begin(view, block, rules, precompiles);
        var wanted = engine ?? Engines.Default;
        machine._engine = Engines.IsSupported(wanted) ? wanted : ExecutionEngine.Reference;
        machine.Countdown = machine._engine == ExecutionEngine.Compiled ? Engines.CompilesAfter : -1;
        return machine;
    }

    public void Return()
    {
        Journal.Clear();
        Memory.Trim();
        ReturnData.Trim();
        _view = null!;
        if (Interlocked.Increment(ref _idle) <= MachinesKept) Idle.Add(this);
        else
        {
            Interlocked.Decrement(ref _idle);
            Dispose();
        }
    }

    public void Dispose()
    {
        _stacks.Dispose();
        Memory.Dispose();
        Hashes.Dispose();
    }

    /// <summary>Runs a call or creation, and all it calls and creates, to its end.</summary>
    public Outcome Run<TTracer>(in Message message, ref TTracer tracer) where TTracer : struct, ITracer
    {
        if (!TryEnter(message, 0, ref tracer, out var outcome)) return outcome;
        var frame = _frames[0]!;
        while (true)
        {
            var halt = TTracer.IsListening || _engine == ExecutionEngine.Reference ? Interpreter.Run(frame, ref tracer) : ThreadedInterpreter.Run(frame);
            if (halt == Halt.Entering)
            {
                if (TryEnter(Pending, frame.Depth + 1, ref tracer, out outcome)) frame = _frames[frame.Depth + 1]!;
                else Deliver(frame, outcome, Pending.Kind, Pending.Self);
                continue;
            }
            outcome = Leave(frame, halt, ref tracer);
            if (frame.Depth == 0) return outcome;
            var ended = frame;
            frame = _frames[frame.Depth - 1]!;
            if (outcome.Halt.IsSuccess()) StateGas.Refund(frame, ended.StateGasOwed);
            Deliver(frame, outcome, ended.Kind, ended.Self);
        }
    }

    /// <summary>Begins a call or creation. False where it is over at once: it could not start, or there is no code to run.</summary>
    bool TryEnter<TTracer>(in Message message, int depth, ref TTracer tracer, out Outcome outcome) where TTracer : struct, ITracer
    {
        ReturnData.Clear();
        if (TTracer.IsListening) tracer.FrameEntered(ViewOf(message, depth));

        var snapshot = Journal.TakeSnapshot();
        var halt = message.Kind >= FrameKind.Create ? PrepareCreation(message, depth, ref snapshot) : PrepareCall(message, depth);
        if (LogsTransfers && halt <= Halt.Return && MovesValue(message)) Log(TransferLogs.Transfer(message.Payer.Address, message.Self.Address, message.Value), ref tracer);
        if (halt == Halt.None)
        {
            var frame = _frames[depth] ??= new Frame(depth, this, _stacks.At(depth));
            frame.Start(message, MemoryFor(message, depth));
            frame.Snapshot = snapshot;
            frame.StateGasBefore = StateGas;
            frame.StateGasOwed = 0;
            outcome = default;
            return true;
        }

        var gas = halt.IsExceptional() ? 0 : message.Gas;
        if (halt == Halt.Return) halt = RunPrecompile(message, ref gas);
        if (!halt.IsSuccess()) Journal.RevertTo(snapshot);
        if (TTracer.IsListening) tracer.FrameLeft(halt, ReturnData.Bytes, message.Gas - gas);
        outcome = new Outcome(halt, gas);
        return false;
    }

    /// <summary>Puts the outermost frame's input where its message says: at the start of the memory arena.</summary>
    public void PlaceInput(ReadOnlySpan<byte> input)
    {
        if (!Memory.TryReserve((ulong)input.Length + 32)) throw new ArgumentException("the input exceeds the machine's memory", nameof(input));
        input.CopyTo(new Span<byte>(Memory.Base, input.Length));
    }

    /// <summary>The code that a call to the account runs: its own, or that of the account it delegates to, one step and no further (EIP-7702).</summary>
    public Code CodeOf(JournalAccount callee, out JournalAccount? delegated)
    {
        delegated = null;
        var code = Journal.CodeOf(callee);
        if (!code.IsDelegation || !HasDelegations) return code;
        delegated = Journal.Entry(code.DelegationTarget);
        return DelegatedCodeOf(delegated);
    }

    /// <summary>The code that an account lends to one that delegates to it; a precompile lends none.</summary>
    public Code DelegatedCodeOf(JournalAccount delegated)
    {
        Journal.Load(delegated);
        return Precompiles.Contains(delegated.Address) ? Code.Empty : Journal.CodeOf(delegated);
    }

    /// <summary>Pays for an account that comes into being by a transfer.</summary>
    public bool TryPayForAccount(Frame frame) => frame.TryCharge(Gas.NewAccount) && StateGas.TryCharge(frame, StateCosts.NewAccount);

    public void Log<TTracer>(Log log, ref TTracer tracer) where TTracer : struct, ITracer
    {
        Journal.AddLog(log);
        if (TTracer.IsListening) tracer.Logged(log);
    }

    // Gives the caller what a call or creation left: gas, output, and whether it succeeded or which address it made.
    void Deliver(Frame caller, Outcome outcome, FrameKind kind, JournalAccount made)
    {
        var succeeded = outcome.Halt.IsSuccess();
        caller.Gas += outcome.GasLeft;
        caller.Refresh();
        if (kind >= FrameKind.Create)
        {
            // The new code is no output: only a creation that reverted leaves any.
            if (succeeded) ReturnData.Clear();
            else StateGas.Refund(caller, StateCosts.NewAccount);
            *++caller.Top = succeeded ? made.Address.ToUInt256() : UInt256.Zero;
            return;
        }
        var copied = (int)Math.Min(caller.CallOutputSize, (ulong)ReturnData.Length);
        ReturnData.Bytes[..copied].CopyTo(new Span<byte>(caller.Memory + caller.CallOutputOffset, copied));
        *++caller.Top = succeeded ? UInt256.One : UInt256.Zero;
    }

    void Begin(IStateView view, BlockContext block, ForkRules rules, PrecompileSet? precompiles)
    {
        _view = view;
        Block = block;
        GasPrice = default;
        StateGas = default;
        BlobVersionedHashes = [];
        if (Rules != rules)
        {
            Rules = rules;
            Gas = GasSchedule.For(rules);
            _precompilesOfFork = PrecompileSet.For(rules);
            ClearsEmptyAccounts = rules.Has(Eip.StateClearing);
            HasDelegations = rules.Has(Eip.SetCodeTransactions);
            DestructsOnlyNewAccounts = rules.Has(Eip.SelfDestructOnlyInSameTransaction);
            LimitsInitCode = rules.Has(Eip.InitCodeLimit);
            LogsTransfers = rules.Has(Eip.TransferLogs);
            CodeLimits = CodeLimits.Of(rules);
            _limitsCodeSize = rules.Has(Eip.CodeSizeLimit);
            _rejectsEf = rules.Has(Eip.RejectCodeStartingWithEf);
            _failsWithoutDepositGas = rules.Has(Eip.HomesteadRules);
        }
        StateCosts = StateGasCosts.Of(rules, block.GasLimit);
        Precompiles = precompiles ?? _precompilesOfFork;
        // What is warm from the start is the fork's to say, wherever the precompiles stand.
        Journal.Begin(view, rules, _precompilesOfFork);
    }

    // None: a frame is to run. Return: a precompile is to run. Stop: there is nothing to run. Else: why it cannot start.
    Halt PrepareCall(in Message message, int depth)
    {
        if (depth > CallDepthLimit) return Halt.CallDepth;
        switch (message.Kind)
        {
            case FrameKind.Call:
                if (message.Payer.Balance < message.Value) return Halt.InsufficientBalance;
                Transfer(message.Payer, message.Self, message.Value);
                break;
            case FrameKind.StaticCall:
                Journal.Touch(message.Self);
                break;
            case FrameKind.CallCode:
                if (message.Payer.Balance < message.Value) return Halt.InsufficientBalance;
                break;
        }
        if (Precompiles.Contains(message.CodeAddress)) return Halt.Return;
        return message.Code.Length == 0 ? Halt.Stop : Halt.None;
    }

    Halt PrepareCreation(in Message message, int depth, ref Snapshot snapshot)
    {
        if (depth > CallDepthLimit) return Halt.CallDepth;
        if (message.Payer.Balance < message.Value) return Halt.InsufficientBalance;
        if (depth > 0)
        {
            // The creator of the outermost frame is the sender, whose nonce the transaction has raised.
            if (message.Payer.Nonce == ulong.MaxValue) return Halt.NonceOverflow;
            Journal.SetNonce(message.Payer, message.Payer.Nonce + 1);
        }
        Journal.Load(message.Self);
        Journal.TryWarm(message.Self);

        // The nonce and the warmth stay, whatever becomes of the creation (EIP-2929).
        snapshot = Journal.TakeSnapshot();
        if (Journal.IsTaken(message.Self)) return Halt.CreateCollision;
        Journal.Create(message.Self);
        Transfer(message.Payer, message.Self, message.Value);
        return Halt.None;
    }

    void Transfer(JournalAccount from, JournalAccount to, in UInt256 value)
    {
        Journal.SubtractBalance(from, value);
        Journal.AddBalance(to, value);
    }

    // CALLCODE and DELEGATECALL lend code, not ether; what goes to oneself does not move (EIP-7708).
    static bool MovesValue(in Message message) =>
        message.Kind is FrameKind.Call or >= FrameKind.Create && !message.Value.IsZero && message.Payer != message.Self;

    ulong MemoryFor(in Message message, int depth)
    {
        if (depth > 0) return _frames[depth - 1]!.MemoryEnd;
        // The transaction's data stands before the outermost frame's memory.
        return (message.InputSize + 31) & ~31UL;
    }

    Halt RunPrecompile(in Message message, ref long gas)
    {
        var precompile = Precompiles[message.CodeAddress];
        var input = new ReadOnlySpan<byte>(Memory.Base + message.InputStart, (int)message.InputSize);
        var cost = precompile.GasFor(input);
        if (cost > gas)
        {
            gas = 0;
            return Halt.OutOfGas;
        }
        if (!(cost < PrecompileMemo.LeastGas ? precompile.TryRun(input, ReturnData) : PrecompileMemo.TryRun(precompile, input, ReturnData)))
        {
            gas = 0;
            ReturnData.Clear();
            return Halt.PrecompileFailure;
        }
        gas -= cost;
        return Halt.Return;
    }

    Outcome Leave<TTracer>(Frame frame, Halt halt, ref TTracer tracer) where TTracer : struct, ITracer
    {
        if (halt is Halt.Return or Halt.Revert) ReturnData.Set(frame.Output);
        else ReturnData.Clear();
        if (frame.IsCreate)
        {
            frame.Code.Forget();
            if (halt.IsSuccess()) halt = DepositCode(frame, halt);
        }
        if (!halt.IsSuccess())
        {
            Journal.RevertTo(frame.Snapshot);
            StateGas.Revert(frame);
            if (halt != Halt.Revert)
            {
                frame.Gas = 0;
                ReturnData.Clear();
            }
        }
        if (TTracer.IsListening) tracer.FrameLeft(halt, ReturnData.Bytes, frame.GasAtStart - frame.Gas);
        return new Outcome(halt, frame.Gas);
    }

    Halt DepositCode(Frame frame, Halt halt)
    {
        var code = ReturnData.Bytes;
        if (_limitsCodeSize && code.Length > CodeLimits.MaxCodeSize) return Halt.CodeSizeLimit;
        if (_rejectsEf && code.Length > 0 && code[0] == 0xEF) return Halt.CodeStartsWithEf;
        var cost = code.Length * Gas.CodeDepositByte + (code.Length + 31) / 32 * Gas.CodeDepositWord;
        if (cost > frame.Gas)
        {
            if (_failsWithoutDepositGas) return Halt.CodeDepositOutOfGas;
            // Frontier made the account without code and kept the gas.
            ReturnData.Clear();
            return halt;
        }
        frame.Gas -= cost;
        if (!StateGas.TryCharge(frame, code.Length * StateCosts.CodeByte)) return Halt.CodeDepositOutOfGas;
        if (code.Length > 0) Journal.SetCode(frame.Self, code);
        return halt;
    }

    FrameView ViewOf(in Message message, int depth) => new()
    {
        Kind = message.Kind,
        Depth = depth + 1,
        From = message.Payer.Address,
        To = message.Kind >= FrameKind.Create ? message.Self.Address : message.CodeAddress,
        Value = message.Value,
        Gas = message.Gas,
        Input = new ReadOnlySpan<byte>(Memory.Base + message.InputStart, (int)message.InputSize),
        IsPrecompile = message.Kind < FrameKind.Create && Precompiles.Contains(message.CodeAddress),
    };
}
