namespace Hufu.Evm;

public static class Opcodes
{
    static readonly string[] Mnemonics = [.. Enumerable.Range(0, 256).Select(value => MnemonicOf((Opcode)value))];

    /// <summary>The name as traces and assembly write it: MSTORE, PUSH1, "opcode 0xc not defined" for a byte that is none.</summary>
    public static string Mnemonic(this Opcode opcode) => Mnemonics[(byte)opcode];

    static string MnemonicOf(Opcode opcode) => opcode switch
    {
        Opcode.PrevRandao => "DIFFICULTY",
        _ when Enum.IsDefined(opcode) => opcode.ToString().ToUpperInvariant(),
        _ => $"opcode 0x{(byte)opcode:x} not defined",
    };
}
