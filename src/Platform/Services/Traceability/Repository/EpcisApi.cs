using System.Globalization;
using System.Text;
using System.Text.Json;
using Hufu.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hufu.Services;

/// <summary>The EPCIS 2.0 REST binding over the store: capture, events, queries, and the resources of the standard. Both media types in and out.</summary>
sealed class EpcisApi(EventStore store, EventQuery query, Database database)
{
    const string Vocabulary = "2.0.0";
    const long LargestBody = 24 << 20;

    internal static readonly Table Queries = new("trace_query", "name text key", "query text", "created_at number");

    public void Map(IEndpointRouteBuilder api)
    {
        var epcis = api.MapGroup("/epcis").WithTags("EPCIS 2.0").AddEndpointFilter(async (context, next) =>
        {
            Discover(context.HttpContext.Response.Headers);
            return await next(context).ConfigureAwait(false);
        });

        epcis.MapMethods("/{**any}", ["OPTIONS"], () => TypedResults.NoContent()).Asks("epcisDiscovery", "Tells the versions and limits of the repository in its headers.");
        epcis.MapPost("/capture", (Delegate)CaptureAsync).Asks("epcisCapture", "Captures a document of events, in JSON-LD or XML. All of it or nothing, unless GS1-Capture-Error-Behaviour says proceed.");
        epcis.MapGet("/capture", (int? perPage) => TypedResults.Json(store.Captured(Math.Clamp(perPage ?? 30, 1, 1000)).Select(View))).Asks("epcisCaptureJobs", "The captures, the latest first.");
        epcis.MapGet("/capture/{id}", (string id) => TypedResults.Json(View(store.Capture(id) ?? throw ProblemException.NotFound($"there is no capture {id}")))).Asks("epcisCaptureJob", "What became of a capture.");

        epcis.MapPost("/events", (Delegate)CaptureOneAsync).Asks("epcisCaptureEvent", "Captures one event.");
        epcis.MapGet("/events", (HttpContext http) => Answer(http, Parameters(http))).Asks("epcisEvents", "Events by the parameters of SimpleEventQuery.");
        epcis.MapGet("/events/{**id}", (HttpContext http, string id) => Bytes(http, new EpcisDocument { Kind = EpcisKind.Event, Events = [(store.Find(id) ?? throw ProblemException.NotFound($"there is no event {id}")).Event] })).Asks("epcisEvent", "One event by its id or hash.");

        Resource(epcis, "eventTypes", "type", "eventType");
        Resource(epcis, "bizSteps", "biz_step", "EQ_bizStep");
        Resource(epcis, "bizLocations", "biz_location", "EQ_bizLocation");
        Resource(epcis, "readPoints", "read_point", "EQ_readPoint");
        Resource(epcis, "dispositions", "disposition", "EQ_disposition");
        Resource(epcis, "epcs", null, "MATCH_anyEPC");
        MapQueries(epcis);
    }

    static void Discover(IHeaderDictionary headers)
    {
        headers["GS1-EPCIS-Version"] = Vocabulary;
        headers["GS1-EPCIS-Min"] = Vocabulary;
        headers["GS1-EPCIS-Max"] = Vocabulary;
        headers["GS1-CBV-Version"] = Vocabulary;
        headers["GS1-CBV-Min"] = Vocabulary;
        headers["GS1-CBV-Max"] = Vocabulary;
        headers["GS1-Vendor-Version"] = "1.0";
        headers["GS1-EPC-Format"] = "No_Preference, Always_GS1_Digital_Link";
        headers["GS1-EPCIS-Capture-Limit"] = EventStore.MostEvents.ToString(CultureInfo.InvariantCulture);
        headers["GS1-EPCIS-Capture-File-Size-Limit"] = LargestBody.ToString(CultureInfo.InvariantCulture);
    }

    // ---- capture ----

    async Task<IResult> CaptureAsync(HttpContext http)
    {
        var document = await DocumentAsync(http).ConfigureAwait(false);
        var proceeds = Behaviour(http.Request);
        var job = await store.CaptureAsync(document, proceeds).ConfigureAwait(false);
        // What the whole document is refused for is told at once; what became of its events is told by the job.
        if (!job.Succeeded && !proceeds) throw new ProblemException(StatusCodes.Status400BadRequest, "epcis-validation", new Refusal("the document is not EPCIS", string.Join("; ", job.Errors.Take(20)), $"nothing of it was kept; see capture {job.Id}, mend the document and send it again"));
        http.Response.Headers.Location = $"/api/v1/epcis/capture/{job.Id}";
        http.Response.Headers["GS1-Capture-Error-Behaviour"] = job.Behaviour;
        return TypedResults.Json(View(job), statusCode: StatusCodes.Status202Accepted);
    }

