using System.Text.Json.Nodes;
using Hufu.Client;
using Hufu.Primitives;
using Hufu.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Hufu.WebConsole;

/// <summary>Sends from an account that the node itself signs for, where the console's owner allowed that: development chains, without a wallet and without a script.</summary>
static class NodeAccountSending
{
    /// <summary>What a key has to open for it.</summary>
    public const string Right = "chain.send";

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/send", SendAsync).ExcludeFromDescription();

    static async Task<IResult> SendAsync(HttpContext context, ChainExplorer explorer, ConsoleOptions options, [FromForm] string from, [FromForm] string to, [FromForm] string? data, [FromForm] string? value)
    {
        if (!options.SendsFromNodeAccounts) return Results.Text("This console does not send from the node's accounts.\n", statusCode: StatusCodes.Status403Forbidden);
        // Whoever signed in with a key for something else does not send as everybody.
        if (context.RequestServices.GetService<Sessions>() is not null && !Gate.Of(context).May(Right)) return Results.Text($"The key of {Gate.Of(context).Name} does not open {Right}.\n", statusCode: StatusCodes.Status403Forbidden);
        if (!Address.TryParse(from, out var sender) || !Address.TryParse(to, out var receiver) || !Hex.TryDecode(data is { Length: > 0 } ? data : "0x", out var bytes) || !UInt256.TryParse(value is { Length: > 0 } ? value : "0", out var wei))
            return Results.Text("from and to are addresses, data is hexadecimal, value is Wei.\n", statusCode: StatusCodes.Status400BadRequest);
        try
        {
            var request = new JsonObject { ["from"] = sender.ToString(), ["to"] = receiver.ToString(), ["input"] = Hex.Encode(bytes), ["value"] = wei.ToHexQuantity() };
            var hash = await explorer.Chain.AskAsync("eth_sendTransaction", [request], context.RequestAborted).ConfigureAwait(false);
            return Results.LocalRedirect($"/transaction/{hash.GetString()}");
        }
        catch (ChainException error)
        {
            return Results.Text(error.Refusal + "\n", statusCode: StatusCodes.Status422UnprocessableEntity);
        }
    }
}
