using System.Text;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>An event as the repository keeps it.</summary>
/// <param name="Sequence">Counts events in the order they were recorded, from 1.</param>
/// <param name="Hash">CBV 2.0.</param>
public sealed record StoredEvent(long Sequence, Hash256 Hash, DateTimeOffset RecordTime, string EventId, string Json)
{
    /// <summary>The document that holds this event alone.</summary>
    public EpcisDocument Document => EpcisDocument.TryRead(Encoding.UTF8.GetBytes(Json), out var document, out var refusal) ? document : throw new InvalidDataException($"event {Sequence} cannot be read again: {refusal}");

    /// <summary>The event with the time it was recorded and its id, as queries answer it.</summary>
    public EpcisEvent Event
    {
        get
        {
            var one = Document.Events[0];
            List<EpcisElement> fields = [.. one.Fields.Children.Where(child => child.Namespace.Length > 0 || child.Name is not ("recordTime" or "eventID")), new("recordTime", EpcisTime.Canonical(RecordTime)), new("eventID", EventId)];
            return one with { Fields = new EpcisElement(one.Type, form: EpcisForm.Object) { Children = fields } };
        }
    }
}

/// <summary>What a thing was to an event.</summary>
public enum ThingRole
{
    /// <summary>Seen, made or taken away.</summary>
    Epc,
    Parent,
    Child,
    Input,
    Output,
}

/// <summary>What became of a document that was captured.</summary>
/// <param name="Errors">What was refused, and why; empty where all was kept.</param>
public sealed record CaptureJob(string Id, bool Succeeded, string Behaviour, DateTimeOffset CreatedAt, DateTimeOffset FinishedAt, int Events, int New, IReadOnlyList<string> Errors);

/// <summary>
/// The events, each kept once by its hash, and the things in them by canonical link: an EPC URN and a Digital Link of one thing find each other.
/// Nothing is ever changed or removed; what was wrong is declared so by another event.
/// </summary>
public sealed class EventStore(Database database)
{
    /// <summary>Events in one document.</summary>
    public const int MostEvents = 20_000;

    internal static readonly Table Events = new Table("trace_event",
        "seq number key", "hash text index", "is_error number", "type text", "event_time number index", "record_time number", "event_id text index", "action text", "biz_step text index", "disposition text",
        "read_point text index", "biz_location text index", "transformation_id text index", "json text");

    internal static readonly Table Things = new Table("trace_thing", "thing text key", "role text key", "seq number key", "quantity text", "uom text").Indexed("seq", "role");
    internal static readonly Table Captures = new("trace_capture", "id text key", "succeeded number", "behaviour text", "created_at number index", "finished_at number", "events number", "fresh number", "errors text");

    const string Columns = "seq, hash, record_time, event_id, json";

    static readonly (string List, ThingRole Role, bool IsQuantity)[] Lists =
    [
        ("epcList", ThingRole.Epc, false), ("childEPCs", ThingRole.Child, false), ("inputEPCList", ThingRole.Input, false), ("outputEPCList", ThingRole.Output, false),
        ("quantityList", ThingRole.Epc, true), ("childQuantityList", ThingRole.Child, true), ("inputQuantityList", ThingRole.Input, true), ("outputQuantityList", ThingRole.Output, true),
    ];

    /// <summary>Told after events were kept.</summary>
    public event Action? Grew;

