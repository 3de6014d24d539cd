using System.Globalization;
using System.Text;

namespace Hufu.Services;

/// <summary>One page of an answer.</summary>
/// <param name="Next">Where the next page begins; null where this is the last.</param>
public sealed record EventPage(IReadOnlyList<StoredEvent> Events, string? Next);

/// <summary>What a query finds among events that were not looked at before.</summary>
/// <param name="Position">The last event that was looked at.</param>
/// <param name="HasMore">Whether events remain that were not looked at.</param>
public sealed record EventNews(IReadOnlyList<StoredEvent> Events, long Position, bool HasMore);

/// <summary>
/// The standard's SimpleEventQuery over the store. What has a column is asked of the database; the rest (extensions, sensors, quantities) of the events that remain.
/// </summary>
public sealed class EventQuery(Database database)
{
    const int DefaultPage = 30;
    const int LargestPage = 1000;

    /// <summary>Events that are looked at for one page before it is given unfinished.</summary>
    const int MostLooked = 20_000;

    static readonly Dictionary<string, string[]> Roles = new(StringComparer.Ordinal)
    {
        ["MATCH_epc"] = ["epc", "child"],
        ["MATCH_epcClass"] = ["epc", "child"],
        ["MATCH_parentID"] = ["parent"],
        ["MATCH_inputEPC"] = ["input"],
        ["MATCH_inputEPCClass"] = ["input"],
        ["MATCH_outputEPC"] = ["output"],
        ["MATCH_outputEPCClass"] = ["output"],
        ["MATCH_anyEPC"] = ["epc", "parent", "child", "input", "output"],
        ["MATCH_anyEPCClass"] = ["epc", "child", "input", "output"],
    };

    /// <summary>Asks; a parameter that the standard does not know, or a value that cannot be, is refused.</summary>
    public EventPage Ask(IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> parameters)
    {
        var asked = Read(parameters);
        return Page(asked.Where, asked.Rest, asked.Order, asked.Descends, asked.Size, asked.Token);
    }

    /// <summary>What of a query was recorded after a position, in that order; how a query orders and bounds its answer says nothing here.</summary>
    public EventNews After(long position, IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> parameters, int most)
    {
        // First where the events end, then the events up to there: what comes between is the next time's.
        var last = database.Read(session => session.Count($"SELECT COALESCE(MAX(seq), 0) FROM {EventStore.Events}"));
        if (last <= position) return new EventNews([], position, HasMore: false);
        var asked = Read(parameters);
        asked.Where.AppendLiteral(" AND seq <= ");
        asked.Where.AppendFormatted((object)last);
        var page = Page(asked.Where, asked.Rest, "seq", descends: false, most, Encode((position, position)));
        return page.Next is { } next ? new EventNews(page.Events, Decode(next)!.Value.Item2, HasMore: true) : new EventNews(page.Events, last, HasMore: false);
    }

    sealed record Asked(SqlText Where, List<Func<EpcisEvent, bool>> Rest, string Order, bool Descends, int Size, string Token);

    static Asked Read(IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> parameters)
    {
        var (perPage, limit, token, descends, order) = (DefaultPage, int.MaxValue, "", false, "seq");
        var where = new SqlText(256, parameters.Count);
        where.AppendLiteral("1 = 1");
        var rest = new List<Func<EpcisEvent, bool>>();
        foreach (var (name, values) in parameters)
        {
            foreach (var value in values) if (!EpcisQuery.TryCheck(name, value, out var refusal)) throw new ProblemException(400, "query-parameter", refusal! with { Mend = refusal.Mend.Length > 0 ? refusal.Mend : "see the parameters of EPCIS 2.0, section 8.2.7" });
            switch (name)
            {
                case "perPage": perPage = Math.Min(int.Parse(values[0], CultureInfo.InvariantCulture), LargestPage); break;
                case "eventCountLimit" or "maxEventCount": limit = int.Parse(values[0], CultureInfo.InvariantCulture); break;
                case "nextPageToken": token = values[0]; break;
                case "orderDirection": descends = values[0] == "DESC"; break;
                case "orderBy": order = values[0] switch { "eventTime" => "event_time", "recordTime" => "seq", _ => throw ProblemException.Invalid($"events are not ordered by {values[0]}", "they can be by eventTime or recordTime", "choose one of these") }; break;
                default: Add(ref where, rest, name, values); break;
            }
        }
        return new Asked(where, rest, order, descends, Math.Min(perPage, limit), token);
    }

