using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.WebConsole;

/// <summary>Arguments as people type them into a form.</summary>
static class ArgumentText
{
    /// <param name="text">What was typed for the argument at a place; null where nothing was.</param>
    public static bool TryRead(AbiFunction function, Func<int, string?> text, [NotNullWhen(true)] out object[]? arguments, [NotNullWhen(false)] out Refusal? refusal)
    {
        (arguments, refusal) = (null, null);
        var values = new object[function.Inputs.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var (input, typed) = (function.Inputs[i], text(i) ?? "");
            var name = input.Name.Length > 0 ? input.Name : $"argument {i + 1}";
            try
            {
                values[i] = Read(input.Type, typed, name);
            }
            catch (Exception error) when (error is FormatException or JsonException)
            {
                refusal = new Refusal($"{name} cannot be read", error.Message, Hint(input.Type));
                return false;
            }
        }
        arguments = values;
        return true;
    }

    /// <summary>An example of what to type.</summary>
    public static string Hint(AbiType type) => type.Kind switch
    {
        AbiKind.Address => "0x…",
        AbiKind.UInt or AbiKind.Int => "0",
        AbiKind.Bytes => "0x",
        AbiKind.FixedBytes => type.Size == 32 ? "0x… / text" : $"0x… ({type.Size} bytes)",
        AbiKind.Array => $"[{(type.Element is { } element ? Quoted(element) : "")}, …]",
        AbiKind.Tuple => "{ " + string.Join(", ", type.Components.Select(one => $"\"{one.Name}\": {Quoted(one.Type)}")) + " }",
        _ => "",
    };

    static string Quoted(AbiType type) => type.Kind is AbiKind.Bool or AbiKind.Array or AbiKind.Tuple ? Hint(type) : $"\"{Hint(type)}\"";

    static object Read(AbiType type, string typed, string name)
    {
        switch (type.Kind)
        {
            case AbiKind.String: return typed;
            case AbiKind.Bool: return typed.Trim() is "true" or "false" ? typed.Trim() == "true" : throw new FormatException($"'{typed}' is neither true nor false");
            case AbiKind.Array or AbiKind.Tuple:
                using (var document = JsonDocument.Parse(typed)) return AbiJson.Read(type, document.RootElement, name);
            case AbiKind.FixedBytes when !typed.StartsWith("0x", StringComparison.Ordinal) && typed.Length > 0:
                // A reference is often a word: it stands at the front, zeros behind it.
                var bytes = Encoding.UTF8.GetBytes(typed);
                if (bytes.Length > type.Size) throw new FormatException($"'{typed}' has {bytes.Length} bytes, {type.Size} have room");
                Array.Resize(ref bytes, type.Size);
                return bytes;
            case AbiKind.UInt or AbiKind.Int:
                return AbiJson.Read(type, JsonSerializer.SerializeToElement(typed.Trim().Replace(",", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal)), name);
            default: return AbiJson.Read(type, JsonSerializer.SerializeToElement(typed.Trim()), name);
        }
    }
}
