using System.Globalization;
using Hufu.Client;
using Hufu.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hufu.Services;

/// <summary>What people ask of a supply chain beside the standard's own interface: where things come from and went, proofs, hand-overs, recalls, and the story a shopper reads.</summary>
sealed class TraceApi(Rooms rooms, EventStore store, Anchors anchors, TraceGraph graph)
{
    const int MostTold = 5_000;

    internal static readonly Table Offers = new("trace_offer", "digest text key", "event_hash text index", "giver text", "receiver text", "deadline number", "giver_signature text", "command text", "made_at number");
    internal static readonly Table Recalls = new("trace_recall_order", "id text key", "reason text", "lots text", "found text", "things number", "whole number", "asked_at number", "answered_at number", "command text");
    internal static readonly Table Certificates = new("trace_certificate", "id text key", "subject text index", "standard text", "issuer text", "valid_from number", "valid_until number", "url text", "document_hash text", "made_at number");

    public void Map(IEndpointRouteBuilder api)
    {
        var trace = api.MapGroup("/trace").WithTags("Traceability");

        trace.MapGet("/back", (string thing, bool? proofs, CancellationToken stop) => FollowAsync(thing, TraceDirection.Back, proofs ?? false, stop)).Asks("traceBack", "Everything that went into a thing, through any number of events.");
        trace.MapGet("/forward", (string thing, bool? proofs, CancellationToken stop) => FollowAsync(thing, TraceDirection.Forward, proofs ?? false, stop)).Asks("traceForward", "Everything that a thing went into.");
        trace.MapGet("/balance", (string thing, decimal? yield) => Balance(thing, yield ?? 1)).Asks("traceBalance", "Whether the quantities on the way to a thing add up.");
        trace.MapGet("/story", StoryAsync).Asks("traceStory", "What a shopper reads: the steps of a thing, where each was, its certificates and recalls, and whether each step is on the ledger.");
        trace.MapGet("/qr", (HttpContext http, string thing) => Qr(http, thing)).Asks("traceQr", "The QR code of a thing: its GS1 Digital Link on this host, as SVG.");

        trace.MapGet("/anchors", (int? limit) => new { Waiting = anchors.Waiting, Batches = anchors.Latest(Math.Clamp(limit ?? 20, 1, 500)) }).Asks("traceAnchors", "The batches of events and their roots on the ledger.");
        trace.MapPost("/anchors", async (CancellationToken stop) => new { Anchored = await anchors.AnchorAsync(stop).ConfigureAwait(false) }).Asks("traceAnchorNow", "Anchors what waits now. Otherwise that happens by itself every few seconds.");
        trace.MapGet("/proof", ProofAsync).Asks("traceProof", "The proof of an event, as a file that the verifier page checks by itself: by ?event= (id or hash), or the latest of a ?thing=.");

        trace.MapPost("/handovers", OfferAsync).Changes("traceOffer", "The giver's half of a hand-over: the platform signs for an account it keeps, others send their signature.", """{"event":"ni:///sha-256;…?ver=CBV2.0","giver":"0x70997970C51812dc3A010C7d01b50e0d17dc79C8","receiver":"0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"}""");
        trace.MapGet("/handovers/{digest}", (string digest) => Offer(RouteText.Hash(digest, "the hand-over"))).Asks("traceOfferOf", "A hand-over: signed by the giver, or by both and on the ledger.");
        trace.MapPost("/handovers/{digest}/receipt", ReceiveAsync).Changes("traceReceive", "The receiver's half: with it the hand-over goes to the ledger.", """{"signature":null}""");

        trace.MapPost("/recalls", RecallAsync).Changes("traceRecall", "Calls lots back, for real or as a drill: finds all they went into, and starts the clock on the ledger.", """{"lots":["https://id.gs1.org/01/09521141012345/10/LOT7"],"reason":"metal in the fruit","isDrill":true}""");
        trace.MapGet("/recalls", () => rooms.Database.Read(session => session.Query($"SELECT id FROM {Recalls} ORDER BY asked_at DESC LIMIT 100", row => row.Hash(0))).Select(Recall)).Asks("traceRecalls", "The recalls, the latest first.");
        trace.MapGet("/recalls/{id}", (string id) => Recall(RouteText.Hash(id, "the recall"))).Asks("traceRecallOf", "A recall: what it reached, who has it, and how long it took.");
        trace.MapPost("/recalls/{id}/close", CloseAsync).Changes("traceCloseRecall", "Closes a recall: the hash of what was found goes to the ledger.", """{"report":"all 12 pallets returned"}""");

        trace.MapPost("/certificates", CertifyAsync).Changes("traceCertify", "Keeps a certificate of a party, a place or a thing.", """{"subject":"https://id.gs1.org/417/4012345000009","standard":"GLOBALG.A.P. IFA 6","issuer":"Control Union","validFrom":"2026-01-01T00:00:00Z","validUntil":"2027-01-01T00:00:00Z","url":"https://example.com/certificate.pdf"}""");
        trace.MapGet("/certificates", (string subject) => CertificatesOf([Gs1Uri.Canonical(subject)])).Asks("traceCertificates", "The certificates of a subject.");
    }

