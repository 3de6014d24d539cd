using System.Globalization;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>Amounts as people write them ("12.50") and as contracts count them (1250 with two decimals). No floating point anywhere.</summary>
public static class Amounts
{
    /// <exception cref="ProblemException">It is no amount, is not above zero, or has more decimals than the token.</exception>
    public static UInt256 Read(string? text, int decimals, string name = "amount")
    {
        if (!TryRead(text, decimals, out var amount, out var why)) throw ProblemException.Invalid($"{name} is no amount", why, $"write it as \"12.50\", with at most {decimals} decimals");
        return amount.IsZero ? throw ProblemException.Invalid($"{name} is zero", "nothing would move", "give an amount above zero") : amount;
    }

    public static bool TryRead(string? text, int decimals, out UInt256 amount, out string why)
    {
        (amount, why) = (default, "");
        var point = text?.IndexOf('.') ?? -1;
        var (whole, fraction) = text is null ? ("", "") : point < 0 ? (text, "") : (text[..point], text[(point + 1)..]);
        if (whole.Length == 0 || !whole.All(char.IsAsciiDigit) || !fraction.All(char.IsAsciiDigit) || (point >= 0 && fraction.Length == 0)) why = text is null ? "there is none" : $"'{text}' is not made of digits with one point";
        else if (fraction.Length > decimals) why = $"'{text}' has {fraction.Length} decimals, and the token has {decimals}";
        else if (whole.Length > 60) why = "it is longer than any amount";
        else if (!UInt256.TryParse((whole + fraction.PadRight(decimals, '0')).TrimStart('0') is { Length: > 0 } digits ? digits : "0", out amount)) why = "it is more than any token counts";
        return why.Length == 0;
    }

    public static string Write(in UInt256 amount, int decimals)
    {
        var digits = amount.ToString().PadLeft(decimals + 1, '0');
        return decimals == 0 ? digits : string.Create(CultureInfo.InvariantCulture, $"{digits.AsSpan(0, digits.Length - decimals)}.{digits.AsSpan(digits.Length - decimals)}");
    }
}
