using System.Text.Json;
using Hufu.Services;
using Hufu.WebConsole.Trace;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Hufu.WebConsole;

/// <summary>What capture needs beside its pages: templates, and what a phone that was offline sends in later.</summary>
static class CaptureEndpoints
{
    const int LargestStep = 8_192;

    public static void Map(IEndpointRouteBuilder routes, ConsoleAssets assets)
    {
        routes.MapGet("/trace/sheet/template.{kind}", (HttpContext context, string kind) => kind switch
        {
            "xlsx" => Results.File(LotSheet.Template(Visit.Of(context).Tongue, isCsv: false), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "hufu-lots.xlsx"),
            "csv" => Results.File(LotSheet.Template(Visit.Of(context).Tongue, isCsv: true), "text/csv; charset=utf-8", "hufu-lots.csv"),
            _ => Results.NotFound(),
        }).ExcludeFromDescription();
        routes.MapPost("/capture/steps", (Delegate)TakeAsync).ExcludeFromDescription();
        // A worker answers for its own folder and below: it stands beside the page.
        routes.MapGet("/capture-worker.js", (HttpContext context) =>
        {
            context.Response.Headers.CacheControl = "no-cache";
            return Results.Bytes(assets.CaptureWorker, "text/javascript; charset=utf-8");
        }).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet("/capture.webmanifest", (HttpContext context) => Results.Text(Manifest(Visit.Of(context), assets), "application/manifest+json")).AllowAnonymous().ExcludeFromDescription();
    }

    /// <summary>Takes one step under the id that the phone gave it: sent again, it is the same.</summary>
    static async Task<IResult> TakeAsync(HttpContext context)
    {
        if (context.RequestServices.GetService<TraceabilityService>() is not { } service) return Results.NotFound();
        try
        {
            // No form of another site can send this, nor can one of ours be made to: the content is no form's, and the doorkeeper compared the origin.
            if (!context.Request.HasJsonContentType()) throw ProblemException.Invalid("the step cannot be read", "it is no JSON", "send application/json");
            if (context.Request.ContentLength is null or > LargestStep) throw ProblemException.Invalid("the step cannot be read", "it is too long", "send one step at a time");
            var fields = await context.Request.ReadFromJsonAsync<Dictionary<string, string>>(context.RequestAborted).ConfigureAwait(false) ?? [];
            if (!Guid.TryParseExact(fields.GetValueOrDefault("id"), "D", out var id)) throw ProblemException.Invalid("the step has no id", "without one, a step that is sent twice would be two", "give it a UUID");
            if (!LotStep.TryRead(fields.GetValueOrDefault, DateTimeOffset.UtcNow, out var step, out var faults))
                return Results.Json(new { faults = faults.Select(fault => new { fault.Field, text = Visit.Of(context).Say(fault.English, fault.Chinese) }) }, statusCode: StatusCodes.Status422UnprocessableEntity);
            var (caller, rooms) = (Gate.Of(context), context.RequestServices.GetRequiredService<Rooms>());
            var added = await LotStep.RecordAsync(service, caller, rooms.Policy, [(id, step)]).ConfigureAwait(false);
            await rooms.Audit.WriteAsync(caller.Name, "POST", context.Request.Path, id.ToString("N"), StatusCodes.Status200OK).ConfigureAwait(false);
            return Results.Json(new { isNew = added > 0, page = LotPage.PathOf(step.Link) });
        }
        catch (Exception error) when (error is JsonException || ProblemException.Of(error) is not null)
        {
            var problem = ProblemException.Of(error) ?? ProblemException.Invalid("the step cannot be read", "it is no JSON of texts", "send application/json");
            return Results.Json(new { faults = new[] { new { Field = "", text = problem.Refusal.ToString() } } }, statusCode: problem.Status);
        }
    }

    static string Manifest(Visit visit, ConsoleAssets assets) => JsonSerializer.Serialize(new
    {
        id = "/capture",
        name = visit.Say("Hufu: record lots", "虎符：批次登记"),
        short_name = visit.Say("Record lots", "批次登记"),
        start_url = "/capture",
        scope = "/capture",
        display = "standalone",
        background_color = "#f6f3ec",
        theme_color = "#17665a",
        lang = visit.Tag,
        icons = new[] { new { src = assets.Icon, sizes = "any", type = "image/svg+xml", purpose = "any" } },
    });
}
