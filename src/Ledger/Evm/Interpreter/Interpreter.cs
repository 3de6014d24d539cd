using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>
/// The plain interpreter: one loop, one switch. The reference for every faster engine, and the one that traces.
/// Instructions that stay on the stack and in memory are here; those that reach further are in the classes of Instructions.
/// </summary>
/// <remarks>
/// What the loop keeps in registers is few on purpose: the next instruction, the top of the stack, the gas, the frame, the rules.
/// All else is read from the frame. Every case stands alone, not in ranges, so that the switch is one table. Results go to the stack as one vector each, because a word stored in parts and read whole stalls.
/// </remarks>
static unsafe class Interpreter
{
    /// <summary>Runs the frame until it halts or enters a call. The frame's gas, stack and program counter are then up to date.</summary>
    [SkipLocalsInit]
    public static Halt Run<TTracer>(Frame frame, ref TTracer tracer) where TTracer : struct, ITracer
    {
        var rules = frame.Machine.Gas.Rules;
        var next = frame.Code.Start + frame.ProgramCounter;
        var top = frame.Top;
        var gas = frame.Gas;
        UInt256* reached;
        byte* target;

        while (true)
        {
            var opcode = (Opcode)(*next);
            var gasBefore = gas;
            if (TTracer.IsListening)
            {
                frame.Gas = gas;
                frame.Top = top;
                frame.ProgramCounter = (int)(next - frame.Code.Start);
                tracer.StepStarted(ViewOf(frame, opcode));
            }

            var rule = &rules[(int)opcode];
            gas -= rule->Gas;
            if (gas < 0 || !rule->Allows(StackArena.Height(top))) goto Refused;

            next++;
            switch (opcode)
            {
                case Opcode.Stop: goto Stopped;

                case Opcode.Add: top--; UInt256.Add(top[1], top[0], out *top); break;
                case Opcode.Mul: top--; UInt256.Multiply(top[1], top[0], out *top); break;
                case Opcode.Sub: top--; UInt256.Subtract(top[1], top[0], out *top); break;
                case Opcode.Div: top--; UInt256.Divide(top[1], top[0], out *top); break;
                case Opcode.SDiv: top--; UInt256.SignedDivide(top[1], top[0], out *top); break;
                case Opcode.Mod: top--; UInt256.Remainder(top[1], top[0], out *top); break;
                case Opcode.SMod: top--; UInt256.SignedRemainder(top[1], top[0], out *top); break;
                case Opcode.AddMod: top -= 2; UInt256.AddMod(top[2], top[1], top[0], out *top); break;
                case Opcode.MulMod: top -= 2; UInt256.MultiplyMod(top[2], top[1], top[0], out *top); break;
                case Opcode.SignExtend: top--; UInt256.SignExtend(top[1], top[0], out *top); break;

                case Opcode.Lt: top--; Put(top, top[1] < top[0]); break;
                case Opcode.Gt: top--; Put(top, top[1] > top[0]); break;
                case Opcode.SLt: top--; Put(top, UInt256.SignedLessThan(top[1], top[0])); break;
                case Opcode.SGt: top--; Put(top, UInt256.SignedLessThan(top[0], top[1])); break;
                case Opcode.Eq: top--; Put(top, top[1] == top[0]); break;
                case Opcode.IsZero: Put(top, top->IsZero); break;

                case Opcode.And: top--; UInt256.And(top[1], top[0], out *top); break;
                case Opcode.Or: top--; UInt256.Or(top[1], top[0], out *top); break;
                case Opcode.Xor: top--; UInt256.Xor(top[1], top[0], out *top); break;
                case Opcode.Not: UInt256.Not(*top, out *top); break;
                case Opcode.Byte: top--; UInt256.ByteAt(top[1], top[0], out *top); break;
                case Opcode.Shl: top--; UInt256.ShiftLeft(top[0], top[1], out *top); break;
                case Opcode.Shr: top--; UInt256.ShiftRight(top[0], top[1], out *top); break;
                case Opcode.Sar: top--; UInt256.ShiftRightArithmetic(top[0], top[1], out *top); break;
                case Opcode.Clz: Put(top, (ulong)(256 - top->BitLength)); break;

                case Opcode.CallDataLoad: Environment.CallDataLoad(frame, top); break;
                case Opcode.CallDataSize: Put(++top, frame.InputSize); break;
                case Opcode.CallValue: *++top = frame.Value; break;

                case Opcode.Pop: top--; break;

                case Opcode.MLoad:
                    {
                        var offset = top->Low64;
                        if (!frame.Holds(*top, 32) && (gas = frame.Reach(*top, 32, gas)) < 0) goto OutOfGas;
                        UInt256.FromBigEndian(ref frame.Memory[offset], out *top);
                        break;
                    }
                case Opcode.MStore:
                    {
                        var offset = top->Low64;
                        if (!frame.Holds(*top, 32) && (gas = frame.Reach(*top, 32, gas)) < 0) goto OutOfGas;
                        UInt256.WriteBigEndian(top[-1], ref frame.Memory[offset]);
                        top -= 2;
                        break;
                    }
                case Opcode.MStore8:
                    {
                        var offset = top->Low64;
                        if (!frame.Holds(*top, 1) && (gas = frame.Reach(*top, 1, gas)) < 0) goto OutOfGas;
                        frame.Memory[offset] = (byte)top[-1].Low64;
                        top -= 2;
                        break;
                    }
                case Opcode.MSize: Put(++top, frame.MemorySize); break;

                case Opcode.Jump:
                    if (!frame.Code.IsJumpDestination(*top)) goto InvalidJump;
                    target = frame.Code.Start + top->Low64;
                    top--;
                    if (target < next && --frame.LoopsLeft == 0) goto Looping;
                    next = target;
                    break;
                case Opcode.JumpI:
                    top -= 2;
                    if (top[1].IsZero) break;
                    if (!frame.Code.IsJumpDestination(top[2])) goto InvalidJump;
                    target = frame.Code.Start + top[2].Low64;
                    if (target < next && --frame.LoopsLeft == 0) goto Looping;
                    next = target;
                    break;
                case Opcode.JumpDest: break;
                case Opcode.Pc: Put(++top, (ulong)(next - frame.Code.Start - 1)); break;
                case Opcode.Gas: Put(++top, (ulong)gas); break;

                case Opcode.Push0: Put(++top, 0); break;
                case Opcode.Push1: Put(++top, *next); next++; break;
                case Opcode.Push2: Put(++top, BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ushort>(next))); next += 2; break;
                case Opcode.Push4: Put(++top, BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<uint>(next))); next += 4; break;
                case Opcode.Push3:
                case Opcode.Push5:
                case Opcode.Push6:
                case Opcode.Push7:
                case Opcode.Push8:
                    {
                        var size = (int)opcode - (int)Opcode.Push0;
                        Put(++top, BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ulong>(next)) >> (64 - 8 * size));
                        next += size;
                        break;
                    }
                case Opcode.Push32:
                    UInt256.FromBigEndian(ref *next, out *++top);
                    next += 32;
                    break;
                case Opcode.Push9:
                case Opcode.Push10:
                case Opcode.Push11:
                case Opcode.Push12:
                case Opcode.Push13:
                case Opcode.Push14:
                case Opcode.Push15:
                case Opcode.Push16:
                case Opcode.Push17:
                case Opcode.Push18:
                case Opcode.Push19:
                case Opcode.Push20:
                case Opcode.Push21:
                case Opcode.Push22:
                case Opcode.Push23:
                case Opcode.Push24:
                case Opcode.Push25:
                case Opcode.Push26:
                case Opcode.Push27:
                case Opcode.Push28:
                case Opcode.Push29:
                case Opcode.Push30:
                case Opcode.Push31:
                    {
                        // The word that ends with the pushed bytes begins inside the code or at most 23 bytes before it, in its padding.
                        var size = (int)opcode - (int)Opcode.Push0;
                        UInt256.FromBigEndian(ref next[size - 32], out *++top);
                        KeepLow(top, size);
                        next += size;
                        break;
                    }

