using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hufu.Services;

/// <summary>The endpoints of payments, statements, escrow and streams.</summary>
static class PaymentsApi
{
    public static void Map(IEndpointRouteBuilder api, PaymentsService service)
    {
        MapPayments(api.MapGroup("/payments"), service);
        MapStatements(api, service);
        MapEscrow(api.MapGroup("/escrow"), service);
        MapStreams(api.MapGroup("/streams"), service);
    }

    static void MapPayments(RouteGroupBuilder group, PaymentsService service)
    {
        var (rooms, desk, index, views) = (service.Rooms, service.Desk, service.Index, service.Views);
        group.MapPost("", async (NewPayment body, HttpContext context, CancellationToken stop) =>
        {
            var command = await desk.PayAsync(Idempotency.Of(context, body), body, stop).ConfigureAwait(false);
            var made = command.Transaction is { } hash ? index.PaymentsIn(hash).FirstOrDefault(one => one.Reference == References.WordOf(body.Reference)) : null;
            var view = made is null ? null : await views.OfAsync(made, stop).ConfigureAwait(false);
            return Acting.Answer(command, $"/api/v1/payments/{made?.Id}", () => view);
        }).Changes("pay", "Pays by reference: once, in full, without a coin for gas.", """{ "payer": "alice", "payee": "shop", "amount": "12.50", "reference": "INV-2026-0117" }""").Produces<PaymentView>(StatusCodes.Status201Created).Produces<CommandView>(StatusCodes.Status202Accepted);
        group.MapPost("/drafts", async (NewPayment body, CancellationToken stop) => await desk.DraftAsync(body, stop).ConfigureAwait(false))
            .Asks("draft-payment", "What a payer's own wallet has to sign (eth_signTypedData_v4) for a payment that the platform then sends in.");
        group.MapGet("", async (string? reference, string? account, int? limit, long? before, CancellationToken stop) =>
        {
            var rows = reference is not null ? index.PaymentsOf(References.WordOf(reference)) : index.Latest(Math.Clamp(limit ?? 50, 1, 500), account is null ? null : rooms.Account(account, "account"), before);
            return await views.OfAsync(rows, stop).ConfigureAwait(false);
        }).Asks("payments", "Payments, the latest first; with reference, those of one reference; with account, those it made or received.");
        group.MapGet("/{id}", async (string id, CancellationToken stop) => await views.OfAsync(Require(index, id), stop).ConfigureAwait(false)).Asks("payment", "One payment.");
        group.MapGet("/{id}/tally", async (string id, CancellationToken stop) => await PlatformApi.TallyAsync(rooms, Require(index, id).Transaction, null, stop).ConfigureAwait(false))
            .Asks("payment-tally", "The proof of a payment, for anyone to check: a file that hufu verify takes.");
    }

    static PaymentRow Require(PaymentsIndex index, string id) => index.Payment(RouteText.Hash(id, "the payment")) ?? throw ProblemException.NotFound($"there is no payment {id}");

    static void MapStatements(IEndpointRouteBuilder api, PaymentsService service)
    {
        api.MapGet("/accounts/{account}/statement", async (string account, DateTimeOffset? from, DateTimeOffset? until, int? limit, long? before, CancellationToken stop) =>
            await service.Statements.OfAsync(service.Rooms.Account(account, "the account"), from, until, Math.Clamp(limit ?? 100, 1, 1000), before, stop).ConfigureAwait(false))
            .Asks("statement", "An account's entries in the platform's coin, the latest first, each with the balance after it.");
    }

