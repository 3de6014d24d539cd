using System.Diagnostics.CodeAnalysis;
using System.Security.Claims;
using System.Text.Json;
using Hufu.Primitives;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Hufu.Services;

/// <summary>Which tokens of an OpenID provider are taken, and what they open.</summary>
public sealed record OidcOptions
{
    /// <summary>The issuer; its configuration is at <c>/.well-known/openid-configuration</c> below it.</summary>
    public required Uri Authority { get; init; }

    /// <summary>Who a token has to be for: this platform's name with the provider.</summary>
    public required string Audience { get; init; }

    /// <summary>The claim that holds roles.</summary>
    public string RoleClaim { get; init; } = "roles";

    /// <summary>What each role may do, as keys say it (payments.*); null: the values of the claim are acts themselves.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Roles { get; init; }

    /// <summary>Where people sign in with a browser: the name under which the provider knows this console; null where only programs bring tokens.</summary>
    public string? ClientId { get; init; }

    /// <summary>What the console proves itself with when it fetches a token; null for a public client, which PKCE alone protects.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>Reads a provider's address. Unless it is on this machine, it has to be https: who can change its keys can be anyone.</summary>
    public static bool TryReadAuthority(string text, [NotNullWhen(true)] out Uri? authority, [NotNullWhen(false)] out Refusal? refusal)
    {
        refusal = Uri.TryCreate(text, UriKind.Absolute, out authority) && (authority.Scheme == "https" || (authority.Scheme == "http" && authority.IsLoopback)) ? null
            : new Refusal($"--oidc-authority {text} cannot be used", "it is an https:// address, or http:// on this machine", "write it as the provider does: https://login.example.org/realms/shop");
        return refusal is null && authority is not null;
    }

    /// <summary>Reads { "role": ["payments.*", …], … }.</summary>
    public static bool TryReadRoles(string file, [NotNullWhen(true)] out IReadOnlyDictionary<string, IReadOnlyList<string>>? roles, [NotNullWhen(false)] out Refusal? refusal)
    {
        (roles, refusal) = (null, null);
        try
        {
            roles = JsonSerializer.Deserialize<Dictionary<string, string[]>>(File.ReadAllBytes(file))!.ToDictionary(one => one.Key, one => (IReadOnlyList<string>)one.Value, StringComparer.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or NullReferenceException)
        {
            refusal = new Refusal($"cannot read the roles in {file}", error is JsonException ? "it is not of the right form" : error.Message, "write it as JSON: { \"cashier\": [\"payments.pay\"], \"treasury\": [\"stablecoin.*\"] }");
        }
        return roles is not null;
    }
}

/// <summary>
/// Access tokens (JWT) of an OpenID provider: signed by a key that the provider publishes, issued by it, for this platform, and not run out. Its keys are fetched when they
/// are first needed, and again when a token names one that is not known.
/// </summary>
public sealed class OidcTokens
{
    const int LongestToken = 16 << 10;

    readonly OidcOptions _options;
    readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = LongestToken };
    readonly TokenValidationParameters _rules;

    public OidcOptions Options => _options;

    public OidcTokens(OidcOptions options)
    {
        _options = options;
        var address = options.Authority.ToString().TrimEnd('/') + "/.well-known/openid-configuration";
        var documents = new HttpDocumentRetriever { RequireHttps = options.Authority.Scheme == "https" };
        _rules = new TokenValidationParameters
        {
            ConfigurationManager = new ConfigurationManager<OpenIdConnectConfiguration>(address, new OpenIdConnectConfigurationRetriever(), documents),
            ValidAudience = options.Audience,
            // Only signatures that nobody can make who can check them.
            ValidAlgorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"],
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            ClockSkew = TimeSpan.FromMinutes(1),
        };
    }

    /// <summary>Whether it looks like a token, and not like a key of ours.</summary>
    public static bool IsOne(string text) => text.Length <= LongestToken && text.AsSpan().Count('.') == 2;

    /// <summary>Whose token this is; null where it is not to be taken, for whatever reason.</summary>
    public async Task<Caller?> FindAsync(string token)
    {
        var result = await _handler.ValidateTokenAsync(token, _rules).ConfigureAwait(false);
        return result is { IsValid: true, SecurityToken: JsonWebToken jwt } ? CallerOf([.. jwt.Claims], new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero)) : null;
    }

    /// <summary>Who somebody is, and may do, by claims that the provider has vouched for; null where they name nobody.</summary>
    /// <param name="until">When that ends; null: with the session.</param>
    public Caller? CallerOf(IReadOnlyCollection<Claim> claims, DateTimeOffset? until)
    {
        if (claims.FirstOrDefault(claim => claim.Type == JwtRegisteredClaimNames.Sub)?.Value is not { Length: > 0 and <= 200 } subject) return null;
        var roles = claims.Where(claim => claim.Type == _options.RoleClaim).SelectMany(claim => claim.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Distinct(StringComparer.Ordinal);
        string[] acts = [.. roles.SelectMany(role => _options.Roles is null ? [role] : _options.Roles.GetValueOrDefault(role) ?? []).Distinct(StringComparer.Ordinal)];
        // A prefix of its own: no subject can bear the name of a key, or of the platform.
        return new Caller("oidc:" + subject, acts, until);
    }
}
