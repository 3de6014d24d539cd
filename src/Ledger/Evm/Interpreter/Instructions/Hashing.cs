using Hufu.Primitives;

namespace Hufu.Evm;

static unsafe class Hashing
{
    public static Halt Keccak(Frame frame)
    {
        var top = frame.Top;
        if (!frame.TryRange(top[0], top[-1], out var offset, out var size)) return Halt.OutOfGas;
        if (!frame.TryCharge(GasSchedule.KeccakWord * (long)((size + 31) / 32))) return Halt.OutOfGas;
        var hash = Keccak256.Hash(new ReadOnlySpan<byte>(frame.Memory + offset, (int)size));
        top[-1] = hash.ToUInt256();
        frame.Top = top - 1;
        return Halt.None;
    }
}
