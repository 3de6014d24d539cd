using System.Runtime.CompilerServices;
using Hufu.Primitives;

namespace Hufu.Evm.Threaded;

/// <content>
/// Instructions that reach beyond stack and memory. They are those of the plain interpreter, which find their operands on the frame's stack:
/// the translator has put them side by side, and <see cref="Instruction.A"/> says where the last one is.
/// </content>
static unsafe partial class Handlers
{
    [MethodImpl(Optimized)]
    public static long Outside(Instruction* n, byte* top, long gas, Context* c)
    {
        gas = RunOutside(n, top, gas, c);
        if (gas < 0) return (long)c->Halt;
        n++;
        return n->Run(n, top, gas, c);
    }

    /// <summary>SLOAD: A is the place of the key and then of the value.</summary>
    [MethodImpl(Optimized)]
    public static long SLoad<TX>(Instruction* n, byte* top, long gas, Context* c) where TX : struct, IOperand
    {
        gas = LoadSlot(TX.At(n, top, n->B), (UInt256*)(top + n->A), n->Immediate, gas, c);
        if (gas < 0) return (long)Halt.OutOfGas;
        n++;
        return n->Run(n, top, gas, c);
    }

    [MethodImpl(Optimized)]
    public static long BlockHash<TX>(Instruction* n, byte* top, long gas, Context* c) where TX : struct, IOperand
    {
        LoadBlockHash(TX.At(n, top, n->B), (UInt256*)(top + n->A), c);
        n++;
        return n->Run(n, top, gas, c);
    }

    [MethodImpl(Optimized)]
    public static long BlobHash<TX>(Instruction* n, byte* top, long gas, Context* c) where TX : struct, IOperand
    {
        LoadBlobHash(TX.At(n, top, n->B), (UInt256*)(top + n->A), c);
        n++;
        return n->Run(n, top, gas, c);
    }

    [MethodImpl(Optimized)]
    public static long TLoad<TX>(Instruction* n, byte* top, long gas, Context* c) where TX : struct, IOperand
    {
        LoadTransient(TX.At(n, top, n->B), (UInt256*)(top + n->A), c);
        n++;
        return n->Run(n, top, gas, c);
    }

    /// <summary>BALANCE, EXTCODESIZE and EXTCODEHASH: which of them is D; A is the place of the answer.</summary>
    [MethodImpl(Optimized)]
    public static long AskAccount<TX>(Instruction* n, byte* top, long gas, Context* c) where TX : struct, IOperand
    {
        gas = AskAccountFor(TX.At(n, top, n->B), (UInt256*)(top + n->A), (Opcode)n->D, n->Immediate, gas, c);
        if (gas < 0) return (long)Halt.OutOfGas;
        n++;
        return n->Run(n, top, gas, c);
    }

    /// <summary>SSTORE: A and the word below it are scratch for key and value.</summary>
    [MethodImpl(Optimized)]
    public static long SStore<TX, TY>(Instruction* n, byte* top, long gas, Context* c) where TX : struct, IOperand where TY : struct, IOperand
    {
        gas = StoreSlot(TX.At(n, top, n->B), TY.At(n, top, n->C), (UInt256*)(top + n->A), n->Immediate, gas, c);
        if (gas < 0) return (long)c->Halt;
        n++;
        return n->Run(n, top, gas, c);
    }

    [MethodImpl(Optimized)]
    public static long TStore<TX, TY>(Instruction* n, byte* top, long gas, Context* c) where TX : struct, IOperand where TY : struct, IOperand
    {
        gas = StoreTransient(TX.At(n, top, n->B), TY.At(n, top, n->C), gas, c);
        if (gas < 0) return (long)c->Halt;
        n++;
        return n->Run(n, top, gas, c);
    }

    /// <summary>Calls, creations and SELFDESTRUCT: the frame waits or ends. The whole stack stands in its places.</summary>
    [MethodImpl(Optimized)]
    public static long Depart(Instruction* n, byte* top, long gas, Context* c) => RunDeparture(n, top, gas, c);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long RunOutside(Instruction* n, byte* top, long gas, Context* c)
    {
        var frame = c->Frame;
        frame.Gas = gas + n->Immediate;
        frame.Top = (UInt256*)(top + n->A);
        var tracer = default(NoTracer);
        c->Halt = Instructions.Run((Opcode)n->D, c->Machine, frame, ref tracer);
        if (c->Halt != Halt.None) return -1;
        c->Refresh();
        return Due(frame.Gas, n->Immediate, c);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static long RunDeparture(Instruction* n, byte* top, long gas, Context* c)
    {
        var frame = c->Frame;
        frame.Gas = gas;
        frame.Top = (UInt256*)(top + n->A);
        frame.ProgramCounter = (int)n->Immediate;
        frame.Resume = n + 1;
        var tracer = default(NoTracer);
        return (long)Instructions.Run((Opcode)n->D, c->Machine, frame, ref tracer);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long LoadSlot(UInt256* key, UInt256* result, long notDue, long gas, Context* c)
    {
        var frame = c->Frame;
        Words.Store(result, Words.Load(key));
        frame.Gas = gas + notDue;
        frame.Top = result;
        var tracer = default(NoTracer);
        return Storage.Load(c->Machine, frame, ref tracer) == Halt.None ? frame.Gas - notDue : -1;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void LoadBlockHash(UInt256* number, UInt256* result, Context* c) => *result = BlockInformation.BlockHash(c->Machine.Block, *number);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void LoadBlobHash(UInt256* index, UInt256* result, Context* c) => *result = BlockInformation.BlobHash(c->Machine, *index);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void LoadTransient(UInt256* key, UInt256* result, Context* c) => *result = c->Machine.Journal.GetTransient(c->Frame.Self, *key);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long AskAccountFor(UInt256* address, UInt256* result, Opcode question, long notDue, long gas, Context* c)
    {
        var frame = c->Frame;
        frame.Gas = gas + notDue;
        if (!Environment.TryMeet(c->Machine, frame, *address, out var account)) return -1;
        switch (question)
        {
            case Opcode.Balance: Words.Store(result, Words.Load(in account.Balance)); break;
            case Opcode.ExtCodeSize: Words.Store(result, (ulong)c->Machine.Journal.CodeOf(account).Length); break;
            default: *result = Environment.CodeHash(account); break;
        }
        return frame.Gas - notDue;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long StoreSlot(UInt256* key, UInt256* value, UInt256* scratch, long notDue, long gas, Context* c)
    {
        var frame = c->Frame;
        var (first, second) = (Words.Load(key), Words.Load(value));
        Words.Store(scratch, first);
        Words.Store(scratch - 1, second);
        frame.Gas = gas + notDue;
        frame.Top = scratch;
        var tracer = default(NoTracer);
        c->Halt = Storage.Store(c->Machine, frame, ref tracer);
        return c->Halt == Halt.None ? Due(frame.Gas, notDue, c) : -1;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long StoreTransient(UInt256* key, UInt256* value, long gas, Context* c)
    {
        var frame = c->Frame;
        if (frame.IsStatic)
        {
            c->Halt = Halt.WriteProtection;
            return -1;
        }
        c->Machine.Journal.SetTransient(frame.Self, *key, *value);
        return gas;
    }

    // The rest of the block was paid for before the instruction took its share: where nothing is left for it, the gas ends in this block.
    static long Due(long gas, long notDue, Context* c)
    {
        gas -= notDue;
        if (gas < 0) c->Halt = Halt.OutOfGas;
        return gas;
    }
}
