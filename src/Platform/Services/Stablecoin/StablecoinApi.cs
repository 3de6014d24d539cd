using Hufu.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hufu.Services;

/// <summary>The coin's endpoints, below /api/v1/stablecoin.</summary>
static class StablecoinApi
{
    const string Root = "/api/v1/stablecoin";

    public static void Map(IEndpointRouteBuilder api, Rooms rooms, StablecoinDesk desk, StablecoinIndex index)
    {
        var group = api.MapGroup("/stablecoin");
        MapReserve(group, rooms, desk, index);
        MapMints(group, rooms, desk, index);
        MapRedemptions(group, rooms, desk, index);
        MapOrders(group, rooms, desk, index);
        MapLiabilities(group, desk, index);
    }

    static void MapReserve(RouteGroupBuilder group, Rooms rooms, StablecoinDesk desk, StablecoinIndex index)
    {
        group.MapGet("", async (CancellationToken stop) => await ReportAsync(rooms, desk, index, stop).ConfigureAwait(false))
            .Asks("reserve-report", "The reserve report: what was attested and until when it counts, how many coins there are, and what waits to be redeemed.");
        group.MapGet("/reserve/attestations", async (CancellationToken stop) =>
        {
            var (_, token, _) = await desk.CoinAsync(stop).ConfigureAwait(false);
            return index.AttestationsNow(100).Select(one => AttestationView.Of(one, token));
        }).Asks("attestations", "What the auditor attested, the latest first.");
        group.MapPost("/reserve/attestations", async (NewAttestation body, HttpContext context, CancellationToken stop) =>
        {
            var command = await desk.AttestAsync(Idempotency.Of(context, body), body, stop).ConfigureAwait(false);
            var (_, token, _) = await desk.CoinAsync(stop).ConfigureAwait(false);
            return Acting.Answer(command, Root + "/reserve/attestations", () => index.AttestationsNow(100).FirstOrDefault(one => one.Transaction == command.Transaction) is { } made ? AttestationView.Of(made, token) : null);
        }).Changes("attest", "Brings the auditor's word of the reserve onto the chain.", """{ "amount": "1000000", "report": "Reserve report of 27 November 2026" }""").Produces<AttestationView>(StatusCodes.Status201Created);
    }

    static void MapMints(RouteGroupBuilder group, Rooms rooms, StablecoinDesk desk, StablecoinIndex index)
    {
        group.MapGet("/mints", async (CancellationToken stop) =>
        {
            var (_, token, _) = await desk.CoinAsync(stop).ConfigureAwait(false);
            return index.MintsNow(100).Select(one => MintView.Of(one, token));
        }).Asks("mints", "What was minted, the latest first, each with the reserve it was held to.");
        group.MapGet("/mint-orders", async (CancellationToken stop) =>
        {
            var (_, token, _) = await desk.CoinAsync(stop).ConfigureAwait(false);
            return index.MintOrdersNow(100).Select(one => MintOrderView.Of(one, token));
        }).Asks("mint-orders", "Large mints, which need a second officer.");
        group.MapPost("/mints", async (NewMint body, HttpContext context, CancellationToken stop) =>
        {
            var command = await desk.MintAsync(Idempotency.Of(context, body), body, stop).ConfigureAwait(false);
            var (_, token, _) = await desk.CoinAsync(stop).ConfigureAwait(false);
            var order = command.Transaction is { } hash ? index.MintOrderIn(hash) : null;
            return Acting.Answer(command, order is null ? Root + "/mints" : $"{Root}/mint-orders/{order.Id}",
                () => order is not null ? MintOrderView.Of(order, token) : index.MintIn(command.Transaction!.Value) is { } made ? MintView.Of(made, token) : null);
        }).Changes("mint", "Mints coins against the attested reserve; from the threshold on, orders a mint that a second officer has to confirm.", """{ "to": "shop", "amount": "2500.00" }""")
            .Produces<MintView>(StatusCodes.Status201Created);
        group.MapPost("/mint-orders/{id}/confirm", async (ulong id, HttpContext context, CancellationToken stop) =>
        {
            var command = await desk.ConfirmMintAsync(Idempotency.Of(context, id), id, stop).ConfigureAwait(false);
            var (_, token, _) = await desk.CoinAsync(stop).ConfigureAwait(false);
            return Acting.Answer(command, $"{Root}/mint-orders/{id}", () => index.MintOrder(id) is { } order ? MintOrderView.Of(order, token) : null);
        }).Changes("confirm-mint", "The second officer lets an ordered mint happen.", "{}").Produces<MintOrderView>(StatusCodes.Status201Created);
        group.MapGet("/minters", async (CancellationToken stop) =>
        {
            var (_, token, made) = await desk.CoinAsync(stop).ConfigureAwait(false);
            var contract = new MintDeskContract(rooms.Chain, made["MintDesk"]);
            var minters = new List<MinterView>();
            foreach (var one in index.MintersNow()) minters.Add(new MinterView(one.Account, token.Write(one.Ceiling), token.Write(one.Daily), token.Write(await contract.RoomOfAsync(one.Account, stop: stop).ConfigureAwait(false))));
            return minters;
        }).Asks("minters", "Who may mint, how much at once and in a day, and what room is left now.");
    }

