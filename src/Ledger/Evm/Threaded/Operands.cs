using System.Runtime.CompilerServices;
using Hufu.Primitives;

namespace Hufu.Evm.Threaded;

/// <summary>Where an operand is found. A struct type parameter, so that each way is machine code of its own.</summary>
unsafe interface IOperand
{
    static abstract UInt256* At(Instruction* instruction, byte* top, int place);
}

/// <summary>On the stack.</summary>
readonly unsafe struct Slot : IOperand
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UInt256* At(Instruction* instruction, byte* top, int place) => (UInt256*)(top + place);
}

/// <summary>Among the constants that stand behind the instructions.</summary>
readonly unsafe struct Constant : IOperand
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UInt256* At(Instruction* instruction, byte* top, int place) => (UInt256*)((byte*)instruction + place);
}
