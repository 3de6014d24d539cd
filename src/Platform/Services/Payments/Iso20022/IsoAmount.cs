using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>A sum of money as ISO 20022 has it: exact decimal digits, at most eighteen, five of them after the point, and a currency.</summary>
public readonly record struct IsoAmount(string Currency, decimal Value)
{
    /// <summary>ISO 4217: how many digits after the point a currency has; two where the table is silent.</summary>
    public static int DigitsOf(string currency) => currency switch
    {
        "BIF" or "CLP" or "DJF" or "GNF" or "ISK" or "JPY" or "KMF" or "KRW" or "PYG" or "RWF" or "UGX" or "UYI" or "VND" or "VUV" or "XAF" or "XOF" or "XPF" => 0,
        "BHD" or "IQD" or "JOD" or "KWD" or "LYD" or "OMR" or "TND" => 3,
        "CLF" or "UYW" => 4,
        _ => 2,
    };

    /// <summary>Digits and at most one point; no sign, no exponent, no grouping.</summary>
    public static bool TryParse(string currency, string text, out IsoAmount amount)
    {
        amount = default;
        if (currency.Length != 3 || !currency.All(char.IsAsciiLetterUpper)) return false;
        if (!decimal.TryParse(text.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)) return false;
        // 18 digits in all and 5 after the point: what the schemas allow of any amount.
        if (value.Scale > 5 && decimal.Round(value, 5) != value) return false;
        if (decimal.Truncate(value) >= 1_000_000_000_000_000_000m) return false;
        amount = new IsoAmount(currency, value);
        return true;
    }

    /// <summary>Whether the currency has as many digits after the point as the amount needs.</summary>
    public bool IsPayable => decimal.Round(Value, DigitsOf(Currency)) == Value;

    /// <summary>In the smallest units of a token. False where the amount has more digits after the point than the token.</summary>
    public bool TryToUnits(int decimals, out UInt256 units)
    {
        units = default;
        var (whole, rest) = (decimal.Truncate(Value), Value - decimal.Truncate(Value));
        var scale = (UInt256)1;
        for (var i = 0; i < decimals; i++)
        {
            scale *= 10;
            rest *= 10;
        }
        if (rest != decimal.Truncate(rest)) return false;
        units = (UInt256)(ulong)whole * scale + UInt256.Parse(decimal.Truncate(rest).ToString(CultureInfo.InvariantCulture));
        return true;
    }

    /// <summary>An amount in the smallest units of a token as money. False where it has more digits than ISO 20022 can carry: nothing is rounded.</summary>
    public static bool TryFromUnits(string currency, in UInt256 units, int decimals, [NotNullWhen(true)] out IsoAmount? amount)
    {
        amount = null;
        var text = units.ToString().PadLeft(decimals + 1, '0');
        var (whole, rest) = (text[..^decimals], text[^decimals..].TrimEnd('0'));
        if (whole.Length + rest.Length > 18 || rest.Length > 5) return false;
        amount = new IsoAmount(currency, decimal.Parse(rest.Length == 0 ? whole : $"{whole}.{rest}", CultureInfo.InvariantCulture));
        return true;
    }

    /// <summary>As messages have it: with the digits of the currency, more where the amount has more.</summary>
    public string Text
    {
        get
        {
            var digits = DigitsOf(Currency);
            while (digits < 5 && decimal.Round(Value, digits) != Value) digits++;
            return Value.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        }
    }

    public override string ToString() => $"{Text} {Currency}";
}
