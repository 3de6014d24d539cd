using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Hufu.Services;

/// <summary>
/// Identifiers of GS1 as URIs: EPC URNs (<c>urn:epc:id:sgtin:…</c>) and GS1 Digital Links (<c>https://…/01/…/21/…</c>) of one thing become one canonical link,
/// on the domain id.gs1.org, with the finest key and nothing else (CBV 2.0, section 8.9).
/// </summary>
public static class Gs1Uri
{
    const string Home = "https://id.gs1.org";

    /// <summary>How an EPC scheme becomes a link.</summary>
    /// <param name="Ai">Application identifier of the key.</param>
    /// <param name="Digits">Digits of company prefix and reference together; zero where the reference is text.</param>
    /// <param name="Parts">Parts of the URN after its scheme.</param>
    sealed record Scheme(string Ai, int Digits, int Parts, Func<string, string, string[], string?> Link);

    static readonly Dictionary<string, Scheme> Schemes = new(StringComparer.Ordinal)
    {
        ["id:sgtin"] = new("01", 13, 3, (company, item, rest) => $"/01/{Gtin(company, item)}/21/{Encoded(rest[0])}"),
        ["id:sscc"] = new("00", 17, 2, (company, serial, _) => $"/00/{Checked(serial[..1] + company + serial[1..])}"),
        ["id:sgln"] = new("414", 12, 3, (company, place, rest) => $"/414/{Checked(company + place)}{(rest[0] == "0" ? "" : $"/254/{Encoded(rest[0])}")}"),
        ["id:grai"] = new("8003", 12, 3, (company, asset, rest) => $"/8003/0{Checked(company + asset)}{Encoded(rest[0])}"),
        ["id:giai"] = new("8004", 0, 2, (company, asset, _) => $"/8004/{company}{Encoded(asset)}"),
        ["id:gsrn"] = new("8018", 17, 2, (company, service, _) => $"/8018/{Checked(company + service)}"),
        ["id:gsrnp"] = new("8017", 17, 2, (company, service, _) => $"/8017/{Checked(company + service)}"),
        ["id:gdti"] = new("253", 12, 3, (company, type, rest) => $"/253/{Checked(company + type)}{Encoded(rest[0])}"),
        ["id:cpi"] = new("8010", 0, 3, (company, part, rest) => $"/8010/{company}{Encoded(part)}/8011/{rest[0]}"),
        ["id:sgcn"] = new("255", 12, 3, (company, coupon, rest) => $"/255/{Checked(company + coupon)}{rest[0]}"),
        ["id:ginc"] = new("401", 0, 2, (company, consignment, _) => $"/401/{company}{Encoded(consignment)}"),
        ["id:gsin"] = new("402", 16, 2, (company, shipper, _) => $"/402/{Checked(company + shipper)}"),
        ["id:itip"] = new("8006", 13, 5, (company, item, rest) => $"/8006/{Gtin(company, item)}{rest[0]}{rest[1]}/21/{Encoded(rest[2])}"),
        ["id:upui"] = new("01", 13, 3, (company, item, rest) => $"/01/{Gtin(company, item)}/235/{Encoded(rest[0])}"),
        ["id:pgln"] = new("417", 12, 2, (company, party, _) => $"/417/{Checked(company + party)}"),
        ["class:lgtin"] = new("01", 13, 3, (company, item, rest) => $"/01/{Gtin(company, item)}/10/{Encoded(rest[0])}"),
        ["idpat:sgtin"] = new("01", 13, 3, (company, item, rest) => Any(rest[0], $"/01/{Gtin(company, item)}")),
        ["idpat:grai"] = new("8003", 12, 3, (company, asset, rest) => Any(rest[0], $"/8003/0{Checked(company + asset)}")),
        ["idpat:gdti"] = new("253", 12, 3, (company, type, rest) => Any(rest[0], $"/253/{Checked(company + type)}")),
        ["idpat:sgcn"] = new("255", 12, 3, (company, coupon, rest) => Any(rest[0], $"/255/{Checked(company + coupon)}")),
        ["idpat:cpi"] = new("8010", 0, 3, (company, part, rest) => Any(rest[0], $"/8010/{company}{Encoded(part)}")),
        ["idpat:itip"] = new("8006", 13, 5, (company, item, rest) => Any(rest[2], $"/8006/{Gtin(company, item)}{rest[0]}{rest[1]}")),
        ["idpat:upui"] = new("01", 13, 3, (company, item, rest) => Any(rest[0], $"/01/{Gtin(company, item)}")),
    };

