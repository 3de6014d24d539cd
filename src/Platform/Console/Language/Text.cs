using System.Globalization;
using Hufu.Primitives;

namespace Hufu.WebConsole;

/// <summary>Numbers, amounts and times as people read them. Money is never rounded.</summary>
public static partial class Text
{
    const int EtherDecimals = 18, GweiDecimals = 9;

    public static string Count(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>1234567 is 1,234,567.</summary>
    public static string Grouped(ulong number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Every decimal that is not zero, and thousands set apart.</summary>
    public static string Amount(in UInt256 units, int decimals)
    {
        var digits = units.ToString().PadLeft(decimals + 1, '0');
        var (whole, rest) = (digits[..^decimals], digits[^decimals..].TrimEnd('0'));
        for (var at = whole.Length - 3; at > 0; at -= 3) whole = whole.Insert(at, ",");
        return rest.Length == 0 ? whole : $"{whole}.{rest}";
    }

    public static string Ether(in UInt256 wei) => Amount(wei, EtherDecimals);

    /// <summary>About so much Ether, to two digits that count: for prices, which move anyway, and never for money that is anybody's.</summary>
    public static string Rough(in UInt256 wei) => Rough(wei, EtherDecimals);

    /// <summary>About so many Gwei.</summary>
    public static string RoughGwei(in UInt256 wei) => Rough(wei, GweiDecimals);

    static string Rough(in UInt256 wei, int decimals)
    {
        var exact = Amount(wei, decimals);
        var point = exact.IndexOf('.', StringComparison.Ordinal);
        if (point < 0 || exact[0] != '0') return point < 0 ? exact : exact[..Math.Min(exact.Length, point + 3)];
        var first = point + 1;
        while (first < exact.Length && exact[first] == '0') first++;
        return exact[..Math.Min(exact.Length, first + 2)];
    }

    /// <summary>What gas costs, in Gwei.</summary>
    public static string Gwei(in UInt256 wei) => Amount(wei, GweiDecimals);

    /// <summary>An amount that a service wrote with all its decimals, as people read it: 1234.500000 is 1,234.50.</summary>
    public static string Money(string amount)
    {
        var sign = amount is ['-' or '+', ..] ? amount[..1] : "";
        return TryReadAmount(amount[sign.Length..], EtherDecimals, out var units) ? sign + Cents(Ether(units)) : amount;
    }

    /// <summary>An amount as people type it, as services read it: 1,234.5 is 1234.5, and digits of a Chinese keyboard are digits. A comma that sets no thousands apart stays: it may be meant as the point.</summary>
    public static string Plain(string typed)
    {
        var plain = typed.Trim().Normalize(System.Text.NormalizationForm.FormKC).Replace('。', '.');
        return Thousands().IsMatch(plain) ? plain.Replace(",", "", StringComparison.Ordinal) : plain;
    }

    [System.Text.RegularExpressions.GeneratedRegex(@"^[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?$")]
    private static partial System.Text.RegularExpressions.Regex Thousands();

    /// <summary>So much of a token: of one that counts in cents or finer, a fraction has two digits at least, as money has.</summary>
    public static string Coins(in UInt256 units, int decimals) => decimals is >= 2 and <= 8 ? Cents(Amount(units, decimals)) : Amount(units, decimals);

    /// <summary>An amount in a column of amounts: with two digits behind the point, at least, so that the points stand below each other.</summary>
    public static string Column(string amount) => Money(amount) is var text && text.Contains('.', StringComparison.Ordinal) ? text : text + ".00";

    static string Cents(string amount) => amount.IndexOf('.', StringComparison.Ordinal) is > 0 and var point && amount.Length - point == 2 ? amount + "0" : amount;

    /// <summary>Reads an amount as people write it: 1,234.5.</summary>
    public static bool TryReadAmount(string? text, int decimals, out UInt256 units)
    {
        units = default;
        var plain = (text ?? "").Trim().Replace(",", "", StringComparison.Ordinal);
        var parts = plain.Split('.');
        if (plain.Length is 0 or > 100 || parts.Length > 2 || parts.Any(part => part.Any(letter => !char.IsAsciiDigit(letter)))) return false;
        var rest = parts.Length == 2 ? parts[1].TrimEnd('0') : "";
        return rest.Length <= decimals && parts.Sum(part => part.Length) > 0 && UInt256.TryParse(parts[0] + rest.PadRight(decimals, '0'), out units);
    }

    /// <summary>0x1234…cdef: enough to tell two apart at a glance, never to copy.</summary>
    public static string Short(string hex, int each = 6) => hex.Length <= 2 * each + 3 ? hex : $"{hex[..(each + 2)]}…{hex[^each..]}";

    public static DateTimeOffset Time(ulong seconds) => DateTimeOffset.FromUnixTimeSeconds((long)Math.Min(seconds, 253_402_300_799));

    public static string Bytes(long bytes) => bytes switch
    {
        < 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.#} KiB"),
        < 1024L * 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.#} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1073741824.0:0.#} GiB"),
    };

    /// <summary>How long ago, in the coarsest unit that still says something.</summary>
    public static string Age(TimeSpan age, Tongue tongue)
    {
        var isChinese = tongue == Tongue.Chinese;
        var isAhead = age < -TimeSpan.FromSeconds(30);
        var span = isAhead ? -age : age;
        var (count, english, chinese) = span.TotalSeconds switch
        {
            < 1 => (0, "", ""),
            < 60 => ((int)span.TotalSeconds, "s", "秒"),
            < 3600 => ((int)span.TotalMinutes, "min", "分钟"),
            < 86_400 => ((int)span.TotalHours, "h", "小时"),
            _ => ((int)span.TotalDays, span.TotalDays < 2 ? "day" : "days", "天"),
        };
        if (count == 0) return isChinese ? "刚刚" : "now";
        if (isAhead) return isChinese ? $"{count} {chinese}后" : $"in {count} {english}";
        return isChinese ? $"{count} {chinese}前" : $"{count} {english} ago";
    }

    public static string Duration(TimeSpan time, Tongue tongue)
    {
        var isChinese = tongue == Tongue.Chinese;
        return time.TotalMinutes < 1 ? $"{(int)time.TotalSeconds} {(isChinese ? "秒" : "s")}"
            : time.TotalHours < 1 ? $"{(int)time.TotalMinutes} {(isChinese ? "分" : "min")} {time.Seconds} {(isChinese ? "秒" : "s")}"
            : time.TotalDays < 1 ? $"{(int)time.TotalHours} {(isChinese ? "小时" : "h")} {time.Minutes} {(isChinese ? "分" : "min")}"
            : $"{(int)time.TotalDays} {(isChinese ? "天" : "d")} {time.Hours} {(isChinese ? "小时" : "h")}";
    }
}
