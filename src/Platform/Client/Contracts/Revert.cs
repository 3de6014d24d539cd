using System.Globalization;
using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>What a contract reverted with, in words: Solidity's own Error(string) and Panic(uint256), or a custom error of the contract's ABI.</summary>
public sealed record Revert(ReadOnlyMemory<byte> Data)
{
    static readonly AbiError Error = AbiError.Parse("error Error(string message)"), Panic = AbiError.Parse("error Panic(uint256 code)");

    /// <summary>Null where the ABI has no error with this selector.</summary>
    public AbiError? Abi { get; private init; }

    /// <summary>In the order of the error's inputs.</summary>
    public IReadOnlyList<object> Arguments { get; private init; } = [];

    /// <summary>The message of Error(string), the meaning of a panic, or the custom error with its arguments by name.</summary>
    public string Words { get; private init; } = Data.IsEmpty ? "it gave no reason" : $"unknown error {Hex.Encode(Data.Span[..Math.Min(4, Data.Length)])}";

    public static Revert Of(ReadOnlyMemory<byte> data, IReadOnlyList<AbiError>? known = null)
    {
        if (Error.TryDecode(data.Span, out var message)) return new Revert(data) { Abi = Error, Arguments = message, Words = (string)message[0] };
        if (Panic.TryDecode(data.Span, out var code)) return new Revert(data) { Abi = Panic, Arguments = code, Words = Meaning((UInt256)code[0]) };
        foreach (var error in known ?? [])
            if (error.TryDecode(data.Span, out var arguments))
                return new Revert(data) { Abi = error, Arguments = arguments, Words = Describe(error.Name, error.Inputs, arguments) };
        return new Revert(data);
    }

    internal static string Describe(string name, IReadOnlyList<AbiParameter> inputs, IReadOnlyList<object> values) =>
        $"{name}({string.Join(", ", values.Select((value, i) => inputs[i].Name.Length > 0 ? $"{inputs[i].Name}: {AbiJson.Text(value)}" : AbiJson.Text(value)))})";

    static string Meaning(in UInt256 code) => (code.FitsUInt64 ? code.Low64 : ulong.MaxValue) switch
    {
        0x00 => "panic: the compiler's own",
        0x01 => "panic: an assertion failed",
        0x11 => "panic: arithmetic underflow or overflow",
        0x12 => "panic: division or modulo by zero",
        0x21 => "panic: a number is no member of the enumeration",
        0x22 => "panic: a byte array in storage is wrongly encoded",
        0x31 => "panic: pop of an empty array",
        0x32 => "panic: an index is outside its array",
        0x41 => "panic: too much memory",
        0x51 => "panic: a function variable holds nothing",
        _ => "panic " + code.ToString(null, CultureInfo.InvariantCulture),
    };

    public override string ToString() => Words;
}