    /// <summary>Words that older Digital Links have for application identifiers.</summary>
    static readonly Dictionary<string, string> Words = new(StringComparer.Ordinal)
    {
        ["gtin"] = "01",
        ["itip"] = "8006",
        ["cpid"] = "8010",
        ["gln"] = "414",
        ["party"] = "417",
        ["gsrnp"] = "8017",
        ["gsrn"] = "8018",
        ["gcn"] = "255",
        ["sscc"] = "00",
        ["gdti"] = "253",
        ["ginc"] = "401",
        ["gsin"] = "402",
        ["grai"] = "8003",
        ["giai"] = "8004",
        ["cpv"] = "22",
        ["lot"] = "10",
        ["ser"] = "21",
    };

    static readonly HashSet<string> Keys = new(StringComparer.Ordinal) { "00", "01", "253", "255", "401", "402", "414", "417", "8003", "8004", "8006", "8010", "8017", "8018" };

    /// <summary>The canonical link of an EPC URN or Digital Link; false for every other text.</summary>
    public static bool TryCanonical(string text, [NotNullWhen(true)] out string? link)
    {
        link = text.StartsWith("urn:epc:", StringComparison.Ordinal) ? OfUrn(text) : text.StartsWith("http", StringComparison.Ordinal) ? OfLink(text) : null;
        return link is not null;
    }

    /// <summary>The canonical link, or the text itself where it names nothing of GS1.</summary>
    public static string Canonical(string text) => TryCanonical(text, out var link) ? link : text;

    /// <summary>As it is printed under a bar code, for people: <c>(01)09521141012352(10)JUICE1</c>. Other texts as they are.</summary>
    public static string Readable(string text)
    {
        if (!TryCanonical(text, out var link)) return text;
        var parts = link[(Home.Length + 1)..].Split('/');
        return string.Concat(parts.Chunk(2).Select(pair => $"({pair[0]}){pair[^1]}"));
    }

