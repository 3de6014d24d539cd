using Xunit;

namespace Hufu.EndToEnd;

/// <summary>People sign in to the console at an OpenID provider with a real browser. The provider is npm's oidc-provider, under a name of its own, so that to the browser it is another site.</summary>
public sealed class ProviderSignInTests
{
    const string Client = "hufu-console", Secret = "a secret of the console";

    [Fact]
    public async Task Who_signs_in_at_the_provider_acts_with_the_rights_of_its_role_and_nobody_else_gets_in()
    {
        using var data = new TemporaryFolder();
        var (port, provider, roles, secret) = (HufuProcess.FreePort(), HufuProcess.FreePort(), Path.Combine(data.Path, "roles.json"), Path.Combine(data.Path, "secret"));
        await File.WriteAllTextAsync(roles, """{ "clerk": ["accounts.open", "platform.setup"], "owner": ["*"] }""");
        await File.WriteAllTextAsync(secret, Secret);
        await using var hufu = await HufuProcess.Up(Path.Combine(data.Path, "chain"), "--console-port", $"{port}", "--oidc-authority", $"http://localhost:{provider}", "--oidc-audience", "hufu", "--oidc-client", Client, "--oidc-client-secret-file", secret, "--oidc-roles", roles);

        await BrowserScripts.Run("provider.mjs", $"http://127.0.0.1:{port}", $"{provider}", Client, Secret);

        Assert.DoesNotContain(Secret, hufu.Output, StringComparison.Ordinal);
    }
}
