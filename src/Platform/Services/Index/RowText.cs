using System.Text.Json;

namespace Hufu.Services;

/// <summary>A row's values as a JSON array of texts, numbers and nulls.</summary>
static class RowText
{
    public static string Write(IReadOnlyList<object?> row)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartArray();
            foreach (var value in row)
            {
                switch (SqlText.ToColumn(value))
                {
                    case long number: writer.WriteNumberValue(number); break;
                    case string text: writer.WriteStringValue(text); break;
                    default: writer.WriteNullValue(); break;
                }
            }
            writer.WriteEndArray();
        }
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    public static object?[] Read(string text)
    {
        using var document = JsonDocument.Parse(text);
        return [.. document.RootElement.EnumerateArray().Select(value => value.ValueKind switch
        {
            JsonValueKind.Number => (object?)value.GetInt64(),
            JsonValueKind.String => value.GetString(),
            _ => null,
        })];
    }
}
