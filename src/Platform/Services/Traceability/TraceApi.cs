using Hufu.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hufu.Services;

/// <summary>What people ask of a supply chain beside the standard's own interface: where things come from and went, proofs, hand-overs, recalls, and the story a shopper reads.</summary>
sealed class TraceApi(TraceDesk desk, EventStore store, Anchors anchors, TraceGraph graph)
{
    const int MostTold = 5_000;

    public void Map(IEndpointRouteBuilder api)
    {
        var trace = api.MapGroup("/trace").WithTags("Traceability");

        trace.MapGet("/back", (string thing, bool? proofs, CancellationToken stop) => FollowAsync(thing, TraceDirection.Back, proofs ?? false, stop)).Asks("traceBack", "Everything that went into a thing, through any number of events.");
        trace.MapGet("/forward", (string thing, bool? proofs, CancellationToken stop) => FollowAsync(thing, TraceDirection.Forward, proofs ?? false, stop)).Asks("traceForward", "Everything that a thing went into.");
        trace.MapGet("/balance", (string thing, decimal? yield) => desk.Balance(thing, yield ?? 1)).Asks("traceBalance", "Whether the quantities on the way to a thing add up.");
        trace.MapGet("/story", StoryAsync).Asks("traceStory", "What a shopper reads: the steps of a thing, where each was, its certificates and recalls, and whether each step is on the ledger.");
        trace.MapGet("/qr", (HttpContext http, string thing) => Qr(http, thing)).AllowAnonymous().Asks("traceQr", "The QR code of a thing: its GS1 Digital Link on this host, as SVG.");

        trace.MapGet("/anchors", (int? limit) => new { Waiting = anchors.Waiting, Batches = anchors.Latest(Math.Clamp(limit ?? 20, 1, 500)) }).Asks("traceAnchors", "The batches of events and their roots on the ledger.");
        trace.MapPost("/anchors", async (CancellationToken stop) => new { Anchored = await anchors.AnchorAsync(stop).ConfigureAwait(false) }).Asks("traceAnchorNow", "Anchors what waits now. Otherwise that happens by itself every few seconds.");
        // What a shopper scans and checks is for everybody.
        trace.MapGet("/proof", ProofAsync).AllowAnonymous().Asks("traceProof", "The proof of an event, as a file that the verifier page checks by itself: by ?event= (id or hash), or the latest of a ?thing=.");

        trace.MapPost("/handovers", (HttpContext http, NewHandOver asked, CancellationToken stop) => desk.OfferAsync(Idempotency.Of(http, asked), asked, stop)).Changes("traceOffer", "The giver's half of a hand-over: the platform signs for an account it keeps, others send their signature.", """{"event":"ni:///sha-256;…?ver=CBV2.0","giver":"0x70997970C51812dc3A010C7d01b50e0d17dc79C8","receiver":"0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"}""");
        trace.MapGet("/handovers/{digest}", (string digest) => desk.Offer(RouteText.Hash(digest, "the hand-over"))).Asks("traceOfferOf", "A hand-over: signed by the giver, or by both and on the ledger.");
        trace.MapPost("/handovers/{digest}/receipt", (HttpContext http, string digest, Receipt receipt, CancellationToken stop) => desk.ReceiveAsync(Idempotency.Of(http, receipt), RouteText.Hash(digest, "the hand-over"), receipt, stop)).Changes("traceReceive", "The receiver's half: with it the hand-over goes to the ledger.", """{"signature":null}""");

        trace.MapPost("/recalls", async (HttpContext http, NewRecall asked, CancellationToken stop) => desk.Recall((await desk.RecallAsync(Idempotency.Of(http, asked), asked, stop).ConfigureAwait(false)).Id)).Changes("traceRecall", "Calls lots back, for real or as a drill: finds all they went into, and starts the clock on the ledger.", """{"lots":["https://id.gs1.org/01/09521141012345/10/LOT7"],"reason":"metal in the fruit","isDrill":true}""");
        trace.MapGet("/recalls", () => desk.Recalls(100)).Asks("traceRecalls", "The recalls, the latest first.");
        trace.MapGet("/recalls/{id}", (string id) => desk.Recall(RouteText.Hash(id, "the recall"))).Asks("traceRecallOf", "A recall: what it reached, who has it, and how long it took.");
        trace.MapPost("/recalls/{id}/close", async (HttpContext http, string id, RecallReport report, CancellationToken stop) =>
        {
            var recall = RouteText.Hash(id, "the recall");
            await desk.CloseAsync(Idempotency.Of(http, report), recall, report, stop).ConfigureAwait(false);
            return desk.Recall(recall);
        }).Changes("traceCloseRecall", "Closes a recall: the hash of what was found goes to the ledger.", """{"report":"all 12 pallets returned"}""");

        trace.MapPost("/certificates", (HttpContext http, NewCertificate asked) => desk.CertifyAsync(Idempotency.Of(http, asked), asked)).Changes("traceCertify", "Keeps a certificate of a party, a place or a thing.", """{"subject":"https://id.gs1.org/417/4012345000009","standard":"GLOBALG.A.P. IFA 6","issuer":"Control Union","validFrom":"2026-01-01T00:00:00Z","validUntil":"2027-01-01T00:00:00Z","url":"https://example.com/certificate.pdf"}""");
        trace.MapGet("/certificates", (string subject) => desk.CertificatesOf([Gs1Uri.Canonical(subject)])).Asks("traceCertificates", "The certificates of a subject.");
    }

