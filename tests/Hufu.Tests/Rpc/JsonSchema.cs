using System.Text.Json;
using System.Text.RegularExpressions;

namespace Hufu.Tests.Rpc;

/// <summary>The part of JSON Schema that the documents of methods use.</summary>
sealed class JsonSchema(JsonElement document)
{
    /// <summary>Why a value has not the form; null where it has.</summary>
    public string? WhyNot(JsonElement value, JsonElement schema, string at = "result")
    {
        if (schema.TryGetProperty("$ref", out var reference))
            return WhyNot(value, document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1]), at);
        foreach (var name in new[] { "oneOf", "anyOf" })
            if (schema.TryGetProperty(name, out var alternatives) && alternatives.EnumerateArray().All(one => WhyNot(value, one, at) is not null)) return $"{at}: {value} has none of the forms";
        if (schema.TryGetProperty("type", out var type) && !Types(type).Any(name => name == KindOf(value) || (name == "number" && KindOf(value) == "integer"))) return $"{at}: {value} is {KindOf(value)}, not {type}";
        if (schema.TryGetProperty("enum", out var names) && names.EnumerateArray().All(name => name.ToString() != value.ToString())) return $"{at}: {value} is none of {names}";
        if (schema.TryGetProperty("pattern", out var pattern) && value.ValueKind == JsonValueKind.String && !Regex.IsMatch(value.GetString()!, pattern.GetString()!)) return $"{at}: {value} is not as {pattern}";
        if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out var items))
            return value.EnumerateArray().Select((item, index) => WhyNot(item, items, $"{at}[{index}]")).FirstOrDefault(why => why is not null);
        return value.ValueKind == JsonValueKind.Object ? WhyNotObject(value, schema, at) : null;
    }

    string? WhyNotObject(JsonElement value, JsonElement schema, string at)
    {
        if (schema.TryGetProperty("required", out var required))
            foreach (var name in required.EnumerateArray())
                if (!value.TryGetProperty(name.GetString()!, out _)) return $"{at}: {name} is missing";
        var hasProperties = schema.TryGetProperty("properties", out var properties);
        foreach (var member in value.EnumerateObject())
        {
            if (hasProperties && properties.TryGetProperty(member.Name, out var form))
            {
                if (WhyNot(member.Value, form, $"{at}.{member.Name}") is { } why) return why;
            }
            else if (schema.TryGetProperty("additionalProperties", out var other) && other.ValueKind == JsonValueKind.Object && WhyNot(member.Value, other, $"{at}.{member.Name}") is { } reason) return reason;
        }
        return null;
    }

    static IEnumerable<string> Types(JsonElement type) => type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(one => one.GetString()!) : [type.GetString()!];

    static string KindOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Number => value.GetRawText().Contains('.') ? "number" : "integer",
        _ => value.ValueKind.ToString().ToLowerInvariant(),
    };
}
