using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>What of payments falls due by itself. Only for accounts that are kept here, in tokens that are taken here: whose call it is, pays its gas, and strangers must not make that us.</summary>
static class PaymentsJobs
{
    const string Caller = "jobs";

    public static IReadOnlyList<Job> Of(PaymentsService service) =>
    [
        new("payments.refund-expired", new("returns what is held past its deadline to payers whose accounts are kept here", "将过期托管款退还给账户由平台保管的付款人"), TimeSpan.FromMinutes(1), true)
        {
            Calls = new("Escrow", "refundExpired", 250_000, most => [.. service.Index.OpenDealsHere(most).Select(deal => new Duty(deal.Id, deal.Deadline))], id => service.Index.Deal(id) is not { State: "open" }),
        },
        new("payments.collect-streams", new("pays what has vested to payees of streams whose accounts are kept here", "将流式付款中已到期的部分付给账户由平台保管的收款人"), TimeSpan.FromHours(24), false)
        {
            Calls = new("Streams", "collect", 200_000, most => [.. service.Index.OpenStreamsHere(most).Select(NextOf)], id => service.Index.Stream(id) is not { State: "open" }),
        },
        new("clearing.settle", new("orders a clearing cycle over what waits and is covered", "对已有头寸覆盖的待清算债务下达清算批次"), TimeSpan.FromHours(1), false) { LookAsync = stop => SettleAsync(service, stop) },
    ];

    /// <summary>The instalment after those taken so far, and then each, but not more than one a day.</summary>
    static Duty NextOf(StreamRow stream)
    {
        var taken = stream.Deposited.IsZero ? UInt256.Zero : stream.Withdrawn * stream.Steps / stream.Deposited;
        return new Duty(stream.Id, Moments.Of(stream.Start < long.MaxValue ? stream.Start + ((ulong)taken + 1) * stream.Step : stream.Start), TimeSpan.FromSeconds(Math.Max(stream.Step, 24 * 3600)));
    }

    static async Task<string> SettleAsync(PaymentsService service, CancellationToken stop)
    {
        var queue = service.Clearing.Coverable();
        if (queue.Count == 0) return "";
        // The same queue after the same cycle is the same cycle.
        var last = service.Index.LatestCycles(1) is [var latest, ..] ? latest.Number : 0;
        await service.Clearing.SettleAsync(Ask.For(Caller, $"settle/{service.Rooms.Registry.Current!["ClearingHouse"]}/{last}/{Keccak256.Hash([.. queue.SelectMany(row => row.Id.ToArray())])}", last), stop).ConfigureAwait(false);
        return $"settled cycle {last + 1}";
    }
}
