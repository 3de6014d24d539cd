using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Hufu.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hufu.Services;

/// <summary>The EPCIS 2.0 REST binding over the store: capture, events, queries, and the resources of the standard. Both media types in and out.</summary>
sealed class EpcisApi(EventStore store, EventQuery query, Database database, NamedQueries queries, SubscriptionsApi standing)
{
    internal const string Version = "2.0.0";

    /// <summary>The value of GS1-EPC-Format by which identifiers are told as Digital Links.</summary>
    internal const string Links = "Always_GS1_Digital_Link";
    const long LargestBody = 24 << 20;

    public void Map(IEndpointRouteBuilder api)
    {
        var epcis = api.MapGroup("/epcis").WithTags("EPCIS 2.0").AddEndpointFilter(async (context, next) =>
        {
            Discover(context.HttpContext.Response.Headers);
            Negotiate(context.HttpContext.Request);
            try
            {
                return await next(context).ConfigureAwait(false);
            }
            catch (Exception error) when (ProblemException.Of(error) is { } problem)
            {
                throw problem.As("epcisException:" + ExceptionOf(problem));
            }
        });

        epcis.MapGet("/", () => Collection(["queries", "capture", "events", "eventTypes", "epcs", "readPoints", "bizLocations", "dispositions", "bizSteps"])).Asks("epcisTop", "The resources there are.");
        epcis.MapMethods("/{**any}", ["OPTIONS"], () => TypedResults.NoContent()).Asks("epcisDiscovery", "Tells the versions and limits of the repository in its headers.");
        epcis.MapPost("/capture", (Delegate)CaptureAsync).Asks("epcisCapture", "Captures a document of events, in JSON-LD or XML. All of it or nothing, unless GS1-Capture-Error-Behaviour says proceed.");
        epcis.MapGet("/capture", (HttpContext http) =>
        {
            var (size, before) = Paging.Of(http);
            return Paging.Answer(http, store.Captured(size + 1, before), size, job => job.Id, View);
        }).Asks("epcisCaptureJobs", "The captures, the latest first.");
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
        standing.Map(epcis);
        // Our tokens say where a page begins; there is nothing to release.
        epcis.MapDelete("/nextPageToken/{token}", (string token) => TypedResults.NoContent()).Asks("epcisReleaseToken", "Releases what a page token holds: nothing.");
    }

