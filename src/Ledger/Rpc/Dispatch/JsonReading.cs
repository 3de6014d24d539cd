using System.Text;
using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Reads the execution-apis forms at the reader's current token. False leaves in <c>why</c> what is wrong with it.</summary>
static class JsonReading
{
    // Longer than any text with a meaning but DATA.
    const int LongestEscapedText = 1024;

    public static bool TryGetData(this ref Utf8JsonReader reader, out byte[] bytes, out string why)
    {
        bytes = [];
        why = "";
        if (reader.TokenType != JsonTokenType.String) why = "DATA is a string of hexadecimal digits";
        else
        {
            var text = reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString() ?? "") : reader.ValueSpan;
            if (!HexText.HasPrefix(text)) why = "hex string without 0x prefix";
            else if (text.Length % 2 != 0) why = "hex string of odd length";
            else if (!HexText.TryDecode(text, out bytes)) why = "invalid hex string";
        }
        return why.Length == 0;
    }

    public static bool TryGetFixed(this ref Utf8JsonReader reader, scoped Span<byte> bytes, out string why)
    {
        var text = reader.ShortText();
        why = text.IsEmpty || HexText.TryDecode(text, bytes) ? ""
            : !HexText.HasPrefix(text) ? "hex string without 0x prefix"
            : text.Length != 2 + 2 * bytes.Length ? $"hex string has length {text.Length - 2}, want {2 * bytes.Length}"
            : "invalid hex string";
        if (text.IsEmpty) why = $"expected {bytes.Length} bytes of hexadecimal";
        return why.Length == 0;
    }

    public static bool TryGetQuantity(this ref Utf8JsonReader reader, out UInt256 value, out string why)
    {
        value = default;
        var text = reader.ShortText();
        why = HexText.TryDecodeQuantity(text, out value) ? ""
            : !HexText.HasPrefix(text) ? "hex string without 0x prefix"
            : text.Length == 2 ? "hex string \"0x\""
            : text.Length > 66 ? "hex number > 256 bits"
            : "invalid hex string";
        return why.Length == 0;
    }

    public static bool TryGetUInt64(this ref Utf8JsonReader reader, out ulong value, out string why)
    {
        value = 0;
        if (!reader.TryGetQuantity(out var wide, out why)) return false;
        if (!wide.FitsUInt64) why = "hex number > 64 bits";
        value = wide.U0;
        return why.Length == 0;
    }

    public static bool TryGetAddress(this ref Utf8JsonReader reader, out Address address, out string why)
    {
        Span<byte> bytes = stackalloc byte[Address.Size];
        var good = reader.TryGetFixed(bytes, out why);
        address = good ? Address.FromBytes(bytes) : default;
        return good;
    }

    public static bool TryGetHash(this ref Utf8JsonReader reader, out Hash256 hash, out string why)
    {
        Span<byte> bytes = stackalloc byte[Hash256.Size];
        var good = reader.TryGetFixed(bytes, out why);
        hash = good ? Hash256.FromBytes(bytes) : default;
        return good;
    }

    /// <summary>Up to 32 bytes, filled with zeros in front; an odd number of digits is let pass.</summary>
    public static bool TryGetStorageKey(this ref Utf8JsonReader reader, out Hash256 key, out string why)
    {
        key = default;
        var text = reader.ShortText();
        var digits = HexText.HasPrefix(text) ? text[2..] : text;
        if (digits.Length > 64) why = "storage key too long (want at most 32 bytes)";
        else if (digits.Length == 0) why = "storage key is empty";
        else
        {
            Span<byte> padded = stackalloc byte[64];
            padded.Fill((byte)'0');
            digits.CopyTo(padded[(64 - digits.Length)..]);
            Span<byte> bytes = stackalloc byte[32];
            why = Convert.FromHexString(padded, bytes, out _, out _) == System.Buffers.OperationStatus.Done ? "" : "invalid hex in storage key";
            if (why.Length == 0) key = Hash256.FromBytes(bytes);
        }
        return why.Length == 0;
    }

    /// <summary>A tag, quantity or hash, or {"blockNumber"} or {"blockHash", "requireCanonical"} (EIP-1898).</summary>
    public static bool TryGetBlock(this ref Utf8JsonReader reader, out BlockReference reference, out string why)
    {
        reference = BlockReference.Latest;
        why = "";
        if (reader.TokenType == JsonTokenType.StartObject) return TryGetBlockObject(ref reader, out reference, out why);
        var text = reader.ShortText();
        if (text.IsEmpty) why = "expected a block number, tag or hash";
        else if (!BlockReference.TryParse(text, out reference))
            why = HexText.HasPrefix(text) ? "block number out of range or not hexadecimal" : "hex string without 0x prefix";
        return why.Length == 0;
    }

    static bool TryGetBlockObject(ref Utf8JsonReader reader, out BlockReference reference, out string why)
    {
        reference = default;
        why = "";
        BlockReference? named = null;
        var canonical = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isHash = reader.ValueTextEquals("blockHash"u8);
            var isNumber = reader.ValueTextEquals("blockNumber"u8);
            var isCanonical = reader.ValueTextEquals("requireCanonical"u8);
            reader.Read();
            if (isCanonical && reader.TokenType is JsonTokenType.True or JsonTokenType.False) canonical = reader.GetBoolean();
            else if (isHash || isNumber)
            {
                if (named is not null) why = "cannot specify both blockHash and blockNumber, choose one or the other";
                else if (reader.TokenType != JsonTokenType.String || !reader.TryGetBlock(out var found, out why) || (isHash && found.Kind != BlockReferenceKind.Hash)) why = "expected a block number or hash";
                else named = found;
            }
            else reader.Skip();
        }
        if (named is { } some) reference = some with { RequireCanonical = canonical };
        else if (why.Length == 0) why = "expected blockHash or blockNumber";
        return why.Length == 0;
    }

    /// <summary>The text of a string without a copy, unless it holds escapes, as no client writes them; empty for what is no string or too long to mean anything.</summary>
    static ReadOnlySpan<byte> ShortText(this ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName)) return default;
        if (!reader.ValueIsEscaped) return reader.ValueSpan;
        return reader.ValueSpan.Length > LongestEscapedText ? default : Encoding.UTF8.GetBytes(reader.GetString() ?? "");
    }
}