    // ---- traces ----

    async Task<TraceView> FollowAsync(string thing, TraceDirection direction, bool withProofs, CancellationToken stop)
    {
        var started = DateTimeOffset.UtcNow;
        var trace = graph.Follow([thing], direction);
        var events = store.Find([.. trace.Events.Take(MostTold)]);
        var steps = Steps(events, withProofs);
        // One tally an anchor, however many events it proves.
        var tallies = new Dictionary<string, string>(StringComparer.Ordinal);
        if (withProofs)
            foreach (var transaction in steps.Select(step => step.Anchor?.Transaction).OfType<Hash256>().Distinct())
                tallies[transaction.ToString()] = System.Text.Encoding.UTF8.GetString(await anchors.TallyAsync(transaction, stop).ConfigureAwait(false));
        return new TraceView(Gs1Uri.Canonical(thing), direction, trace.Things.Count, trace.IsWhole && trace.Events.Count <= MostTold, (DateTimeOffset.UtcNow - started).TotalMilliseconds, [.. trace.Things.Take(MostTold)], steps, withProofs ? tallies : null);
    }

    StepView[] Steps(IReadOnlyList<StoredEvent> events, bool withProofs)
    {
        var paths = withProofs ? anchors.PathsOf(events) : new Dictionary<long, EventPath>();
        var batches = withProofs ? null : anchors.BatchesOf([.. events.Select(one => one.Sequence)]);
        return [.. events.Select(stored =>
        {
            var (one, path) = (stored.Document.Events[0], paths.GetValueOrDefault(stored.Sequence));
            return new StepView(stored.EventId, EventHash.NameOf(stored.Hash.Bytes), one.Type, one.EventTime, Word(one.BizStep, EpcisVocabulary.BizStep), Word(one.Disposition, EpcisVocabulary.Disposition), one.ReadPoint, one.BizLocation,
                one.ErrorDeclaration is not null, path?.Batch ?? batches?.GetValueOrDefault(stored.Sequence), path?.Salt, path?.Path);
        })];
    }

    static string? Word(string? uri, EpcisVocabulary vocabulary) => uri is null ? null : vocabulary.ForJson(uri);

    async Task<IResult> ProofAsync(HttpContext http, CancellationToken stop)
    {
        var (id, thing) = (http.Request.Query["event"].ToString(), http.Request.Query["thing"].ToString());
        StoredEvent? stored;
        if (id.Length > 0) stored = store.Find(id) ?? throw ProblemException.NotFound($"there is no event {id}");
        else if (thing.Length > 0) stored = LatestAnchored(thing) ?? throw ProblemException.NotFound($"there is no anchored event of {thing}", "either it is unknown, or its events wait to be anchored", "try again in a few seconds");
        else throw ProblemException.Invalid("a proof is of an event", "neither event nor thing is given", "ask with ?event= or ?thing=");
        var file = await anchors.ProveAsync(stored, stop).ConfigureAwait(false) ?? throw new ProblemException(StatusCodes.Status409Conflict, "not-anchored", new Refusal("the event is not on the ledger yet", "it waits for the next anchor", "try again in a few seconds, or POST /api/v1/trace/anchors"));
        return TypedResults.File(file, "application/json", $"{stored.Hash.ToString()[2..10]}.trace.json");
    }

