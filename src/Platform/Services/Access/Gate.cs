using System.Security.Claims;
using System.Text;
using Hufu.Primitives;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Hufu.Services;

/// <summary>Behind routing: finds out who calls, lets in whom the keys open for, and writes every change that was asked for into the audit log.</summary>
public sealed class Gate(RequestDelegate next, PlatformOptions options, AuditLog audit, Sessions sessions)
{
    /// <summary>Where people sign in; the console has the page.</summary>
    public const string SignIn = "/sign-in";

    /// <summary>The field of a page's form that stands for the header of a program's request.</summary>
    public const string FormKey = "key";

    const string Item = "hufu.caller";

    public async Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        var caller = await FindAsync(request).ConfigureAwait(false);
        if (caller is null && context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null)
        {
            if (!IsForPrograms(request) && IsRead(request) && options.Faces.Count > 0)
            {
                context.Response.Redirect($"{SignIn}?back={Uri.EscapeDataString(request.Path + request.QueryString)}");
                return;
            }
            context.Response.Headers.WWWAuthenticate = options.Keys is null ? "Bearer" : new[] { "Basic realm=\"Hufu\", charset=\"UTF-8\"", "Bearer" };
            throw new ProblemException(StatusCodes.Status401Unauthorized, "no-key", new Refusal("who are you?", "this platform lets in only who has a key, or a token of its provider", "send Authorization: Bearer KEY; in a browser, sign in"));
        }
        context.Items[Item] = caller;
        // A page's forms are bound to who was shown them.
        if (options.AsksWhoCalls && caller is not null) context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, caller.Name)], "Hufu"));
        if (IsRead(request))
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
            // Of the pages' forms, those that change something carry a key too.
            var key = IsForPrograms(request) ? request.Headers[Idempotency.Header].ToString() : KeyOf(context);
            if (IsForPrograms(request) || key is { Length: > 0 and <= 64 }) await audit.WriteAsync(caller?.Name ?? "anyone", request.Method, request.Path, key ?? "", status).ConfigureAwait(false);
        }
    }

    // A form without its token was answered with a refusal, and may not be read.
    static string? KeyOf(HttpContext context) => context.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: false } ? null : context.Features.Get<IFormFeature>()?.Form?[FormKey].ToString();

    static bool IsForPrograms(HttpRequest request) => request.Path.StartsWithSegments("/api", StringComparison.Ordinal) || request.Path.StartsWithSegments("/openapi", StringComparison.Ordinal);

    /// <summary>Whether a request only asks.</summary>
    internal static bool IsRead(HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method);

    /// <summary>Who calls; the one at this machine where no keys are asked for.</summary>
    public static Caller Of(HttpContext context) => context.Items[Item] as Caller ?? new Caller("anyone", []);

    async ValueTask<Caller?> FindAsync(HttpRequest request)
    {
        if (!options.AsksWhoCalls) return Caller.Local;
        var header = request.Headers.Authorization.ToString();
        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            var presented = header[7..].Trim();
            return options.Oidc is { } tokens && OidcTokens.IsOne(presented) ? await tokens.FindAsync(presented).ConfigureAwait(false) : options.Keys?.Find(presented);
        }
        // A cookie goes along by itself: it changes something only where the browser says that a page of ours asked (the doorkeeper compared the origin).
        if (header.Length == 0) return IsRead(request) || request.Headers.Origin.Count > 0 ? sessions.Find(request) : null;
        return header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) ? OfPassword(header[6..].Trim()) : null;
    }

    Caller? OfPassword(string encoded)
    {
        Span<byte> bytes = stackalloc byte[1024];
        if (!Convert.TryFromBase64String(encoded, bytes, out var length)) return null;
        var pair = Encoding.UTF8.GetString(bytes[..length]);
        return options.Keys?.Find(pair[(pair.IndexOf(':') + 1)..]);
    }
}
