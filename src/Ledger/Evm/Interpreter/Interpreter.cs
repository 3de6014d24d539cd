using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>
/// The plain interpreter: one loop, one switch. The reference for every faster engine, and the one that traces.
/// Instructions that stay on the stack and in memory are here; those that reach further are in the classes of Instructions.
/// </summary>
static unsafe class Interpreter
{
    /// <summary>Runs the frame until it halts or enters a call. The frame's gas, stack and program counter are then up to date.</summary>
    public static Halt Run<TTracer>(Machine machine, Frame frame, ref TTracer tracer) where TTracer : struct, ITracer
    {
        var rules = machine.Gas.Rules;
        var code = frame.Code;
        var start = code.Start;
        var next = start + frame.ProgramCounter;
        var top = frame.Top;
        var gas = frame.Gas;
        var halt = Halt.None;

        while (true)
        {
            var opcode = (Opcode)(*next);
            var gasBefore = gas;
            if (TTracer.IsListening)
            {
                frame.Gas = gas;
                frame.Top = top;
                frame.ProgramCounter = (int)(next - start);
                tracer.StepStarted(ViewOf(machine, frame, opcode));
            }

            var rule = &rules[(int)opcode];
            gas -= rule->Gas;
            if (gas < 0 || !rule->Allows(StackArena.Height(top)))
            {
                halt = WhyRefused(*rule, StackArena.Height(top));
                goto Halted;
            }

            next++;
            switch (opcode)
            {
                case Opcode.Stop:
                    halt = Halt.Stop;
                    goto Halted;

                case Opcode.Add: top--; *top = top[1] + top[0]; break;
                case Opcode.Mul: top--; *top = top[1] * top[0]; break;
                case Opcode.Sub: top--; *top = top[1] - top[0]; break;
                case Opcode.Div: top--; *top = top[1] / top[0]; break;
                case Opcode.SDiv: top--; *top = UInt256.SignedDivide(top[1], top[0]); break;
                case Opcode.Mod: top--; *top = top[1] % top[0]; break;
                case Opcode.SMod: top--; *top = UInt256.SignedRemainder(top[1], top[0]); break;
                case Opcode.AddMod: top -= 2; *top = UInt256.AddMod(top[2], top[1], top[0]); break;
                case Opcode.MulMod: top -= 2; *top = UInt256.MultiplyMod(top[2], top[1], top[0]); break;
                case Opcode.SignExtend: top--; *top = UInt256.SignExtend(top[1], top[0]); break;

                case Opcode.Lt: top--; *top = Word(top[1] < top[0]); break;
                case Opcode.Gt: top--; *top = Word(top[1] > top[0]); break;
                case Opcode.SLt: top--; *top = Word(UInt256.SignedLessThan(top[1], top[0])); break;
                case Opcode.SGt: top--; *top = Word(UInt256.SignedLessThan(top[0], top[1])); break;
                case Opcode.Eq: top--; *top = Word(top[1] == top[0]); break;
                case Opcode.IsZero: *top = Word(top->IsZero); break;

                case Opcode.And: top--; *top = top[1] & top[0]; break;
                case Opcode.Or: top--; *top = top[1] | top[0]; break;
                case Opcode.Xor: top--; *top = top[1] ^ top[0]; break;
                case Opcode.Not: *top = ~*top; break;
                case Opcode.Byte: top--; *top = UInt256.ByteAt(top[1], top[0]); break;
                case Opcode.Shl: top--; *top = UInt256.ShiftLeft(top[0], top[1]); break;
                case Opcode.Shr: top--; *top = UInt256.ShiftRight(top[0], top[1]); break;
                case Opcode.Sar: top--; *top = UInt256.ShiftRightArithmetic(top[0], top[1]); break;
                case Opcode.Clz: *top = UInt256.CountLeadingZeros(*top); break;

                case Opcode.CallDataLoad: *top = CallDataWord(frame, *top); break;
                case Opcode.CallDataSize: *++top = frame.InputSize; break;
                case Opcode.CallValue: *++top = frame.Value; break;

                case Opcode.Pop: top--; break;

                case Opcode.MLoad:
                {
                    frame.Gas = gas;
                    if (!frame.TryReach(*top, 32, out var offset)) goto OutOfGas;
                    gas = frame.Gas;
                    *top = ReadWord(frame.Memory + offset);
                    break;
                }
                case Opcode.MStore:
                {
                    frame.Gas = gas;
                    if (!frame.TryReach(*top, 32, out var offset)) goto OutOfGas;
                    gas = frame.Gas;
                    WriteWord(frame.Memory + offset, top[-1]);
                    top -= 2;
                    break;
                }
                case Opcode.MStore8:
                {
                    frame.Gas = gas;
                    if (!frame.TryReach(*top, 1, out var offset)) goto OutOfGas;
                    gas = frame.Gas;
                    frame.Memory[offset] = (byte)top[-1].Low64;
                    top -= 2;
                    break;
                }
                case Opcode.MSize: *++top = frame.MemorySize; break;

                case Opcode.Jump:
                {
                    var target = *top--;
                    if (!target.FitsUInt64 || target.Low64 > uint.MaxValue || !code.IsJumpDestination((uint)target.Low64)) goto InvalidJump;
                    next = start + (uint)target.Low64;
                    break;
                }
                case Opcode.JumpI:
                {
                    top -= 2;
                    if (top[1].IsZero) break;
                    var target = top[2];
                    if (!target.FitsUInt64 || target.Low64 > uint.MaxValue || !code.IsJumpDestination((uint)target.Low64)) goto InvalidJump;
                    next = start + (uint)target.Low64;
                    break;
                }
                case Opcode.JumpDest: break;
                case Opcode.Pc: *++top = (ulong)(next - start - 1); break;
                case Opcode.Gas: *++top = (ulong)gas; break;

                case Opcode.Push0: *++top = UInt256.Zero; break;
                case Opcode.Push1: *++top = (ulong)*next; next++; break;
                case Opcode.Push2: *++top = (ulong)BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ushort>(next)); next += 2; break;
                case Opcode.Push3: case Opcode.Push4: case Opcode.Push5: case Opcode.Push6: case Opcode.Push7: case Opcode.Push8:
                {
                    var size = opcode - Opcode.Push0;
                    *++top = BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ulong>(next)) >> (64 - 8 * size);
                    next += size;
                    break;
                }
                case >= Opcode.Push9 and <= Opcode.Push32:
                {
                    var size = opcode - Opcode.Push0;
                    *++top = ReadWord(next) >> (256 - 8 * size);
                    next += size;
                    break;
                }

                case >= Opcode.Dup1 and <= Opcode.Dup16:
                    top[1] = top[(int)Opcode.Dup1 - (int)opcode];
                    top++;
                    break;
                case >= Opcode.Swap1 and <= Opcode.Swap16:
                {
                    var other = top - (opcode - Opcode.Swap1 + 1);
                    var lower = *other;
                    *other = *top;
                    *top = lower;
                    break;
                }

                default:
                    frame.Gas = gas;
                    frame.Top = top;
                    frame.ProgramCounter = (int)(next - start);
                    halt = Instructions.Run(opcode, machine, frame, ref tracer);
                    gas = frame.Gas;
                    top = frame.Top;
                    if (halt != Halt.None) goto Halted;
                    break;
            }