    static void MapRedemptions(RouteGroupBuilder group, Rooms rooms, StablecoinDesk desk, StablecoinIndex index)
    {
        group.MapGet("/redemptions", async (string? state, CancellationToken stop) =>
        {
            var (_, token, _) = await desk.CoinAsync(stop).ConfigureAwait(false);
            return index.RedemptionsNow(200, state).Select(one => RedemptionView.Of(one, token, rooms));
        }).Asks("redemptions", "The redemption queue; with state=open, in the order in which they fall due.");
        group.MapPost("/redemptions", async (NewRedemption body, HttpContext context, CancellationToken stop) =>
        {
            var command = await desk.RedeemAsync(Idempotency.Of(context, body), body, stop).ConfigureAwait(false);
            return await RedemptionAsync(rooms, desk, command, () => index.RedemptionIn(command.Transaction!.Value), stop).ConfigureAwait(false);
        }).Changes("redeem", "Hands coins in, to be paid out at par before the clock runs out.", """{ "holder": "shop", "amount": "100.00", "bankAccount": "DE89370400440532013000" }""").Produces<RedemptionView>(StatusCodes.Status201Created);
        group.MapPost("/redemptions/{id}/settle", async (ulong id, RedemptionPayment body, HttpContext context, CancellationToken stop) =>
            await RedemptionAsync(rooms, desk, await desk.SettleRedemptionAsync(Idempotency.Of(context, body), id, body, stop).ConfigureAwait(false), () => index.Redemption(id), stop).ConfigureAwait(false))
            .Changes("settle-redemption", "The bank has paid: the coins are destroyed.", """{ "payment": "pacs.008 of 28 November, number 17" }""").Produces<RedemptionView>(StatusCodes.Status201Created);
        group.MapPost("/redemptions/{id}/return", async (ulong id, RedemptionReturn body, HttpContext context, CancellationToken stop) =>
            await RedemptionAsync(rooms, desk, await desk.ReturnRedemptionAsync(Idempotency.Of(context, body), id, body, stop).ConfigureAwait(false), () => index.Redemption(id), stop).ConfigureAwait(false))
            .Changes("return-redemption", "The bank would not pay: the coins go back to the holder.", """{ "reason": "account closed" }""").Produces<RedemptionView>(StatusCodes.Status201Created);
    }

    static async Task<IResult> RedemptionAsync(Rooms rooms, StablecoinDesk desk, Command command, Func<CoinRedemption?> find, CancellationToken stop)
    {
        var (_, token, _) = await desk.CoinAsync(stop).ConfigureAwait(false);
        return Acting.Answer(command, Root + "/redemptions", () => find() is { } made ? RedemptionView.Of(made, token, rooms) : null);
    }

