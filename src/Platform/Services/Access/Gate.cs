using System.Text;
using Hufu.Primitives;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Hufu.Services;

/// <summary>Behind routing: finds out who calls, lets in whom the keys open for, and writes every change that was asked for into the audit log.</summary>
public sealed class Gate(RequestDelegate next, PlatformOptions options, AuditLog audit)
{
    const string Item = "hufu.caller";

    public async Task InvokeAsync(HttpContext context)
    {
        var caller = Find(context.Request);
        if (caller is null && context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null)
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"Hufu\", charset=\"UTF-8\"";
            throw new ProblemException(StatusCodes.Status401Unauthorized, "no-key", new Refusal("who are you?", "this platform lets in only who has a key", "send Authorization: Bearer KEY; a browser asks for it as the password"));
        }
        context.Items[Item] = caller;
        var request = context.Request;
        // The pages of the console act for whoever sees them, so they are for who may do all that they can.
        var isForPrograms = request.Path.StartsWithSegments("/api", StringComparison.Ordinal) || request.Path.StartsWithSegments("/openapi", StringComparison.Ordinal);
        if (options.Keys is not null && caller is not null && !isForPrograms && context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null && !caller.May("console.use"))
            throw new ProblemException(StatusCodes.Status403Forbidden, "not-allowed", new Refusal($"{caller.Name} may not use the console", "its key does not open console.use", "use a key that opens console.use, or the API"));
        if (IsRead(request) || !request.Path.StartsWithSegments("/api", StringComparison.Ordinal))
        {
            await next(context).ConfigureAwait(false);
            return;
        }
        var status = StatusCodes.Status500InternalServerError;
        try
        {
            await next(context).ConfigureAwait(false);
            status = context.Response.StatusCode;
        }
        catch (Exception error) when (ProblemException.Of(error) is { } problem)
        {
            status = problem.Status;
            throw;
        }
        finally
        {
            await audit.WriteAsync(caller?.Name ?? "anyone", request.Method, request.Path, request.Headers[Idempotency.Header].ToString(), status).ConfigureAwait(false);
        }
    }

    /// <summary>Whether a request only asks.</summary>
    internal static bool IsRead(HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method);

    /// <summary>Who calls; the one at this machine where no keys are asked for.</summary>
    internal static Caller Of(HttpContext context) => context.Items[Item] as Caller ?? new Caller("anyone", []);

    Caller? Find(HttpRequest request)
    {
        if (options.Keys is null) return Caller.Local;
        var header = request.Headers.Authorization.ToString();
        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return options.Keys.Find(header[7..].Trim());
        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)) return null;
        Span<byte> bytes = stackalloc byte[1024];
        if (!Convert.TryFromBase64String(header[6..].Trim(), bytes, out var length)) return null;
        var pair = Encoding.UTF8.GetString(bytes[..length]);
        return options.Keys.Find(pair[(pair.IndexOf(':') + 1)..]);
    }
}
