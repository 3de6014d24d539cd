using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using Hufu.Primitives;
using Hufu.Services;

namespace Hufu.Cli;

/// <summary>The options of every command that runs the platform, under one name each.</summary>
static class ServiceOptions
{
    public const int UsualPort = 8080;

    public static readonly Option<int> ConsolePort = new("--console-port") { Description = "The port of the console and of the services' API; 0 takes a free one.", HelpName = "PORT", DefaultValueFactory = _ => UsualPort };
    public static readonly Option<bool> NoServices = new("--no-services") { Description = "The chain alone: no services, no console." };
    public static readonly Option<string?> Keys = new("--service-keys") { Description = "A JSON file of the keys that open the services' API, each with the acts it may do; without it, whoever is at this machine may do all.", HelpName = "FILE" };
    public static readonly Option<string?> KeyFile = new("--services-key") { Description = "The file with the key that seals the custodial accounts; made where it is absent.", HelpName = "FILE" };
    public static readonly Option<bool> PrivateDestinations = new("--private-destinations") { Description = "Lets webhooks and subscriptions lead inside a private network or to this machine: for tests, and for networks of one's own." };
    public static readonly Option<string?> OidcAuthority = new("--oidc-authority") { Description = "An OpenID provider whose access tokens (JWT) open the API beside the keys: its issuer address.", HelpName = "URL" };
    public static readonly Option<string?> OidcAudience = new("--oidc-audience") { Description = "Who those tokens have to be for: the platform's name with the provider.", HelpName = "NAME" };
    public static readonly Option<string> OidcRoleClaim = new("--oidc-role-claim") { Description = "The claim of a token that holds the caller's roles.", HelpName = "CLAIM", DefaultValueFactory = _ => "roles" };
    public static readonly Option<string?> OidcRoles = new("--oidc-roles") { Description = "A JSON file with the acts that each role may do ({ \"cashier\": [\"payments.pay\"] }); without it, the claim holds acts.", HelpName = "FILE" };
    public static readonly Option<string?> OidcClient = new("--oidc-client") { Description = "The name under which the provider knows the console: people then sign in there with their browser.", HelpName = "ID" };
    public static readonly Option<string?> OidcClientSecretFile = new("--oidc-client-secret-file") { Description = "A file with the console's secret with the provider; without it the console is a public client.", HelpName = "FILE" };

    /// <summary>The provider that the options name, if they name one.</summary>
    public static bool TryReadOidc(Settings settings, out OidcTokens? tokens, [NotNullWhen(false)] out Refusal? refusal)
    {
        (tokens, refusal) = (null, null);
        if (settings.Get(OidcAuthority) is not { } text) return true;
        if (!OidcOptions.TryReadAuthority(text, out var authority, out refusal)) return false;
        if (settings.Get(OidcAudience) is not { Length: > 0 } audience)
        {
            refusal = new Refusal("--oidc-audience is missing", "a token for another program must not open this one", "give the name under which the provider knows this platform");
            return false;
        }
        IReadOnlyDictionary<string, IReadOnlyList<string>>? roles = null;
        if (settings.Get(OidcRoles) is { } file && !OidcOptions.TryReadRoles(Path.GetFullPath(file), out roles, out refusal)) return false;
        string? secret = null;
        if (settings.Get(OidcClientSecretFile) is { } secretFile && !TryReadSecret(Path.GetFullPath(secretFile), out secret, out refusal)) return false;
        tokens = new OidcTokens(new OidcOptions { Authority = authority, Audience = audience, RoleClaim = settings.Get(OidcRoleClaim), Roles = roles, ClientId = settings.Get(OidcClient), ClientSecret = secret });
        return true;
    }

    static bool TryReadSecret(string file, out string? secret, [NotNullWhen(false)] out Refusal? refusal)
    {
        (secret, refusal) = (null, null);
        try
        {
            secret = File.ReadAllText(file).Trim();
            if (secret.Length == 0) refusal = new Refusal($"{file} holds no secret", "it is empty", "write the client's secret into it, as the provider gave it");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            refusal = new Refusal($"cannot read the secret in {file}", error.Message, "check the path and who may read it");
        }
        return refusal is null;
    }
}
