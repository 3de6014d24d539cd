using Hufu.Primitives;

namespace Hufu.Evm;

static unsafe class Arithmetic
{
    public static Halt Exp(Machine machine, Frame frame)
    {
        var top = frame.Top;
        if (!frame.TryCharge(machine.Gas.ExpByte * top[-1].ByteLength)) return Halt.OutOfGas;
        top[-1] = UInt256.Exponent(top[0], top[-1]);
        frame.Top = top - 1;
        return Halt.None;
    }
}