    async Task<IResult> CaptureOneAsync(HttpContext http)
    {
        var document = await DocumentAsync(http).ConfigureAwait(false);
        if (document.Events.Count != 1) throw ProblemException.Invalid("this takes one event", $"the body holds {document.Events.Count}", "send documents to /epcis/capture");
        var job = await store.CaptureAsync(document with { Kind = EpcisKind.Document }).ConfigureAwait(false);
        if (!job.Succeeded) throw new ProblemException(StatusCodes.Status400BadRequest, "epcis-validation", new Refusal("the event is not EPCIS", string.Join("; ", job.Errors.Take(20)), "mend it and send it again"));
        var name = EventHash.NameOf(document.Events[0], document.IgnoredFields);
        http.Response.Headers.Location = $"/api/v1/epcis/events/{Uri.EscapeDataString(document.Events[0].EventId ?? name)}";
        return TypedResults.Json(new { EventID = document.Events[0].EventId ?? name, Hash = name }, statusCode: StatusCodes.Status201Created);
    }

    /// <summary>What the reader of a file leaves unsaid, said for whoever sent it.</summary>
    static Refusal Told(Refusal refusal) => refusal with { Why = refusal.Why.Length > 0 ? refusal.Why : "the standard does not allow it", Mend = refusal.Mend.Length > 0 ? refusal.Mend : "check the file with `hufu epcis check FILE` before it is sent" };

    static bool Behaviour(HttpRequest request) => request.Headers["GS1-Capture-Error-Behaviour"].ToString() switch
    {
        "" or "rollback" => false,
        "proceed" => true,
        var other => throw ProblemException.Invalid("GS1-Capture-Error-Behaviour is no such word", other, "write rollback or proceed"),
    };

