using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Cli;

/// <summary>Values as the official test files write them: hexadecimal with or without leading zeros, sometimes decimal.</summary>
static class FixtureJson
{
    public static UInt256 Number(this JsonElement parent, string name) => Number(parent.GetProperty(name));

    public static UInt256? OptionalNumber(this JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? Number(value) : null;

    public static ulong UInt64(this JsonElement parent, string name) => (ulong)parent.Number(name);

    public static UInt256 Number(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number ? value.GetUInt64() : Number(Text(value));

    /// <summary>Test files write leading zeros, and "0x" for nothing; an integer wider than a word is a fault that the test is about.</summary>
    public static UInt256 Number(string text)
    {
        if (!text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) return UInt256.Parse(text);
        var digits = text.AsSpan(2).TrimStart('0');
        if (digits.Length > 64) throw new FormatException($"'{text}' is wider than 256 bits");
        return digits.Length == 0 ? UInt256.Zero : UInt256.FromBigEndian(Convert.FromHexString(digits.Length % 2 == 0 ? digits : string.Concat("0", digits)));
    }

    public static Address Address(this JsonElement parent, string name) => Primitives.Address.Parse(Text(parent.GetProperty(name)));

    public static Hash256 Hash(this JsonElement parent, string name) => Hash256.Parse(Text(parent.GetProperty(name)));

    public static Hash256? OptionalHash(this JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? Hash256.Parse(Text(value)) : null;

    /// <summary>A hash that the file may have written as a number with its zeros cut off.</summary>
    public static Hash256 PaddedHash(this JsonElement parent, string name) => Hash256.FromUInt256(parent.Number(name));

    public static byte[] Bytes(this JsonElement parent, string name) => Bytes(parent.GetProperty(name));

    public static byte[] Bytes(JsonElement value)
    {
        var text = Text(value).AsSpan();
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) text = text[2..];
        return Convert.FromHexString(text.Length % 2 == 0 ? text : string.Concat("0", text));
    }

    public static string Text(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new FormatException($"expected text, found {value.ValueKind}");

    /// <summary>The element of a list that another place of the file points to.</summary>
    public static JsonElement Pick(this JsonElement lists, string name, JsonElement indexes, string indexName)
    {
        var (list, index) = (lists.GetProperty(name), indexes.GetProperty(indexName).GetInt32());
        return index >= 0 && index < list.GetArrayLength() ? list[index] : throw new FormatException($"'{name}' has no element {index}");
    }

    public static string? OptionalText(this JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>The accounts of a `pre`, `alloc` or `postState`, as the difference from an empty world.</summary>
    public static StateDiff Accounts(JsonElement accounts)
    {
        var diff = new StateDiff();
        foreach (var entry in accounts.EnumerateObject())
        {
            var code = entry.Value.TryGetProperty("code", out var written) ? Bytes(written) : [];
            var change = new AccountDiff
            {
                Nonce = entry.Value.TryGetProperty("nonce", out var nonce) ? (ulong)Number(nonce) : 0,
                Balance = entry.Value.TryGetProperty("balance", out var balance) ? Number(balance) : UInt256.Zero,
            };
            if (code.Length > 0)
            {
                change.CodeHash = Keccak256.Hash(code);
                diff.Codes[change.CodeHash] = code;
            }
            if (entry.Value.TryGetProperty("storage", out var storage))
            {
                foreach (var slot in storage.EnumerateObject())
                {
                    var value = Number(slot.Value);
                    if (value.IsZero) continue;
                    (change.Storage ??= [])[Number(slot.Name)] = value;
                }
            }
            diff.Accounts[Primitives.Address.Parse(entry.Name.StartsWith("0x", StringComparison.Ordinal) ? entry.Name : "0x" + entry.Name)] = change;
        }
        return diff;
    }
}
