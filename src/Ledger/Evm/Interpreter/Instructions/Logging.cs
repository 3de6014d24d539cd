using Hufu.Primitives;

namespace Hufu.Evm;

static unsafe class Logging
{
    public static Halt Log<TTracer>(int topicCount, Machine machine, Frame frame, ref TTracer tracer) where TTracer : struct, ITracer
    {
        if (frame.IsStatic) return Halt.WriteProtection;
        var top = frame.Top;
        if (!frame.TryRange(top[0], top[-1], out var offset, out var size)) return Halt.OutOfGas;
        if (!frame.TryCharge(GasSchedule.LogByte * (long)size)) return Halt.OutOfGas;

        var topics = new Hash256[topicCount];
        for (var i = 0; i < topicCount; i++) topics[i] = Hash256.FromUInt256(top[-2 - i]);
        var log = new Log(frame.Self.Address, topics, new ReadOnlySpan<byte>(frame.Memory + offset, (int)size).ToArray());
        machine.Journal.AddLog(log);
        if (TTracer.IsListening) tracer.Logged(log);
        frame.Top = top - 2 - topicCount;
        return Halt.None;
    }
}
