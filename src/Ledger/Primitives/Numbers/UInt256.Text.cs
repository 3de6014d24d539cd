using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Hufu.Primitives;

/// <content>Decimal digits, and the hexadecimal quantities of JSON-RPC.</content>
public readonly partial struct UInt256
{
    const int MaxDecimalDigits = 78;

    const ulong TenToThe19 = 10_000_000_000_000_000_000;

    /// <summary>Reads decimal digits, or "0x" and hexadecimal digits of either case; leading zeros are allowed, signs, spaces and separators are not.</summary>
    /// <exception cref="FormatException">The text is no such number, or one of more than 256 bits.</exception>
    public static UInt256 Parse(string text) => TryParse(text, out var value) ? value : throw NotANumber(text);

    /// <inheritdoc cref="Parse(string)"/>
    public static UInt256 Parse(ReadOnlySpan<char> text) => TryParse(text, out var value) ? value : throw NotANumber(text);

    /// <inheritdoc cref="Parse(string)"/>
    public static bool TryParse([NotNullWhen(true)] string? text, out UInt256 value) => TryParse(text.AsSpan(), out value);

    /// <inheritdoc cref="Parse(string)"/>
    public static bool TryParse(ReadOnlySpan<char> text, out UInt256 value) =>
        text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? TryParseHex(text[2..], out value) : TryParseDecimal(text, out value);

    /// <summary>The quantity of JSON-RPC: "0x0", "0x1f", never a leading zero.</summary>
    public string ToHexQuantity() => string.Create(2 + HexDigits, this, static (text, value) =>
    {
        "0x".CopyTo(text);
        value.WriteHexDigits(text[2..]);
    });

    /// <summary>The number in decimal digits.</summary>
    public override string ToString()
    {
        if (FitsUInt64) return U0.ToString(CultureInfo.InvariantCulture);
        Span<char> text = stackalloc char[MaxDecimalDigits];
        TryFormat(text, out var written);
        return text[..written].ToString();
    }

    /// <summary>Decimal digits for no format and "D", hexadecimal digits without "0x" for "x".</summary>
    public string ToString(string? format, IFormatProvider? formatProvider)
    {
        Span<char> text = stackalloc char[MaxDecimalDigits];
        TryFormat(text, out var written, format, formatProvider);
        return text[..written].ToString();
    }

    /// <inheritdoc cref="ToString(string?, IFormatProvider?)"/>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null)
    {
        if (format is "x") return TryFormatHex(destination, out charsWritten);
        if (format is not ("" or "D" or "d" or "G" or "g")) throw new FormatException($"a UInt256 is written as \"D\" or \"x\", not \"{format}\"");
        return TryFormatDecimal(destination, out charsWritten);
    }

    static UInt256 ISpanParsable<UInt256>.Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s);

    static bool ISpanParsable<UInt256>.TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out UInt256 result) => TryParse(s, out result);

    static UInt256 IParsable<UInt256>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<UInt256>.TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out UInt256 result) => TryParse(s, out result);

    int HexDigits => Math.Max(1, (BitLength + 3) >> 2);

    void WriteHexDigits(Span<char> digits)
    {
        for (var i = 0; i < digits.Length; i++)
        {
            var place = digits.Length - 1 - i;
            digits[i] = "0123456789abcdef"[(int)(Limb(place >> 4) >> ((place & 15) * 4)) & 15];
        }
    }

    bool TryFormatHex(Span<char> destination, out int charsWritten)
    {
        charsWritten = HexDigits;
        if (destination.Length < charsWritten)
        {
            charsWritten = 0;
            return false;
        }
        WriteHexDigits(destination[..charsWritten]);
        return true;
    }

    bool TryFormatDecimal(Span<char> destination, out int charsWritten)
    {
        // Nineteen digits at a time, from the least significant; at most five groups.
        Span<ulong> groups = stackalloc ulong[5];
        var count = 0;
        var rest = this;
        do
        {
            DivideRemainder(in rest, new UInt256(TenToThe19), out rest, out var group);
            groups[count++] = group.U0;
        }
        while (!rest.IsZero);

        charsWritten = 0;
        if (!groups[count - 1].TryFormat(destination, out var written, provider: CultureInfo.InvariantCulture) || destination.Length < written + 19 * (count - 1)) return false;
        for (var i = count - 2; i >= 0; i--, written += 19) groups[i].TryFormat(destination[written..], out _, "D19", CultureInfo.InvariantCulture);
        charsWritten = written;
        return true;
    }

    static bool TryParseHex(ReadOnlySpan<char> digits, out UInt256 value)
    {
        value = default;
        if (digits.IsEmpty) return false;
        digits = digits.TrimStart('0');
        if (digits.Length > 64) return false;
        Span<ulong> limbs = stackalloc ulong[4];
        limbs.Clear();
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = HexValue(digits[digits.Length - 1 - i]);
            if (digit > 15) return false;
            limbs[i >> 4] |= (ulong)digit << ((i & 15) * 4);
        }
        value = new UInt256(limbs[0], limbs[1], limbs[2], limbs[3]);
        return true;
    }

    static bool TryParseDecimal(ReadOnlySpan<char> digits, out UInt256 value)
    {
        value = default;
        if (digits.IsEmpty) return false;
        digits = digits.TrimStart('0');
        if (digits.Length > MaxDecimalDigits) return false;
        var sum = Zero;
        while (!digits.IsEmpty)
        {
            var length = Math.Min(19, digits.Length);
            var (group, scale) = (0UL, 1UL);
            foreach (var character in digits[..length])
            {
                if (!char.IsAsciiDigit(character)) return false;
                group = group * 10 + (ulong)(character - '0');
                scale *= 10;
            }
            if (!TryMultiply(in sum, new UInt256(scale), out sum) || !TryAdd(in sum, new UInt256(group), out sum)) return false;
            digits = digits[length..];
        }
        value = sum;
        return true;
    }

    static uint HexValue(char character) => (uint)character switch
    {
        >= '0' and <= '9' => (uint)(character - '0'),
        >= 'a' and <= 'f' => (uint)(character - 'a' + 10),
        >= 'A' and <= 'F' => (uint)(character - 'A' + 10),
        _ => 16,
    };

    static FormatException NotANumber(ReadOnlySpan<char> text) =>
        new($"'{(text.Length > 80 ? text[..80].ToString() + "…" : text.ToString())}' is not an integer of 256 bits: write decimal digits, or 0x and hexadecimal digits");
}
