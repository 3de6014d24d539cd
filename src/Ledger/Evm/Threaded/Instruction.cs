using System.Runtime.InteropServices;

namespace Hufu.Evm.Threaded;

/// <summary>
/// One instruction of threaded code: the machine code that does it, and where its operands stand. Operands are three-address: PUSH, DUP, SWAP and
/// POP are gone, and an addition names the two words it adds and the word it fills.
/// </summary>
/// <remarks>
/// A place is a distance in bytes from the top of the stack as it was when the block began (<see cref="Slot"/>), or, for a constant,
/// from the instruction itself (<see cref="Constant"/>).
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
unsafe struct Instruction
{
    public const int Size = 32;

    /// <summary>Does the instruction and jumps to the next: the gas left and the top of the stack travel in registers. Returns the <see cref="Halt"/> that ended the run.</summary>
    public delegate*<Instruction*, byte*, long, Context*, long> Run;

    /// <summary>The result's place, or by how much the stack grows (jumps).</summary>
    public int A;

    /// <summary>Operands; of a block's head what the stack must hold and how much more it may hold.</summary>
    public int B, C;

    /// <summary>A third operand, or a position in the code.</summary>
    public int D;

    /// <summary>Of a block's head its gas; of a jump the head it goes to; of an instruction that looks at the gas, what of the block's gas is not due yet.</summary>
    public long Immediate;
}

/// <summary>What a run of threaded code works on beside the stack and the gas. It stands on the native stack of the thread.</summary>
unsafe struct Context
{
    public byte* Memory;

    /// <summary>Offsets below this one have a whole word of memory behind them.</summary>
    public ulong MemoryWords;
    public ulong MemorySize;

    /// <summary>For each position of the code the head of the block that begins there; null where there is none or it is not translated yet.</summary>
    public Instruction** Targets;
    public ulong CodeLength;

    /// <summary>Addresses as numbers, once an instruction has asked for them.</summary>
    public AddressWord Self, Caller, Origin;

    public Frame Frame;
    public Machine Machine;
    public ThreadedCode Code;

    /// <summary>Why the instruction that answered with less than no gas failed.</summary>
    public Halt Halt;

    /// <summary>By limbs: read as one word it would stall where it happens to lie across two pages.</summary>
    public struct AddressWord
    {
        public ulong Low, Middle, High;
        public bool IsKnown;
    }

    /// <summary>Follows the frame's memory to where it is now.</summary>
    public void Refresh()
    {
        Memory = Frame.Memory;
        MemorySize = Frame.MemorySize;
        MemoryWords = MemorySize < 32 ? 0 : MemorySize - 31;
    }
}
