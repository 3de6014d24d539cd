using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>What an element of a message holds and whether it may; its faults are gathered, with the path to where they are.</summary>
sealed partial class IsoRules
{
    readonly List<Refusal> _faults = [];

    public IReadOnlyList<Refusal> Faults => _faults;

    /// <summary>The element at the end of a path of local names, whatever the version's namespace.</summary>
    public static XElement? At(XElement? from, string path)
    {
        foreach (var name in path.Split('/'))
        {
            from = from?.Elements().FirstOrDefault(one => one.Name.LocalName == name);
            if (from is null) return null;
        }
        return from;
    }

    public static IEnumerable<XElement> All(XElement? from, string name) => from?.Elements().Where(one => one.Name.LocalName == name) ?? [];

    public static string? TextAt(XElement? from, params ReadOnlySpan<string> paths)
    {
        foreach (var path in paths) if (At(from, path) is { } found) return found.Value.Trim();
        return null;
    }

    public string Required(XElement from, string path, int longest = 35)
    {
        var text = TextAt(from, path);
        if (string.IsNullOrEmpty(text)) Fault(from, path, "is missing", "the message needs it");
        else if (text.Length > longest) Fault(from, path, "is too long", $"{text.Length} characters, at most {longest}");
        return text ?? "";
    }

    public string? Optional(XElement from, string path, int longest = 35)
    {
        var text = TextAt(from, path);
        if (text is not null && (text.Length == 0 || text.Length > longest)) Fault(from, path, "has the wrong length", $"{text.Length} characters, between 1 and {longest}");
        return text;
    }

    public IsoAmount Amount(XElement from, string path)
    {
        var element = At(from, path);
        if (element is null)
        {
            Fault(from, path, "is missing", "the message needs an amount");
            return default;
        }
        if (!IsoAmount.TryParse(element.Attribute("Ccy")?.Value ?? "", element.Value, out var amount)) Fault(from, path, "is no amount", $"{element.Value} {element.Attribute("Ccy")?.Value}", "write digits, a point and a currency of three letters");
        else if (!amount.IsPayable) Fault(from, path, "has more digits than its currency", $"{amount.Value.ToString(CultureInfo.InvariantCulture)} {amount.Currency}", $"{amount.Currency} has {IsoAmount.DigitsOf(amount.Currency)} digits after the point");
        return amount;
    }

    public decimal? Number(XElement from, string path)
    {
        if (TextAt(from, path) is not { } text) return null;
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) return number;
        Fault(from, path, "is no number", text);
        return null;
    }

    public DateTimeOffset? Time(XElement from, string path)
    {
        if (TextAt(from, path) is not { } text) return null;
        if (IsTime().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return time;
        Fault(from, path, "is no time", text, "write it like 2026-07-22T10:30:00Z");
        return null;
    }

    /// <summary>A date, plainly or under <c>Dt</c> or <c>DtTm</c> as later versions have it.</summary>
    public DateOnly? Date(XElement from, string path)
    {
        var text = TextAt(from, path + "/Dt", path + "/DtTm", path);
        if (string.IsNullOrEmpty(text)) return null;
        if (text.Length >= 10 && DateOnly.TryParseExact(text[..10], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)) return date;
        Fault(from, path, "is no date", text, "write it like 2026-07-22");
        return null;
    }

    public static IsoAccount? Account(XElement from, string path)
    {
        if (At(from, path) is not { } account) return null;
        if (TextAt(account, "Id/IBAN") is { } iban) return new IsoAccount(iban, null);
        return TextAt(account, "Id/Othr/Id") is { Length: > 0 } other ? new IsoAccount(null, other) : null;
    }

    public IsoParty? Party(XElement from, string path)
    {
        if (At(from, path) is not { } party) return null;
        // In statements of later versions the party stands under Pty.
        var inner = At(party, "Pty") ?? party;
        return new IsoParty(TextAt(inner, "Nm"), TextAt(inner, "PstlAdr/Ctry"), TextAt(inner, "Id/OrgId/AnyBIC", "Id/OrgId/BICOrBEI", "Id/OrgId/LEI", "Id/OrgId/Othr/Id", "Id/PrvtId/Othr/Id"));
    }

    public string? Agent(XElement from, string path)
    {
        var bic = TextAt(from, path + "/FinInstnId/BICFI", path + "/FinInstnId/BIC");
        if (bic is not null && !IsBic().IsMatch(bic)) Fault(from, path, "is no BIC", bic);
        return bic ?? TextAt(from, path + "/FinInstnId/ClrSysMmbId/MmbId", path + "/FinInstnId/LEI", path + "/FinInstnId/Othr/Id");
    }

    public string? Uetr(XElement from, string path)
    {
        var text = TextAt(from, path);
        if (text is not null && !IsUetr().IsMatch(text)) Fault(from, path, "is no UUID of version 4", text, "make one for each payment");
        return text;
    }

    public void Fault(XElement from, string path, string what, string why, string mend = "") => _faults.Add(new Refusal($"{from.Name.LocalName}/{path} {what}", why, mend));

    public void Fault(string what, string why, string mend = "") => _faults.Add(new Refusal(what, why, mend));

    /// <summary>ISO 13616: letters count from ten, and the number they make leaves one when divided by 97.</summary>
    public static bool IsIban(string text)
    {
        if (!IbanForm().IsMatch(text)) return false;
        var rest = 0;
        foreach (var one in text[4..] + text[..4]) rest = char.IsAsciiDigit(one) ? (rest * 10 + one - '0') % 97 : (rest * 100 + char.ToUpperInvariant(one) - 'A' + 10) % 97;
        return rest == 1;
    }

    [GeneratedRegex("^[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}$", RegexOptions.CultureInvariant)]
    private static partial Regex IbanForm();

    [GeneratedRegex("^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$", RegexOptions.CultureInvariant)]
    private static partial Regex IsBic();

    [GeneratedRegex("^[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}$", RegexOptions.CultureInvariant)]
    private static partial Regex IsUetr();

    [GeneratedRegex("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?$", RegexOptions.CultureInvariant)]
    private static partial Regex IsTime();
}

/// <summary>An account by its IBAN, or by another number.</summary>
public sealed record IsoAccount(string? Iban, string? Other)
{
    /// <summary>Whether there can be such an account: the check digits of an IBAN fit. One payment with a wrong account is rejected (AC01), not the message it came in.</summary>
    public bool IsPossible => Iban is null ? Other is { Length: > 0 } : IsoRules.IsIban(Iban);

    public override string ToString() => Iban ?? Other ?? "";
}

/// <param name="Country">Two letters.</param>
/// <param name="Id">BIC, LEI or another number of the party.</param>
public sealed record IsoParty(string? Name, string? Country = null, string? Id = null);
