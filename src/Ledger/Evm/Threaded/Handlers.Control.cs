using System.Runtime.CompilerServices;
using Hufu.Evm.Jit;
using Hufu.Primitives;

namespace Hufu.Evm.Threaded;

/// <content>
/// Jumps and the heads of blocks. Whoever goes to a block pays for all of it and looks at the stack once for all of it. Where either does not
/// suffice the block will not come to its end: the plain interpreter runs it from its first instruction, and fails where and as it must.
/// </content>
static unsafe partial class Handlers
{
    /// <summary>Not a <see cref="Halt"/>: the plain interpreter goes on from the frame's program counter.</summary>
    public const long Refused = 0x100;

    /// <summary>A block entered from the instruction before it, or from outside.</summary>
    [MethodImpl(Optimized)]
    public static long Enter(Instruction* n, byte* top, long gas, Context* c)
    {
        var left = gas - n->Immediate;
        if (left < 0 || !Admits(n, top)) return Refuse(n, top, gas, c);
        n++;
        return n->Run(n, top, left, c);
    }

    /// <summary>Goes on to the block behind it.</summary>
    [MethodImpl(Optimized)]
    public static long Next(Instruction* n, byte* top, long gas, Context* c)
    {
        top += n->A;
        var head = n + 1;
        var left = gas - head->Immediate;
        if (left < 0 || !Admits(head, top)) return Refuse(head, top, gas, c);
        head++;
        return head->Run(head, top, left, c);
    }

    [MethodImpl(Optimized)]
    public static long Jump(Instruction* n, byte* top, long gas, Context* c)
    {
        var head = (Instruction*)n->Immediate;
        if (head == null) return Resolve(n, top, gas, c);
        top += n->A;
        var left = gas - head->Immediate;
        if (left < 0 || !Admits(head, top)) return Refuse(head, top, gas, c);
        head++;
        return head->Run(head, top, left, c);
    }

    /// <summary>A jump to where a word says. The word must not be one that the jump takes off the stack's memory: it stays readable.</summary>
    [MethodImpl(Optimized)]
    public static long JumpTo(Instruction* n, byte* top, long gas, Context* c)
    {
        var target = (UInt256*)(top + n->B);
        var position = target->U0;
        if ((target->U1 | target->U2 | target->U3) != 0 || position >= c->CodeLength) return (long)Halt.InvalidJump;
        var head = c->Targets[position];
        if (head == null) return Find(n, top, gas, c);
        top += n->A;
        var left = gas - head->Immediate;
        if (left < 0 || !Admits(head, top)) return Refuse(head, top, gas, c);
        head++;
        return head->Run(head, top, left, c);
    }

    [MethodImpl(Optimized)]
    public static long JumpIf<TCondition, TX, TY>(Instruction* n, byte* top, long gas, Context* c)
        where TCondition : struct, ICondition where TX : struct, IOperand where TY : struct, IOperand
    {
        var head = n + 1;
        if (TCondition.Holds(TX.At(n, top, n->B), TY.At(n, top, n->C)))
        {
            head = (Instruction*)n->Immediate;
            if (head == null) return Resolve(n, top, gas, c);
        }
        top += n->A;
        var left = gas - head->Immediate;
        if (left < 0 || !Admits(head, top)) return Refuse(head, top, gas, c);
        head++;
        return head->Run(head, top, left, c);
    }

    /// <summary>JUMPI to where a word says.</summary>
    [MethodImpl(Optimized)]
    public static long JumpIfTo(Instruction* n, byte* top, long gas, Context* c)
    {
        if (!((UInt256*)(top + n->C))->IsZero) return JumpTo(n, top, gas, c);
        var head = n + 1;
        top += n->A;
        return head->Run(head, top, gas, c);
    }

    /// <summary>The jump whose target is not known yet: finds it, and jumps.</summary>
    [MethodImpl(Optimized)]
    static long Resolve(Instruction* n, byte* top, long gas, Context* c)
    {
        var head = c->Code.HeadAt(n->D);
        if (head == null) return (long)Halt.InvalidJump;
        Volatile.Write(ref n->Immediate, (long)head);
        return n->Run(n, top, gas, c);
    }

    [MethodImpl(Optimized)]
    static long Find(Instruction* n, byte* top, long gas, Context* c)
    {
        if (c->Code.HeadAt((int)((UInt256*)(top + n->B))->U0) == null) return (long)Halt.InvalidJump;
        // There may be a table now where there was none.
        c->Targets = c->Code.Targets;
        return n->Run(n, top, gas, c);
    }

    /// <summary>Behind the head of a block that may be compiled: counts, and when the count is done asks for it. The compiler puts its code in this place.</summary>
    [MethodImpl(Optimized)]
    public static long Count(Instruction* n, byte* top, long gas, Context* c)
    {
        if (--n->D < 0) AskToCompile(n, c);
        n++;
        return n->Run(n, top, gas, c);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void AskToCompile(Instruction* n, Context* c)
    {
        n->D = int.MaxValue;
        Compiler.Ask(c->Code, n - 1);
    }

    [MethodImpl(Optimized)]
    public static long Refuse(Instruction* head, byte* top, long gas, Context* c)
    {
        var frame = c->Frame;
        frame.Gas = gas;
        frame.Top = (UInt256*)top;
        frame.ProgramCounter = head->D;
        return Refused;
    }

    /// <summary>A stop of the kind in <see cref="Instruction.A"/>.</summary>
    [MethodImpl(Optimized)]
    public static long Stop(Instruction* n, byte* top, long gas, Context* c)
    {
        c->Frame.Gas = gas;
        return n->A;
    }

    /// <summary>RETURN and REVERT: <see cref="Instruction.A"/> says which.</summary>
    [MethodImpl(Optimized)]
    public static long Return<TX, TY>(Instruction* n, byte* top, long gas, Context* c) where TX : struct, IOperand where TY : struct, IOperand
    {
        var frame = c->Frame;
        frame.Gas = gas;
        if (!frame.TryRange(*TX.At(n, top, n->B), *TY.At(n, top, n->C), out frame.OutputOffset, out frame.OutputSize)) return (long)Halt.OutOfGas;
        return n->A;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static bool Admits(Instruction* head, byte* top) => (uint)((((int)(nint)top >> 5) & 0x7FF) - head->B) <= (uint)head->C;
}
