using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>All that a contract's ABI JSON says, in its order.</summary>
public sealed class ContractAbi
{
    const int LongestFile = 16 << 20;

    ContractAbi(IReadOnlyList<AbiParameter> constructor, IReadOnlyList<AbiFunction> functions, IReadOnlyList<AbiEvent> events, IReadOnlyList<AbiError> errors) =>
        (Constructor, Functions, Events, Errors) = (constructor, functions, events, errors);

    /// <summary>What the constructor takes.</summary>
    public IReadOnlyList<AbiParameter> Constructor { get; }
    public bool IsConstructorPayable { get; private init; }
    public IReadOnlyList<AbiFunction> Functions { get; }
    public IReadOnlyList<AbiEvent> Events { get; }
    public IReadOnlyList<AbiError> Errors { get; }

    /// <summary>The code that deploys the contract, where the file is an artifact that has it; without it, empty.</summary>
    public ReadOnlyMemory<byte> InitCode { get; private init; }

    /// <summary>The event a log is of, if the contract has it.</summary>
    public AbiEvent? EventOf(Log log) => log.Topics.Count == 0 ? null : Events.FirstOrDefault(one => !one.IsAnonymous && one.Topic == log.Topics[0] && one.TryDecode(log, out _, out _));

    /// <summary>Takes the ABI array itself, or a compiler's artifact with a member <c>abi</c> (and <c>bytecode</c>).</summary>
    public static bool TryParse(ReadOnlySpan<byte> json, [NotNullWhen(true)] out ContractAbi? abi, [NotNullWhen(false)] out Refusal? refusal)
    {
        (abi, refusal) = (null, null);
        try
        {
            if (json.Length > LongestFile) throw new FormatException($"it has {json.Length} bytes");
            var reader = new Utf8JsonReader(json);
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            var isArtifact = root.ValueKind == JsonValueKind.Object;
            abi = Read(isArtifact ? root.GetProperty("abi") : root, isArtifact ? InitCodeOf(root) : default);
            return true;
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            refusal = new Refusal("not the ABI of a contract", error.Message, "give the compiler's JSON: an array of functions, events and errors, or an artifact with a member abi");
            return false;
        }
    }

    static ContractAbi Read(JsonElement items, ReadOnlyMemory<byte> initCode)
    {
        IReadOnlyList<AbiParameter> constructor = [];
        var isPayable = false;
        var (functions, events, errors) = (new List<AbiFunction>(), new List<AbiEvent>(), new List<AbiError>());
        foreach (var item in items.EnumerateArray())
        {
            var mutability = Text(item, "stateMutability") ?? "nonpayable";
            switch (Text(item, "type") ?? "function")
            {
                case "constructor":
                    (constructor, isPayable) = (Parameters(item, "inputs"), mutability == "payable");
                    break;
                case "function":
                    functions.Add(new AbiFunction(Name(item), Parameters(item, "inputs"), Parameters(item, "outputs"), mutability is "view" or "pure", mutability == "payable"));
                    break;
                case "event":
                    events.Add(new AbiEvent(Name(item), Parameters(item, "inputs"), item.TryGetProperty("anonymous", out var anonymous) && anonymous.GetBoolean()));
                    break;
                case "error":
                    errors.Add(new AbiError(Name(item), Parameters(item, "inputs")));
                    break;
                case "fallback" or "receive":
                    break;
                case var other:
                    throw new FormatException($"'{other}' is no kind of ABI entry");
            }
        }
        return new ContractAbi(constructor, functions, events, errors) { IsConstructorPayable = isPayable, InitCode = initCode };
    }

    static List<AbiParameter> Parameters(JsonElement item, string list, int depth = 0)
    {
        var parameters = new List<AbiParameter>();
        if (depth > AbiType.MaxDepth) throw new FormatException("a type is too deep");
        if (!item.TryGetProperty(list, out var entries)) return parameters;
        foreach (var entry in entries.EnumerateArray())
        {
            var isIndexed = entry.TryGetProperty("indexed", out var indexed) && indexed.GetBoolean();
            parameters.Add(new AbiParameter(Text(entry, "name") ?? "", Type(entry, depth), isIndexed));
        }
        return parameters;
    }

    static AbiType Type(JsonElement entry, int depth)
    {
        var name = Text(entry, "type") ?? throw new FormatException("a parameter has no type");
        if (!name.StartsWith("tuple", StringComparison.Ordinal)) return AbiType.Parse(name);
        // The brackets of a struct's array follow the word tuple; its members stand beside it.
        var type = AbiType.TupleWithin(Parameters(entry, "components", depth + 1), StructName(Text(entry, "internalType"))) ?? throw new FormatException("a struct is too deep or too large");
        var rest = name.AsSpan(5);
        while (!rest.IsEmpty)
        {
            var close = rest.IndexOf(']');
            var length = 0;
            if (rest[0] != '[' || close < 0 || (close > 1 && !AbiType.TryNumber(rest[1..close], out length))) throw new FormatException($"'{name}' is no type");
            type = AbiType.ArrayWithin(type, close > 1 ? length : null) ?? throw new FormatException("an array is too deep or too large");
            rest = rest[(close + 1)..];
        }
        return type;
    }

    // "struct Payments.Order[2]" is Order.
    static string? StructName(string? internalType)
    {
        if (internalType is null || !internalType.StartsWith("struct ", StringComparison.Ordinal)) return null;
        var name = internalType.AsSpan(7);
        if (name.IndexOf('[') is >= 0 and var bracket) name = name[..bracket];
        return name[(name.LastIndexOf('.') + 1)..].ToString();
    }

    static string Name(JsonElement item) =>
        Text(item, "name") is { Length: > 0 } name && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '$') ? name : throw new FormatException("an entry has no name");

    static string? Text(JsonElement item, string member) => item.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    static ReadOnlyMemory<byte> InitCodeOf(JsonElement root)
    {
        // Hardhat and this repository write bytecode as text, solc and Foundry as an object.
        if (!root.TryGetProperty("bytecode", out var code)) return default;
        var text = code.ValueKind == JsonValueKind.String ? code.GetString()! : code.GetProperty("object").GetString()!;
        return Hex.TryDecode(text.StartsWith("0x", StringComparison.Ordinal) ? text : "0x" + text, out var bytes) ? bytes : throw new FormatException("the bytecode is not hexadecimal: is a library not linked?");
    }
}
