using Hufu.Client;
using Hufu.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hufu.WebConsole;

/// <summary>Tallies to take home: of a transaction, of one of its events, of an account.</summary>
static class TallyDownloads
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/transaction/{hash}/tally", OfTransactionAsync).ExcludeFromDescription();
        routes.MapGet("/account/{address}/tally", OfAccountAsync).ExcludeFromDescription();
    }

    static async Task<IResult> OfTransactionAsync(HttpContext context, ChainExplorer explorer, string hash, int? log)
    {
        if (!Hash256.TryParse(hash, out var transaction)) return Results.NotFound();
        var (maker, known, stop) = (new TallyMaker(explorer.Chain), explorer.Contracts.KnownAbis, context.RequestAborted);
        return await SendAsync(() => log is { } position ? maker.OfLogAsync(transaction, position, known, stop) : maker.OfTransactionAsync(transaction, known, stop),
            log is { } at ? $"{hash[..10]}-{at}" : hash[..10]).ConfigureAwait(false);
    }

    static async Task<IResult> OfAccountAsync(HttpContext context, ChainExplorer explorer, string address) => Address.TryParse(address, out var account)
        ? await SendAsync(() => new TallyMaker(explorer.Chain).OfAccountAsync(account, stop: context.RequestAborted), address[..10]).ConfigureAwait(false) : Results.NotFound();

    static async Task<IResult> SendAsync(Func<Task<byte[]>> make, string name)
    {
        try
        {
            return Results.File(await make().ConfigureAwait(false), "application/json", $"{name}.tally.json");
        }
        catch (ChainException error)
        {
            return Results.Text(error.Refusal + "\n", statusCode: StatusCodes.Status404NotFound);
        }
    }
}