    /// <summary>Takes a document in: all of it or nothing (rollback), or what is right of it (proceed). Durable when the task ends.</summary>
    public async Task<CaptureJob> CaptureAsync(EpcisDocument document, bool proceeds = false)
    {
        var started = DateTimeOffset.UtcNow;
        var behaviour = proceeds ? "proceed" : "rollback";
        List<string> errors = [.. document.Faults.Select(fault => fault.ToString())];
        if (document.Kind is EpcisKind.Query or EpcisKind.QueryResults) errors.Add($"a {document.Kind} is nothing to capture: send an EPCISDocument");
        if (document.Events.Count > MostEvents) errors.Add($"the document holds {document.Events.Count} events, at most {MostEvents} are taken at once");
        var isRefused = document.Faults.Any(fault => fault.Event < 0) || errors.Count > document.Faults.Count || (!proceeds && errors.Count > 0);
        var wrong = document.Faults.Select(fault => fault.Event).ToHashSet();
        var right = isRefused ? [] : document.Events.Where((_, i) => !wrong.Contains(i)).ToArray();
        // Hashing and writing need no database, and every core may help.
        var prepared = right.Length < 64 ? [.. right.Select(one => Prepare(one, document, started))] : right.AsParallel().AsOrdered().Select(one => Prepare(one, document, started)).ToArray();
        var id = Guid.CreateVersion7(started).ToString();
        var job = await database.WriteAsync(session =>
        {
            var fresh = Keep(session, prepared);
            var done = new CaptureJob(id, errors.Count == 0, behaviour, started, DateTimeOffset.UtcNow, prepared.Length, fresh, errors);
            session.Execute(Captures.Insert([id, done.Succeeded, behaviour, started, done.FinishedAt, done.Events, fresh, string.Join('\n', errors.Take(100))], replaces: false));
            return done;
        }).ConfigureAwait(false);
        if (job.New > 0) Grew?.Invoke();
        return job;
    }

    sealed record Prepared(object?[] Row, string Hash, bool IsError, IReadOnlyList<object?[]> Things);

    /// <summary>All that needs no database: hash, canonical links, the event as it will be kept.</summary>
    static Prepared Prepare(EpcisEvent one, EpcisDocument document, DateTimeOffset recordedAt)
    {
        var hash = Hash256.FromBytes(EventHash.Of(one, document.IgnoredFields));
        var isError = one.ErrorDeclaration is not null;
        var json = EpcisJsonWriter.Write(new EpcisDocument { Kind = EpcisKind.Event, Events = [one], Namespaces = document.Namespaces }, isCompact: true);
        var things = new HashSet<(string Thing, ThingRole Role, string? Quantity, string? Uom)>();
        foreach (var (list, role, isQuantity) in Lists)
        {
            if (isQuantity) foreach (var quantity in one.Quantities(list)) things.Add((Gs1Uri.Canonical(quantity.EpcClass), role, quantity.Quantity?.ToString(System.Globalization.CultureInfo.InvariantCulture), quantity.Uom));
            else foreach (var epc in one.Epcs(list)) things.Add((Gs1Uri.Canonical(epc), role, null, null));
        }
        if (one.ParentId is { } parent) things.Add((Gs1Uri.Canonical(parent), ThingRole.Parent, null, null));
        object?[] row =
        [
            null, hash, isError, one.Type, one.EventTime, recordedAt, one.EventId ?? EventHash.NameOf(hash.Bytes), one.Action, Web(one.BizStep), Web(one.Disposition),
            Canonical(one.ReadPoint), Canonical(one.BizLocation), Canonical(one.TransformationId), Encoding.UTF8.GetString(json),
        ];
        return new Prepared(row, hash.ToString(), isError, [.. things.DistinctBy(thing => (thing.Thing, thing.Role)).Select(thing => new object?[] { thing.Thing, thing.Role, null, thing.Quantity, thing.Uom })]);
    }

    static string? Canonical(string? text) => text is null ? null : Gs1Uri.Canonical(text);

    static string? Web(string? text) => text is null ? null : EpcisVocabulary.WithWebUris(text);

    /// <returns>How many were not there before.</returns>
    static int Keep(SqlSession session, IReadOnlyList<Prepared> prepared)
    {
        if (prepared.Count == 0) return 0;
        var sequence = session.Count($"SELECT COALESCE(MAX(seq), 0) FROM {Events}");
        var known = new HashSet<(string, bool)>();
        foreach (var chunk in prepared.Chunk(Together))
            foreach (var one in session.Query(Known(chunk), row => (row.Text(0), row.Yes(1)))) known.Add(one);
        var (events, things) = (new List<object?[]>(), new List<object?[]>());
        foreach (var one in prepared)
        {
            if (!known.Add((one.Hash, one.IsError))) continue;
            one.Row[0] = ++sequence;
            events.Add(one.Row);
            foreach (var thing in one.Things)
            {
                thing[2] = sequence;
                things.Add(thing);
            }
        }
        Insert(session, Events, events);
        Insert(session, Things, things);
        return events.Count;
    }

