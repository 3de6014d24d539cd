using System.Globalization;
using System.Numerics;
using Hufu.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hufu.Services;

/// <summary>The clearing house's endpoints, below /api/v1/clearing.</summary>
static class ClearingApi
{
    const string Root = "/api/v1/clearing";

    public static void Map(IEndpointRouteBuilder api, PaymentsService service)
    {
        var group = api.MapGroup("/clearing");
        var (rooms, desk, index, views) = (service.Rooms, service.Clearing, service.Index, service.Views);

        group.MapGet("/participants", index.ParticipantsNow).Asks("participants", "Who takes part.");
        group.MapPost("/participants", async (NewParticipant body, HttpContext context, CancellationToken stop) =>
        {
            var command = await desk.AdmitAsync(Idempotency.Of(context, body), body, stop).ConfigureAwait(false);
            return Acting.Answer(command, Root + "/participants", () => new ParticipantView(rooms.Account(body.Account, "account"), body.Participates));
        }).Changes("admit-participant", "Admits a participant, or dismisses it.", """{ "account": "bank-a" }""");
        group.MapPost("/caps", async (NewDebitCap body, HttpContext context, CancellationToken stop) =>
        {
            var command = await desk.CapAsync(Idempotency.Of(context, body), body, stop).ConfigureAwait(false);
            return Acting.Answer(command, Root + "/positions", () => CommandView.Of(command));
        }).Changes("set-debit-cap", "Sets the most that a participant may owe net in one cycle.", """{ "account": "bank-a", "cap": "100000.00" }""");
        group.MapPost("/deposits", async (NewDeposit body, HttpContext context, CancellationToken stop) =>
            await PositionAsync(service, body, await desk.DepositAsync(Idempotency.Of(context, body), body, stop).ConfigureAwait(false), stop).ConfigureAwait(false))
            .Changes("deposit", "A participant pays in.", """{ "participant": "bank-a", "amount": "5000.00" }""").Produces<PositionView>(StatusCodes.Status201Created);
        group.MapPost("/withdrawals", async (NewDeposit body, HttpContext context, CancellationToken stop) =>
            await PositionAsync(service, body, await desk.WithdrawAsync(Idempotency.Of(context, body), body, stop).ConfigureAwait(false), stop).ConfigureAwait(false))
            .Changes("withdraw", "A participant takes out what is its own; no pause stops that.", """{ "participant": "bank-a", "amount": "1000.00" }""").Produces<PositionView>(StatusCodes.Status201Created);
        group.MapGet("/positions", async (CancellationToken stop) =>
        {
            var list = new List<PositionView>();
            foreach (var row in index.PositionsNow()) list.Add(await views.OfAsync(row, stop).ConfigureAwait(false));
            return list;
        }).Asks("positions", "What each participant has paid in, and its cap.");

        group.MapPost("/obligations", async (NewObligation body, HttpContext context, CancellationToken stop) =>
        {
            rooms.Policy.Require(Gate.Of(context), "clearing.queue");
            var row = await desk.QueueAsync(Gate.Of(context), body, stop).ConfigureAwait(false);
            return TypedResults.Created($"{Root}/obligations/{row.Id}", await views.OfAsync(row, stop).ConfigureAwait(false));
        }).Changes("queue-obligation", "Queues an obligation that its debtor signed; it settles in a cycle that covers it.", """{ "debtor": "bank-a", "creditor": "bank-b", "amount": "250.00", "reference": "UETR-0001" }""").Produces<ObligationView>(StatusCodes.Status201Created);
        group.MapGet("/obligations", async (CancellationToken stop) =>
        {
            var list = new List<ObligationView>();
            foreach (var row in desk.Queue()) list.Add(await views.OfAsync(row, stop).ConfigureAwait(false));
            return list;
        }).Asks("obligations", "What waits to be settled, the oldest first.");
        group.MapGet("/obligations/{id}", async (string id, CancellationToken stop) =>
            await views.OfAsync(desk.Find(RouteText.Hash(id, "the obligation")) ?? throw ProblemException.NotFound($"there is no obligation {id}"), stop).ConfigureAwait(false)).Asks("obligation", "One obligation, and the cycle that settled it.");

        group.MapPost("/cycles", async (HttpContext context, CancellationToken stop) =>
        {
            var command = await desk.SettleAsync(Idempotency.Of(context, "cycle"), stop).ConfigureAwait(false);
            var row = command.Transaction is { } hash ? index.CycleIn(hash) : null;
            var view = row is null ? null : await views.OfAsync(row, stop).ConfigureAwait(false);
            return Acting.Answer(command, $"{Root}/cycles/{row?.Number}", () => view);
        }).Changes("settle-cycle", "Settles what waits and is covered: only each participant's net moves.", "{}").Produces<CycleView>(StatusCodes.Status201Created);
        group.MapGet("/cycles", async (CancellationToken stop) =>
        {
            var list = new List<CycleView>();
            foreach (var row in index.LatestCycles(50)) list.Add(await views.OfAsync(row, stop).ConfigureAwait(false));
            return list;
        }).Asks("cycles", "Cycles, the latest first.");
        group.MapGet("/cycles/{number}", async (ulong number, CancellationToken stop) => await views.OfAsync(index.Cycle(number) ?? throw ProblemException.NotFound($"there is no cycle {number}"), stop).ConfigureAwait(false))
            .Asks("cycle", "What a cycle settled: gross, net, and every participant's position.");
        group.MapGet("/cycles/{number}/tally", async (ulong number, CancellationToken stop) =>
            await PlatformApi.TallyAsync(rooms, (index.Cycle(number) ?? throw ProblemException.NotFound($"there is no cycle {number}")).Transaction, null, stop).ConfigureAwait(false)).Asks("cycle-tally", "The proof of a cycle.");
    }

    static async Task<IResult> PositionAsync(PaymentsService service, NewDeposit body, Command command, CancellationToken stop)
    {
        var (token, _) = await service.Desk.TokenAsync(body.Token, stop).ConfigureAwait(false);
        var participant = service.Rooms.Account(body.Participant, "participant");
        var row = service.Index.PositionsNow().FirstOrDefault(one => one.Token == token.Address && one.Participant == participant);
        var view = row is null ? null : await service.Views.OfAsync(row, stop).ConfigureAwait(false);
        return Acting.Answer(command, Root + "/positions", () => view);
    }

    /// <summary>A net, which may be below zero, as people write it.</summary>
    internal static string WriteNet(string net, int decimals)
    {
        var number = BigInteger.Parse(net, CultureInfo.InvariantCulture);
        return (number.Sign < 0 ? "-" : "") + Amounts.Write((UInt256)BigInteger.Abs(number), decimals);
    }
}
