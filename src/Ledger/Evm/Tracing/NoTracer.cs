using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>Hears nothing and costs nothing.</summary>
public struct NoTracer : ITracer
{
    public static bool IsListening => false;
    public readonly void RunBegan(IStateView live) { }
    public readonly void RunEnded(ExecutionResult result) { }
    public readonly void StepStarted(in StepView step) { }
    public readonly void StepEnded(long cost, Halt halt) { }
    public readonly void FrameEntered(in FrameView frame) { }
    public readonly void FrameLeft(Halt halt, ReadOnlySpan<byte> output, long gasUsed) { }
    public readonly void StorageTouched(in Address address, in UInt256 slot, in UInt256 value, bool isWrite) { }
    public readonly void Logged(Log log) { }
    public readonly void SelfDestructed(in Address address, in Address beneficiary, in UInt256 balance) { }
}
