using System.Globalization;
using System.Text;
using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>What is done with a supply chain beside recording it: hand-overs that both sides sign, recalls against the clock, certificates, and whether the quantities add up.</summary>
public sealed class TraceDesk(Rooms rooms, EventStore store, TraceGraph graph)
{
    const int MostTold = 5_000, MostLots = 1_000, MostLastSeen = 500;
    const string HandOverType = "HandOver(address giver,address receiver,bytes32 eventHash,uint64 deadline)";

    internal static readonly Table Offers = new("trace_offer", "digest text key", "event_hash text index", "giver text", "receiver text", "deadline number", "giver_signature text", "command text", "made_at number");
    internal static readonly Table RecallOrders = new("trace_recall_order", "id text key", "reason text", "lots text", "found text", "things number", "whole number", "asked_at number", "answered_at number", "command text");
    internal static readonly Table Certificates = new("trace_certificate", "id text key", "subject text index", "standard text", "issuer text", "valid_from number", "valid_until number", "url text", "document_hash text", "made_at number");

    /// <summary>How long an offer of a hand-over stands where its giver says nothing else.</summary>
    static readonly TimeSpan OfferStands = TimeSpan.FromDays(30);

    // ---- hand-overs ----

    /// <summary>The giver's half. The platform signs for an account that it keeps and that is the caller's; others send their signature.</summary>
    public async Task<HandOverView> OfferAsync(Ask ask, NewHandOver asked, CancellationToken stop = default)
    {
        rooms.Policy.Require(ask.By, "trace.hand-over", asked.Giver);
        var stored = store.Find(asked.Event) ?? throw ProblemException.NotFound($"there is no event {asked.Event}");
        if (asked.Giver == asked.Receiver) throw ProblemException.Invalid("giver and receiver are the same", asked.Giver.ToChecksumString(), "a hand-over has two sides");
        var deadline = asked.Deadline ?? DateTimeOffset.UtcNow + OfferStands;
        var (digest, _) = await DigestAsync(asked.Giver, asked.Receiver, stored.Hash, deadline, stop).ConfigureAwait(false);
        var signature = Signature(ask.By, asked.Giver, digest, asked.Signature);
        await rooms.Database.WriteAsync(session => session.Execute(Offers.Insert([digest, stored.Hash, asked.Giver, asked.Receiver, deadline, signature, null, DateTimeOffset.UtcNow], replaces: true))).ConfigureAwait(false);
        return Offer(digest);
    }

    /// <summary>The receiver's half: with it the hand-over goes onto the ledger.</summary>
    public async Task<HandOverView> ReceiveAsync(Ask ask, Hash256 id, Receipt receipt, CancellationToken stop = default)
    {
        var offer = Offer(id);
        if (offer.Transaction is null)
        {
            var (again, contract) = await DigestAsync(offer.Giver, offer.Receiver, offer.Event, offer.Deadline, stop).ConfigureAwait(false);
            if (again != id) throw new ProblemException(409, "other-contract", new Refusal("the hand-over was offered on another contract", $"its digest there was {id}", "offer it again"));
            var given = rooms.Database.Read(session => session.Find($"SELECT giver_signature FROM {Offers} WHERE digest = {id}", row => row.Text(0)))!;
            await rooms.DoAsync(ask, "trace.hand-over", id.ToString(), () =>
            {
                rooms.Policy.Require(ask.By, "trace.hand-over", offer.Receiver);
                var received = Signature(ask.By, offer.Receiver, id, receipt.Signature);
                return Task.FromResult((rooms.Operator, contract.HandOver(new(offer.Giver, offer.Receiver, offer.Event, (ulong)offer.Deadline.ToUnixTimeSeconds()), Hex.Decode(given), received)));
            }, stop).ConfigureAwait(false);
        }
        return Offer(id);
    }

    /// <summary>What a wallet of the giver or receiver has to sign (eth_signTypedData_v4): the same for both.</summary>
    public async Task<HandOverDraft> DraftAsync(Address giver, Address receiver, string eventId, DateTimeOffset deadline, CancellationToken stop = default)
    {
        var stored = store.Find(eventId) ?? throw ProblemException.NotFound($"there is no event {eventId}");
        var (digest, contract) = await DigestAsync(giver, receiver, stored.Hash, deadline, stop).ConfigureAwait(false);
        return new HandOverDraft(digest, stored.Hash, deadline, contract.Address, await rooms.Chain.GetChainIdAsync(stop).ConfigureAwait(false));
    }

    /// <summary>The latest offers, whether they were taken or not.</summary>
    public IReadOnlyList<HandOverView> LatestOffers(int most) => [.. rooms.Database.Read(session => session.Query($"SELECT digest FROM {Offers} ORDER BY made_at DESC LIMIT {most}", row => row.Hash(0))).Select(Offer)];