    StoredEvent? LatestAnchored(string thing)
    {
        var events = store.Of(thing);
        var batches = anchors.BatchesOf([.. events.Select(one => one.Sequence)]);
        return events.FirstOrDefault(one => batches.ContainsKey(one.Sequence));
    }

    static IResult Qr(HttpContext http, string thing)
    {
        if (!Gs1Uri.TryCanonical(thing, out var canonical)) throw ProblemException.Invalid("this is no GS1 identifier", thing, "give an EPC URN or a GS1 Digital Link");
        return TypedResults.Text(DigitalLinkResolver.QrSvg($"{http.Request.Scheme}://{http.Request.Host}{canonical["https://id.gs1.org".Length..]}"), "image/svg+xml");
    }

    // ---- the story ----

    object StoryAsync(string thing)
    {
        var link = Gs1Uri.Canonical(thing);
        var trace = graph.Follow([link], TraceDirection.Back, mostThings: 2_000);
        var things = trace.Things.Select(one => one.Thing).ToArray();
        var events = store.OfAll([.. things.Take(200)], 50).Concat(store.Find([.. trace.Events.Take(500)])).DistinctBy(one => one.Sequence).ToArray();
        if (events.Length == 0) throw ProblemException.NotFound($"nothing is known of {link}", "no event names it", "check the code, or ask the seller");
        var wrong = events.Where(one => one.Document.Events[0].ErrorDeclaration is not null).Select(one => one.Hash).ToHashSet();
        var steps = Steps([.. events.Where(one => !wrong.Contains(one.Hash))], withProofs: false).OrderBy(step => step.EventTime).ToArray();
        var places = steps.SelectMany(step => new[] { step.ReadPoint, step.BizLocation }).OfType<string>().Select(Gs1Uri.Canonical).Distinct().ToArray();
        return new
        {
            Thing = link,
            Lot = Qualifier(link, "/10/"),
            Serial = Qualifier(link, "/21/"),
            Gtin = link.Contains("/01/", StringComparison.Ordinal) ? link[(link.IndexOf("/01/", StringComparison.Ordinal) + 4)..].Split('/')[0] : null,
            Origins = trace.Things.Where(one => one.Steps > 0).Select(one => one.Thing).Take(50),
            Steps = steps,
            Proven = steps.Count(step => step.Anchor is not null),
            Certificates = desk.CertificatesOf([.. things.Take(200), .. places]),
            Recalls = desk.RecallsReaching(things),
            Proof = $"/api/v1/trace/proof?thing={Uri.EscapeDataString(link)}",
            Verify = $"/verify/?tally={Uri.EscapeDataString($"/api/v1/trace/proof?thing={Uri.EscapeDataString(link)}")}",
        };
    }

    static string? Qualifier(string link, string name) => link.IndexOf(name, StringComparison.Ordinal) is >= 0 and var at ? link[(at + name.Length)..].Split('/')[0] : null;
}

/// <param name="IsError">It declares an earlier event wrong.</param>
public sealed record StepView(string EventId, string Hash, string Type, DateTimeOffset? EventTime, string? BizStep, string? Disposition, string? ReadPoint, string? BizLocation, bool IsError, AnchoredBatch? Anchor, Hash256? Salt, IReadOnlyList<Hash256>? Path);

/// <param name="Tallies">By the transaction of the anchor.</param>
public sealed record TraceView(string Thing, TraceDirection Direction, int Reached, bool IsWhole, double Milliseconds, IReadOnlyList<TracedThing> Things, IReadOnlyList<StepView> Steps, IReadOnlyDictionary<string, string>? Tallies);
