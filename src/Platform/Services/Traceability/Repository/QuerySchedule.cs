using System.Diagnostics.CodeAnalysis;
using Cronos;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>
/// When a standing query is asked, as EPCIS 2.0 has it: fields like those of cron, in UTC. Each is a number, a range in brackets (<c>[1-5]</c>), a step (<c>0/30</c>) or a list of them.
/// A field that is left out matches everything if a coarser one than those given, and its first value if a finer one: <c>{"hour":"1","minute":"5"}</c> is once a day.
/// </summary>
public sealed class QuerySchedule
{
    static readonly (string Name, int First, int Last)[] Fields = [("second", 0, 59), ("minute", 0, 59), ("hour", 0, 23), ("dayOfMonth", 1, 31), ("month", 1, 12), ("dayOfWeek", 1, 7)];

    readonly CronExpression _cron;

    QuerySchedule(IReadOnlyDictionary<string, string> given, CronExpression cron) => (Given, _cron) = (given, cron);

    /// <summary>The fields as they were given.</summary>
    public IReadOnlyDictionary<string, string> Given { get; }

    public static IEnumerable<string> Names => Fields.Select(one => one.Name);

    public static bool TryParse(IReadOnlyDictionary<string, string> given, [NotNullWhen(true)] out QuerySchedule? schedule, [NotNullWhen(false)] out Refusal? refusal)
    {
        schedule = null;
        refusal = given.Keys.FirstOrDefault(name => !Names.Contains(name)) is { } unknown ? new Refusal($"a schedule has no {unknown}", "it has second, minute, hour, dayOfMonth, month and dayOfWeek", "write for example {\"hour\":\"1\",\"minute\":\"5\"}")
            : given.Count == 0 ? new Refusal("the schedule is empty", "it would never be due", "write for example {\"hour\":\"1\",\"minute\":\"5\"}") : null;
        if (refusal is not null) return false;

        var parts = new string[Fields.Length];
        // A day of the week is as coarse as a day of the month: from the hour down there are first values.
        var finest = Array.FindIndex(Fields, one => given.ContainsKey(one.Name));
        for (var i = 0; i < Fields.Length; i++)
        {
            var (name, first, last) = Fields[i];
            if (given.TryGetValue(name, out var text))
            {
                if (Part(text, first, last) is not { } part)
                {
                    refusal = new Refusal($"{name} of the schedule cannot be read", text, $"write a number from {first} to {last}, a range such as [{first}-{last}], or a list of them with commas");
                    return false;
                }
                parts[i] = part;
            }
            else
            {
                parts[i] = i < Math.Min(finest, 3) ? "0" : "*";
            }
        }
        schedule = new QuerySchedule(given, CronExpression.Parse(string.Join(' ', parts), CronFormat.IncludeSeconds));
        return true;
    }

    /// <summary>When it is due next; null where no such day exists.</summary>
    public DateTimeOffset? Next(DateTimeOffset after) => _cron.GetNextOccurrence(after.UtcDateTime) is { } next ? new DateTimeOffset(next, TimeSpan.Zero) : null;

    /// <summary>One field as cron writes it; null where it cannot be read.</summary>
    static string? Part(string text, int first, int last)
    {
        var elements = text.Split(',').Select(element => Element(element.Trim(), first, last)).ToArray();
        return elements.All(element => element is not null) ? string.Join(',', elements) : null;
    }

    static string? Element(string text, int first, int last)
    {
        if (text is "*" or "?") return "*";
        var (body, step) = text.IndexOf('/') is >= 0 and var slash ? (text[..slash], text[(slash + 1)..]) : (text, null);
        if (step is not null && (!int.TryParse(step, out var every) || every < 1 || every > last)) return null;
        if (body.StartsWith('[') && body.EndsWith(']')) body = body[1..^1];
        if (body is "*") return $"*/{step}";
        var ends = body.Split('-');
        if (ends.Length > 2 || !ends.All(end => end.Length is 1 or 2 && end.All(char.IsAsciiDigit) && int.Parse(end) >= first && int.Parse(end) <= last)) return null;
        if (ends.Length == 2 && int.Parse(ends[0]) > int.Parse(ends[1])) return null;
        return step is null ? body : $"{(ends.Length == 2 ? body : $"{body}-{last}")}/{step}";
    }
}
