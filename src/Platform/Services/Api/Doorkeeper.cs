using System.Net;
using Hufu.Primitives;
using Microsoft.AspNetCore.Http;

namespace Hufu.Services;

/// <summary>
/// Stands before every request: turns away what a page of another site makes a browser send, and turns what goes wrong behind it into a problem (RFC 9457).
/// </summary>
public sealed class Doorkeeper(RequestDelegate next, PlatformOptions options)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            if (WhyNot(context.Request) is { } refused) throw new ProblemException(StatusCodes.Status403Forbidden, "not-from-there", refused);
            await next(context).ConfigureAwait(false);
        }
        catch (Exception error) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested && error is not OperationCanceledException)
        {
            var problem = ProblemException.Of(error);
            if (problem is null)
            {
                options.ReportFault(error);
                problem = new ProblemException(StatusCodes.Status500InternalServerError, "fault", new Refusal("the platform made a mistake", "it has been written to its log", "try again; a command keeps its Idempotency-Key, so nothing happens twice"));
            }
            var inChinese = ReasonWords.PrefersChinese(context.Request);
            context.Response.Headers.ContentLanguage = inChinese ? "zh-CN" : "en";
            context.Response.Headers.Vary = "Accept-Language";
            await problem.ToResult(inChinese).ExecuteAsync(context).ConfigureAwait(false);
        }
    }

    // A page of another site can make this machine's browser call here: under a name of its own (DNS rebinding), or across origins.
    Refusal? WhyNot(HttpRequest request)
    {
        var isLocal = IPAddress.IsLoopback(options.Host);
        if (isLocal && request.Host.Host is var host && host.Length > 0 && !host.Equals("localhost", StringComparison.OrdinalIgnoreCase) && !IPAddress.TryParse(host.Trim('[', ']'), out _))
            return new Refusal($"this machine is not called {host}", "the platform listens for this machine alone", "call it by 127.0.0.1 or localhost");
        // A socket may be opened across origins, and would tell what it reads.
        var opensSocket = request.Headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase);
        if ((Gate.IsRead(request) && !opensSocket) || request.Headers.Origin.Count == 0) return null;
        return Uri.TryCreate(request.Headers.Origin.ToString(), UriKind.Absolute, out var origin) && origin.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase) ? null
            : new Refusal("a page of another site asked for this", $"its origin is {request.Headers.Origin}", "call the API from a program, or from a page of the console");
    }
}
