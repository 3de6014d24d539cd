using System.Globalization;

namespace Hufu.Services;

/// <summary>An EPCIS event: its fields as they were read, and the ones that queries and traces ask for as values.</summary>
/// <param name="Type">ObjectEvent, AggregationEvent, TransactionEvent, TransformationEvent, AssociationEvent, or the URI of a type of one's own.</param>
/// <param name="Fields">The whole event.</param>
public sealed record EpcisEvent(string Type, EpcisElement Fields)
{
    /// <summary>When it happened; null where the field is missing or no time.</summary>
    public DateTimeOffset? EventTime => TimeOf(Fields["eventTime"]);
    public DateTimeOffset? RecordTime => TimeOf(Fields["recordTime"]);
    public string? EventId => TextOf("eventID");

    /// <summary>ADD, OBSERVE or DELETE; null for a transformation.</summary>
    public string? Action => TextOf("action");
    public string? BizStep => TextOf("bizStep");
    public string? Disposition => TextOf("disposition");
    public string? ReadPoint => Fields["readPoint"]?["id"]?.Text;
    public string? BizLocation => Fields["bizLocation"]?["id"]?.Text;
    public string? ParentId => TextOf("parentID");
    public string? TransformationId => TextOf("transformationID");
    public EpcisElement? ErrorDeclaration => Fields["errorDeclaration"];

    public IEnumerable<string> Epcs(string list) => Fields[list]?.Children.Where(one => one.Name == "epc").Select(one => one.Text) ?? [];

    public IEnumerable<EpcisQuantity> Quantities(string list)
    {
        foreach (var one in Fields[list]?.All("quantityElement") ?? [])
        {
            decimal? quantity = one["quantity"] is { } text && decimal.TryParse(text.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;
            yield return new EpcisQuantity(one["epcClass"]?.Text ?? "", quantity, one["uom"]?.Text);
        }
    }

    string? TextOf(string field) => Fields[field]?.Text;

    static DateTimeOffset? TimeOf(EpcisElement? field) => field is not null && EpcisTime.TryParse(field.Text, out var time) ? time : null;
}

/// <summary>How much of a class of goods. Null where the event does not say.</summary>
/// <param name="Uom">UN/CEFACT unit; null where it counts pieces.</param>
public readonly record struct EpcisQuantity(string EpcClass, decimal? Quantity, string? Uom);

/// <summary>The times of EPCIS: a date, a time and the distance from UTC, which must not be missing.</summary>
public static class EpcisTime
{
    /// <summary>Reads <c>2005-04-03T20:33:31.116-06:00</c>. Digits beyond the hundred nanoseconds that .NET counts are cut off.</summary>
    public static bool TryParse(string text, out DateTimeOffset time) => TryParse(text, secondsMayBeMissing: false, out time);

    internal static bool TryParse(string text, bool secondsMayBeMissing, out DateTimeOffset time)
    {
        time = default;
        var rest = text.AsSpan();
        if (rest.Length < 17 || rest[4] != '-' || rest[7] != '-' || rest[10] is not ('T' or 't') || rest[13] != ':') return false;
        if (!Digits(rest[..4], out var year) || !Digits(rest[5..7], out var month) || !Digits(rest[8..10], out var day)
            || !Digits(rest[11..13], out var hour) || !Digits(rest[14..16], out var minute)) return false;
        rest = rest[16..];
        var second = 0;
        if (rest[0] == ':')
        {
            if (rest.Length < 4 || !Digits(rest[1..3], out second)) return false;
            rest = rest[3..];
        }
        else if (!secondsMayBeMissing)
        {
            return false;
        }
        var ticks = 0L;
        if (rest[0] == '.')
        {
            var digits = 1;
            var scale = TimeSpan.TicksPerSecond;
            for (; digits < rest.Length && char.IsAsciiDigit(rest[digits]); digits++)
            {
                scale /= 10;
                ticks += (rest[digits] - '0') * scale;
            }
            if (digits == 1 || digits == rest.Length) return false;
            rest = rest[digits..];
        }
        var offset = TimeSpan.Zero;
        if (rest is not "Z" and not "z" && !TryParseOffset(rest, out offset)) return false;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59) return false;
        var local = new DateTime(year, month, day, hour, minute, second).AddTicks(ticks);
        if (local.Ticks - offset.Ticks < 0 || local.Ticks - offset.Ticks > DateTime.MaxValue.Ticks) return false;
        time = new DateTimeOffset(local, offset);
        return true;
    }

    /// <summary>Reads <c>+01:00</c>, at most fourteen hours either way.</summary>
    public static bool TryParseOffset(ReadOnlySpan<char> text, out TimeSpan offset)
    {
        offset = default;
        if (text.Length != 6 || text[0] is not ('+' or '-') || text[3] != ':' || !Digits(text[1..3], out var hours) || !Digits(text[4..6], out var minutes)) return false;
        if (minutes > 59 || hours > 14 || (hours == 14 && minutes > 0)) return false;
        offset = new TimeSpan(hours, minutes, 0) * (text[0] == '-' ? -1 : 1);
        return true;
    }

    /// <summary>In UTC, with three digits of the second, rounded: as the event hash and our own events have it.</summary>
    public static string Canonical(DateTimeOffset time)
    {
        var ticks = time.UtcTicks;
        var rounded = (ticks + TimeSpan.TicksPerMillisecond / 2) / TimeSpan.TicksPerMillisecond * TimeSpan.TicksPerMillisecond;
        return new DateTime(Math.Min(rounded, DateTime.MaxValue.Ticks), DateTimeKind.Utc).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
    }

    static bool Digits(ReadOnlySpan<char> text, out int value)
    {
        value = 0;
        foreach (var one in text)
        {
            if (!char.IsAsciiDigit(one)) return false;
            value = value * 10 + (one - '0');
        }
        return true;
    }
}
