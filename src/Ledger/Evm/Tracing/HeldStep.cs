using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>
/// A step in an object, for listeners that must come back to it through other objects (a script, for one). It points into the machine:
/// stack and memory are good only until the tracer's method returns, and <see cref="Release"/> must be called before that.
/// </summary>
public sealed unsafe class HeldStep
{
    UInt256* _stack;
    byte* _memory;
    int _stackLength, _memoryLength;

    public int ProgramCounter { get; private set; }
    public Opcode Opcode { get; private set; }
    public long Gas { get; private set; }
    public int Depth { get; private set; }
    public long Refund { get; private set; }
    public Address Self { get; private set; }

    /// <summary>Empty once released.</summary>
    public ReadOnlySpan<UInt256> Stack => new(_stack, _stackLength);
    public ReadOnlySpan<byte> Memory => new(_memory, _memoryLength);

    public void Hold(in StepView step)
    {
        // Both stand in native memory, which no collector moves.
        _stack = (UInt256*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(step.Stack));
        _memory = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(step.Memory));
        (_stackLength, _memoryLength) = (step.Stack.Length, step.Memory.Length);
        (ProgramCounter, Opcode, Gas, Depth, Refund, Self) = (step.ProgramCounter, step.Opcode, step.Gas, step.Depth, step.Refund, step.Self);
    }

    public void Release() => (_stackLength, _memoryLength) = (0, 0);
}
