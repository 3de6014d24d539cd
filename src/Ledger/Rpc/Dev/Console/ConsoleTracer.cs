using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Hears what console.log is told during a run.</summary>
readonly struct ConsoleTracer(List<string> lines) : ITracer
{
    public static bool IsListening => true;

    public void FrameEntered(in FrameView frame)
    {
        if (frame.To == ConsoleLog.Address && ConsoleLog.Read(frame.Input) is { } line) lines.Add(line);
    }

    public void RunBegan(IStateView live) { }
    public void RunEnded(ExecutionResult result) { }
    public void StepStarted(in StepView step) { }
    public void StepEnded(long cost, Halt halt) { }
    public void FrameLeft(Halt halt, ReadOnlySpan<byte> output, long gasUsed) { }
    public void StorageTouched(in Address address, in UInt256 slot, in UInt256 value, bool isWrite) { }
    public void Logged(Log log) { }
    public void SelfDestructed(in Address address, in Address beneficiary, in UInt256 balance) { }
}