    // ---- traces ----

    async Task<TraceView> FollowAsync(string thing, TraceDirection direction, bool withProofs, CancellationToken stop)
    {
        var started = DateTimeOffset.UtcNow;
        var trace = graph.Follow([thing], direction);
        var events = store.Find([.. trace.Events.Take(MostTold)]);
        var steps = events.Select(one => Step(one, withProofs)).ToArray();
        // One tally an anchor, however many events it proves.
        var tallies = new Dictionary<string, string>(StringComparer.Ordinal);
        if (withProofs)
            foreach (var transaction in steps.Select(step => step.Anchor?.Transaction).OfType<Hash256>().Distinct())
                tallies[transaction.ToString()] = System.Text.Encoding.UTF8.GetString(await anchors.TallyAsync(transaction, stop).ConfigureAwait(false));
        return new TraceView(Gs1Uri.Canonical(thing), direction, trace.Things.Count, trace.IsWhole && trace.Events.Count <= MostTold, (DateTimeOffset.UtcNow - started).TotalMilliseconds, [.. trace.Things.Take(MostTold)], steps, withProofs ? tallies : null);
    }

    StepView Step(StoredEvent stored, bool withProofs)
    {
        var one = stored.Document.Events[0];
        var batch = anchors.BatchOf(stored.Sequence);
        var proof = withProofs && batch is not null ? anchors.Path(stored, batch) : default;
        return new StepView(stored.EventId, EventHash.NameOf(stored.Hash.Bytes), one.Type, one.EventTime, Word(one.BizStep, EpcisVocabulary.BizStep), Word(one.Disposition, EpcisVocabulary.Disposition), one.ReadPoint, one.BizLocation,
            one.ErrorDeclaration is not null, batch, withProofs && batch is not null ? proof.Salt : null, withProofs && batch is not null ? proof.Path : null);
    }

    static string? Word(string? uri, EpcisVocabulary vocabulary) => uri is null ? null : vocabulary.ForJson(uri);

    object Balance(string thing, decimal yield)
    {
        if (yield is <= 0 or > 1000) throw ProblemException.Invalid("the yield is no factor", yield.ToString(CultureInfo.InvariantCulture), "1 means that nothing is added");
        var trace = graph.Follow([thing], TraceDirection.Back);
        // What was made of a lot elsewhere counts too: all events of all things on the way.
        var events = trace.Things.Take(MostTold).SelectMany(one => store.Of(one.Thing)).DistinctBy(one => one.Sequence).ToArray();
        var faults = MassBalance.Check(events, yield);
        return new { Thing = Gs1Uri.Canonical(thing), Events = events.Length, Holds = faults.Count == 0, Faults = faults };
    }

