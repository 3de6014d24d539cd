namespace Hufu.Primitives;

/// <summary>Bytes as "0x" and lower-case digits, and the quantities of JSON-RPC (no leading zeros, "0x0" for zero).</summary>
public static class Hex
{
    public static string Encode(ReadOnlySpan<byte> bytes) => string.Concat("0x", Convert.ToHexStringLower(bytes));

    public static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = [];
        if (!text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) || text.Length % 2 != 0) return false;
        var decoded = new byte[text.Length / 2 - 1];
        if (Convert.FromHexString(text[2..], decoded, out _, out _) != System.Buffers.OperationStatus.Done) return false;
        bytes = decoded;
        return true;
    }

    public static byte[] Decode(string text) =>
        TryDecode(text, out var bytes) ? bytes : throw new FormatException($"'{text}' is not hexadecimal: write 0x and an even number of digits");

    public static string EncodeQuantity(ulong value) => "0x" + value.ToString("x", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Strict: "0x", at least one digit, no leading zero.</summary>
    public static bool TryDecodeQuantity(ReadOnlySpan<char> text, out UInt256 value)
    {
        value = default;
        if (text.Length is < 3 or > 66 || (text[2] == '0' && text.Length > 3) || !text.StartsWith("0x", StringComparison.Ordinal)) return false;
        return UInt256.TryParse(text.ToString(), out value);
    }
}