    static void Add(ref SqlText where, List<Func<EpcisEvent, bool>> rest, string name, IReadOnlyList<string> values)
    {
        switch (name)
        {
            case "eventType": In(ref where, "type", values); break;
            case "GE_eventTime": Bound(ref where, "event_time >= ", values); break;
            case "LT_eventTime": Bound(ref where, "event_time < ", values); break;
            case "GE_recordTime": Bound(ref where, "record_time >= ", values); break;
            case "LT_recordTime": Bound(ref where, "record_time < ", values); break;
            case "EQ_action": In(ref where, "action", values); break;
            case "EQ_bizStep": In(ref where, "biz_step", Words(values, EpcisVocabulary.BizStep)); break;
            case "EQ_disposition": In(ref where, "disposition", Words(values, EpcisVocabulary.Disposition)); break;
            case "EQ_readPoint" or "WD_readPoint": In(ref where, "read_point", Links(values)); break;
            case "EQ_bizLocation" or "WD_bizLocation": In(ref where, "biz_location", Links(values)); break;
            case "EQ_transformationID": In(ref where, "transformation_id", Links(values)); break;
            case "EQ_eventID": In(ref where, "event_id", values); break;
            case "EXISTS_errorDeclaration": where.AppendLiteral(" AND is_error = 1"); break;
            case var _ when Roles.TryGetValue(name, out var roles): Match(ref where, roles, values); break;
            default: rest.Add(EventFilter.Of(name, values)); break;
        }
    }

    static IReadOnlyList<string> Words(IReadOnlyList<string> values, EpcisVocabulary vocabulary) => [.. values.Select(value => EpcisVocabulary.WithWebUris(vocabulary.Expand(value)))];

    static IReadOnlyList<string> Links(IReadOnlyList<string> values) => [.. values.Select(Gs1Uri.Canonical)];

    static void In(ref SqlText where, string column, IReadOnlyList<string> values)
    {
        where.AppendLiteral($" AND {column} IN (");
        for (var i = 0; i < values.Count; i++)
        {
            if (i > 0) where.AppendLiteral(", ");
            where.AppendFormatted((object)values[i]);
        }
        where.AppendLiteral(")");
    }

    static void Bound(ref SqlText where, string column, IReadOnlyList<string> values)
    {
        if (!EpcisTime.TryParse(values[0], out var time)) return;
        where.AppendLiteral(" AND " + column);
        where.AppendFormatted((object)time);
    }

    /// <summary>A thing, or all things under a class: lots and serials stand in a link after its class.</summary>
    static void Match(ref SqlText where, string[] roles, IReadOnlyList<string> values)
    {
        where.AppendLiteral($" AND seq IN (SELECT seq FROM {EventStore.Things.Name} WHERE role IN ({string.Join(", ", roles.Select(role => $"'{role}'"))}) AND (");
        for (var i = 0; i < values.Count; i++)
        {
            var link = Gs1Uri.Canonical(values[i]);
            where.AppendLiteral(i == 0 ? "thing = " : " OR thing = ");
            where.AppendFormatted((object)link);
            if (!values[i].Contains(":idpat:", StringComparison.Ordinal)) continue;
            where.AppendLiteral(" OR (thing >= ");
            where.AppendFormatted((object)(link + "/"));
            where.AppendLiteral(" AND thing < ");
            where.AppendFormatted((object)(link + "0"));
            where.AppendLiteral(")");
        }
        where.AppendLiteral("))");
    }

    EventPage Page(SqlText where, List<Func<EpcisEvent, bool>> rest, string order, bool descends, int size, string token)
    {
        var after = Decode(token);
        var found = new List<StoredEvent>();
        (long At, long Sequence)? last = null;
        for (var looked = 0; looked < MostLooked;)
        {
            var chunk = rest.Count == 0 ? size + 1 : Math.Max(size + 1, 500);
            var rows = database.Read(session => session.Query(Select(where, order, descends, last ?? after, chunk), row => (Event: EventStore.Read(row), At: row.Number(5))));
            foreach (var (one, at) in rows)
            {
                var matches = rest.Count == 0 || one.Event is var decoded && rest.All(filter => filter(decoded));
                if (matches && found.Count == size) return new EventPage(found, last is { } place ? Encode(place) : null);
                last = (at, one.Sequence);
                if (matches) found.Add(one);
            }
            looked += rows.Count;
            if (rows.Count < chunk) return new EventPage(found, null);
        }
        return new EventPage(found, last is { } rested ? Encode(rested) : null);
    }

