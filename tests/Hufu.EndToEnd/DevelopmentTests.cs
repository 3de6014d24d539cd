using Xunit;

namespace Hufu.EndToEnd;

/// <summary>`hufu up --dev` in the place of the Hardhat node and of anvil: what their users' own tools ask of it.</summary>
public sealed class DevelopmentTests : IAsyncLifetime
{
    readonly TemporaryFolder _data = new();
    HufuProcess _hufu = null!;

    public async ValueTask InitializeAsync() => _hufu = await HufuProcess.Up(_data.Path, "--dev");

    public async ValueTask DisposeAsync()
    {
        await _hufu.DisposeAsync();
        _data.Dispose();
    }

    [Fact]
    public async Task Every_network_helper_and_matcher_of_Hardhat_works_and_console_log_is_shown()
    {
        await NodeClients.Run("dev", "node_modules/.bin/hardhat", ["test", "mocha", "--network", "hufu"], new() { ["HUFU_URL"] = _hufu.Url });
        Assert.Contains("console.log: it is worth", _hufu.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("anvil")]
    [InlineData("hardhat")]
    public Task Every_test_action_of_viem_works(string mode) => NodeClients.Run(".", "node", ["dev-viem.mjs", _hufu.Url, mode]);
}
