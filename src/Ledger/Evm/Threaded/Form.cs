namespace Hufu.Evm.Threaded;

/// <summary>What kind of instruction a handler does, as far as the compiler does it too.</summary>
enum FormKind : byte
{
    /// <summary>Left to its handler.</summary>
    Handled,
    Head,
    Count,
    Binary,
    Unary,
    Modular,
    Copy,
    CopyTwo,
    Swap,
    Reading,
    MLoad,
    MStore,
    Keccak,
    SStore,
    TStore,
    CopyMemory,
    Outside,
    Next,
    Jump,
    JumpIf,
}

/// <summary>What an instruction is: its handler said in words.</summary>
/// <param name="IsXConstant">Whether the first operand is a constant; of a memory access, whether the offset is the immediate.</param>
/// <param name="Flag">Of a conditional jump, whether its question is negated; of modular arithmetic, whether the modulus is a constant.</param>
readonly record struct Form(FormKind Kind, Opcode Opcode = default, bool IsXConstant = false, bool IsYConstant = false, bool Flag = false);
