using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.WebConsole;

/// <summary>Reads members of what a node answers. What is missing or malformed is null: the explorer shows what there is.</summary>
readonly struct Form(JsonElement json)
{
    public string? Text(string name) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public UInt256? Quantity(string name) => UInt256.TryParse(Text(name), out var number) ? number : null;

    public ulong? Number(string name) => Quantity(name) is { FitsUInt64: true } number ? number.Low64 : null;

    public Hash256? Hash(string name) => Hash256.TryParse(Text(name), out var hash) ? hash : null;

    public Address? Address(string name) => Primitives.Address.TryParse(Text(name), out var address) ? address : null;

    public byte[] Bytes(string name) => Text(name) is { } text && Hex.TryDecode(text, out var bytes) ? bytes : [];

    public Form Member(string name) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? new Form(value) : default;

    public IEnumerable<JsonElement> Items(string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [];

    public IEnumerable<JsonProperty> Members => json.ValueKind == JsonValueKind.Object ? json.EnumerateObject() : [];
}