    static SqlText Select(SqlText where, string order, bool descends, (long At, long Sequence)? after, int most)
    {
        var sql = new SqlText(256, 4);
        sql.AppendLiteral($"SELECT seq, hash, record_time, event_id, json, {order} FROM {EventStore.Events.Name} WHERE ");
        sql.AppendFormatted(where);
        if (after is { } place)
        {
            var beyond = descends ? "<" : ">";
            sql.AppendLiteral($" AND ({order} {beyond} ");
            sql.AppendFormatted((object)place.At);
            sql.AppendLiteral($" OR ({order} = ");
            sql.AppendFormatted((object)place.At);
            sql.AppendLiteral($" AND seq {beyond} ");
            sql.AppendFormatted((object)place.Sequence);
            sql.AppendLiteral("))");
        }
        var direction = descends ? "DESC" : "ASC";
        sql.AppendLiteral(order == "seq" ? $" ORDER BY seq {direction} LIMIT " : $" ORDER BY {order} {direction}, seq {direction} LIMIT ");
        sql.AppendFormatted((object)most);
        return sql;
    }

    static string Encode((long At, long Sequence) place) => Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{place.At} {place.Sequence}"))).Replace('+', '-').Replace('/', '_').TrimEnd('=');

    static (long, long)? Decode(string token)
    {
        if (token.Length == 0) return null;
        try
        {
            var text = Encoding.ASCII.GetString(Convert.FromBase64String(token.Replace('-', '+').Replace('_', '/').PadRight((token.Length + 3) / 4 * 4, '='))).Split(' ');
            if (text.Length == 2 && long.TryParse(text[0], CultureInfo.InvariantCulture, out var at) && long.TryParse(text[1], CultureInfo.InvariantCulture, out var sequence)) return (at, sequence);
        }
        catch (FormatException)
        {
            // Falls through to the refusal.
        }
        throw ProblemException.Invalid("nextPageToken is none of ours", token, "take it from the Link header of the page before");
    }
}

/// <summary>Parameters of a query that no column answers, as questions to an event.</summary>
static class EventFilter
{
    public static Func<EpcisEvent, bool> Of(string name, IReadOnlyList<string> values)
    {
        var (operation, rest) = Split(name);
        if (name.StartsWith("EQ_persistentDisposition_", StringComparison.Ordinal))
        {
            var (kind, words) = (name["EQ_persistentDisposition_".Length..], values.Select(value => EpcisVocabulary.WithWebUris(EpcisVocabulary.Disposition.Expand(value))).ToHashSet());
            return one => one.Fields["persistentDisposition"]?.All(kind).Any(word => words.Contains(word.Text)) == true;
        }
        foreach (var (prefix, list, item, vocabulary) in new[] { ("bizTransaction_", "bizTransactionList", "bizTransaction", EpcisVocabulary.BizTransactionType), ("source_", "sourceList", "source", EpcisVocabulary.SourceDestinationType), ("destination_", "destinationList", "destination", EpcisVocabulary.SourceDestinationType) })
        {
            if (!rest.StartsWith(prefix, StringComparison.Ordinal)) continue;
            var (type, links) = (EpcisVocabulary.WithWebUris(vocabulary.Expand(rest[prefix.Length..])), values.Select(Gs1Uri.Canonical).ToHashSet());
            return one => one.Fields[list]?.All(item).Any(typed => typed["type"]?.Text == type && links.Contains(Gs1Uri.Canonical(typed.Text))) == true;
        }
        return name switch
        {
            "EXISTS_sensorElementList" => one => one.Fields["sensorElementList"] is not null,
            "EXISTS_ilmd" => one => one.Fields["ilmd"] is not null,
            "EQ_errorReason" => one => one.ErrorDeclaration?["reason"] is { } reason && values.Any(value => EpcisVocabulary.ErrorReason.Expand(value) == reason.Text),
            "EQ_correctiveEventID" => one => one.ErrorDeclaration?["correctiveEventIDs"]?.Children.Any(id => values.Contains(id.Text)) == true,
            "GE_errorDeclaration_Time" or "GE_errorDeclarationTime" or "LT_errorDeclaration_Time" or "LT_errorDeclarationTime" => one => Times(one.ErrorDeclaration?["declarationTime"]),
            _ when rest is "quantity" => one => Within(one, "quantityElement").Any(quantity => Holds(operation, quantity["quantity"], values)),
            _ when Measured(rest) is var (field, unit) => one => Within(one, "sensorReport").Any(report => report["uom"]?.Text == unit && Holds(operation, report[field], values)),
            _ when !rest.Contains(':', StringComparison.Ordinal) => one => Within(one, "sensorReport").Concat(Within(one, "sensorMetadata")).Any(report => Holds(operation, report[rest], values, rest)),
            _ => Extension(operation, rest, values),
        };

        bool Times(EpcisElement? field) => field is not null && Holds(operation, field, values);
    }

