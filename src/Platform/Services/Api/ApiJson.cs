using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>How the API writes values: camel case, addresses with their checksum, amounts as texts, enumerations as words.</summary>
public static class ApiJson
{
    public static void Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
        options.Converters.Add(new TextConverter<Address>(text => Address.TryParse(text, out var address) ? address : throw new JsonException($"'{text}' is no address: 0x and 40 hexadecimal digits"), address => address.ToChecksumString()));
        options.Converters.Add(new TextConverter<Hash256>(text => Hash256.TryParse(text, out var hash) ? hash : throw new JsonException($"'{text}' is no hash: 0x and 64 hexadecimal digits"), hash => hash.ToString()));
        options.Converters.Add(new TextConverter<UInt256>(text => UInt256.TryParse(text, out var number) ? number : throw new JsonException($"'{text}' is no number"), number => number.ToString()));
    }

    sealed class TextConverter<T>(Func<string, T> read, Func<T, string> write) : JsonConverter<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String ? read(reader.GetString()!) : throw new JsonException("it is written as a text, in quotes");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(write(value));

        public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => read(reader.GetString()!);

        public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WritePropertyName(write(value));
    }
}
