using System.Runtime.CompilerServices;
using Hufu.Primitives;

namespace Hufu.Evm.Threaded;

/// <content>Memory and its hash. An access beyond the memory's end goes to a handler that makes it reach there and begins again.</content>
static unsafe partial class Handlers
{
    [MethodImpl(Optimized)]
    public static long MLoad(Instruction* n, byte* top, long gas, Context* c)
    {
        var offset = (UInt256*)(top + n->B);
        if (offset->U0 >= c->MemoryWords || (offset->U1 | offset->U2 | offset->U3) != 0) return Grow<Slot>(n, top, gas, c);
        UInt256.FromBigEndian(in c->Memory[offset->U0], out *(UInt256*)(top + n->A));
        n++;
        return n->Run(n, top, gas, c);
    }

    /// <summary>MLOAD where the code says the offset: the immediate.</summary>
    [MethodImpl(Optimized)]
    public static long MLoadAt(Instruction* n, byte* top, long gas, Context* c)
    {
        if ((ulong)n->Immediate >= c->MemoryWords) return Grow<Constant>(n, top, gas, c);
        UInt256.FromBigEndian(in c->Memory[n->Immediate], out *(UInt256*)(top + n->A));
        n++;
        return n->Run(n, top, gas, c);
    }

    [MethodImpl(Optimized)]
    public static long MStore<TY>(Instruction* n, byte* top, long gas, Context* c) where TY : struct, IOperand
    {
        var offset = (UInt256*)(top + n->B);
        if (offset->U0 >= c->MemoryWords || (offset->U1 | offset->U2 | offset->U3) != 0) return Grow<Slot>(n, top, gas, c);
        UInt256.WriteBigEndian(*TY.At(n, top, n->C), ref c->Memory[offset->U0]);
        n++;
        return n->Run(n, top, gas, c);
    }

    [MethodImpl(Optimized)]
    public static long MStoreAt<TY>(Instruction* n, byte* top, long gas, Context* c) where TY : struct, IOperand
    {
        if ((ulong)n->Immediate >= c->MemoryWords) return Grow<Constant>(n, top, gas, c);
        UInt256.WriteBigEndian(*TY.At(n, top, n->C), ref c->Memory[n->Immediate]);
        n++;
        return n->Run(n, top, gas, c);
    }

    [MethodImpl(Optimized)]
    public static long MStore8<TY>(Instruction* n, byte* top, long gas, Context* c) where TY : struct, IOperand
    {
        var offset = (UInt256*)(top + n->B);
        if (offset->U0 >= c->MemorySize || (offset->U1 | offset->U2 | offset->U3) != 0) return GrowByte(n, top, gas, c);
        c->Memory[offset->U0] = (byte)TY.At(n, top, n->C)->U0;
        n++;
        return n->Run(n, top, gas, c);
    }

    [MethodImpl(Optimized)]
    public static long Keccak<TX, TY>(Instruction* n, byte* top, long gas, Context* c) where TX : struct, IOperand where TY : struct, IOperand
    {
        gas = Hash(TX.At(n, top, n->B), TY.At(n, top, n->C), (UInt256*)(top + n->A), gas, c);
        if (gas < 0) return (long)Halt.OutOfGas;
        n++;
        return n->Run(n, top, gas, c);
    }

    // Of a Slot the offset is a word on the stack, of a Constant the immediate.
    [MethodImpl(Optimized)]
    static long Grow<TX>(Instruction* n, byte* top, long gas, Context* c) where TX : struct, IOperand
    {
        gas = typeof(TX) == typeof(Constant) ? ReachImmediate(n, gas, c) : Reach(*(UInt256*)(top + n->B), 32, gas, c);
        if (gas < 0) return (long)Halt.OutOfGas;
        return n->Run(n, top, gas, c);
    }

    [MethodImpl(Optimized)]
    static long GrowByte(Instruction* n, byte* top, long gas, Context* c)
    {
        gas = Reach(*(UInt256*)(top + n->B), 1, gas, c);
        if (gas < 0) return (long)Halt.OutOfGas;
        return n->Run(n, top, gas, c);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long ReachImmediate(Instruction* n, long gas, Context* c) => Reach((ulong)n->Immediate, 32, gas, c);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long ReachWord(UInt256* offset, long gas, Context* c) => Reach(*offset, 32, gas, c);

    [MethodImpl(MethodImplOptions.NoInlining)]
    static long Reach(in UInt256 offset, ulong size, long gas, Context* c)
    {
        gas = c->Frame.Reach(offset, size, gas);
        c->Refresh();
        return gas;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long Hash(UInt256* offset, UInt256* size, UInt256* result, long gas, Context* c)
    {
        var frame = c->Frame;
        frame.Gas = gas;
        if (!frame.TryRange(*offset, *size, out var start, out var length) || !frame.TryCharge(GasSchedule.KeccakWord * (long)((length + 31) / 32))) return -1;
        c->Refresh();
        if (length == 64) c->Machine.Hashes.Hash(c->Memory + start, result);
        else *result = Keccak256.Hash(new ReadOnlySpan<byte>(c->Memory + start, (int)length)).ToUInt256();
        return frame.Gas;
    }

    /// <summary>CALLDATACOPY, CODECOPY, RETURNDATACOPY and MCOPY: which of them is D; the operands stand as for <see cref="Outside"/>.</summary>
    [MethodImpl(Optimized)]
    public static long Copy(Instruction* n, byte* top, long gas, Context* c)
    {
        gas = RunCopy(n, top, gas, c);
        if (gas < 0) return (long)c->Halt;
        n++;
        return n->Run(n, top, gas, c);
    }

    // Where the memory grows or a number is out of reach, the plain interpreter's instruction does it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long RunCopy(Instruction* n, byte* top, long gas, Context* c)
    {
        var operands = (UInt256*)(top + n->A);
        ref readonly var source = ref operands[-1];
        if (!Words.AreSmall(operands, operands - 2)) return RunOutside(n, top, gas, c);
        var (to, size) = (operands->Low64, operands[-2].Low64);
        if (to > c->MemorySize || size > c->MemorySize - to) return RunOutside(n, top, gas, c);
        var opcode = (Opcode)n->D;
        // These two must find all they copy.
        if (opcode is Opcode.MCopy or Opcode.ReturnDataCopy)
        {
            var available = opcode == Opcode.MCopy ? c->MemorySize : (ulong)c->Machine.ReturnData.Length;
            if (!source.FitsUInt64 || source.Low64 > available || size > available - source.Low64) return RunOutside(n, top, gas, c);
        }

        gas -= Environment.CopyGas(size);
        if (gas < 0)
        {
            c->Halt = Halt.OutOfGas;
            return gas;
        }
        var into = new Span<byte>(c->Memory + to, (int)size);
        if (opcode == Opcode.MCopy) new ReadOnlySpan<byte>(c->Memory + source.Low64, (int)size).CopyTo(into);
        else if (opcode == Opcode.ReturnDataCopy) c->Machine.ReturnData.Bytes.Slice((int)source.Low64, (int)size).CopyTo(into);
        else Environment.Copy(opcode == Opcode.CallDataCopy ? c->Frame.InputBytes : c->Frame.Code.Bytes, source, into);
        return gas;
    }
}