            if (TTracer.IsListening) tracer.StepEnded(gasBefore - gas, Halt.None);
            continue;

        OutOfGas:
            halt = Halt.OutOfGas;
            goto Halted;
        InvalidJump:
            halt = Halt.InvalidJump;
        Halted:
            if (TTracer.IsListening) tracer.StepEnded(gasBefore - gas, halt);
            frame.Gas = gas;
            frame.Top = top;
            return halt;
        }
    }

    static UInt256 Word(bool truth) => truth ? UInt256.One : UInt256.Zero;

    internal static UInt256 ReadWord(byte* from) => UInt256.FromBigEndian(new ReadOnlySpan<byte>(from, 32));

    internal static void WriteWord(byte* to, in UInt256 word) => word.WriteBigEndian(new Span<byte>(to, 32));

    static UInt256 CallDataWord(Frame frame, in UInt256 offset)
    {
        var size = frame.InputSize;
        if (!offset.FitsUInt64 || offset.Low64 >= size) return UInt256.Zero;
        var at = offset.Low64;
        if (size - at >= 32) return ReadWord(frame.Input + at);
        Span<byte> padded = stackalloc byte[32];
        padded.Clear();
        frame.InputBytes[(int)at..].CopyTo(padded);
        return UInt256.FromBigEndian(padded);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static Halt WhyRefused(OpcodeRule rule, int height) =>
        !rule.IsDefined ? Halt.InvalidOpcode
        : height < rule.MinHeight ? Halt.StackUnderflow
        : !rule.Allows(height) ? Halt.StackOverflow
        : Halt.OutOfGas;

    static StepView ViewOf(Machine machine, Frame frame, Opcode opcode) => new()
    {
        ProgramCounter = frame.ProgramCounter,
        Opcode = opcode,
        Gas = frame.Gas,
        Depth = frame.Depth + 1,
        Refund = machine.Journal.Refund,
        Stack = new ReadOnlySpan<UInt256>(frame.Stack + 1, StackArena.Height(frame.Top)),
        Memory = new ReadOnlySpan<byte>(frame.Memory, (int)frame.MemorySize),
        ReturnData = machine.ReturnData.Bytes,
        Self = frame.Self.Address,
    };
}