    /// <summary>The digit that closes a GS1 key (GS1 General Specifications, section 7.9).</summary>
    /// <param name="digits">The key without it.</param>
    public static char CheckDigit(ReadOnlySpan<char> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++) sum += (digits[^(i + 1)] - '0') * (i % 2 == 0 ? 3 : 1);
        return (char)('0' + (10 - sum % 10) % 10);
    }

    /// <summary>A GTIN of 8, 12, 13 or 14 digits with its check digit right, in 14 digits.</summary>
    public static bool TryParseGtin(string text, [NotNullWhen(true)] out string? gtin)
    {
        gtin = text.Length is 8 or 12 or 13 or 14 && text.All(char.IsAsciiDigit) && CheckDigit(text.AsSpan()[..^1]) == text[^1] ? text.PadLeft(14, '0') : null;
        return gtin is not null;
    }

    // ---- URNs ----

    static string? OfUrn(string urn)
    {
        var colon = urn.IndexOf(':', "urn:epc:".Length);
        colon = colon < 0 ? -1 : urn.IndexOf(':', colon + 1);
        if (colon < 0 || !Schemes.TryGetValue(urn["urn:epc:".Length..colon], out var scheme)) return null;

        // The last part may hold dots of its own.
        var parts = urn[(colon + 1)..].Split('.', scheme.Parts);
        if (parts.Length != scheme.Parts || parts[0].Length is < 6 or > 12 || !IsDigits(parts[0])) return null;
        if (scheme.Digits > 0 ? parts[0].Length + parts[1].Length != scheme.Digits || !IsDigits(parts[1]) : !IsSerial(parts[1])) return null;
        if (scheme.Ai == "8006" && (parts[2].Length != 2 || parts[3].Length != 2 || !IsDigits(parts[2]) || !IsDigits(parts[3]))) return null;
        if (scheme.Parts > 2 && !IsSerial(parts[^1])) return null;
        return scheme.Link(parts[0], parts[1], parts[2..]) is { } path ? Home + path : null;
    }

    static bool IsDigits(string text) => text.All(char.IsAsciiDigit);

    static bool IsSerial(string text) => text.Length is > 0 and <= 60 && text.All(one => char.IsAsciiLetterOrDigit(one) || "!'()*+,-.:;=_%".Contains(one, StringComparison.Ordinal));

    static string? Any(string pattern, string path) => pattern == "*" ? path : null;

    static string Gtin(string company, string item) => Checked(item[..1] + company + item[1..]);

    static string Checked(string digits) => digits + CheckDigit(digits);

    /// <summary>As a Digital Link wants what an EPC URN may write plainly.</summary>
    static string Encoded(string text)
    {
        var encoded = new StringBuilder(text.Length);
        foreach (var one in text)
        {
            if ("!()*+,:".Contains(one, StringComparison.Ordinal)) encoded.Append('%').Append(((int)one).ToString("X2", null));
            else encoded.Append(one);
        }
        return encoded.ToString();
    }

    // ---- Digital Links ----

    static string? OfLink(string text)
    {
        var start = text.StartsWith("https://", StringComparison.Ordinal) ? 8 : text.StartsWith("http://", StringComparison.Ordinal) ? 7 : -1;
        if (start < 0) return null;
        var end = text.AsSpan(start).IndexOfAny('?', '#');
        var segments = (end < 0 ? text[start..] : text[start..(start + end)]).Split('/');
        for (var i = 1; i + 1 < segments.Length; i++)
        {
            var ai = Words.GetValueOrDefault(segments[i], segments[i]);
            var key = segments[i + 1];
            if (Keys.Contains(ai) && key.Length > 4 && IsDigits(key[..4])) return end >= 0 && text[start + end] == '#' ? null : OfKey(ai, key, segments[(i + 2)..]);
        }
        return null;
    }

    static string? OfKey(string ai, string key, string[] qualifiers)
    {
        if (qualifiers.Length % 2 != 0) return null;
        if (ai == "01" && key.Length is 8 or 12 or 13) key = key.PadLeft(14, '0');
        string? lot = null, serial = null, other = null;
        for (var i = 0; i < qualifiers.Length; i += 2)
        {
            var (name, value) = (Words.GetValueOrDefault(qualifiers[i], qualifiers[i]), qualifiers[i + 1]);
            if (!IsLinkText(value)) return null;
            switch (ai, name)
            {
                case ("01" or "8006", "22"): break;
                case ("01" or "8006", "10"): lot = value; break;
                case ("01" or "8006", "21"): serial = value; break;
                case ("01", "235") or ("414", "254") or ("8010", "8011"): other = $"/{name}/{value}"; break;
                default: return null;
            }
        }
        var tail = other ?? (serial is not null ? $"/21/{serial}" : lot is not null ? $"/10/{lot}" : "");
        return IsKey(ai, key) ? $"{Home}/{ai}/{key}{tail}" : null;
    }

    static bool IsKey(string ai, string key) => ai switch
    {
        "00" or "8006" or "8017" or "8018" => key.Length == 18 && IsDigits(key),
        "01" => key.Length == 14 && IsDigits(key),
        "402" => key.Length == 17 && IsDigits(key),
        "414" or "417" => key.Length == 13 && IsDigits(key),
        "253" => key.Length is >= 13 and <= 30 && IsDigits(key[..13]) && IsLinkText(key[13..]),
        "255" => key.Length is >= 13 and <= 25 && IsDigits(key),
        "8003" => key.Length is >= 14 and <= 30 && IsDigits(key[..14]) && IsLinkText(key[14..]),
        "8010" => key.Length <= 30 && key.All(one => char.IsAsciiLetterUpper(one) || char.IsAsciiDigit(one) || one is '#' or '-'),
        _ => key.Length <= 30 && IsLinkText(key),
    };

    /// <summary>Characters of GS1's set 82 that stand in a link as they are.</summary>
    static bool IsLinkText(string text) => text.All(one => one is '"' or '\'' or '-' or '.' or '_' or (>= '0' and <= '9') or (>= ';' and <= '?') or (>= 'A' and <= 'Z') or (>= 'a' and <= 'z'));
}