    public HandOverView Offer(Hash256 digest) => rooms.Database.Read(session =>
    {
        var done = session.Find($"SELECT tx, at FROM {TraceIndex.HandOvers} WHERE id = {digest}", row => ((Hash256 Transaction, DateTimeOffset At)?)(row.Hash(0), row.Time(1)));
        return session.Find($"SELECT event_hash, giver, receiver, deadline FROM {Offers} WHERE digest = {digest}", row => new HandOverView(digest, row.Hash(0), row.Address(1), row.Address(2), row.Time(3), done?.Transaction, done?.At));
    }) ?? throw ProblemException.NotFound($"there is no hand-over {digest}");

    async Task<(Hash256 Digest, TraceAnchorContract Contract)> DigestAsync(Address giver, Address receiver, Hash256 eventHash, DateTimeOffset deadline, CancellationToken stop)
    {
        var made = await rooms.Registry.EnsureAsync(stop).ConfigureAwait(false);
        var domain = new TypedDataDomain("Hufu Trace", "1", await rooms.Chain.GetChainIdAsync(stop).ConfigureAwait(false), made["TraceAnchor"]);
        var digest = domain.DigestOf(HandOverType, giver, receiver, eventHash.ToArray(), (UInt256)(ulong)deadline.ToUnixTimeSeconds());
        return (digest, new TraceAnchorContract(rooms.Chain, made["TraceAnchor"]));
    }

    byte[] Signature(Caller by, Address signer, in Hash256 digest, string? given)
    {
        if (given is { Length: > 0 })
            return Hex.TryDecode(given, out var bytes) ? bytes : throw ProblemException.Invalid("the signature is no hexadecimal text", given, "send 0x and 130 digits");
        if (!rooms.Custody.Holds(signer)) throw ProblemException.Invalid($"{signer.ToChecksumString()} did not sign", "its secret is not kept here", "send its signature of the hand-over (EIP-712)");
        return rooms.Custody.SignerOf(rooms.OwnAccount(by, signer.ToString(), "the signer")).SignDigest(digest).ToBytes();
    }

    // ---- recalls ----

    /// <summary>Calls lots back: finds everything they went into, and starts the clock on the ledger.</summary>
    public async Task<(Hash256 Id, Command Command)> RecallAsync(Ask ask, NewRecall asked, CancellationToken stop = default)
    {
        rooms.Policy.Require(ask.By, "trace.recall");
        if (asked.Lots.Count is 0 or > MostLots) throw ProblemException.Invalid("a recall is of lots", $"{asked.Lots.Count} are named", $"name from 1 to {MostLots}");
        var lots = asked.Lots.Select(Gs1Uri.Canonical).Distinct().Order(StringComparer.Ordinal).ToArray();
        var id = Keccak256.Hash(Encoding.UTF8.GetBytes($"{ask.Caller}\n{ask.Key}"));
        var known = rooms.Database.Read(session => session.Count($"SELECT COUNT(*) FROM {RecallOrders} WHERE id = {id}") > 0);
        if (!known)
        {
            var askedAt = DateTimeOffset.UtcNow;
            var found = graph.Follow(lots, TraceDirection.Forward);
            var told = string.Join('\n', found.Things.Select(one => one.Thing).Take(MostTold));
            await rooms.Database.WriteAsync(session => session.Execute(RecallOrders.Insert([id, asked.Reason, string.Join('\n', lots), told, found.Things.Count, found.IsWhole, askedAt, DateTimeOffset.UtcNow, null], replaces: true))).ConfigureAwait(false);
        }
        var command = await rooms.DoAsync(ask, "trace.recall", id.ToString(), async () =>
        {
            var made = await rooms.Registry.EnsureAsync(stop).ConfigureAwait(false);
            var root = EventTree.LevelsOf([.. lots.Select(lot => Keccak256.Hash(Keccak256.Hash(Encoding.UTF8.GetBytes(lot)).Bytes))])[^1][0];
            var recorder = await rooms.Custody.OpenAsync(Anchors.Recorder).ConfigureAwait(false);
            return (recorder.Address, new TraceAnchorContract(rooms.Chain, made["TraceAnchor"]).Recall(id, root, asked.IsDrill));
        }, stop).ConfigureAwait(false);
        return (id, command);
    }

