using System.Security.Claims;
using System.Text.Encodings.Web;
using Hufu.Services;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Hufu.WebConsole;

/// <summary>The platform's own sessions, in the form that ASP.NET Core's doors know: another door recognises somebody, and a session is opened. Who calls is found by the gate, not here.</summary>
sealed class SessionScheme(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logs, UrlEncoder encoder, Sessions sessions, Rooms rooms, ConsoleOptions console)
    : SignInAuthenticationHandler<AuthenticationSchemeOptions>(options, logs, encoder)
{
    public const string Name = "Hufu";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(AuthenticateResult.NoResult());

    protected override async Task HandleSignInAsync(ClaimsPrincipal user, AuthenticationProperties? properties)
    {
        var caller = console.Provider!.CallerOf([.. user.Claims], until: null);
        await rooms.Audit.WriteAsync(caller?.Name ?? "anyone", "POST", ProviderSignIn.Return, "", caller is null ? StatusCodes.Status401Unauthorized : StatusCodes.Status200OK).ConfigureAwait(false);
        if (caller is not null) sessions.Open(Context, caller);
        else if (properties is not null) properties.RedirectUri = $"{Gate.SignIn}?refused=provider";
    }

    protected override Task HandleSignOutAsync(AuthenticationProperties? properties)
    {
        sessions.Close(Context);
        return Task.CompletedTask;
    }
}
