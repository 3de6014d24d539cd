using System.Net;
using System.Text.Json;
using Hufu.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using Xunit;

namespace Hufu.ServiceTests;

/// <summary>Tokens of an OpenID provider, which is OpenIddict's and none of ours: taken where they are its own, for us and in time, and open what their roles say.</summary>
public sealed class OidcTests
{
    [Fact]
    public async Task A_token_opens_what_its_role_says_and_nothing_else()
    {
        await using var provider = await Provider.StartAsync();
        await using var stranger = await Provider.StartAsync();
        var tokens = new OidcTokens(new OidcOptions { Authority = provider.Url, Audience = "hufu", Roles = new Dictionary<string, IReadOnlyList<string>> { ["clerk"] = ["accounts.*"], ["guest"] = [] } });
        await using var platform = await TestPlatform.StartAsync(options => options with { Oidc = tokens });

        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.SendAsync(HttpMethod.Get, "/api/v1/platform")).Status);
        platform.Bearer = await provider.TokenAsync("alice", "clerk", "hufu");
        Assert.Equal("shop", (await platform.Post("accounts", new { name = "shop" })).GetProperty("name").GetString());
        Assert.Equal("not-allowed", Code(await platform.Refused(HttpStatusCode.Forbidden, "webhooks", new { url = "https://example.com/" })));
        Assert.Equal("oidc:alice", (await platform.Get("audit")).EnumerateArray().First().GetProperty("caller").GetString());

        platform.Bearer = await provider.TokenAsync("bob", "guest", "hufu");
        Assert.Equal("not-allowed", Code(await platform.Refused(HttpStatusCode.Forbidden, "accounts", new { name = "till" })));
        // For another program; of another provider; changed; run out; signed by nobody.
        var good = await provider.TokenAsync("alice", "clerk", "hufu");
        foreach (var (what, token) in new[]
        {
            ("for another program", await provider.TokenAsync("alice", "clerk", "others")), ("of another provider", await stranger.TokenAsync("alice", "clerk", "hufu")), ("changed", good[..^40] + (good[^40] == 'A' ? 'B' : 'A') + good[^39..]),
            ("run out", await provider.TokenAsync("alice", "clerk", "hufu", TimeSpan.FromMinutes(-5))), ("signed by nobody", $"{Base64("""{"alg":"none","typ":"at+jwt"}""")}.{good.Split('.')[1]}."),
        })
        {
            platform.Bearer = token;
            Assert.True(HttpStatusCode.Unauthorized == (await platform.SendAsync(HttpMethod.Get, "/api/v1/platform")).Status, what);
        }
    }

    [Theory]
    [InlineData("https://login.example.org/realms/shop", true)]
    [InlineData("http://127.0.0.1:9000", true)]
    [InlineData("http://login.example.org", false)]
    [InlineData("nonsense", false)]
    public void A_provider_that_anyone_could_play_is_refused(string text, bool isTaken) => Assert.Equal(isTaken, OidcOptions.TryReadAuthority(text, out _, out _));

    static string Code(JsonElement problem) => problem.GetProperty("type").GetString()!["urn:hufu:problem:".Length..];

    static string Base64(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>A provider on this machine. Whoever asks is given what it asks for.</summary>
    sealed class Provider : IAsyncDisposable
    {
        readonly WebApplication _web;

        Provider(WebApplication web) => _web = web;

        public Uri Url => new(_web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

        public static async Task<Provider> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
            builder.Services.AddOpenIddict().AddServer(server =>
            {
                server.SetTokenEndpointUris("token").AllowClientCredentialsFlow().EnableDegradedMode().DisableAccessTokenEncryption();
                server.AddEphemeralEncryptionKey().AddEphemeralSigningKey();
                server.AddEventHandler<OpenIddictServerEvents.ValidateTokenRequestContext>(handler => handler.UseInlineHandler(_ => default));
                server.AddEventHandler<OpenIddictServerEvents.HandleTokenRequestContext>(handler => handler.UseInlineHandler(context =>
                {
                    var identity = new System.Security.Claims.ClaimsIdentity("test", OpenIddictConstants.Claims.Name, "roles");
                    identity.SetClaim(OpenIddictConstants.Claims.Subject, context.Request.ClientId);
                    identity.SetClaims("roles", [(string?)context.Request.GetParameter("role") ?? ""]);
                    identity.SetResources((string?)context.Request.GetParameter("for") ?? "");
                    identity.SetDestinations(_ => [OpenIddictConstants.Destinations.AccessToken]);
                    if ((long?)context.Request.GetParameter("seconds") is { } seconds) identity.SetAccessTokenLifetime(TimeSpan.FromSeconds(seconds));
                    context.SignIn(new System.Security.Claims.ClaimsPrincipal(identity));
                    return default;
                }));
                server.UseAspNetCore().DisableTransportSecurityRequirement();
            });
            var web = builder.Build();
            web.UseAuthentication();
            await web.StartAsync();
            return new Provider(web);
        }

        public async Task<string> TokenAsync(string subject, string role, string audience, TimeSpan? lifetime = null)
        {
            using var http = new HttpClient();
            var form = new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["client_id"] = subject, ["client_secret"] = "unused", ["role"] = role, ["for"] = audience };
            if (lifetime is { } given) form["seconds"] = ((long)given.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
            using var answer = await http.PostAsync(new Uri(Url, "token"), new FormUrlEncodedContent(form));
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode, text);
            return JsonSerializer.Deserialize<JsonElement>(text).GetProperty("access_token").GetString()!;
        }

        public async ValueTask DisposeAsync() => await _web.DisposeAsync();
    }
}
