using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>
/// Hears what the machine does. A struct type parameter, so that the machine is compiled once for each tracer and
/// with <see cref="NoTracer"/> none of it is there.
/// </summary>
public interface ITracer
{
    /// <summary>A constant for each tracer: false removes every call below from the machine.</summary>
    static abstract bool IsListening { get; }

    /// <summary>A transaction, call or system call begins.</summary>
    /// <param name="live">The state as the machine has it whenever it calls the tracer, until the run is over. Reading it changes nothing of the run.</param>
    void RunBegan(IStateView live);

    /// <summary>A transaction or call is over; the view that the machine was given is still as it was.</summary>
    void RunEnded(ExecutionResult result);

    /// <summary>An instruction is about to run. Spans are valid during the call only.</summary>
    void StepStarted(in StepView step);

    /// <summary>The instruction ran (or, for calls and creations, is about to enter the new frame).</summary>
    /// <param name="cost">All it cost, gas handed to a new frame included.</param>
    /// <param name="halt">Why it ended the frame; <see cref="Halt.None"/> where it did not.</param>
    void StepEnded(long cost, Halt halt);

    /// <summary>A frame begins: the outermost, a call, a creation, a precompile. A frame that cannot start (depth, balance) begins and ends at once.</summary>
    void FrameEntered(in FrameView frame);

    /// <summary>A frame ended.</summary>
    void FrameLeft(Halt halt, ReadOnlySpan<byte> output, long gasUsed);

    /// <summary>A storage slot was read (with its value) or is about to be written (with the value to come).</summary>
    void StorageTouched(in Address address, in UInt256 slot, in UInt256 value, bool isWrite);

    void Logged(Log log);

    /// <summary>An account destroys itself and leaves its balance.</summary>
    void SelfDestructed(in Address address, in Address beneficiary, in UInt256 balance);
}

/// <summary>The machine just before an instruction.</summary>
public readonly ref struct StepView
{
    public required int ProgramCounter { get; init; }
    public required Opcode Opcode { get; init; }

    /// <summary>Before the instruction is charged.</summary>
    public required long Gas { get; init; }

    /// <summary>1 in the outermost frame.</summary>
    public required int Depth { get; init; }
    public required long Refund { get; init; }

    /// <summary>The last is the top.</summary>
    public required ReadOnlySpan<UInt256> Stack { get; init; }
    public required ReadOnlySpan<byte> Memory { get; init; }
    public required ReadOnlySpan<byte> ReturnData { get; init; }

    /// <summary>Whose storage and balance the frame works on.</summary>
    public required Address Self { get; init; }
}

/// <summary>A frame that begins.</summary>
public readonly ref struct FrameView
{
    public required FrameKind Kind { get; init; }

    /// <summary>1 for the outermost frame.</summary>
    public required int Depth { get; init; }
    public required Address From { get; init; }

    /// <summary>The address called (for DELEGATECALL and CALLCODE that of the code), created, or paid by SELFDESTRUCT.</summary>
    public required Address To { get; init; }
    public required UInt256 Value { get; init; }
    public required long Gas { get; init; }
    public required ReadOnlySpan<byte> Input { get; init; }

    public bool IsPrecompile { get; init; }
}

public enum FrameKind : byte
{
    Call,
    CallCode,
    DelegateCall,
    StaticCall,
    Create,
    Create2,
}
