using System.Buffers;
using System.Globalization;

namespace Hufu.Primitives;

/// <summary>Bytes as "0x" and lower-case digits, and the quantities of JSON-RPC (no leading zeros, "0x0" for zero).</summary>
public static class Hex
{
    /// <summary>"0x" and two lower-case digits a byte; "0x" for no bytes.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes) => string.Create(2 + 2 * bytes.Length, bytes, static (text, bytes) =>
    {
        "0x".CopyTo(text);
        Convert.TryToHexStringLower(bytes, text[2..], out _);
    });

    /// <summary>Reads "0x" and an even number of digits of either case; false, and no bytes, for anything else.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = [];
        if (!HasPrefix(text) || text.Length % 2 != 0) return false;
        var decoded = new byte[text.Length / 2 - 1];
        if (Convert.FromHexString(text[2..], decoded, out _, out _) != OperationStatus.Done) return false;
        bytes = decoded;
        return true;
    }

    /// <inheritdoc cref="TryDecode(ReadOnlySpan{char}, out byte[])"/>
    /// <param name="written">How many bytes of <paramref name="destination"/> were filled; false as well where it is too short.</param>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> destination, out int written)
    {
        written = 0;
        return HasPrefix(text) && text.Length % 2 == 0
            && Convert.FromHexString(text[2..], destination, out _, out written) == OperationStatus.Done;
    }

    /// <summary>Reads "0x" and an even number of digits.</summary>
    /// <exception cref="FormatException">The text is no such thing; the message says where it goes wrong.</exception>
    public static byte[] Decode(string text) => TryDecode(text, out var bytes) ? bytes : throw new FormatException(WhyNotBytes(text));

    public static string EncodeQuantity(ulong value) => "0x" + value.ToString("x", CultureInfo.InvariantCulture);

    public static string EncodeQuantity(in UInt256 value) => value.ToHexQuantity();

    /// <summary>Strict, as JSON-RPC demands: "0x", then one to 64 digits without a leading zero ("0x0" for zero).</summary>
    public static bool TryDecodeQuantity(ReadOnlySpan<char> text, out UInt256 value)
    {
        value = default;
        if (text.Length is < 3 or > 66 || (text[2] == '0' && text.Length > 3) || !text.StartsWith("0x", StringComparison.Ordinal)) return false;
        return UInt256.TryParse(text, out value);
    }

    /// <inheritdoc cref="TryDecodeQuantity(ReadOnlySpan{char}, out UInt256)"/>
    /// <remarks>At most 64 bits.</remarks>
    public static bool TryDecodeQuantity(ReadOnlySpan<char> text, out ulong value)
    {
        var fits = TryDecodeQuantity(text, out UInt256 wide) && wide.FitsUInt64;
        value = fits ? wide.Low64 : 0;
        return fits;
    }

    /// <summary>Lenient, for genesis files and test fixtures: hexadecimal with leading zeros ("0x", too, is zero), or decimal digits.</summary>
    public static bool TryDecodeLenientQuantity(ReadOnlySpan<char> text, out UInt256 value)
    {
        if (text is not ("0x" or "0X")) return UInt256.TryParse(text, out value);
        value = default;
        return true;
    }

    static bool HasPrefix(ReadOnlySpan<char> text) => text is ['0', 'x' or 'X', ..];

    static string WhyNotBytes(string text)
    {
        var shown = text.Length > 80 ? text[..80] + "…" : text;
        var why = !HasPrefix(text) ? "it does not begin with 0x"
            : text.AsSpan(2).IndexOfAnyExcept(SearchValues.Create("0123456789abcdefABCDEF")) is >= 0 and var wrong ? $"character {wrong + 2} is '{text[wrong + 2]}'"
            : "it has an odd number of digits";
        return $"'{shown}' is not hexadecimal: {why}; write 0x and two digits a byte";
    }
}
