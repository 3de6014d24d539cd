using System.Collections.Frozen;
using System.Globalization;
using System.Numerics;
using System.Text;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>What Solidity's console.log says, read from the calls that Hardhat's console.sol and forge-std's console and console2 make to an address where nothing stands.</summary>
static class ConsoleLog
{
    /// <summary>"console.log" in ASCII.</summary>
    public static readonly Address Address = Address.Parse("0x000000000000000000636F6e736F6c652e6c6f67");

    const int MostArguments = 4;

    static readonly Lazy<FrozenDictionary<uint, string[]>> Signatures = new(Known);

    /// <summary>Whether code with these bytes, or code that they deploy, may speak: the address stands in it.</summary>
    public static bool MayLog(ReadOnlySpan<byte> code) => code.IndexOf("console.log"u8) >= 0;

    /// <summary>The line that the input of a call says; null where it is of no known form.</summary>
    public static string? Read(ReadOnlySpan<byte> input)
    {
        if (input.Length < 4 || !Signatures.Value.TryGetValue(BigEndian(input), out var types)) return null;
        var values = new object?[types.Length];
        for (var i = 0; i < types.Length; i++)
            if ((values[i] = Value(types[i], input[4..], i * 32)) is null) return null;
        return Format(values!);
    }

    static uint BigEndian(ReadOnlySpan<byte> bytes) => System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes);

    // Early versions of the libraries hashed `uint` and `int` where the ABI has uint256 and int256; what they compiled still runs.
    static FrozenDictionary<uint, string[]> Known()
    {
        var known = new Dictionary<uint, string[]>();
        Add(known, []);
        foreach (var type in new[] { "int256", "int", "bytes", "address" }.Concat(Enumerable.Range(1, 32).Select(size => string.Create(CultureInfo.InvariantCulture, $"bytes{size}")))) Add(known, [type]);
        Add(known, ["string", "int256"]);
        Add(known, ["string", "int"]);
        foreach (var integer in new[] { "uint256", "uint" }) Combine(known, [integer, "string", "bool", "address"], []);
        return known.ToFrozenDictionary();
    }

    static void Combine(Dictionary<uint, string[]> known, string[] types, string[] before)
    {
        if (before.Length == MostArguments) return;
        foreach (var type in types)
        {
            string[] arguments = [.. before, type];
            Add(known, arguments);
            Combine(known, types, arguments);
        }
    }

    static void Add(Dictionary<uint, string[]> known, string[] types) =>
        known.TryAdd(BigEndian(Keccak256.Hash(Encoding.ASCII.GetBytes($"log({string.Join(',', types)})")).Bytes), types);

    static object? Value(string type, ReadOnlySpan<byte> arguments, int at)
    {
        if (arguments.Length < at + 32) return null;
        var word = arguments.Slice(at, 32);
        switch (type)
        {
            case "uint256" or "uint": return new BigInteger(word, isUnsigned: true, isBigEndian: true);
            case "int256" or "int": return new BigInteger(word, isUnsigned: false, isBigEndian: true);
            case "bool": return word[31] != 0;
            case "address": return Address.FromBytes(word[12..]).ToChecksumString();
            case "string" or "bytes":
                var offset = UInt256.FromBigEndian(word);
                if (offset > (ulong)arguments.Length - 32) return null;
                var length = UInt256.FromBigEndian(arguments.Slice((int)offset.Low64, 32));
                if (length > (ulong)arguments.Length - 32 - offset) return null;
                var bytes = arguments.Slice((int)offset.Low64 + 32, (int)length.Low64);
                return type == "string" ? Encoding.UTF8.GetString(bytes) : Hex.Encode(bytes);
            default: return Hex.Encode(word[..int.Parse(type.AsSpan(5), CultureInfo.InvariantCulture)]);
        }
    }

    // As Node's util.format: a first text with %s and its kin takes the values that follow, the rest stands after it.
    static string Format(object[] values)
    {
        if (values.Length == 0) return "";
        var line = new StringBuilder();
        var next = 1;
        if (values[0] is string format && values.Length > 1)
        {
            for (var i = 0; i < format.Length; i++)
            {
                var form = format[i] == '%' && i + 1 < format.Length ? format[i + 1] : '\0';
                if (form == '%') line.Append('%');
                else if (form is 's' or 'd' or 'i' or 'f' or 'o' or 'O' or 'j' or 'x' && next < values.Length) line.Append(Text(values[next++], form));
                else
                {
                    line.Append(format[i]);
                    continue;
                }
                i++;
            }
        }
        else line.Append(Text(values[0], 's'));
        for (; next < values.Length; next++) line.Append(' ').Append(Text(values[next], 's'));
        return line.ToString();
    }

    static string Text(object value, char form) => value switch
    {
        bool truth => truth ? "true" : "false",
        BigInteger number when form == 'x' => "0x" + number.ToString("x", CultureInfo.InvariantCulture).TrimStart('0').PadLeft(1, '0'),
        BigInteger number => number.ToString(CultureInfo.InvariantCulture),
        _ => (string)value,
    };
}