    static void Discover(IHeaderDictionary headers)
    {
        foreach (var name in new[] { "GS1-EPCIS-Version", "GS1-EPCIS-Min", "GS1-EPCIS-Max", "GS1-CBV-Version", "GS1-CBV-Min", "GS1-CBV-Max" }) headers[name] = Version;
        headers["GS1-Vendor-Version"] = "1.0";
        headers["GS1-EPC-Format"] = $"No_Preference, {Links}";
        headers["GS1-EPCIS-Capture-Limit"] = EventStore.MostEvents.ToString(CultureInfo.InvariantCulture);
        headers["GS1-EPCIS-Capture-File-Size-Limit"] = LargestBody.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Holds what a client asks for against what there is: versions, forms of identifiers, media types.</summary>
    static void Negotiate(HttpRequest request)
    {
        foreach (var standard in new[] { "EPCIS", "CBV" })
        {
            foreach (var (bound, isWrong) in new (string, Func<Version, bool>)[] { ("Min", wanted => wanted > new Version(2, 0, 0)), ("Max", wanted => wanted < new Version(2, 0, 0)) })
                if (request.Headers[$"GS1-{standard}-{bound}"].ToString() is { Length: > 0 } text && (!TryVersion(text, out var wanted) || isWrong(wanted))) throw NotAcceptable($"GS1-{standard}-{bound} {text} cannot be met", $"events are told in version {Version}");
            // What is sent may be older; what is newer nobody here can read.
            if (request.Headers[$"GS1-{standard}-Version"].ToString() is { Length: > 0 } sent && (!TryVersion(sent, out var version) || version.Major > 2 || (version.Major == 2 && version.Minor > 0))) throw NotAcceptable($"GS1-{standard}-Version {sent} is not known", $"versions up to {Version} are read");
        }
        if (request.Headers["GS1-EPC-Format"].ToString() is { Length: > 0 } format && format is not ("No_Preference" or Links or "Never_Translates")) throw NotAcceptable($"GS1-EPC-Format {format} cannot be met", $"identifiers are told as they came, or with {Links}");
        var media = request.ContentType?.Split(';')[0].Trim() ?? "";
        if (HttpMethods.IsPost(request.Method) && media.Length > 0 && !media.EndsWith("json", StringComparison.OrdinalIgnoreCase) && !media.EndsWith("xml", StringComparison.OrdinalIgnoreCase))
            throw new ProblemException(StatusCodes.Status415UnsupportedMediaType, "media-type", new Refusal($"{media} is not read here", "events come as JSON-LD or XML", "send application/ld+json, application/json or application/xml"));
        var accept = request.Headers.Accept.ToString();
        if (accept.Length > 0 && !accept.Contains("json", StringComparison.OrdinalIgnoreCase) && !accept.Contains("xml", StringComparison.OrdinalIgnoreCase) && !accept.Contains("*/*", StringComparison.Ordinal) && !accept.Contains("application/*", StringComparison.Ordinal) && !accept.Contains("text/html", StringComparison.Ordinal))
            throw NotAcceptable($"nothing here is of {accept}", "events are told as JSON-LD or XML");
    }

    static bool TryVersion(string text, [NotNullWhen(true)] out Version? version)
    {
        if (!System.Version.TryParse(text.Contains('.', StringComparison.Ordinal) ? text : text + ".0", out version)) return false;
        version = new Version(version.Major, version.Minor, Math.Max(version.Build, 0));
        return true;
    }

    static ProblemException NotAcceptable(string what, string why) => new(StatusCodes.Status406NotAcceptable, "not-acceptable", new Refusal(what, why, "see the headers of OPTIONS /api/v1/epcis/events"));

    /// <summary>What the standard calls a problem.</summary>
    static string ExceptionOf(ProblemException problem) => (problem.Status, problem.Code) switch
    {
        (_, "epcis-subscription" or "destination-inside") => "SubscriptionControlsException",
        (_, "query-parameter") => "QueryParameterException",
        (_, "epcis-name-taken") => "ResourceAlreadyExistsException",
        (401 or 403 or 451, _) => "SecurityException",
        (404, _) => "NoSuchResourceException",
        (406, _) => "NotAcceptableException",
        (413, _) => "CaptureLimitExceededException",
        (415, _) => "UnsupportedMediaTypeException",
        ( < 500, _) => "ValidationException",
        _ => "ImplementationException",
    };

    // ---- capture ----

    async Task<IResult> CaptureAsync(HttpContext http)
    {
        var document = await DocumentAsync(http).ConfigureAwait(false);
        RequireEvents(document);
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
        RequireEvents(document);
        if (document.Events.Count != 1) throw ProblemException.Invalid("this takes one event", $"the body holds {document.Events.Count}", "send documents to /epcis/capture");
        var job = await store.CaptureAsync(document with { Kind = EpcisKind.Document }).ConfigureAwait(false);
        if (!job.Succeeded) throw new ProblemException(StatusCodes.Status400BadRequest, "epcis-validation", new Refusal("the event is not EPCIS", string.Join("; ", job.Errors.Take(20)), "mend it and send it again"));
        var name = EventHash.NameOf(document.Events[0], document.IgnoredFields);
        http.Response.Headers.Location = $"/api/v1/epcis/events/{Uri.EscapeDataString(document.Events[0].EventId ?? name)}";
        return TypedResults.Json(new { EventID = document.Events[0].EventId ?? name, Hash = name }, statusCode: StatusCodes.Status201Created);
    }

    /// <summary>What was asked, and what was answered, is no capture, however the sender wants errors to be dealt with: its events are somebody else's to tell.</summary>
    static void RequireEvents(EpcisDocument document)
    {
        if (document.Kind is EpcisKind.Query or EpcisKind.QueryResults)
            throw new ProblemException(StatusCodes.Status400BadRequest, "epcis-validation", new Refusal(document.Kind == EpcisKind.Query ? "a query is nothing to capture" : "an EPCISQueryDocument is nothing to capture", "it answers a question; its events were captured elsewhere", "send the events themselves, in an EPCISDocument"));
    }

    /// <summary>What the reader of a file leaves unsaid, said for whoever sent it.</summary>
    internal static Refusal Told(Refusal refusal) => refusal with { Why = refusal.Why.Length > 0 ? refusal.Why : "the standard does not allow it", Mend = refusal.Mend.Length > 0 ? refusal.Mend : "check the file with `hufu epcis check FILE` before it is sent" };

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
        if (page.Next is { } next) Paging.Lead(http, next);
        return Bytes(http, Results(page.Events, "SimpleEventQuery", asLinks: false));
    }