    async Task<IResult> ProofAsync(HttpContext http, CancellationToken stop)
    {
        var (id, thing) = (http.Request.Query["event"].ToString(), http.Request.Query["thing"].ToString());
        StoredEvent? stored;
        if (id.Length > 0) stored = store.Find(id) ?? throw ProblemException.NotFound($"there is no event {id}");
        else if (thing.Length > 0) stored = store.Of(thing).FirstOrDefault(one => anchors.BatchOf(one.Sequence) is not null) ?? throw ProblemException.NotFound($"there is no anchored event of {thing}", "either it is unknown, or its events wait to be anchored", "try again in a few seconds");
        else throw ProblemException.Invalid("a proof is of an event", "neither event nor thing is given", "ask with ?event= or ?thing=");
        var file = await anchors.ProveAsync(stored, stop).ConfigureAwait(false) ?? throw new ProblemException(StatusCodes.Status409Conflict, "not-anchored", new Refusal("the event is not on the ledger yet", "it waits for the next anchor", "try again in a few seconds, or POST /api/v1/trace/anchors"));
        return TypedResults.File(file, "application/json", $"{stored.Hash.ToString()[2..10]}.trace.json");
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
        var events = things.Take(200).SelectMany(one => store.Of(one, 50)).Concat(store.Find([.. trace.Events.Take(500)])).DistinctBy(one => one.Sequence).ToArray();
        if (events.Length == 0) throw ProblemException.NotFound($"nothing is known of {link}", "no event names it", "check the code, or ask the seller");
        var wrong = events.Where(one => one.Document.Events[0].ErrorDeclaration is not null).Select(one => one.Hash).ToHashSet();
        var steps = events.Where(one => !wrong.Contains(one.Hash)).Select(one => Step(one, withProofs: false)).OrderBy(step => step.EventTime).ToArray();
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
            Certificates = CertificatesOf([.. things.Take(200), .. places]),
            Recalls = RecallsReaching(things),
            Proof = $"/api/v1/trace/proof?thing={Uri.EscapeDataString(link)}",
            Verify = $"/verify/?tally={Uri.EscapeDataString($"/api/v1/trace/proof?thing={Uri.EscapeDataString(link)}")}",
        };
    }

    static string? Qualifier(string link, string name) => link.IndexOf(name, StringComparison.Ordinal) is >= 0 and var at ? link[(at + name.Length)..].Split('/')[0] : null;

    // ---- hand-overs ----

    async Task<HandOverView> OfferAsync(HttpContext http, NewHandOver asked, CancellationToken stop)
    {
        var ask = Idempotency.Of(http, asked);
        var stored = store.Find(asked.Event) ?? throw ProblemException.NotFound($"there is no event {asked.Event}");
        if (asked.Giver == asked.Receiver) throw ProblemException.Invalid("giver and receiver are the same", asked.Giver.ToChecksumString(), "a hand-over has two sides");
        var deadline = asked.Deadline ?? DateTimeOffset.UtcNow.AddDays(30);
        var (digest, _) = await DigestAsync(asked.Giver, asked.Receiver, stored.Hash, deadline, stop).ConfigureAwait(false);
        var signature = Signature(asked.Giver, digest, asked.Signature);
        await rooms.Database.WriteAsync(session => session.Execute(Offers.Insert([digest, stored.Hash, asked.Giver, asked.Receiver, deadline, signature, null, DateTimeOffset.UtcNow], replaces: true))).ConfigureAwait(false);
        _ = ask;
        return Offer(digest);
    }

    async Task<HandOverView> ReceiveAsync(HttpContext http, string digest, Receipt receipt, CancellationToken stop)
    {
        var ask = Idempotency.Of(http, receipt);
        var id = RouteText.Hash(digest, "the hand-over");
        var offer = Offer(id);
        if (offer.Transaction is null)
        {
            var (again, contract) = await DigestAsync(offer.Giver, offer.Receiver, offer.Event, offer.Deadline, stop).ConfigureAwait(false);
            if (again != id) throw new ProblemException(StatusCodes.Status409Conflict, "other-contract", new Refusal("the hand-over was offered on another contract", $"its digest there was {id}", "offer it again"));
            var given = rooms.Database.Read(session => session.Find($"SELECT giver_signature FROM {Offers} WHERE digest = {id}", row => row.Text(0)))!;
            var request = contract.HandOver(new(offer.Giver, offer.Receiver, offer.Event, (ulong)offer.Deadline.ToUnixTimeSeconds()), Hex.Decode(given), Signature(offer.Receiver, id, receipt.Signature));
            await DoAsync(ask, "trace.handover", id.ToString(), id, rooms.Operator, request, stop).ConfigureAwait(false);
        }
        return Offer(id);
    }

    async Task<(Hash256 Digest, TraceAnchorContract Contract)> DigestAsync(Address giver, Address receiver, Hash256 eventHash, DateTimeOffset deadline, CancellationToken stop)
    {
        var deployment = await rooms.Registry.EnsureAsync(stop).ConfigureAwait(false);
        var domain = new TypedDataDomain("Hufu Trace", "1", await rooms.Chain.GetChainIdAsync(stop).ConfigureAwait(false), deployment["TraceAnchor"]);
        var digest = domain.DigestOf("HandOver(address giver,address receiver,bytes32 eventHash,uint64 deadline)", giver, receiver, eventHash.ToArray(), (UInt256)(ulong)deadline.ToUnixTimeSeconds());
        return (digest, new TraceAnchorContract(rooms.Chain, deployment["TraceAnchor"]));
    }

    byte[] Signature(Address signer, in Hash256 digest, string? given)
    {
        if (given is { Length: > 0 })
            return Hex.TryDecode(given, out var bytes) ? bytes : throw ProblemException.Invalid("the signature is no hexadecimal text", given, "send 0x and 130 digits");
        if (!rooms.Custody.Holds(signer)) throw ProblemException.Invalid($"{signer.ToChecksumString()} did not sign", "its secret is not kept here", "send its signature of the hand-over (EIP-712)");
        return rooms.Custody.SignerOf(signer).SignDigest(digest).ToBytes();
    }

    HandOverView Offer(Hash256 digest) => rooms.Database.Read(session =>
    {
        var done = session.Find($"SELECT tx, at FROM {TraceIndex.HandOvers} WHERE id = {digest}", row => ((Hash256 Transaction, DateTimeOffset At)?)(row.Hash(0), row.Time(1)));
        return session.Find($"SELECT event_hash, giver, receiver, deadline FROM {Offers} WHERE digest = {digest}", row => new HandOverView(digest, row.Hash(0), row.Address(1), row.Address(2), row.Time(3), done?.Transaction, done?.At));
    }) ?? throw ProblemException.NotFound($"there is no hand-over {digest}");

    // ---- recalls ----

    async Task<object> RecallAsync(HttpContext http, NewRecall asked, CancellationToken stop)
    {
        var ask = Idempotency.Of(http, asked);
        if (asked.Lots.Count is 0 or > 1000) throw ProblemException.Invalid("a recall is of lots", $"{asked.Lots.Count} are named", "name from 1 to 1000");
        var lots = asked.Lots.Select(Gs1Uri.Canonical).Distinct().Order(StringComparer.Ordinal).ToArray();
        var id = Keccak256.Hash(System.Text.Encoding.UTF8.GetBytes($"{ask.Caller}\n{ask.Key}"));
        var known = rooms.Database.Read(session => session.Count($"SELECT COUNT(*) FROM {Recalls} WHERE id = {id}") > 0);
        if (!known)
        {
            var askedAt = DateTimeOffset.UtcNow;
            var found = graph.Follow(lots, TraceDirection.Forward);
            var told = string.Join('\n', found.Things.Select(one => one.Thing).Take(MostTold));
            await rooms.Database.WriteAsync(session => session.Execute(Recalls.Insert([id, asked.Reason, string.Join('\n', lots), told, found.Things.Count, found.IsWhole, askedAt, DateTimeOffset.UtcNow, null], replaces: true))).ConfigureAwait(false);
        }
        var deployment = await rooms.Registry.EnsureAsync(stop).ConfigureAwait(false);
        var root = EventTree.LevelsOf([.. lots.Select(lot => Keccak256.Hash(Keccak256.Hash(System.Text.Encoding.UTF8.GetBytes(lot)).Bytes))])[^1][0];
        var recorder = await rooms.Custody.OpenAsync(Anchors.Recorder).ConfigureAwait(false);
        await DoAsync(ask, "trace.recall", id.ToString(), ask.Fingerprint, recorder.Address, new TraceAnchorContract(rooms.Chain, deployment["TraceAnchor"]).Recall(id, root, asked.IsDrill), stop).ConfigureAwait(false);
        return Recall(id);
    }

    async Task<object> CloseAsync(HttpContext http, string id, RecallReport report, CancellationToken stop)
    {
        var ask = Idempotency.Of(http, report);
        var recall = RouteText.Hash(id, "the recall");
        _ = Recall(recall);
        var deployment = await rooms.Registry.EnsureAsync(stop).ConfigureAwait(false);
        var recorder = await rooms.Custody.OpenAsync(Anchors.Recorder).ConfigureAwait(false);
        await DoAsync(ask, "trace.close-recall", id, ask.Fingerprint, recorder.Address, new TraceAnchorContract(rooms.Chain, deployment["TraceAnchor"]).CloseRecall(recall, Keccak256.Hash(System.Text.Encoding.UTF8.GetBytes(report.Report))), stop).ConfigureAwait(false);
        return Recall(recall);
    }

    object Recall(Hash256 id)
    {
        var order = rooms.Database.Read(session => session.Find($"SELECT reason, lots, found, things, whole, asked_at, answered_at FROM {Recalls} WHERE id = {id}",
            row => new { Reason = row.Text(0), Lots = row.Text(1).Split('\n'), Found = row.Text(2).Split('\n'), Things = row.Number(3), IsWhole = row.Yes(4), AskedAt = row.Time(5), AnsweredAt = row.Time(6) })) ?? throw ProblemException.NotFound($"there is no recall {id}");
        var onLedger = rooms.Database.Read(session => session.Find($"SELECT is_drill, called_at, call_tx, closed_at, report, close_tx FROM {TraceIndex.Recalls} WHERE id = {id}",
            row => new { IsDrill = row.Yes(0), CalledAt = row.Time(1), Transaction = row.Hash(2), ClosedAt = row.TimeOrNull(3), Report = row.HashOrNull(4), CloseTransaction = row.HashOrNull(5) }));
        return new
        {
            Id = id,
            order.Reason,
            order.Lots,
            order.Things,
            order.IsWhole,
            Reached = order.Found,
            LastSeen = LastSeen(order.Found),
            order.AskedAt,
            SecondsToAnswer = (order.AnsweredAt - order.AskedAt).TotalSeconds,
            OnLedger = onLedger,
            MinutesOpen = onLedger is null ? (double?)null : ((onLedger.ClosedAt ?? DateTimeOffset.UtcNow) - onLedger.CalledAt).TotalMinutes,
        };
    }

    /// <summary>Where each thing was last: whom to call.</summary>
    IReadOnlyList<object> LastSeen(IReadOnlyList<string> things)
    {
        return [.. things.Take(500).Select(thing => (Thing: thing, Last: store.Of(thing, 1) is [var last, ..] ? last.Document.Events[0] : null)).Where(one => one.Last is not null)
            .Select(one => (object)new { one.Thing, At = one.Last!.EventTime, Place = one.Last.BizLocation ?? one.Last.ReadPoint, BizStep = Word(one.Last.BizStep, EpcisVocabulary.BizStep) })];
    }

    IReadOnlyList<Hash256> RecallsReaching(IReadOnlyCollection<string> things)
    {
        var set = things.ToHashSet(StringComparer.Ordinal);
        return [.. rooms.Database.Read(session => session.Query($"SELECT o.id, o.found, r.is_drill FROM {Recalls} o JOIN {TraceIndex.Recalls} r ON r.id = o.id WHERE r.closed_at IS NULL", row => (Id: row.Hash(0), Found: row.Text(1), IsDrill: row.Yes(2))))
            .Where(one => !one.IsDrill && one.Found.Split('\n').Any(set.Contains)).Select(one => one.Id)];
    }

    // ---- certificates ----

    async Task<CertificateView> CertifyAsync(HttpContext http, NewCertificate asked)
    {
        var ask = Idempotency.Of(http, asked);
        if (asked.ValidUntil <= asked.ValidFrom) throw ProblemException.Invalid("the certificate is never valid", $"from {asked.ValidFrom:O} until {asked.ValidUntil:O}", "give both times in their order");
        if (asked.Url is { } url && !(Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "https" or "http")) throw ProblemException.Invalid("the address of the certificate is no web address", url, "write https://…");
        var id = ask.Fingerprint.ToString();
        var subject = Gs1Uri.Canonical(asked.Subject);
        await rooms.Database.WriteAsync(session => session.Execute(Certificates.Insert([id, subject, asked.Standard, asked.Issuer, asked.ValidFrom, asked.ValidUntil, asked.Url, asked.DocumentHash, DateTimeOffset.UtcNow], replaces: true))).ConfigureAwait(false);
        return CertificatesOf([subject]).First(one => one.Id == id);
    }

    IReadOnlyList<CertificateView> CertificatesOf(IReadOnlyCollection<string> subjects)
    {
        var now = DateTimeOffset.UtcNow;
        return rooms.Database.Read(session => subjects.Distinct().SelectMany(subject => session.Query(
            $"SELECT id, subject, standard, issuer, valid_from, valid_until, url, document_hash FROM {Certificates} WHERE subject = {subject} ORDER BY valid_until DESC",
            row => new CertificateView(row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.Time(4), row.Time(5), row.Time(4) <= now && now < row.Time(5), row.TextOrNull(6), row.HashOrNull(7)))).ToArray());
    }

    // ---- commands ----

    async Task DoAsync(Ask ask, string kind, string subject, Hash256 fingerprint, Address from, TransactionRequest request, CancellationToken stop)
    {
        var command = await rooms.Commands.SubmitAsync(new NewCommand { Key = $"{kind}/{ask.Key}", Caller = ask.Caller, Kind = kind, Subject = subject, Fingerprint = fingerprint, From = from, Request = request }, stop).ConfigureAwait(false);
        command = await rooms.Commands.FinishAsync(command, TimeSpan.FromSeconds(20), stop).ConfigureAwait(false);
        PlatformApi.Require(command);
        if (command.Block is { } block)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
            patience.CancelAfter(TimeSpan.FromSeconds(10));
            try
            {
                await rooms.Index.ReachAsync(block, patience.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                // It is on the ledger; the index tells it a little later.
            }
        }
    }
}