                case Opcode.Dup1:
                case Opcode.Dup2:
                case Opcode.Dup3:
                case Opcode.Dup4:
                case Opcode.Dup5:
                case Opcode.Dup6:
                case Opcode.Dup7:
                case Opcode.Dup8:
                case Opcode.Dup9:
                case Opcode.Dup10:
                case Opcode.Dup11:
                case Opcode.Dup12:
                case Opcode.Dup13:
                case Opcode.Dup14:
                case Opcode.Dup15:
                case Opcode.Dup16:
                    top[1] = top[(int)Opcode.Dup1 - (int)opcode];
                    top++;
                    break;
                case Opcode.Swap1:
                case Opcode.Swap2:
                case Opcode.Swap3:
                case Opcode.Swap4:
                case Opcode.Swap5:
                case Opcode.Swap6:
                case Opcode.Swap7:
                case Opcode.Swap8:
                case Opcode.Swap9:
                case Opcode.Swap10:
                case Opcode.Swap11:
                case Opcode.Swap12:
                case Opcode.Swap13:
                case Opcode.Swap14:
                case Opcode.Swap15:
                case Opcode.Swap16:
                    {
                        var other = (Vector256<ulong>*)(top - ((int)opcode - (int)Opcode.Swap1 + 1));
                        var lower = *other;
                        *other = *(Vector256<ulong>*)top;
                        *(Vector256<ulong>*)top = lower;
                        break;
                    }

