using System.Text.Json;
using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>
/// What a caller of the tracing methods asked for by name: it hears one transaction run and then writes what it made of it.
/// The methods do nothing by default, so that a tracer says only what it listens to.
/// </summary>
abstract class TransactionTracer
{
    /// <summary>The transaction is about to run.</summary>
    /// <param name="live">The state as it is whenever the tracer is called: see <see cref="ITracer.RunBegan"/>.</param>
    public virtual void Began(TracedTransaction transaction, IStateView live) { }

    public virtual void StepStarted(in StepView step) { }
    public virtual void StepEnded(long cost, Halt halt) { }
    public virtual void FrameEntered(in FrameView frame) { }
    public virtual void FrameLeft(Halt halt, ReadOnlySpan<byte> output, long gasUsed) { }
    public virtual void Logged(Log log) { }
    public virtual void SelfDestructed(in Address address, in Address beneficiary, in UInt256 balance) { }

    /// <summary>The transaction has run and what it changes is known, but the state before it still stands.</summary>
    public virtual void Settling(ExecutionResult result) { }

    /// <summary>The transaction is over.</summary>
    /// <param name="after">The state with all that it changed.</param>
    public virtual void Ended(ExecutionResult result, IStateView after) { }

    /// <summary>Writes the one value of the trace.</summary>
    public abstract void Write(Utf8JsonWriter writer);
}

/// <summary>What is known of a transaction, or of a call in its place, that is traced.</summary>
sealed record TracedTransaction
{
    /// <summary>Null for a call.</summary>
    public Hash256? Hash { get; init; }
    public int? Index { get; init; }
    public Hash256? BlockHash { get; init; }
    public required BlockContext Block { get; init; }
    public required ForkRules Rules { get; init; }

    /// <summary>The state before it, good until it is over.</summary>
    public required IStateView Before { get; init; }
    public required Address From { get; init; }

    /// <summary>Null creates a contract.</summary>
    public Address? To { get; init; }

    /// <summary>The address called, or the one that is being made.</summary>
    public required Address Callee { get; init; }
    public UInt256 Value { get; init; }
    public ulong Gas { get; init; }
    public UInt256 GasPrice { get; init; }
    public ReadOnlyMemory<byte> Input { get; init; }
    public IReadOnlyList<Authorization> Authorizations { get; init; } = [];
    public IntrinsicGas IntrinsicGas { get; init; }

    /// <summary>How many logs the transactions before it left in the block.</summary>
    public int FirstLogIndex { get; init; }
}

/// <summary>Hands what the machine tells to a tracer, and stops the machine when the trace has taken too long.</summary>
struct TracerRelay(TransactionTracer tracer, TracedTransaction transaction, TraceBudget budget) : ITracer
{
    const int StepsBetweenLooks = 1024;

    int _steps;

    public static bool IsListening => true;
    public readonly void RunBegan(IStateView live) => tracer.Began(transaction, live);

    public void StepStarted(in StepView step)
    {
        if (++_steps % StepsBetweenLooks == 0) budget.CheckTime();
        tracer.StepStarted(step);
    }

    public readonly void StepEnded(long cost, Halt halt) => tracer.StepEnded(cost, halt);
    public readonly void FrameEntered(in FrameView frame) => tracer.FrameEntered(frame);
    public readonly void FrameLeft(Halt halt, ReadOnlySpan<byte> output, long gasUsed) => tracer.FrameLeft(halt, output, gasUsed);
    public readonly void StorageTouched(in Address address, in UInt256 slot, in UInt256 value, bool isWrite) { }
    public readonly void Logged(Log log) => tracer.Logged(log);
    public readonly void RunEnded(ExecutionResult result) => tracer.Settling(result);
    public readonly void SelfDestructed(in Address address, in Address beneficiary, in UInt256 balance) => tracer.SelfDestructed(address, beneficiary, balance);
}
