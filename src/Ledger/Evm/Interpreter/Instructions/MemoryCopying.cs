namespace Hufu.Evm;

static unsafe class MemoryCopying
{
    /// <summary>MCOPY: the ranges may overlap, and the memory reaches over both (EIP-5656).</summary>
    public static Halt Copy(Frame frame)
    {
        var top = frame.Top;
        if (!frame.TryRange(top[-1], top[-2], out var source, out _)) return Halt.OutOfGas;
        if (!frame.TryRange(top[0], top[-2], out var target, out var size)) return Halt.OutOfGas;
        if (!frame.TryCharge(Environment.CopyGas(size))) return Halt.OutOfGas;
        new Span<byte>(frame.Memory + source, (int)size).CopyTo(new Span<byte>(frame.Memory + target, (int)size));
        frame.Top = top - 3;
        return Halt.None;
    }
}
