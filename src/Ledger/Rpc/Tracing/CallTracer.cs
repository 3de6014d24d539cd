using System.Text.Json;
using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>callTracer: the tree of calls. Options: onlyTopCall, withLog.</summary>
sealed class CallTracer(TraceBudget budget, bool onlyTopCall, bool withLog) : TransactionTracer
{
    readonly CallTree _tree = new(budget, withLog, onlyTopCall);

    public override void Began(TracedTransaction transaction, IStateView live) => _tree.Began(transaction);
    public override void StepStarted(in StepView step) => _tree.StepStarted(step);
    public override void FrameEntered(in FrameView frame) => _tree.FrameEntered(frame);
    public override void FrameLeft(Halt halt, ReadOnlySpan<byte> output, long gasUsed) => _tree.FrameLeft(halt, output, gasUsed);
    public override void Logged(Log log) => _tree.Logged(log);
    public override void SelfDestructed(in Address address, in Address beneficiary, in UInt256 balance) => _tree.SelfDestructed(address, beneficiary, balance);
    public override void Ended(ExecutionResult result, IStateView after) => _tree.Ended(result);
    public override void Write(Utf8JsonWriter writer) => Write(writer, _tree.Root);

    static void Write(Utf8JsonWriter writer, CallFrame frame)
    {
        writer.WriteStartObject();
        WriteMembers(writer, frame);
        if (frame.Calls.Count > 0)
        {
            writer.WriteStartArray("calls"u8);
            foreach (var call in frame.Calls) Write(writer, call);
            writer.WriteEndArray();
        }
        WriteLogs(writer, frame);
        writer.WriteEndObject();
    }

    /// <summary>Writes all but the calls and logs inside the frame.</summary>
    public static void WriteMembers(Utf8JsonWriter writer, CallFrame frame)
    {
        writer.WriteString("type"u8, frame.Name);
        writer.WriteAddress("from"u8, frame.From);
        writer.WriteQuantity("gas"u8, frame.Gas);
        writer.WriteQuantity("gasUsed"u8, frame.GasUsed);
        // A creation that failed made nothing.
        if (!frame.IsCreate || frame.Error is null) writer.WriteAddress("to"u8, frame.To);
        writer.WriteData("input"u8, frame.Input);
        if (frame.Output.Length > 0) writer.WriteData("output"u8, frame.Output);
        if (frame.Error is { } error) writer.WriteString("error"u8, error);
        if (frame.Halt == Halt.Revert && RevertReason.Words(frame.Output) is { } reason) writer.WriteString("revertReason"u8, reason);
        if (frame.IsSelfDestruct || frame.Kind != FrameKind.StaticCall) writer.WriteQuantity("value"u8, frame.Value);
    }

    public static void WriteLogs(Utf8JsonWriter writer, CallFrame frame)
    {
        if (frame.Logs.Count == 0) return;
        writer.WriteStartArray("logs"u8);
        foreach (var (log, position, index) in frame.Logs)
        {
            writer.WriteStartObject();
            writer.WriteAddress("address"u8, log.Address);
            writer.WriteStartArray("topics"u8);
            foreach (var topic in log.Topics) writer.WriteData(topic.Bytes);
            writer.WriteEndArray();
            writer.WriteData("data"u8, log.Data.Span);
            writer.WriteQuantity("position"u8, (ulong)position);
            writer.WriteQuantity("index"u8, (ulong)index);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }
}
