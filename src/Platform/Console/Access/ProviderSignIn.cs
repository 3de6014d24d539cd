using Hufu.Services;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Hufu.WebConsole;

/// <summary>Signing in with a browser at an OpenID provider: the authorization-code flow with PKCE. What comes of it is a session as a key gives one.</summary>
static class ProviderSignIn
{
    /// <summary>Leads to the provider; ?back= names the page to come back to.</summary>
    public const string Begin = "/sign-in/provider";

    /// <summary>Where the provider sends the browser back to; it has to know this address.</summary>
    public const string Return = "/sign-in/return";

    /// <summary>The page after it.</summary>
    public const string Arrived = "/sign-in/arrived";

    public static void AddProviderSignIn(this IServiceCollection services, OidcTokens provider) =>
        services.AddAuthentication(SessionScheme.Name).AddScheme<AuthenticationSchemeOptions, SessionScheme>(SessionScheme.Name, null).AddOpenIdConnect(oidc =>
        {
            oidc.Authority = provider.Options.Authority.ToString().TrimEnd('/');
            oidc.RequireHttpsMetadata = provider.Options.Authority.Scheme == "https";
            (oidc.ClientId, oidc.ClientSecret) = (provider.Options.ClientId, provider.Options.ClientSecret);
            (oidc.ResponseType, oidc.UsePkce, oidc.CallbackPath) = (OpenIdConnectResponseType.Code, true, Return);
            // The answer comes in the address: a form that the provider's page posts here would be a page of another site acting.
            oidc.ResponseMode = OpenIdConnectResponseMode.Query;
            (oidc.CorrelationCookie.SameSite, oidc.NonceCookie.SameSite) = (SameSiteMode.Lax, SameSiteMode.Lax);
            (oidc.CorrelationCookie.SecurePolicy, oidc.NonceCookie.SecurePolicy) = (CookieSecurePolicy.SameAsRequest, CookieSecurePolicy.SameAsRequest);
            (oidc.MapInboundClaims, oidc.SaveTokens, oidc.GetClaimsFromUserInfoEndpoint, oidc.DisableTelemetry) = (false, false, true, true);
            oidc.ClaimActions.MapJsonKey(provider.Options.RoleClaim, provider.Options.RoleClaim);
            oidc.Scope.Clear();
            oidc.Scope.Add("openid");
            oidc.Scope.Add("profile");
            oidc.Events.OnRemoteFailure = failed =>
            {
                failed.HandleResponse();
                failed.Response.Redirect($"{Gate.SignIn}?refused=provider");
                return Task.CompletedTask;
            };
        });

    public static void Map(WebApplication app)
    {
        app.MapGet(Begin, (HttpContext context, string? back) => context.RequestServices.GetRequiredService<ConsoleOptions>().Provider is { Options.ClientId: not null }
            ? Results.Challenge(new AuthenticationProperties { RedirectUri = $"{Arrived}?back={Uri.EscapeDataString(Local(back))}" }, [OpenIdConnectDefaults.AuthenticationScheme]) : Results.NotFound()).AllowAnonymous().ExcludeFromDescription();
        // The middleware answers before it; this lets whoever is not known yet come so far.
        app.MapGet(Return, () => Results.NotFound()).AllowAnonymous().ExcludeFromDescription();
    }

    /// <summary>A path of this console; the front page for anything else.</summary>
    public static string Local(string? back) => back is ['/', not ('/' or '\\'), ..] && !back.StartsWith(Gate.SignIn, StringComparison.Ordinal) ? back : "/";
}