    static Func<EpcisEvent, bool> Extension(string operation, string rest, IReadOnlyList<string> values)
    {
        var isInner = rest.StartsWith("INNER_", StringComparison.Ordinal);
        if (isInner) rest = rest["INNER_".Length..];
        string? within = null;
        foreach (var (word, element) in new[] { ("ILMD_", "ilmd"), ("ERROR_DECLARATION_", "errorDeclaration"), ("SENSORELEMENT_", "sensorElement"), ("SENSORMETADATA_", "sensorMetadata"), ("SENSORREPORT_", "sensorReport"), ("readPoint_", "readPoint"), ("bizLocation_", "bizLocation") })
        {
            if (!rest.StartsWith(word, StringComparison.Ordinal)) continue;
            (within, rest) = (element, rest[word.Length..]);
            break;
        }
        // A name by its whole namespace, or by its local part where the query does not say which namespace its prefix means.
        var cut = Math.Max(rest.LastIndexOf('#'), Math.Max(rest.LastIndexOf('/'), rest.LastIndexOf(':')));
        var (home, local) = (rest[..(cut + 1)], rest[(cut + 1)..]);
        var isPrefix = !home.Contains('/', StringComparison.Ordinal);
        return one =>
        {
            var roots = within is null ? [one.Fields] : Within(one, within).ToArray();
            return roots.SelectMany(root => isInner ? root.Children.SelectMany(Deep) : root.Children).Any(field => field.IsExtension && field.Name == local && (isPrefix || field.Namespace == home) && Holds(operation, field, values));
        };
    }

    static bool Holds(string operation, EpcisElement? field, IReadOnlyList<string> values, string name = "")
    {
        if (field is null) return false;
        if (operation == "EXISTS") return true;
        return values.Any(value =>
        {
            if (operation == "EQ")
            {
                var expected = name switch { "type" => EpcisVocabulary.Measurement.Expand(value), "exception" => EpcisVocabulary.Alert.Expand(value), "component" => EpcisVocabulary.Component.Expand(value), _ => value };
                if (field.Text == expected || Gs1Uri.Canonical(field.Text) == Gs1Uri.Canonical(expected)) return true;
            }
            int? order = double.TryParse(field.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var left) && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var right) ? left.CompareTo(right)
                : EpcisTime.TryParse(field.Text, out var at) && EpcisTime.TryParse(value, out var bound) ? at.CompareTo(bound)
                : null;
            return operation switch { "EQ" => order == 0, "GT" => order > 0, "GE" => order >= 0, "LT" => order < 0, "LE" => order <= 0, _ => false };
        });
    }

    static (string Operation, string Operand) Split(string name) => name.Split('_', 2) is [var operation, var rest] ? (operation, rest) : (name, "");

    static (string Field, string Unit)? Measured(string rest) => rest.Split('_') is [("value" or "minValue" or "maxValue" or "meanValue" or "sDev" or "percValue") and var field, var unit] ? (field, unit) : null;

    static IEnumerable<EpcisElement> Within(EpcisEvent one, string name) => one.Fields.Children.SelectMany(Deep).Where(field => field.Namespace.Length == 0 && field.Name == name);

    static IEnumerable<EpcisElement> Deep(EpcisElement element) => element.Children.SelectMany(Deep).Prepend(element);
}