    /// <summary>Closes a recall: the hash of what was found goes onto the ledger, and the clock stops.</summary>
    public Task<Command> CloseAsync(Ask ask, Hash256 recall, RecallReport report, CancellationToken stop = default)
    {
        _ = Recall(recall);
        return rooms.DoAsync(ask, "trace.close-recall", recall.ToString(), async () =>
        {
            var made = await rooms.Registry.EnsureAsync(stop).ConfigureAwait(false);
            var recorder = await rooms.Custody.OpenAsync(Anchors.Recorder).ConfigureAwait(false);
            return (recorder.Address, new TraceAnchorContract(rooms.Chain, made["TraceAnchor"]).CloseRecall(recall, Keccak256.Hash(Encoding.UTF8.GetBytes(report.Report))));
        }, stop);
    }

    /// <summary>The latest first.</summary>
    public IReadOnlyList<RecallView> Recalls(int most) => [.. rooms.Database.Read(session => session.Query($"SELECT id FROM {RecallOrders} ORDER BY asked_at DESC LIMIT {most}", row => row.Hash(0))).Select(Recall)];

    public RecallView Recall(Hash256 id)
    {
        var onLedger = rooms.Database.Read(session => session.Find($"SELECT is_drill, called_at, call_tx, closed_at, report, close_tx FROM {TraceIndex.Recalls} WHERE id = {id}",
            row => new RecallOnLedger(row.Yes(0), row.Time(1), row.Hash(2), row.TimeOrNull(3), row.HashOrNull(4), row.HashOrNull(5))));
        var order = rooms.Database.Read(session => session.Find($"SELECT reason, lots, found, things, whole, asked_at, answered_at FROM {RecallOrders} WHERE id = {id}", row => new RecallView
        {
            Id = id,
            Reason = row.Text(0),
            Lots = row.Text(1).Split('\n'),
            Reached = row.Text(2).Split('\n'),
            Things = row.Number(3),
            IsWhole = row.Yes(4),
            AskedAt = row.Time(5),
            SecondsToAnswer = (row.Time(6) - row.Time(5)).TotalSeconds,
            OnLedger = onLedger,
            MinutesOpen = onLedger is null ? null : ((onLedger.ClosedAt ?? DateTimeOffset.UtcNow) - onLedger.CalledAt).TotalMinutes,
        })) ?? throw ProblemException.NotFound($"there is no recall {id}");
        return order with { LastSeen = LastSeen(order.Reached) };
    }

    /// <summary>Where each thing was last: whom to call.</summary>
    IReadOnlyList<SeenThing> LastSeen(IReadOnlyList<string> things)
    {
        var last = store.LastOf([.. things.Take(MostLastSeen)]);
        return [.. things.Take(MostLastSeen).Where(last.ContainsKey).Select(thing => (Thing: thing, Last: last[thing].Document.Events[0]))
            .Select(one => new SeenThing(one.Thing, one.Last.EventTime, one.Last.BizLocation ?? one.Last.ReadPoint, one.Last.BizStep is { } step ? EpcisVocabulary.BizStep.ForJson(step) : null))];
    }

    /// <summary>Open recalls, drills left out, that reach any of these things.</summary>
    public IReadOnlyList<Hash256> RecallsReaching(IReadOnlyCollection<string> things)
    {
        var set = things.ToHashSet(StringComparer.Ordinal);
        return [.. rooms.Database.Read(session => session.Query($"SELECT o.id, o.found, r.is_drill FROM {RecallOrders} o JOIN {TraceIndex.Recalls} r ON r.id = o.id WHERE r.closed_at IS NULL", row => (Id: row.Hash(0), Found: row.Text(1), IsDrill: row.Yes(2))))
            .Where(one => !one.IsDrill && one.Found.Split('\n').Any(set.Contains)).Select(one => one.Id)];
    }

    // ---- certificates ----

    public async Task<CertificateView> CertifyAsync(Ask ask, NewCertificate asked)
    {
        rooms.Policy.Require(ask.By, "trace.certify");
        if (asked.ValidUntil <= asked.ValidFrom) throw ProblemException.Invalid("the certificate is never valid", $"from {asked.ValidFrom:O} until {asked.ValidUntil:O}", "give both times in their order");
        if (asked.Url is { } url && !(Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "https" or "http")) throw ProblemException.Invalid("the address of the certificate is no web address", url, "write https://…");
        var id = ask.Fingerprint.ToString();
        var subject = Gs1Uri.Canonical(asked.Subject);
        await rooms.Database.WriteAsync(session => session.Execute(Certificates.Insert([id, subject, asked.Standard, asked.Issuer, asked.ValidFrom, asked.ValidUntil, asked.Url, asked.DocumentHash, DateTimeOffset.UtcNow], replaces: true))).ConfigureAwait(false);
        return CertificatesOf([subject]).First(one => one.Id == id);
    }

