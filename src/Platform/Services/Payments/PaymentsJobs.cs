using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>What of payments falls due by itself. Keys are made of the facts: run twice, or by two processes, each thing is done once.</summary>
static class PaymentsJobs
{
    const string Caller = "jobs";

    public static IReadOnlyList<Job> Of(PaymentsService service) =>
    [
        new("payments.refund-expired", new("returns what is held past its deadline to payers whose accounts are kept here", "将过期托管款退还给账户由平台保管的付款人"), TimeSpan.FromMinutes(1), true, stop => RefundExpiredAsync(service, stop)),
        new("payments.collect-streams", new("collects what has vested for payees whose accounts are kept here", "为账户由平台保管的收款人收取已到期的流式付款"), TimeSpan.FromHours(24), false, stop => CollectAsync(service, stop)),
        new("clearing.settle", new("orders a clearing cycle over what waits and is covered", "对已有头寸覆盖的待清算债务下达清算批次"), TimeSpan.FromHours(1), false, stop => SettleAsync(service, stop)),
    ];

    static async Task<string> RefundExpiredAsync(PaymentsService service, CancellationToken stop)
    {
        var done = 0;
        // The block's clock decides, and may be behind ours or before it.
        var now = service.Rooms.Index.Reached?.Time ?? DateTimeOffset.UnixEpoch;
        foreach (var deal in service.Index.OverdueDeals(now, 50).Where(deal => service.Rooms.Custody.Holds(deal.Payer)))
        {
            await service.Desk.RefundAsync(Ask.For(Caller, $"refund/{deal.Id}/{deal.Transaction}", deal.Id), deal, new By(deal.Payer.ToString()), stop).ConfigureAwait(false);
            done++;
        }
        return done == 0 ? "" : $"returned {done} deals";
    }

    static async Task<string> CollectAsync(PaymentsService service, CancellationToken stop)
    {
        var done = 0;
        var now = service.Rooms.Index.Reached?.Time ?? DateTimeOffset.UnixEpoch;
        foreach (var stream in service.Index.OpenStreams(200).Where(stream => stream.VestedDown(now) > stream.Withdrawn && service.Rooms.Custody.Holds(stream.Payee)))
        {
            await service.Desk.WithdrawAsync(Ask.For(Caller, $"collect/{stream.Id}/{stream.Transaction}/{stream.Withdrawn}", stream.Id), stream, new Withdrawal(), stop).ConfigureAwait(false);
            done++;
        }
        return done == 0 ? "" : $"collected {done} streams";
    }

    static async Task<string> SettleAsync(PaymentsService service, CancellationToken stop)
    {
        var queue = service.Clearing.Queue();
        if (Netting.Coverable(queue, service.Index.PositionsNow()).Count == 0) return "";
        // The same queue after the same cycle is the same cycle.
        var last = service.Index.LatestCycles(1) is [var latest, ..] ? latest.Number : 0;
        await service.Clearing.SettleAsync(Ask.For(Caller, $"settle/{service.Rooms.Registry.Current!["ClearingHouse"]}/{last}/{Keccak256.Hash([.. queue.SelectMany(row => row.Id.ToArray())])}", last), stop).ConfigureAwait(false);
        return $"settled cycle {last + 1}";
    }
}