    // Many rows in one statement: a server is asked once for them all.
    const int Together = 32;

    static SqlText Known(Prepared[] prepared)
    {
        var sql = new SqlText(128, Together);
        sql.AppendLiteral($"SELECT hash, is_error FROM {Events.Name} WHERE hash IN (");
        for (var i = 0; i < Together; i++)
        {
            if (i > 0) sql.AppendLiteral(", ");
            sql.AppendFormatted((object)prepared[Math.Min(i, prepared.Length - 1)].Hash);
        }
        sql.AppendLiteral(")");
        return sql;
    }

    static void Insert(SqlSession session, Table table, List<object?[]> rows)
    {
        foreach (var chunk in rows.Chunk(Together))
        {
            if (chunk.Length < Together)
            {
                foreach (var row in chunk) session.Execute(table.Insert(row, replaces: false));
                continue;
            }
            var sql = new SqlText(2048, Together * table.Columns.Count);
            sql.AppendLiteral($"INSERT INTO {table.Name} ({string.Join(", ", table.Columns)}) VALUES ");
            for (var i = 0; i < chunk.Length; i++)
            {
                sql.AppendLiteral(i == 0 ? "(" : ", (");
                for (var column = 0; column < chunk[i].Length; column++)
                {
                    if (column > 0) sql.AppendLiteral(", ");
                    sql.AppendFormatted(chunk[i][column]);
                }
                sql.AppendLiteral(")");
            }
            session.Execute(sql);
        }
    }

    // ---- asking ----

    public long Count => database.Read(session => session.Count($"SELECT COUNT(*) FROM {Events}"));

    /// <summary>The event of an id: one it came with, or its hash as a name. Of one that was declared an error, the event itself and not the declaration.</summary>
    public StoredEvent? Find(string eventId) => database.Read(session => session.Find($"SELECT {SqlText.Literal(Columns)} FROM {Events} WHERE event_id = {eventId} ORDER BY is_error, seq LIMIT 1", Read)
        ?? (HashIn(eventId) is { } hash ? session.Find($"SELECT {SqlText.Literal(Columns)} FROM {Events} WHERE hash = {hash} ORDER BY is_error, seq LIMIT 1", Read) : null));

    public StoredEvent? Find(long sequence) => database.Read(session => session.Find($"SELECT {SqlText.Literal(Columns)} FROM {Events} WHERE seq = {sequence}", Read));

    /// <summary>Events by their numbers, in that order.</summary>
    public IReadOnlyList<StoredEvent> Find(IReadOnlyCollection<long> sequences) => database.Read(session => Find(session, [.. sequences.Order()]));

    static StoredEvent[] Find(SqlSession session, long[] sequences) =>
        [.. sequences.Chunk(SqlText.MostListed).SelectMany(some => session.Query($"SELECT {SqlText.Literal(Columns)} FROM {Events} WHERE seq IN ({SqlText.List(some)})", Read).OrderBy(one => one.Sequence))];

    /// <summary>The events of a thing, the latest first.</summary>
    public IReadOnlyList<StoredEvent> Of(string thing, int most = 200)
    {
        var link = Gs1Uri.Canonical(thing);
        return database.Read(session => session.Query(
            $"SELECT {SqlText.Literal(Columns)} FROM {Events} WHERE seq IN (SELECT seq FROM {Things} WHERE thing = {link}) ORDER BY event_time DESC, seq DESC LIMIT {most}", Read));
    }