    /// <summary>Events as the answer to a query.</summary>
    internal static EpcisDocument Results(IReadOnlyList<StoredEvent> found, string queryName, bool asLinks, string? subscription = null)
    {
        var (namespaces, events) = (new Dictionary<string, string>(StringComparer.Ordinal), new List<EpcisEvent>(found.Count));
        foreach (var one in found)
        {
            foreach (var (prefix, meaning) in one.Document.Namespaces) namespaces.TryAdd(prefix, meaning);
            events.Add(asLinks ? AsLinks(one.Event) : one.Event);
        }
        return new EpcisDocument { Kind = EpcisKind.QueryResults, CreationDate = EpcisTime.Canonical(DateTimeOffset.UtcNow), QueryName = queryName, SubscriptionId = subscription, Namespaces = namespaces, Events = events };
    }

    static EpcisEvent AsLinks(EpcisEvent one) => one with { Fields = AsLinks(one.Fields) };

    static IResult Bytes(HttpContext http, EpcisDocument document)
    {
        if (http.Request.Headers["GS1-EPC-Format"] == Links) document = document with { Events = [.. document.Events.Select(AsLinks)] };
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
        epcis.MapGet("/" + path, (HttpContext http) =>
        {
            var (size, after) = Paging.Of(http);
            return Paging.Answer(http, Values(column, after, size + 1), size, value => value, value => value, Members);
        }).Asks($"epcis-{path}", $"The {path} there are.");
        epcis.MapGet($"/{path}/{{value}}", (string value) => Collection(["events"])).Asks($"epcis-{path}-one", $"What there is of one of the {path}.");
        epcis.MapGet($"/{path}/{{value}}/events", (HttpContext http, string value) => Answer(http, [.. Parameters(http), new(parameter, [Uri.UnescapeDataString(value)])])).Asks($"epcis-{path}-events", $"The events of one of the {path}.");
    }

    static IResult Collection(IEnumerable<object> members) => TypedResults.Json(Members(members));

    static Dictionary<string, object> Members(IEnumerable<object> members) => new() { ["@context"] = EpcisDocument.Context, ["type"] = "Collection", ["member"] = members };

    IReadOnlyList<string> Values(string? column, string after, int most) => database.Read(session => column is null
        ? session.Query($"SELECT DISTINCT thing FROM {EventStore.Things} WHERE thing > {after} ORDER BY thing LIMIT {most}", row => row.Text(0))
        : session.Query($"SELECT DISTINCT {SqlText.Literal(column)} FROM {EventStore.Events} WHERE {SqlText.Literal(column)} > {after} ORDER BY 1 LIMIT {most}", row => row.Text(0)));

    void MapQueries(RouteGroupBuilder epcis)
    {
        epcis.MapPost("/queries", async (HttpContext http) =>
        {
            using var body = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted).ConfigureAwait(false);
            if (!body.RootElement.TryGetProperty("name", out var given) || given.GetString() is not { } name || !body.RootElement.TryGetProperty("query", out var inner)) throw ProblemException.Invalid("this is no named query", "it has no name or no query", "send {\"name\": …, \"query\": { … }}");
            await queries.KeepAsync(name, inner.GetRawText()).ConfigureAwait(false);
            http.Response.Headers.Location = $"/api/v1/epcis/queries/{Uri.EscapeDataString(name)}";
            return TypedResults.Json(new { Name = name }, statusCode: StatusCodes.Status201Created);
        }).Asks("epcisNameQuery", "Keeps a query under a name.");
        epcis.MapGet("/queries", (HttpContext http) =>
        {
            var (size, after) = Paging.Of(http);
            return Paging.Answer(http, queries.All(after, size + 1), size, one => one.Name, one => new { one.Name, Query = JsonSerializer.Deserialize<JsonElement>(one.Json) });
        }).Asks("epcisQueries", "The named queries.");
        epcis.MapGet("/queries/{name}", (string name) => TypedResults.Json(new { Name = name, Query = JsonSerializer.Deserialize<JsonElement>(queries.Require(name)) })).Asks("epcisQuery", "A named query.");
        epcis.MapDelete("/queries/{name}", async (string name) =>
        {
            await queries.ForgetAsync(name).ConfigureAwait(false);
            return TypedResults.NoContent();
        }).Asks("epcisForgetQuery", "Forgets a named query, and ends its subscriptions.");
        epcis.MapGet("/queries/{name}/events", async Task<IResult> (HttpContext http, string name) =>
        {
            if (!http.WebSockets.IsWebSocketRequest) return Answer(http, [.. NamedQueries.ParametersOf(queries.Require(name)), .. Parameters(http)]);
            await standing.TellAsync(http, name).ConfigureAwait(false);
            return TypedResults.Empty;
        }).Asks("epcisQueryEvents", "The events of a named query; over a WebSocket, those to come.");
    }
}