    static void MapOrders(RouteGroupBuilder group, Rooms rooms, StablecoinDesk desk, StablecoinIndex index)
    {
        group.MapGet("/orders", async (CancellationToken stop) =>
        {
            var (_, token, _) = await desk.CoinAsync(stop).ConfigureAwait(false);
            return index.OrdersNow(200).Select(one => OrderView.Of(one, token));
        }).Asks("orders", "Lawful orders: freezes, releases and seizures, with the hash of the document that compels them.");
        group.MapGet("/frozen", index.FrozenNow).Asks("frozen", "The accounts that are frozen now.");
        group.MapPost("/orders", async (NewOrder body, HttpContext context, CancellationToken stop) =>
        {
            var command = await desk.EnterOrderAsync(Idempotency.Of(context, body), body, stop).ConfigureAwait(false);
            return await OrderAsync(desk, index, command, StablecoinDesk.Document(body.Document, "document"), stop).ConfigureAwait(false);
        }).Changes("enter-order", "Enters a lawful order; a freeze holds at once, anything else waits for a second officer.", """{ "kind": "freeze", "account": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8", "document": "District court, order 17 of 2026" }""").Produces<OrderView>(StatusCodes.Status201Created);
        group.MapPost("/orders/{document}/confirm", async (string document, Confirmation body, HttpContext context, CancellationToken stop) =>
        {
            var hash = RouteText.Hash(document, "the document");
            return await OrderAsync(desk, index, await desk.ConfirmOrderAsync(Idempotency.Of(context, body), hash, body, stop).ConfigureAwait(false), hash, stop).ConfigureAwait(false);
        }).Changes("confirm-order", "A second officer confirms an order, and it is carried out.", "{}").Produces<OrderView>(StatusCodes.Status201Created);
        group.MapPost("/orders/{document}/lapse", async (string document, HttpContext context, CancellationToken stop) =>
        {
            var hash = RouteText.Hash(document, "the document");
            return await OrderAsync(desk, index, await desk.LapseOrderAsync(Idempotency.Of(context, document), hash, stop).ConfigureAwait(false), hash, stop).ConfigureAwait(false);
        }).Changes("lapse-order", "Ends an order that nobody confirmed in time.", "{}").Produces<OrderView>(StatusCodes.Status201Created);
    }

    static async Task<IResult> OrderAsync(StablecoinDesk desk, StablecoinIndex index, Command command, Hash256 document, CancellationToken stop)
    {
        var (_, token, _) = await desk.CoinAsync(stop).ConfigureAwait(false);
        return Acting.Answer(command, Root + "/orders", () => index.Order(document) is { } order ? OrderView.Of(order, token) : null);
    }

    static void MapLiabilities(RouteGroupBuilder group, StablecoinDesk desk, StablecoinIndex index)
    {
        group.MapGet("/liabilities", async (CancellationToken stop) =>
        {
            var (_, token, _) = await desk.CoinAsync(stop).ConfigureAwait(false);
            var holders = index.Holders();
            var root = new Liabilities(holders).Root;
            return new LiabilitiesView(root.Hash, root.Amount, token.Write(root.Amount), holders.Count);
        }).Asks("liabilities", "The root of the tree of all balances: what the issuer owes, and to how many.");
        group.MapGet("/liabilities/{account}", (string account) =>
            new Liabilities(index.Holders()).Prove(RouteText.Address(account, "the account")) ?? throw ProblemException.NotFound($"{account} holds no coins"))
            .Asks("liability-proof", "The way from one account's balance to the root of all liabilities, for its holder to check.");
    }

    internal static async Task<ReserveReport> ReportAsync(Rooms rooms, StablecoinDesk desk, StablecoinIndex index, CancellationToken stop)
    {
        if (rooms.Registry.Current is null) return new ReserveReport { IsSetUp = false };
        var (contract, token, made) = await desk.CoinAsync(stop).ConfigureAwait(false);
        var feed = new ReserveFeedContract(rooms.Chain, made["ReserveFeed"]);
        var (latest, validity, reserve) = (await feed.LatestAsync(stop: stop).ConfigureAwait(false), await feed.ValidityAsync(stop: stop).ConfigureAwait(false), await feed.ReserveAsync(stop: stop).ConfigureAwait(false));
        var open = index.RedemptionsNow(1000, "open");
        var supply = index.SupplyNow();
        return new ReserveReport
        {
            IsSetUp = true,
            Coin = token.Address,
            Symbol = token.Symbol,
            Decimals = token.Decimals,
            Reserve = token.Write(reserve),
            Supply = token.Write(supply),
            IsCovered = supply <= reserve,
            AttestedAt = latest.AsOf == 0 ? null : DateTimeOffset.FromUnixTimeSeconds((long)latest.AsOf),
            CountsUntil = latest.AsOf == 0 ? null : DateTimeOffset.FromUnixTimeSeconds((long)(latest.AsOf + validity)),
            Report = latest.AsOf == 0 ? null : latest.Report,
            Auditor = await feed.AuditorAsync(stop: stop).ConfigureAwait(false),
            MintThreshold = token.Write(await new MintDeskContract(rooms.Chain, made["MintDesk"]).ThresholdAsync(stop: stop).ConfigureAwait(false)),
            OpenRedemptions = open.Count,
            OpenRedemptionAmount = token.Write(open.Aggregate(UInt256.Zero, (sum, one) => sum + one.Amount)),
            NextDueBy = open.Count > 0 ? open[0].DueBy : null,
            IsPaused = await contract.PausedAsync(stop: stop).ConfigureAwait(false),
            Block = rooms.Index.Reached?.Number,
        };
    }
}

