using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>ABI values in JSON: integers as decimal text, bytes and addresses as "0x…", arrays and tuples as arrays. What a program writes and people can read.</summary>
public static class AbiJson
{
    public static void Write(Utf8JsonWriter writer, AbiType type, object value)
    {
        switch (type.Kind)
        {
            case AbiKind.Array or AbiKind.Tuple:
                writer.WriteStartArray();
                var items = (object[])value;
                for (var i = 0; i < items.Length; i++) Write(writer, type.Element ?? type.Components[i].Type, items[i]);
                writer.WriteEndArray();
                break;
            case AbiKind.Bool: writer.WriteBooleanValue((bool)value); break;
            default: writer.WriteStringValue(Text(value)); break;
        }
    }

    /// <summary>A value on one line, as people read it.</summary>
    public static string Text(object value) => value switch
    {
        Address address => address.ToChecksumString(),
        byte[] bytes => Hex.Encode(bytes),
        string text => text,
        bool flag => flag ? "true" : "false",
        object[] items => new StringBuilder("[").AppendJoin(", ", items.Select(Text)).Append(']').ToString(),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    /// <summary>Reads a value as people write it: integers as numbers or text, decimal or "0x…"; tuples as arrays or as objects by name.</summary>
    /// <exception cref="FormatException">The JSON is no value of the type; the message says where.</exception>
    public static object Read(AbiType type, JsonElement json, string where = "value")
    {
        switch (type.Kind)
        {
            case AbiKind.UInt: return UInt256Of(Integer(type, json, where), type, where);
            case AbiKind.Int: return Integer(type, json, where);
            case AbiKind.Bool: return json.ValueKind is JsonValueKind.True or JsonValueKind.False ? json.GetBoolean() : throw Unfit(type, json, where);
            case AbiKind.Address: return json.ValueKind == JsonValueKind.String && Address.TryParse(json.GetString(), out var address) ? address : throw Unfit(type, json, where);
            case AbiKind.String: return json.ValueKind == JsonValueKind.String ? json.GetString()! : throw Unfit(type, json, where);
            case AbiKind.Bytes or AbiKind.FixedBytes:
                return json.ValueKind == JsonValueKind.String && Hex.TryDecode(json.GetString(), out var bytes) && (type.Kind == AbiKind.Bytes || bytes.Length == type.Size) ? bytes : throw Unfit(type, json, where);
            case AbiKind.Array:
                if (json.ValueKind != JsonValueKind.Array || (type.Length is { } length && length != json.GetArrayLength())) throw Unfit(type, json, where);
                return json.EnumerateArray().Select((item, at) => Read(type.Element!, item, $"{where}[{at}]")).ToArray();
            default: return ReadTuple(type, json, where);
        }
    }

    static object[] ReadTuple(AbiType type, JsonElement json, string where)
    {
        var components = type.Components;
        if (json.ValueKind == JsonValueKind.Array && json.GetArrayLength() == components.Count)
            return [.. json.EnumerateArray().Select((item, at) => Read(components[at].Type, item, $"{where}.{at}"))];
        if (json.ValueKind != JsonValueKind.Object) throw Unfit(type, json, where);
        return [.. components.Select(component => json.TryGetProperty(component.Name, out var member)
            ? Read(component.Type, member, $"{where}.{component.Name}")
            : throw new FormatException($"{where} has no member '{component.Name}'"))];
    }

    static BigInteger Integer(AbiType type, JsonElement json, string where)
    {
        var text = json.ValueKind switch { JsonValueKind.String => json.GetString()!, JsonValueKind.Number => json.GetRawText(), _ => "" };
        if (text.Length > 80) throw Unfit(type, json, where);
        var digits = text.StartsWith('-') ? text[1..] : text;
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && UInt256.TryParse(digits, out var wide)) return text[0] == '-' ? -(BigInteger)wide : (BigInteger)wide;
        return BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw Unfit(type, json, where);
    }

    static UInt256 UInt256Of(BigInteger number, AbiType type, string where) =>
        number.Sign >= 0 && number.GetBitLength() <= type.Size ? (UInt256)number : throw new FormatException($"{where}: {number} does not fit {type}");

    static FormatException Unfit(AbiType type, JsonElement json, string where)
    {
        var shown = json.GetRawText();
        return new FormatException($"{where} should be {type}, not {(shown.Length > 60 ? shown[..60] + "…" : shown)}");
    }
}