    /// <summary>Lots of that number, of whichever product, as far as they are among the events recorded last.</summary>
    public IReadOnlyList<string> LotsCalled(string lot, int most = 10)
    {
        const long Looked = 100_000;
        var ending = "/10/" + Uri.EscapeDataString(lot);
        return database.Read(session => session.Query($"SELECT thing, seq FROM {Things} WHERE seq > (SELECT COALESCE(MAX(seq), 0) FROM {Events}) - {Looked}", row => row.Text(0)))
            .Where(thing => thing.EndsWith(ending, StringComparison.OrdinalIgnoreCase)).Distinct(StringComparer.Ordinal).Take(most).ToArray();
    }

    /// <summary>The events of many things, each once, in the order they were recorded.</summary>
    /// <param name="most">Of each thing, the last recorded.</param>
    public IReadOnlyList<StoredEvent> OfAll(IReadOnlyCollection<string> things, int most = 200) => database.Read(session =>
    {
        var sequences = new HashSet<long>();
        foreach (var some in things.Select(Gs1Uri.Canonical).Distinct(StringComparer.Ordinal).Chunk(SqlText.MostListed))
            foreach (var ofThing in session.Query($"SELECT thing, seq FROM {Things} WHERE thing IN ({SqlText.List(some)})", row => (Thing: row.Text(0), Sequence: row.Number(1))).GroupBy(one => one.Thing))
                sequences.UnionWith(ofThing.Select(one => one.Sequence).OrderDescending().Take(most));
        return Find(session, [.. sequences.Order()]);
    });

    /// <summary>The latest event of each thing that there is one of.</summary>
    public IReadOnlyDictionary<string, StoredEvent> LastOf(IReadOnlyCollection<string> things) => database.Read(session =>
    {
        var last = new Dictionary<string, (long At, long Sequence)>(StringComparer.Ordinal);
        foreach (var some in things.Select(Gs1Uri.Canonical).Distinct(StringComparer.Ordinal).Chunk(SqlText.MostListed))
            foreach (var (thing, at, sequence) in session.Query($"SELECT t.thing, e.event_time, e.seq FROM {Things} t JOIN {Events} e ON e.seq = t.seq WHERE t.thing IN ({SqlText.List(some)})", row => (row.Text(0), row.Number(1), row.Number(2))))
                if (!last.TryGetValue(thing, out var known) || (at, sequence).CompareTo(known) > 0) last[thing] = (at, sequence);
        var events = Find(session, [.. last.Values.Select(one => one.Sequence).Distinct().Order()]).ToDictionary(one => one.Sequence);
        return last.ToDictionary(one => one.Key, one => events[one.Value.Sequence], StringComparer.Ordinal);
    });

    public CaptureJob? Capture(string id) => database.Read(session => session.Find($"SELECT id, succeeded, behaviour, created_at, finished_at, events, fresh, errors FROM {Captures} WHERE id = {id}", ReadJob));

    /// <summary>The captures, the latest first.</summary>
    /// <param name="before">The id of a capture, whose names are in the order of time: those before it. Empty for all.</param>
    public IReadOnlyList<CaptureJob> Captured(int most, string before = "") => database.Read(session => session.Query($"SELECT id, succeeded, behaviour, created_at, finished_at, events, fresh, errors FROM {Captures} WHERE id < {(before.Length > 0 ? before : "~")} ORDER BY id DESC LIMIT {most}", ReadJob));

    static CaptureJob ReadJob(SqlRow row) => new(row.Text(0), row.Yes(1), row.Text(2), row.Time(3), row.Time(4), (int)row.Number(5), (int)row.Number(6), row.Text(7).Split('\n', StringSplitOptions.RemoveEmptyEntries));

    static Hash256? HashIn(string name) => name.StartsWith("ni:///sha-256;", StringComparison.Ordinal) && name.Length >= 78 && Hash256.TryParse("0x" + name[14..78], out var hash) ? hash : null;

    internal static StoredEvent Read(SqlRow row) => new(row.Number(0), row.Hash(1), row.Time(2), row.Text(3), row.Text(4));
}
