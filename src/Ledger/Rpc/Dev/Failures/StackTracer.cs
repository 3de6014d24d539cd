using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Follows a run that fails through calls and functions, for the places it was at when it failed.</summary>
sealed class StackTraceRecorder(CompiledContracts contracts)
{
    // What no person reads to its end.
    const int MostPlaces = 64;

    sealed class Frame(CompiledContract? contract, Address address)
    {
        public CompiledContract? Contract => contract;
        public Address Address => address;

        /// <summary>The last step that somebody wrote: what the compiler adds, such as a panic, has no place of its own.</summary>
        public int LastWritten;

        /// <summary>From where functions were entered that have not been left.</summary>
        public readonly Stack<int> Calls = [];

        /// <summary>The last call, where it failed: what it returned, and the places.</summary>
        public (byte[] Output, List<string> Places)? Failure;
    }

    readonly Stack<Frame> _frames = [];
    IStateView _live = null!;

    /// <summary>Where the run failed, the innermost place first; empty where it did not, or nothing is known of the code.</summary>
    public IReadOnlyList<string> Places { get; private set; } = [];

    public bool KnowsAny { get; private set; }

    public void Began(IStateView live) => _live = live;

    public void Entered(in FrameView frame)
    {
        var isCreation = frame.Kind is FrameKind.Create or FrameKind.Create2;
        var contract = frame.IsPrecompile ? null
            : isCreation ? contracts.Find(frame.Input, isCreation: true)
            : _live.TryGetAccount(frame.To, out var account) && account.HasCode ? contracts.Find(_live.GetCode(account.CodeHash), isCreation: false) : null;
        KnowsAny |= contract is not null;
        _frames.Push(new Frame(contract, frame.To));
    }

    public void Stepped(in StepView step)
    {
        var frame = _frames.Peek();
        if (frame.Contract is not { } contract) return;
        if (contract.IsWritten(step.ProgramCounter)) frame.LastWritten = step.ProgramCounter;
        if (step.Opcode != Opcode.Jump) return;
        switch (contract.JumpAt(step.ProgramCounter))
        {
            case 'i': frame.Calls.Push(step.ProgramCounter); break;
            case 'o': frame.Calls.TryPop(out _); break;
        }
    }

    public void Left(Halt halt, ReadOnlySpan<byte> output)
    {
        var frame = _frames.Pop();
        var failure = halt.IsSuccess() ? null as (byte[], List<string>)? : (output.ToArray(), PlacesOf(frame, output));
        if (_frames.TryPeek(out var caller)) caller.Failure = failure;
        else Places = failure?.Item2 ?? [];
    }

    // A failure that is handed on began in the call; one with other words began here.
    static List<string> PlacesOf(Frame frame, ReadOnlySpan<byte> output)
    {
        var places = frame.Failure is { } inner && output.SequenceEqual(inner.Output) ? inner.Places : [];
        if (frame.Contract is not { } contract) Add($"a contract at {frame.Address.ToChecksumString()} that is not among the artifacts");
        else
        {
            Add(contract.Describe(frame.LastWritten));
            foreach (var call in frame.Calls) Add(contract.DescribeCall(call));
        }
        return places;

        void Add(string? place)
        {
            if (place is not null && places.Count < MostPlaces && (places.Count == 0 || places[^1] != place)) places.Add(place);
        }
    }
}

/// <summary>Hands what the machine tells to a <see cref="StackTraceRecorder"/>.</summary>
readonly struct StackTracer(StackTraceRecorder recorder) : ITracer
{
    public static bool IsListening => true;

    public void RunBegan(IStateView live) => recorder.Began(live);
    public void FrameEntered(in FrameView frame) => recorder.Entered(frame);
    public void StepStarted(in StepView step) => recorder.Stepped(step);
    public void FrameLeft(Halt halt, ReadOnlySpan<byte> output, long gasUsed) => recorder.Left(halt, output);
    public void RunEnded(ExecutionResult result) { }
    public void StepEnded(long cost, Halt halt) { }
    public void StorageTouched(in Address address, in UInt256 slot, in UInt256 value, bool isWrite) { }
    public void Logged(Log log) { }
    public void SelfDestructed(in Address address, in Address beneficiary, in UInt256 balance) { }
}