public sealed record ReserveReport
{
    /// <summary>False: the contracts do not stand yet; nothing else is told then.</summary>
    public required bool IsSetUp { get; init; }
    public Address? Coin { get; init; }
    public string? Symbol { get; init; }
    public int? Decimals { get; init; }

    /// <summary>What counts now: nothing once the last attestation is too old.</summary>
    public string? Reserve { get; init; }
    public string? Supply { get; init; }
    public bool? IsCovered { get; init; }
    public DateTimeOffset? AttestedAt { get; init; }
    public DateTimeOffset? CountsUntil { get; init; }
    public Hash256? Report { get; init; }
    public Address? Auditor { get; init; }

    /// <summary>From here on a mint needs two officers.</summary>
    public string? MintThreshold { get; init; }
    public int? OpenRedemptions { get; init; }
    public string? OpenRedemptionAmount { get; init; }
    public DateTimeOffset? NextDueBy { get; init; }
    public bool? IsPaused { get; init; }

    /// <summary>As of this block.</summary>
    public ulong? Block { get; init; }
}

public sealed record AttestationView(string Amount, DateTimeOffset AsOf, Hash256 Report, Address Auditor, Hash256 Transaction, string Tally)
{
    internal static AttestationView Of(CoinAttestation one, Token token) => new(token.Write(one.Amount), one.AsOf, one.Report, one.Auditor, one.Transaction, Tallies.Of(one.Transaction));
}

public sealed record MintView(Address Minter, Address To, string Amount, string Reserve, string Supply, DateTimeOffset At, Hash256 Transaction, string Tally)
{
    internal static MintView Of(CoinMint one, Token token) => new(one.Minter, one.To, token.Write(one.Amount), token.Write(one.Reserve), token.Write(one.Supply), one.At, one.Transaction, Tallies.Of(one.Transaction));
}

public sealed record MintOrderView(ulong Id, Address Minter, Address To, string Amount, DateTimeOffset Deadline, string State, Address? Officer, Hash256 Transaction, string Tally)
{
    internal static MintOrderView Of(CoinMintOrder one, Token token) => new(one.Id, one.Minter, one.To, token.Write(one.Amount), one.Deadline, one.State, one.Officer, one.Transaction, Tallies.Of(one.Transaction));
}

/// <param name="Room">What it may mint at this moment.</param>
public sealed record MinterView(Address Account, string Ceiling, string Daily, string Room);

/// <param name="BankAccount">Where the money goes, where it was asked for here; the chain holds a hash alone.</param>
public sealed record RedemptionView(ulong Id, Address Holder, string Amount, string? BankAccount, DateTimeOffset RequestedAt, DateTimeOffset DueBy, string State, bool IsLate, DateTimeOffset? EndedAt, Hash256 Transaction, string Tally)
{
    internal static RedemptionView Of(CoinRedemption one, Token token, Rooms rooms) => new(one.Id, one.Holder, token.Write(one.Amount),
        rooms.Database.Read(session => session.Find($"SELECT account FROM {StablecoinService.BankAccounts} WHERE hash = {one.BankAccount}", row => row.Text(0))),
        one.At, one.DueBy, one.State, one.IsLate || (one.State == "open" && one.DueBy < DateTimeOffset.UtcNow), one.EndedAt, one.Transaction, Tallies.Of(one.Transaction));
}

public sealed record OrderView(Hash256 Document, string Kind, Address Account, Address? To, string? Amount, string State, Address Officer, Address? Confirmer, DateTimeOffset At, Hash256 Transaction, string Tally)
{
    internal static OrderView Of(CoinOrder one, Token token) =>
        new(one.Document, one.Kind, one.Account, one.Kind == "seize" ? one.To : null, one.Kind == "seize" ? token.Write(one.Amount) : null, one.State, one.Officer, one.Confirmer, one.At, one.Transaction, Tallies.Of(one.Transaction));
}

/// <param name="Root">The hash at the root of the Merkle sum tree.</param>
/// <param name="Units">The sum at the root, in the coin's smallest unit.</param>
public sealed record LiabilitiesView(Hash256 Root, UInt256 Units, string Amount, int Accounts);

static class Tallies
{
    public static string Of(Hash256 transaction) => $"/api/v1/transactions/{transaction}/tally";
}
