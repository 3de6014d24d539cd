using System.Text.Json;
using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>muxTracer: several tracers over one run, their results by name.</summary>
sealed class MuxTracer(IReadOnlyList<(string Name, TransactionTracer Tracer)> tracers) : TransactionTracer
{
    public override void Began(TracedTransaction transaction, IStateView live)
    {
        foreach (var (_, tracer) in tracers) tracer.Began(transaction, live);
    }

    public override void StepStarted(in StepView step)
    {
        foreach (var (_, tracer) in tracers) tracer.StepStarted(step);
    }

    public override void StepEnded(long cost, Halt halt)
    {
        foreach (var (_, tracer) in tracers) tracer.StepEnded(cost, halt);
    }

    public override void FrameEntered(in FrameView frame)
    {
        foreach (var (_, tracer) in tracers) tracer.FrameEntered(frame);
    }

    public override void FrameLeft(Halt halt, ReadOnlySpan<byte> output, long gasUsed)
    {
        foreach (var (_, tracer) in tracers) tracer.FrameLeft(halt, output, gasUsed);
    }

    public override void Logged(Log log)
    {
        foreach (var (_, tracer) in tracers) tracer.Logged(log);
    }

    public override void SelfDestructed(in Address address, in Address beneficiary, in UInt256 balance)
    {
        foreach (var (_, tracer) in tracers) tracer.SelfDestructed(address, beneficiary, balance);
    }

    public override void Settling(ExecutionResult result)
    {
        foreach (var (_, tracer) in tracers) tracer.Settling(result);
    }

    public override void Ended(ExecutionResult result, IStateView after)
    {
        foreach (var (_, tracer) in tracers) tracer.Ended(result, after);
    }

    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var (name, tracer) in tracers)
        {
            writer.WritePropertyName(name);
            tracer.Write(writer);
        }
        writer.WriteEndObject();
    }
}