    static async Task<EpcisDocument> DocumentAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        var buffer = new byte[81_920];
        for (int read; (read = await http.Request.Body.ReadAsync(buffer, http.RequestAborted).ConfigureAwait(false)) > 0;)
        {
            body.Write(buffer, 0, read);
            if (body.Length > LargestBody) throw new ProblemException(StatusCodes.Status413PayloadTooLarge, "epcis-capture-limit", new Refusal("the document is too large", $"more than {LargestBody} bytes", "send fewer events at a time"));
        }
        return EpcisDocument.TryRead(body.ToArray(), out var document, out var refusal) ? document : throw new ProblemException(StatusCodes.Status400BadRequest, "epcis-validation", Told(refusal));
    }

    static object View(CaptureJob job) => new
    {
        CaptureID = job.Id,
        job.CreatedAt,
        job.FinishedAt,
        Running = false,
        Success = job.Succeeded,
        CaptureErrorBehaviour = job.Behaviour,
        job.Events,
        job.New,
        Errors = job.Errors.Select(error => new { Type = "epcisException:ValidationException", Title = "EPCIS event validation failure", Status = 400, Detail = error }),
    };

    // ---- queries ----

    static List<KeyValuePair<string, IReadOnlyList<string>>> Parameters(HttpContext http) =>
        [.. http.Request.Query.Select(one => new KeyValuePair<string, IReadOnlyList<string>>(one.Key, one.Value.Count == 1 && IsList(one.Key) ? one.Value.ToString().Split('|', StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } many ? many : [""] : [.. one.Value.Select(value => value ?? "")]))];

    // Lists stand in one parameter, a bar between their values.
    static bool IsList(string name) => name.StartsWith("EQ_", StringComparison.Ordinal) || name.StartsWith("MATCH_", StringComparison.Ordinal) || name.StartsWith("WD_", StringComparison.Ordinal) || name == "eventType";

    IResult Answer(HttpContext http, List<KeyValuePair<string, IReadOnlyList<string>>> parameters)
    {
        var page = query.Ask(parameters);
        if (page.Next is { } next)
        {
            var others = string.Join('&', http.Request.Query.Where(one => one.Key != "nextPageToken").SelectMany(one => one.Value.Select(value => $"{Uri.EscapeDataString(one.Key)}={Uri.EscapeDataString(value ?? "")}")));
            http.Response.Headers.Link = $"<{http.Request.PathBase}{http.Request.Path}?{(others.Length > 0 ? others + "&" : "")}nextPageToken={next}>; rel=\"next\"";
            http.Response.Headers["GS1-Next-Page-Token-Expires"] = DateTimeOffset.UtcNow.AddYears(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        }
        return Bytes(http, Results(page));
    }

    static EpcisDocument Results(EventPage page)
    {
        var namespaces = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var one in page.Events) foreach (var (prefix, meaning) in one.Document.Namespaces) namespaces.TryAdd(prefix, meaning);
        return new EpcisDocument { Kind = EpcisKind.QueryResults, CreationDate = EpcisTime.Canonical(DateTimeOffset.UtcNow), QueryName = "SimpleEventQuery", Namespaces = namespaces, Events = [.. page.Events.Select(one => one.Event)] };
    }

    static IResult Bytes(HttpContext http, EpcisDocument document)
    {
        if (http.Request.Headers["GS1-EPC-Format"] == "Always_GS1_Digital_Link") document = document with { Events = [.. document.Events.Select(one => one with { Fields = AsLinks(one.Fields) })] };
        var accepted = http.Request.Headers.Accept.ToString();
        return accepted.Contains("xml", StringComparison.OrdinalIgnoreCase) && !accepted.Contains("json", StringComparison.OrdinalIgnoreCase)
            ? TypedResults.Bytes(EpcisXmlWriter.Write(document with { Kind = document.Kind == EpcisKind.Event ? EpcisKind.Document : document.Kind, CreationDate = document.CreationDate ?? EpcisTime.Canonical(DateTimeOffset.UtcNow) }), "application/xml; charset=utf-8")
            : TypedResults.Bytes(EpcisJsonWriter.Write(document), "application/ld+json; charset=utf-8");
    }

    static EpcisElement AsLinks(EpcisElement element) => new(element.Name, Gs1Uri.Canonical(element.Text), element.Form)
    {
        Namespace = element.Namespace,
        IsListed = element.IsListed,
        IsAttribute = element.IsAttribute,
        Children = [.. element.Children.Select(AsLinks)],
    };

    /// <summary>A resource of the standard: what values there are, and the events of each.</summary>
    void Resource(RouteGroupBuilder epcis, string path, string? column, string parameter)
    {
        epcis.MapGet("/" + path, (int? perPage) => TypedResults.Json(new Dictionary<string, object> { ["@set"] = Values(column, Math.Clamp(perPage ?? 30, 1, 1000)) })).Asks($"epcis-{path}", $"The {path} there are.");
        epcis.MapGet($"/{path}/{{value}}/events", (HttpContext http, string value) => Answer(http, [.. Parameters(http), new(parameter, [Uri.UnescapeDataString(value)])])).Asks($"epcis-{path}-events", $"The events of one of the {path}.");
    }

    IReadOnlyList<string> Values(string? column, int most) => database.Read(session => column is null
        ? session.Query($"SELECT DISTINCT thing FROM {EventStore.Things} ORDER BY thing LIMIT {most}", row => row.Text(0))
        : session.Query($"SELECT DISTINCT {SqlText.Literal(column)} FROM {EventStore.Events} WHERE {SqlText.Literal(column)} IS NOT NULL ORDER BY 1 LIMIT {most}", row => row.Text(0)));

    void MapQueries(RouteGroupBuilder epcis)
    {
        epcis.MapPost("/queries", async (HttpContext http) =>
        {
            using var body = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted).ConfigureAwait(false);
            if (!body.RootElement.TryGetProperty("name", out var given) || given.GetString() is not { Length: > 0 and <= 128 } name || !body.RootElement.TryGetProperty("query", out var inner)) throw ProblemException.Invalid("this is no named query", "it has no name or no query", "send {\"name\": …, \"query\": { … }}");
            _ = query.Ask([.. Named(inner.GetRawText()), new("perPage", ["1"])]);
            var isNew = await database.WriteAsync(session =>
            {
                if (session.Count($"SELECT COUNT(*) FROM {Queries} WHERE name = {name}") > 0) return false;
                session.Execute(Queries.Insert([name, inner.GetRawText(), DateTimeOffset.UtcNow], replaces: false));
                return true;
            }).ConfigureAwait(false);
            if (!isNew) throw new ProblemException(StatusCodes.Status409Conflict, "epcis-name-taken", new Refusal($"there is a query {name} already", "a name means one query", "choose another name, or delete it first"));
            http.Response.Headers.Location = $"/api/v1/epcis/queries/{Uri.EscapeDataString(name)}";
            return TypedResults.Json(new { Name = name }, statusCode: StatusCodes.Status201Created);
        }).Asks("epcisNameQuery", "Keeps a query under a name.");
        epcis.MapGet("/queries", () => TypedResults.Json(database.Read(session => session.Query($"SELECT name, query FROM {Queries} ORDER BY name", row => new { Name = row.Text(0), Query = JsonSerializer.Deserialize<JsonElement>(row.Text(1)) })))).Asks("epcisQueries", "The named queries.");
        epcis.MapGet("/queries/{name}", (string name) => TypedResults.Json(new { Name = name, Query = JsonSerializer.Deserialize<JsonElement>(Query(name)) })).Asks("epcisQuery", "A named query.");
        epcis.MapDelete("/queries/{name}", async (string name) =>
        {
            if (await database.WriteAsync(session => session.Execute($"DELETE FROM {Queries} WHERE name = {name}")).ConfigureAwait(false) == 0) throw ProblemException.NotFound($"there is no query {name}");
            return TypedResults.NoContent();
        }).Asks("epcisForgetQuery", "Forgets a named query.");
        epcis.MapGet("/queries/{name}/events", (HttpContext http, string name) => Answer(http, [.. Named(Query(name)), .. Parameters(http)])).Asks("epcisQueryEvents", "The events of a named query.");
    }

    string Query(string name) => database.Read(session => session.Find($"SELECT query FROM {Queries} WHERE name = {name}", row => row.Text(0))) ?? throw ProblemException.NotFound($"there is no query {name}");

    static IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> Named(string json) =>
        EpcisDocument.TryRead(Encoding.UTF8.GetBytes($"{{\"query\":{json}}}"), out var document, out var refusal) ? document.Faults.FirstOrDefault(fault => fault.Path != "@context") is { } fault ? throw new ProblemException(StatusCodes.Status400BadRequest, "query-parameter", Told(fault.Refusal)) : document.QueryParameters : throw new ProblemException(StatusCodes.Status400BadRequest, "query-parameter", Told(refusal));
}
