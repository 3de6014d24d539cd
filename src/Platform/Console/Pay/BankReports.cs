using Hufu.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hufu.WebConsole;

/// <summary>The pacs.002 or pain.002 that answered a file: kept a while, for whoever had it paid.</summary>
static class BankReports
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/payments/bank/report/{file}", (HttpContext context, Uploads uploads, string file) =>
        uploads.Find(file, Gate.Of(context)) is { } kept ? Results.File(kept.Content, "application/xml", kept.Name) : Results.NotFound()).ExcludeFromDescription();
}
