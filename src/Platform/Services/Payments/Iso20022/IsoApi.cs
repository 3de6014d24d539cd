using Hufu.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hufu.Services;

/// <summary>Banks' messages at the door: pacs.008 and pain.001 in, pacs.002 and pain.002 out, statements as camt.053, advices as camt.054, and a bank's own statement against the ledger.</summary>
static class IsoApi
{
    const int LargestBody = 8 << 20;

    public static void Map(IEndpointRouteBuilder api, BankDesk desk)
    {
        var group = api.MapGroup("/iso20022").WithTags("ISO 20022");
        MapOrder("/pacs008", "pacs.008", "iso-pay", "Executes the credit transfers of a pacs.008 between accounts of this platform and answers with a pacs.002. The same UETR is paid once, however often it is sent.");
        MapOrder("/pain001", "pain.001", "iso-order", "Executes the credit transfers of a customer's pain.001 between accounts of this platform and answers with a pain.002, block by block. What was paid is not paid again when it is sent again.");
        group.MapPost("/check", async (HttpContext http, CancellationToken stop) =>
        {
            var message = await MessageAsync(http, stop).ConfigureAwait(false);
            var faults = BankDesk.FaultsOf(message);
            return TypedResults.Json(new { Message = message.Name, Accepted = faults.Count == 0, Faults = faults });
        }).Asks("iso-check", "Reads a message and tells all that is wrong in it.");
        group.MapPost("/reconcile", async (HttpContext http, string account, CancellationToken stop) =>
        {
            var result = await desk.ReconcileAsync(Gate.Of(http), await MessageAsync(http, stop).ConfigureAwait(false), account, stop).ConfigureAwait(false);
            return TypedResults.Json(new
            {
                Matched = result.Matched.Select(pair => new { pair.By, Bank = Line(pair.Bank), Ledger = pair.Ledger.Id }),
                Exceptions = result.Exceptions.Select(one => new { Reason = one.Reason.ToString(), one.Said, Bank = one.Bank is null ? null : Line(one.Bank), Ledger = one.Ledger.Select(payment => payment.Id) }),
            });

            static object Line(AccountEntry entry) => new { Amount = entry.Amount.ToString(), Direction = entry.IsCredit ? "credit" : "debit", entry.Reference, entry.EndToEndId, entry.Uetr, entry.BookedOn, entry.CounterpartName, entry.Remittance };
        }).Asks("iso-reconcile", "A bank's camt.053 against an account of the ledger: what matches, by what, and every exception with its reason. The exceptions wait in a queue until somebody has looked at them.");
        group.MapGet("/exceptions", () => desk.Exceptions()).Asks("iso-exceptions", "What of the reconciliations waits for somebody to look at it.");
        api.MapGet("/accounts/{account}/statement.camt053", async (string account, DateTimeOffset? from, DateTimeOffset? until, CancellationToken stop) =>
        {
            var statement = await desk.StatementAsync(account, from, until, stop).ConfigureAwait(false);
            var id = MessageId();
            if (!statement.TryWriteStatement(id, out var file, out var refusal)) throw new ProblemException(StatusCodes.Status409Conflict, "no-statement", refusal);
            return TypedResults.File(file, "application/xml", $"{id}.camt053.xml");
        }).Asks("statement-camt053", "An account's statement as a camt.053.001.08.").WithTags("ISO 20022");
        api.MapGet("/accounts/{account}/advice.camt054", async (string account, DateTimeOffset? from, DateTimeOffset? until, CancellationToken stop) =>
        {
            var id = MessageId();
            return TypedResults.File((await desk.StatementAsync(account, from, until, stop).ConfigureAwait(false)).WriteAdvice(id), "application/xml", $"{id}.camt054.xml");
        }).Asks("advice-camt054", "What came in and went out of an account, line by line and without balances, as a camt.054.001.08.").WithTags("ISO 20022");

        void MapOrder(string path, string family, string name, string says) => group.MapPost(path, async (HttpContext http, CancellationToken stop) =>
        {
            var message = await MessageAsync(http, stop).ConfigureAwait(false);
            if (message.Family != family) throw ProblemException.Invalid($"{message.Name} is not executed here", $"this takes a {family}", "check other messages at /iso20022/check");
            return TypedResults.Bytes((await desk.PayAsync(Gate.Of(http), message, stop).ConfigureAwait(false)).Report, "application/xml; charset=utf-8");
        }).Asks(name, says);
    }

    static string MessageId() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture);

    static async Task<IsoMessage> MessageAsync(HttpContext http, CancellationToken stop)
    {
        using var body = new MemoryStream();
        var buffer = new byte[81_920];
        for (int read; (read = await http.Request.Body.ReadAsync(buffer, stop).ConfigureAwait(false)) > 0;)
        {
            body.Write(buffer, 0, read);
            if (body.Length > LargestBody) throw new ProblemException(StatusCodes.Status413PayloadTooLarge, "too-large", new Refusal("the message is too large", $"more than {LargestBody} bytes", "split it"));
        }
        return BankDesk.Read(body.ToArray());
    }
}
