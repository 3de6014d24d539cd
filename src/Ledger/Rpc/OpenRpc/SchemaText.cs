using System.Text.Json;

namespace Hufu.Rpc;

/// <summary>
/// Schemas as they are written beside the methods: the name of one in <see cref="Schemas"/>, followed by [] for an array of it, or by ? where null may stand
/// in its place; or the JSON of a schema itself.
/// </summary>
static class SchemaText
{
    public static void Write(Utf8JsonWriter writer, string schema)
    {
        if (schema.StartsWith('{'))
        {
            writer.WriteRawValue(schema);
            return;
        }
        writer.WriteStartObject();
        if (schema.EndsWith('?'))
        {
            writer.WriteStartArray("oneOf"u8);
            Write(writer, schema[..^1]);
            writer.WriteStartObject();
            writer.WriteString("type"u8, "null"u8);
            writer.WriteEndObject();
            writer.WriteEndArray();
        }
        else if (schema.EndsWith("[]", StringComparison.Ordinal))
        {
            writer.WriteString("type"u8, "array"u8);
            writer.WritePropertyName("items"u8);
            Write(writer, schema[..^2]);
        }
        else if (schema is "boolean" or "string" or "object") writer.WriteString("type"u8, schema);
        else if (schema != "any") writer.WriteString("$ref"u8, $"#/components/schemas/{schema}");
        writer.WriteEndObject();
    }

    /// <summary>As a reader of a page sees it.</summary>
    public static string Show(string schema) => schema.StartsWith('{') ? "object" : schema.EndsWith('?') ? Show(schema[..^1]) + " or null" : schema.EndsWith("[]", StringComparison.Ordinal) ? "array of " + Show(schema[..^2]) : schema;

    /// <summary>The names that a schema refers to.</summary>
    public static string? NameIn(string schema)
    {
        var name = schema.TrimEnd('?', '[', ']');
        return schema.StartsWith('{') || name is "boolean" or "string" or "object" or "any" ? null : name;
    }
}
