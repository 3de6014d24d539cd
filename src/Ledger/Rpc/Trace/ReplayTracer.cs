using System.Text.Json;
using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>What the trace namespace tells of a transaction: its calls laid flat, and where asked for every step and what it changed (the forms of OpenEthereum).</summary>
sealed class ReplayTracer(TraceBudget budget, TraceTypes types) : TransactionTracer
{
    readonly CallTree _tree = new(budget, ofTransaction: false, keeps: frame => !FlatCallTracer.IsHidden(frame));
    readonly VmTrace? _steps = types.HasFlag(TraceTypes.VmTrace) ? new VmTrace(budget) : null;
    StateChangeList? _changes;
    TracedTransaction _transaction = null!;
    byte[] _output = [];

    public CallFrame Root => _tree.Root;

    public override void Began(TracedTransaction transaction, IStateView live)
    {
        _transaction = transaction;
        _tree.Began(transaction);
        _steps?.Began(live);
    }

    public override void StepStarted(in StepView step)
    {
        _tree.StepStarted(step);
        _steps?.StepStarted(step);
    }

    public override void StepEnded(long cost, Halt halt) => _steps?.StepEnded(cost, halt);

    public override void FrameEntered(in FrameView frame)
    {
        _tree.FrameEntered(frame);
        _steps?.FrameEntered(frame);
    }

    public override void FrameLeft(Halt halt, ReadOnlySpan<byte> output, long gasUsed)
    {
        _tree.FrameLeft(halt, output, gasUsed);
        _steps?.FrameLeft();
    }

    public override void SelfDestructed(in Address address, in Address beneficiary, in UInt256 balance) => _tree.SelfDestructed(address, beneficiary, balance);

    public override void Settling(ExecutionResult result)
    {
        _output = result.Output;
        if (types.HasFlag(TraceTypes.StateDiff)) _changes = StateChangeList.Of(_transaction.Before, result.Diff, budget);
    }

    /// <summary>Writes the object that replays and trial calls answer with.</summary>
    /// <param name="named">The transaction, where its hash shall stand in the object.</param>
    public void WriteReplay(Utf8JsonWriter writer, Hash256? named = null)
    {
        writer.WriteStartObject();
        writer.WriteData("output"u8, _output);
        writer.WritePropertyName("stateDiff"u8);
        if (_changes is null) writer.WriteNullValue();
        else _changes.Write(writer);
        writer.WriteStartArray("trace"u8);
        if (types.HasFlag(TraceTypes.Trace))
            foreach (var (frame, address) in FlatCalls.Of(Root)) WriteCall(writer, frame, address, place: null);
        writer.WriteEndArray();
        if (named is { } hash) writer.WriteHash("transactionHash"u8, hash);
        writer.WritePropertyName("vmTrace"u8);
        if (_steps is null) writer.WriteNullValue();
        else _steps.Write(writer);
        writer.WriteEndObject();
    }

    public override void Write(Utf8JsonWriter writer) => WriteReplay(writer);

    /// <param name="place">The block and the transaction, where they shall stand beside the call.</param>
    public static void WriteCall(Utf8JsonWriter writer, CallFrame frame, int[] address, TransactionPlace? place)
    {
        writer.WriteStartObject();
        FlatCalls.WriteAction(writer, frame, withCreationMethod: true);
        if (place is { } at)
        {
            writer.WriteHash("blockHash"u8, at.Header.Hash);
            writer.WriteNumber("blockNumber"u8, at.Header.Number);
        }
        if (frame.Error is not null) writer.WriteString("error"u8, FlatCalls.ErrorOf(frame));
        if ((frame.Error is null || frame.Halt == Halt.Revert) && !frame.IsSelfDestruct) FlatCalls.WriteResult(writer, frame);
        else writer.WriteNull("result"u8);
        FlatCalls.WritePlace(writer, frame, address);
        if (place is { } within)
        {
            writer.WriteHash("transactionHash"u8, within.Hash);
            writer.WriteNumber("transactionPosition"u8, within.Index);
        }
        writer.WriteString("type"u8, FlatCalls.TypeOf(frame));
        writer.WriteEndObject();
    }

    public readonly record struct TransactionPlace(Header Header, Hash256 Hash, int Index);
}
