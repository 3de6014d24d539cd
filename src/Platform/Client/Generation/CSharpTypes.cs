using System.Globalization;

namespace Hufu.Client;

readonly record struct CSharpParameter(string Type, string Name);

/// <summary>How ABI types are called in C#: integers by the smallest type that holds them, structs by their name in Solidity.</summary>
/// <param name="taken">Names that a struct cannot have beside them: those of the contract's functions.</param>
sealed class CSharpTypes(IReadOnlySet<string> taken)
{
    readonly List<(AbiType Type, string Name)> _structs = [];

    /// <summary>The structs met so far, each once.</summary>
    public IReadOnlyList<(AbiType Type, string Name)> Structs => _structs;

    public IReadOnlyList<CSharpParameter> Parameters(IReadOnlyList<AbiParameter> parameters, bool forOutput = false)
    {
        var taken = new HashSet<string>(forOutput ? [] : ["block", "caller", "stop", "wei"], StringComparer.Ordinal);
        return [.. parameters.Select((parameter, i) =>
        {
            var name = CSharpNames.Camel(parameter.Name.Length > 0 ? parameter.Name : string.Create(CultureInfo.InvariantCulture, $"value{i}"));
            while (!taken.Add(name)) name += "Value";
            return new CSharpParameter(NameOf(parameter.Type), name);
        })];
    }

    public string NameOf(AbiType type) => type.Kind switch
    {
        AbiKind.UInt => type.Size switch { <= 8 => "byte", <= 16 => "ushort", <= 32 => "uint", <= 64 => "ulong", _ => "UInt256" },
        AbiKind.Int => type.Size switch { <= 8 => "sbyte", <= 16 => "short", <= 32 => "int", <= 64 => "long", _ => "BigInteger" },
        AbiKind.Address => "Address",
        AbiKind.Bool => "bool",
        AbiKind.String => "string",
        AbiKind.FixedBytes when type.Size == 32 => "Hash256",
        AbiKind.Array => $"IReadOnlyList<{NameOf(type.Element!)}>",
        AbiKind.Tuple => StructName(type),
        _ => "byte[]",
    };

    /// <summary>The expression that turns a decoded value into its C# type. Writing needs none: the encoder takes the types as they are.</summary>
    public string Read(AbiType type, string value) => type.Kind switch
    {
        AbiKind.UInt when type.Size > 64 => $"(UInt256){value}",
        AbiKind.UInt when type.Size > 32 => $"(ulong)(UInt256){value}",
        AbiKind.UInt => $"({NameOf(type)})(ulong)(UInt256){value}",
        AbiKind.Int when type.Size > 64 => $"(BigInteger){value}",
        AbiKind.Int => $"({NameOf(type)})(BigInteger){value}",
        AbiKind.FixedBytes when type.Size == 32 => $"Hash256.FromBytes((byte[]){value})",
        AbiKind.Array => $"ReadList({value}, item => {Read(type.Element!, "item")})",
        AbiKind.Tuple => $"{StructName(type)}.FromAbi({value})",
        _ => $"({NameOf(type)}){value}",
    };

    string StructName(AbiType type)
    {
        // Two structs are the same when name, types and members are.
        static string Shape(AbiType type) => $"{type.InternalName}{type}{string.Join(',', type.Components.Select(component => component.Name))}";
        foreach (var (known, name) in _structs)
            if (Shape(known) == Shape(type)) return name;
        var wanted = CSharpNames.Pascal(type.InternalName ?? "Tuple");
        if (taken.Contains(wanted)) wanted += "Struct";
        var unique = wanted;
        for (var number = 2; _structs.Any(one => one.Name == unique); number++) unique = wanted + number.ToString(CultureInfo.InvariantCulture);
        _structs.Add((type, unique));
        foreach (var component in type.Components) NameOf(component.Type);
        return unique;
    }
}

static class CSharpNames
{
    static readonly HashSet<string> Keywords = new(StringComparer.Ordinal)
    {
        "abstract", "as", "base", "bool", "break", "byte", "case", "catch", "char", "checked", "class", "const", "continue", "decimal", "default", "delegate", "do", "double", "else", "enum", "event", "explicit",
        "extern", "false", "finally", "fixed", "float", "for", "foreach", "goto", "if", "implicit", "in", "int", "interface", "internal", "is", "lock", "long", "namespace", "new", "null", "object", "operator", "out",
        "override", "params", "private", "protected", "public", "readonly", "ref", "return", "sbyte", "sealed", "short", "sizeof", "stackalloc", "static", "string", "struct", "switch", "this", "throw", "true", "try",
        "typeof", "uint", "ulong", "unchecked", "unsafe", "ushort", "using", "virtual", "void", "volatile", "while",
    };

    /// <summary>balanceOf is BalanceOf, DOMAIN_SEPARATOR is DomainSeparator.</summary>
    public static string Pascal(string name)
    {
        if (name.Contains('_') && !name.Any(char.IsLower)) name = name.ToLowerInvariant();
        var words = name.Split(['_', '$'], StringSplitOptions.RemoveEmptyEntries).Select(word => char.ToUpperInvariant(word[0]) + word[1..]);
        var pascal = string.Concat(words).TrimStart('@');
        return pascal.Length == 0 || char.IsAsciiDigit(pascal[0]) ? "Value" + pascal : pascal;
    }

    public static string Camel(string name)
    {
        var pascal = Pascal(name);
        var camel = char.ToLowerInvariant(pascal[0]) + pascal[1..];
        return Keywords.Contains(camel) ? "@" + camel : camel;
    }

    /// <summary>A record's member: not named as the record itself or its own static members.</summary>
    public static string Member(string camel, string record)
    {
        var name = Pascal(camel);
        return name == record || name is "Abi" or "Read" or "Filter" or "ToAbi" or "FromAbi" or "Equals" or "GetHashCode" or "ToString" or "GetType" ? name + "Value" : name;
    }
}