    static void MapEscrow(RouteGroupBuilder group, PaymentsService service)
    {
        var (rooms, desk, index, views) = (service.Rooms, service.Desk, service.Index, service.Views);
        DealRow Deal(ulong id) => index.Deal(id) ?? throw ProblemException.NotFound($"there is no deal {id}");
        async Task<IResult> AnswerAsync(Command command, ulong id, CancellationToken stop)
        {
            var view = index.Deal(id) is { } row ? await views.OfAsync(row, stop).ConfigureAwait(false) : null;
            return Acting.Answer(command, $"/api/v1/escrow/{id}", () => view);
        }

        group.MapGet("", async (CancellationToken stop) =>
        {
            var list = new List<DealView>();
            foreach (var row in index.LatestDeals(200)) list.Add(await views.OfAsync(row, stop).ConfigureAwait(false));
            return list;
        }).Asks("deals", "Deals in escrow, the latest first.");
        group.MapGet("/{id}", async (ulong id, CancellationToken stop) => await views.OfAsync(Deal(id), stop).ConfigureAwait(false)).Asks("deal", "One deal.");
        group.MapPost("", async (NewDeal body, HttpContext context, CancellationToken stop) =>
        {
            var command = await desk.OpenDealAsync(Idempotency.Of(context, body), body, stop).ConfigureAwait(false);
            var row = command.Transaction is { } hash ? index.DealIn(hash) : null;
            return await AnswerAsync(command, row?.Id ?? ulong.MaxValue >> 1, stop).ConfigureAwait(false);
        }).Changes("open-deal", "Holds a payer's coins until the payer releases them, a secret is shown, an arbiter decides, or the deadline returns them.",
            """{ "payer": "alice", "payee": "shop", "amount": "80.00", "deadline": "2027-01-31T12:00:00Z", "arbiter": "court" }""").Produces<DealView>(StatusCodes.Status201Created);
        group.MapPost("/{id}/release", async (ulong id, Release body, HttpContext context, CancellationToken stop) =>
            await AnswerAsync(await desk.ReleaseAsync(Idempotency.Of(context, body), Deal(id), body, stop).ConfigureAwait(false), id, stop).ConfigureAwait(false))
            .Changes("release", "Releases some or all of what is held to the payee.", """{ "amount": "40.00" }""");
        group.MapPost("/{id}/refund", async (ulong id, By body, HttpContext context, CancellationToken stop) =>
            await AnswerAsync(await desk.RefundAsync(Idempotency.Of(context, body), Deal(id), body, stop).ConfigureAwait(false), id, stop).ConfigureAwait(false))
            .Changes("refund", "Returns what is held to the payer: by the payee at any time, by the payer from the deadline on.", """{ "account": "shop" }""");
        group.MapPost("/{id}/dispute", async (ulong id, Dispute body, HttpContext context, CancellationToken stop) =>
            await AnswerAsync(await desk.DisputeAsync(Idempotency.Of(context, body), Deal(id), body, stop).ConfigureAwait(false), id, stop).ConfigureAwait(false))
            .Changes("dispute", "Stops the clock and calls the arbiter.", """{ "account": "alice", "evidence": "photographs of 3 December" }""");
        group.MapPost("/{id}/arbitrate", async (ulong id, Arbitration body, HttpContext context, CancellationToken stop) =>
            await AnswerAsync(await desk.ArbitrateAsync(Idempotency.Of(context, body), Deal(id), body, stop).ConfigureAwait(false), id, stop).ConfigureAwait(false))
            .Changes("arbitrate", "The arbiter splits what is held.", """{ "toPayee": "30.00" }""");
    }

    static void MapStreams(RouteGroupBuilder group, PaymentsService service)
    {
        var (desk, index, views) = (service.Desk, service.Index, service.Views);
        StreamRow Stream(ulong id) => index.Stream(id) ?? throw ProblemException.NotFound($"there is no stream {id}");
        async Task<IResult> AnswerAsync(Command command, ulong id, CancellationToken stop)
        {
            var view = index.Stream(id) is { } row ? await views.OfAsync(row, stop).ConfigureAwait(false) : null;
            return Acting.Answer(command, $"/api/v1/streams/{id}", () => view);
        }

        group.MapGet("", async (CancellationToken stop) =>
        {
            var list = new List<StreamView>();
            foreach (var row in index.LatestStreams(200)) list.Add(await views.OfAsync(row, stop).ConfigureAwait(false));
            return list;
        }).Asks("streams", "Payments over time, the latest first.");
        group.MapGet("/{id}", async (ulong id, CancellationToken stop) => await views.OfAsync(Stream(id), stop).ConfigureAwait(false)).Asks("stream", "One stream, with what has vested by now.");
        group.MapPost("", async (NewStream body, HttpContext context, CancellationToken stop) =>
        {
            var command = await desk.OpenStreamAsync(Idempotency.Of(context, body), body, stop).ConfigureAwait(false);
            var row = command.Transaction is { } hash ? index.StreamIn(hash) : null;
            return await AnswerAsync(command, row?.Id ?? ulong.MaxValue >> 1, stop).ConfigureAwait(false);
        }).Changes("open-stream", "Pays over time: by the second, or in equal instalments.", """{ "payer": "employer", "payee": "alice", "amount": "2400.00", "stepSeconds": 604800, "steps": 4 }""").Produces<StreamView>(StatusCodes.Status201Created);
        group.MapPost("/{id}/withdraw", async (ulong id, Withdrawal body, HttpContext context, CancellationToken stop) =>
            await AnswerAsync(await desk.WithdrawAsync(Idempotency.Of(context, body), Stream(id), body, stop).ConfigureAwait(false), id, stop).ConfigureAwait(false))
            .Changes("withdraw-stream", "The payee takes what has vested, or some of it.", """{ "amount": "100.00" }""");
        group.MapPost("/{id}/cancel", async (ulong id, HttpContext context, CancellationToken stop) =>
            await AnswerAsync(await desk.CancelAsync(Idempotency.Of(context, id), Stream(id), stop).ConfigureAwait(false), id, stop).ConfigureAwait(false))
            .Changes("cancel-stream", "The payer ends a stream; what has vested stays the payee's.", "{}");
    }
}
