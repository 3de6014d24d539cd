namespace Hufu.Evm;

/// <summary>Why a frame stopped running.</summary>
public enum Halt : byte
{
    /// <summary>It still runs.</summary>
    None,

    // Normal halts keep their effects and the gas that is left.
    Stop,
    Return,
    SelfDestruct,

    /// <summary>Takes the effects back, keeps the gas that is left and the output (EIP-140).</summary>
    Revert,

    // Exceptional halts take the effects back and all the gas.
    OutOfGas,
    StackUnderflow,
    StackOverflow,
    InvalidJump,
    InvalidOpcode,
    WriteProtection,
    ReturnDataOutOfBounds,
    PrecompileFailure,

    // How a creation fails once its init code has run, or before.
    CreateCollision,
    CodeSizeLimit,
    InitCodeSizeLimit,
    CodeStartsWithEf,
    CodeDepositOutOfGas,

    // A call or creation that never started: it costs the caller nothing but the instruction.
    CallDepth,
    InsufficientBalance,
    NonceOverflow,

    /// <summary>Not an end: the frame waits for a call or creation it has just made.</summary>
    Entering,

    /// <summary>Not an end: the plain interpreter was to stop where the code has jumped back so often (<see cref="Frame.LoopsLeft"/>).</summary>
    Looping,
}

public static class Halts
{
    /// <summary>Whether the effects stay.</summary>
    public static bool IsSuccess(this Halt halt) => halt is Halt.Stop or Halt.Return or Halt.SelfDestruct;

    /// <summary>Whether all gas of the frame is lost.</summary>
    public static bool IsExceptional(this Halt halt) => halt is >= Halt.OutOfGas and <= Halt.CodeDepositOutOfGas;

    /// <summary>The words that traces and JSON-RPC errors use.</summary>
    public static string Describe(this Halt halt) => halt switch
    {
        Halt.None or Halt.Stop or Halt.Return or Halt.SelfDestruct or Halt.Entering or Halt.Looping => "",
        Halt.Revert => "execution reverted",
        Halt.OutOfGas => "out of gas",
        Halt.StackUnderflow => "stack underflow",
        Halt.StackOverflow => "stack limit reached 1024",
        Halt.InvalidJump => "invalid jump destination",
        Halt.InvalidOpcode => "invalid opcode",
        Halt.WriteProtection => "write protection",
        Halt.ReturnDataOutOfBounds => "return data out of bounds",
        Halt.PrecompileFailure => "precompile failed",
        Halt.CreateCollision => "contract address collision",
        Halt.CodeSizeLimit => "max code size exceeded",
        Halt.InitCodeSizeLimit => "max initcode size exceeded",
        Halt.CodeStartsWithEf => "invalid code: must not begin with 0xef",
        Halt.CodeDepositOutOfGas => "contract creation code storage out of gas",
        Halt.CallDepth => "max call depth exceeded",
        Halt.InsufficientBalance => "insufficient balance for transfer",
        Halt.NonceOverflow => "nonce uint64 overflow",
        _ => throw new ArgumentOutOfRangeException(nameof(halt), halt, null),
    };
}