                case Opcode.DupN:
                    next++;
                    if ((reached = DeepStack.Duplicate(top, next[-1])) == null) goto OutOfReach;
                    top = reached;
                    break;
                case Opcode.SwapN:
                    next++;
                    if (DeepStack.Swap(top, next[-1]) == null) goto OutOfReach;
                    break;
                case Opcode.Exchange:
                    next++;
                    if (DeepStack.Exchange(top, next[-1]) == null) goto OutOfReach;
                    break;

                default:
                    {
                        frame.Gas = gas;
                        frame.Top = top;
                        frame.ProgramCounter = (int)(next - frame.Code.Start);
                        var halt = Instructions.Run(opcode, frame.Machine, frame, ref Heard(ref tracer));
                        if (halt != Halt.None)
                        {
                            if (TTracer.IsListening) tracer.StepEnded(gasBefore - frame.Gas, halt);
                            return halt;
                        }
                        gas = frame.Gas;
                        top = frame.Top;
                        break;
                    }
            }

            if (TTracer.IsListening) tracer.StepEnded(gasBefore - gas, Halt.None);
            continue;

        Looping:
            frame.ProgramCounter = (int)(target - frame.Code.Start);
            return End(frame, top, gas, gasBefore, Halt.Looping, ref Heard(ref tracer));
        Stopped:
            return End(frame, top, gas, gasBefore, Halt.Stop, ref Heard(ref tracer));
        OutOfGas:
            return End(frame, top, gas, gasBefore, Halt.OutOfGas, ref Heard(ref tracer));
        InvalidJump:
            return End(frame, top, gas, gasBefore, Halt.InvalidJump, ref Heard(ref tracer));
        OutOfReach:
            return End(frame, top, gas, gasBefore, DeepStack.WhyRefused((Opcode)next[-2], next[-1]), ref Heard(ref tracer));
        Refused:
            return End(frame, top, gas, gasBefore, WhyRefused(*rule, StackArena.Height(top)), ref Heard(ref tracer));
        }
    }

    static Halt End<TTracer>(Frame frame, UInt256* top, long gas, long gasBefore, Halt halt, ref TTracer tracer) where TTracer : struct, ITracer
    {
        if (TTracer.IsListening) tracer.StepEnded(gasBefore - gas, halt);
        frame.Gas = gas;
        frame.Top = top;
        return halt;
    }

    // A tracer that does not listen is not passed on, so that the loop need not keep it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ref TTracer Heard<TTracer>(ref TTracer tracer) where TTracer : struct, ITracer
    {
        if (TTracer.IsListening) return ref tracer;
        return ref Unsafe.NullRef<TTracer>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Put(UInt256* at, ulong value) => *(Vector256<ulong>*)at = Vector256.CreateScalar(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Put(UInt256* at, bool truth) => Put(at, (ulong)Unsafe.BitCast<bool, byte>(truth));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void KeepLow(UInt256* word, int bytes)
    {
        var mask = Vector256.LoadUnsafe(in MemoryMarshal.GetReference(OnesThenZeros), (nuint)(32 - bytes));
        *(Vector256<byte>*)word &= mask;
    }

    static ReadOnlySpan<byte> OnesThenZeros =>
    [
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    [MethodImpl(MethodImplOptions.NoInlining)]
    static Halt WhyRefused(OpcodeRule rule, int height) =>
        !rule.IsDefined ? Halt.InvalidOpcode
        : height < rule.MinHeight ? Halt.StackUnderflow
        : !rule.Allows(height) ? Halt.StackOverflow
        : Halt.OutOfGas;

    static StepView ViewOf(Frame frame, Opcode opcode) => new()
    {
        ProgramCounter = frame.ProgramCounter,
        Opcode = opcode,
        Gas = frame.Gas,
        Depth = frame.Depth + 1,
        Refund = frame.Machine.Journal.Refund,
        Stack = new ReadOnlySpan<UInt256>(frame.Stack + 1, StackArena.Height(frame.Top)),
        Memory = new ReadOnlySpan<byte>(frame.Memory, (int)frame.MemorySize),
        ReturnData = frame.Machine.ReturnData.Bytes,
        Self = frame.Self.Address,
    };
}
