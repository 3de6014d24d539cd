using System.Runtime.CompilerServices;
using Hufu.Primitives;

namespace Hufu.Evm.Threaded;

/// <summary>
/// The instructions of threaded code that stay on the stack: arithmetic, comparisons, copies. Each does its work and jumps to the next.
/// </summary>
/// <remarks>
/// What every handler here and in its other parts keeps to, or the chain of jumps becomes a chain of calls and overflows the native stack:
/// it is AggressiveOptimization and never NoInlining; it ends in <c>return next-&gt;Run(…)</c>, which RyuJIT turns into a jump; it takes no
/// address of a local and holds no stackalloc, pinning or try. A call on its common path would make it save registers: what is rare stands
/// in a handler of its own, or in a function that is not inlined.
/// </remarks>
static unsafe partial class Handlers
{
    const MethodImplOptions Optimized = MethodImplOptions.AggressiveOptimization;

    [MethodImpl(Optimized)]
    public static long Binary<TOperation, TX, TY>(Instruction* n, byte* top, long gas, Context* c)
        where TOperation : struct, IBinary where TX : struct, IOperand where TY : struct, IOperand
    {
        if (!TOperation.Try(TX.At(n, top, n->B), TY.At(n, top, n->C), (UInt256*)(top + n->A))) return BinaryInFull<TOperation, TX, TY>(n, top, gas, c);
        n++;
        return n->Run(n, top, gas, c);
    }

    [MethodImpl(Optimized)]
    public static long BinaryInFull<TOperation, TX, TY>(Instruction* n, byte* top, long gas, Context* c)
        where TOperation : struct, IBinary where TX : struct, IOperand where TY : struct, IOperand
    {
        TOperation.Full(TX.At(n, top, n->B), TY.At(n, top, n->C), (UInt256*)(top + n->A));
        n++;
        return n->Run(n, top, gas, c);
    }

    [MethodImpl(Optimized)]
    public static long Unary<TOperation, TX>(Instruction* n, byte* top, long gas, Context* c) where TOperation : struct, IUnary where TX : struct, IOperand
    {
        TOperation.Apply(TX.At(n, top, n->B), (UInt256*)(top + n->A));
        n++;
        return n->Run(n, top, gas, c);
    }

    /// <summary>Two copies: B to A and D to C.</summary>
    [MethodImpl(Optimized)]
    public static long CopyTwo<TX, TY>(Instruction* n, byte* top, long gas, Context* c) where TX : struct, IOperand where TY : struct, IOperand
    {
        Words.Store((UInt256*)(top + n->A), Words.Load(TX.At(n, top, n->B)));
        Words.Store((UInt256*)(top + n->C), Words.Load(TY.At(n, top, n->D)));
        n++;
        return n->Run(n, top, gas, c);
    }

    /// <summary>Exchanges the words at A and B.</summary>
    [MethodImpl(Optimized)]
    public static long Swap(Instruction* n, byte* top, long gas, Context* c)
    {
        var first = Words.Load((UInt256*)(top + n->A));
        Words.Store((UInt256*)(top + n->A), Words.Load((UInt256*)(top + n->B)));
        Words.Store((UInt256*)(top + n->B), first);
        n++;
        return n->Run(n, top, gas, c);
    }

    [MethodImpl(Optimized)]
    public static long AddMod<TZ>(Instruction* n, byte* top, long gas, Context* c) where TZ : struct, IOperand
    {
        AddModulo((UInt256*)(top + n->B), (UInt256*)(top + n->C), TZ.At(n, top, n->D), (UInt256*)(top + n->A));
        n++;
        return n->Run(n, top, gas, c);
    }

    [MethodImpl(Optimized)]
    public static long MulMod<TZ>(Instruction* n, byte* top, long gas, Context* c) where TZ : struct, IOperand
    {
        MultiplyModulo((UInt256*)(top + n->B), (UInt256*)(top + n->C), TZ.At(n, top, n->D), (UInt256*)(top + n->A));
        n++;
        return n->Run(n, top, gas, c);
    }

    [MethodImpl(Optimized)]
    public static long Exp(Instruction* n, byte* top, long gas, Context* c)
    {
        var exponent = (UInt256*)(top + n->C);
        gas -= c->Machine.Gas.ExpByte * exponent->ByteLength;
        if (gas < 0) return (long)Halt.OutOfGas;
        Power((UInt256*)(top + n->B), exponent, (UInt256*)(top + n->A));
        n++;
        return n->Run(n, top, gas, c);
    }

    /// <summary>GAS: what is left, with what the block has paid for and not yet used.</summary>
    [MethodImpl(Optimized)]
    public static long Gas(Instruction* n, byte* top, long gas, Context* c)
    {
        Words.Store((UInt256*)(top + n->A), (ulong)(gas + n->Immediate));
        n++;
        return n->Run(n, top, gas, c);
    }

    /// <summary>An instruction without operands that reads what does not change while the frame runs, or the size of its memory.</summary>
    [MethodImpl(Optimized)]
    public static long Read<TReading>(Instruction* n, byte* top, long gas, Context* c) where TReading : struct, IReading
    {
        TReading.Read(c, (UInt256*)(top + n->A));
        n++;
        return n->Run(n, top, gas, c);
    }

    [MethodImpl(Optimized)]
    public static long ReadAddress<TReading>(Instruction* n, byte* top, long gas, Context* c) where TReading : struct, IAddressReading
    {
        if (!TReading.TryRead(c, (UInt256*)(top + n->A))) return ReadFirst<TReading>(n, top, gas, c);
        n++;
        return n->Run(n, top, gas, c);
    }

    [MethodImpl(Optimized | MethodImplOptions.NoInlining)]
    static long ReadFirst<TReading>(Instruction* n, byte* top, long gas, Context* c) where TReading : struct, IAddressReading
    {
        TReading.Read(c, (UInt256*)(top + n->A));
        n++;
        return n->Run(n, top, gas, c);
    }

    [MethodImpl(Optimized)]
    public static long CallDataLoad<TX>(Instruction* n, byte* top, long gas, Context* c) where TX : struct, IOperand
    {
        LoadCallData(TX.At(n, top, n->B), (UInt256*)(top + n->A), c);
        n++;
        return n->Run(n, top, gas, c);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void LoadCallData(UInt256* offset, UInt256* result, Context* c) => Environment.CallDataLoad(c->Frame, *offset, result);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void AddModulo(UInt256* x, UInt256* y, UInt256* m, UInt256* result) => UInt256.AddMod(*x, *y, *m, out *result);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void MultiplyModulo(UInt256* x, UInt256* y, UInt256* m, UInt256* result) => UInt256.MultiplyMod(*x, *y, *m, out *result);

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Power(UInt256* x, UInt256* y, UInt256* result) => UInt256.Exponent(*x, *y, out *result);
}