/// <param name="Signature">Of the giver; absent where the platform keeps its secret.</param>
public sealed record NewHandOver(string Event, Address Giver, Address Receiver, DateTimeOffset? Deadline = null, string? Signature = null);

public sealed record Receipt(string? Signature = null);

/// <param name="Transaction">Absent until both have signed and it is on the ledger.</param>
public sealed record HandOverView(Hash256 Digest, Hash256 Event, Address Giver, Address Receiver, DateTimeOffset Deadline, Hash256? Transaction, DateTimeOffset? At);

public sealed record NewRecall(IReadOnlyList<string> Lots, string Reason, bool IsDrill);

public sealed record RecallReport(string Report);

/// <param name="Subject">A party, a place, a class or a lot.</param>
/// <param name="DocumentHash">Keccak-256 of the document, so that nobody shows another.</param>
public sealed record NewCertificate(string Subject, string Standard, string Issuer, DateTimeOffset ValidFrom, DateTimeOffset ValidUntil, string? Url = null, Hash256? DocumentHash = null);

public sealed record CertificateView(string Id, string Subject, string Standard, string Issuer, DateTimeOffset ValidFrom, DateTimeOffset ValidUntil, bool IsValid, string? Url, Hash256? DocumentHash);

/// <param name="IsError">It declares an earlier event wrong.</param>
public sealed record StepView(string EventId, string Hash, string Type, DateTimeOffset? EventTime, string? BizStep, string? Disposition, string? ReadPoint, string? BizLocation, bool IsError, AnchoredBatch? Anchor, Hash256? Salt, IReadOnlyList<Hash256>? Path);

/// <param name="Tallies">By the transaction of the anchor.</param>
public sealed record TraceView(string Thing, TraceDirection Direction, int Reached, bool IsWhole, double Milliseconds, IReadOnlyList<TracedThing> Things, IReadOnlyList<StepView> Steps, IReadOnlyDictionary<string, string>? Tallies);
