using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>Says of a frame that failed what went wrong, in the words that traces and their readers use.</summary>
public static unsafe class Faults
{
    // EIP-2200: SSTORE refuses to run on a call's stipend.
    const long SStoreSentry = 2_300;

    /// <param name="opcode">The last instruction that the frame began.</param>
    /// <param name="height">How many words were on the stack before it.</param>
    /// <param name="gas">How much gas there was before it.</param>
    public static string Describe(Halt halt, Opcode opcode, int height, long gas, ForkRules rules) => halt switch
    {
        Halt.InvalidOpcode => $"invalid opcode: {opcode.Mnemonic()}",
        Halt.StackUnderflow => $"stack underflow ({height} <=> {GasSchedule.For(rules).Rules[(int)opcode].MinHeight})",
        Halt.StackOverflow => $"stack limit reached {GasSchedule.StackLimit} ({height})",
        Halt.OutOfGas when opcode == Opcode.SStore && gas <= SStoreSentry && rules.Has(Eip.NetGasSstore) => "out of gas: not enough gas for reentrancy sentry",
        _ => halt.Describe(),
    };
}