    public IReadOnlyList<CertificateView> CertificatesOf(IReadOnlyCollection<string> subjects) =>
        rooms.Database.Read(session => subjects.Distinct().Chunk(SqlText.MostListed).SelectMany(some => session.Query(SelectCertificates($" WHERE subject IN ({SqlText.List(some)}) ORDER BY subject, valid_until DESC"), ReadCertificate)).ToArray());

    /// <summary>Those that run out first come first.</summary>
    public IReadOnlyList<CertificateView> AllCertificates(int most) => rooms.Database.Read(session => session.Query(SelectCertificates($" ORDER BY valid_until, id LIMIT {most}"), ReadCertificate));

    static SqlText SelectCertificates(SqlText rest) => $"SELECT id, subject, standard, issuer, valid_from, valid_until, url, document_hash FROM {Certificates}{rest}";

    static CertificateView ReadCertificate(SqlRow row) =>
        new(row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.Time(4), row.Time(5), row.Time(4) <= DateTimeOffset.UtcNow && DateTimeOffset.UtcNow < row.Time(5), row.TextOrNull(6), row.HashOrNull(7));

    // ---- mass balance ----

    /// <summary>Whether the quantities on the way to a thing add up.</summary>
    /// <param name="yield">The most a kilogram can give.</param>
    public BalanceView Balance(string thing, decimal yield = 1)
    {
        if (yield is <= 0 or > 1000) throw ProblemException.Invalid("the yield is no factor", yield.ToString(CultureInfo.InvariantCulture), "1 means that nothing is added");
        var trace = graph.Follow([thing], TraceDirection.Back);
        // What was made of a lot elsewhere counts too: all events of all things on the way.
        var events = store.OfAll([.. trace.Things.Take(MostTold).Select(one => one.Thing)]);
        var faults = MassBalance.Check(events, yield);
        return new BalanceView(Gs1Uri.Canonical(thing), events.Count, faults.Count == 0, faults);
    }
}

/// <param name="Signature">Of the giver; absent where the platform keeps its secret.</param>
public sealed record NewHandOver(string Event, Address Giver, Address Receiver, DateTimeOffset? Deadline = null, string? Signature = null);

public sealed record Receipt(string? Signature = null);

/// <param name="Transaction">Absent until both have signed and it is on the ledger.</param>
public sealed record HandOverView(Hash256 Digest, Hash256 Event, Address Giver, Address Receiver, DateTimeOffset Deadline, Hash256? Transaction, DateTimeOffset? At);

/// <param name="Digest">Of the typed data: the hand-over's id.</param>
public sealed record HandOverDraft(Hash256 Digest, Hash256 Event, DateTimeOffset Deadline, Address Contract, ulong ChainId);

public sealed record NewRecall(IReadOnlyList<string> Lots, string Reason, bool IsDrill);

public sealed record RecallReport(string Report);

/// <summary>A recall: what it reached, who had it last, and how long it has been open.</summary>
public sealed record RecallView
{
    public required Hash256 Id { get; init; }
    public required string Reason { get; init; }
    public required IReadOnlyList<string> Lots { get; init; }
    public required long Things { get; init; }

    /// <summary>False where the bound on what is followed was met first.</summary>
    public required bool IsWhole { get; init; }
    public required IReadOnlyList<string> Reached { get; init; }
    public IReadOnlyList<SeenThing> LastSeen { get; init; } = [];
    public required DateTimeOffset AskedAt { get; init; }
    public required double SecondsToAnswer { get; init; }

    /// <summary>Absent until its transaction is in a block.</summary>
    public RecallOnLedger? OnLedger { get; init; }
    public double? MinutesOpen { get; init; }
}

public sealed record SeenThing(string Thing, DateTimeOffset? At, string? Place, string? BizStep);

public sealed record RecallOnLedger(bool IsDrill, DateTimeOffset CalledAt, Hash256 Transaction, DateTimeOffset? ClosedAt, Hash256? Report, Hash256? CloseTransaction);

/// <param name="Subject">A party, a place, a class or a lot.</param>
/// <param name="DocumentHash">Keccak-256 of the document, so that nobody shows another.</param>
public sealed record NewCertificate(string Subject, string Standard, string Issuer, DateTimeOffset ValidFrom, DateTimeOffset ValidUntil, string? Url = null, Hash256? DocumentHash = null);

public sealed record CertificateView(string Id, string Subject, string Standard, string Issuer, DateTimeOffset ValidFrom, DateTimeOffset ValidUntil, bool IsValid, string? Url, Hash256? DocumentHash);

/// <param name="Events">How many were weighed.</param>
public sealed record BalanceView(string Thing, int Events, bool Holds, IReadOnlyList<BalanceFault> Faults);
