using System.Text;
using System.Text.Json;
using Hufu.Primitives;
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
    public async Task Every_network_helper_and_matcher_of_Hardhat_works_as_do_public_contracts_and_console_log_is_shown()
    {
        await NodeClients.Run("dev", "node_modules/.bin/hardhat", ["test", "mocha", "--network", "hufu"], new() { ["HUFU_URL"] = _hufu.Url });
        Assert.Contains("console.log: it is worth", _hufu.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("anvil")]
    [InlineData("hardhat")]
    public Task Every_test_action_of_viem_works(string mode) => NodeClients.Run(".", "node", ["dev-viem.mjs", _hufu.Url, mode]);

    /// <summary>What the compiler knows of a failure is told: the custom error with its values, and the lines that led to it.</summary>
    [Fact]
    public async Task A_failure_tells_the_places_in_the_source()
    {
        await NodeClients.Run("dev", "node_modules/.bin/hardhat", ["compile"]);
        var artifacts = SharedFolder.Repository("tests/Hufu.EndToEnd/clients/dev/artifacts");
        using var data = new TemporaryFolder();
        await using var hufu = await HufuProcess.Up(data.Path, "--dev", "--artifacts", artifacts);
        var from = (await hufu.Call("eth_accounts"))[0].GetString()!;
        using var lab = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(artifacts, "contracts/Lab.sol/Lab.json")));
        var creation = await hufu.Call("eth_sendTransaction", new { from, data = lab.RootElement.GetProperty("bytecode").GetString() + new string('0', 64) });
        var to = (await hufu.Call("eth_getTransactionReceipt", creation)).GetProperty("contractAddress").GetString()!;

        var source = await File.ReadAllLinesAsync(SharedFolder.Repository("tests/Hufu.EndToEnd/clients/dev/contracts/Lab.sol"));
        foreach (var (function, input, line, words) in new[]
        {
            ("failWithCustom", Selector("failWithCustom(uint256)") + new string('0', 63) + "7", "revert Refused(msg.sender, wanted);", "Refused(0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266, 7)"),
            ("assertFalse", Selector("assertFalse()"), "assert(false);", "assert(false)"),
        })
        {
            var place = $"at Lab.{function} (contracts/Lab.sol:{Array.FindIndex(source, text => text.Contains(line, StringComparison.Ordinal)) + 1}:";
            foreach (var (method, parameters) in new (string, object[])[] { ("eth_call", [new { from, to, data = input }, "latest"]), ("eth_estimateGas", [new { from, to, data = input }]), ("eth_sendTransaction", [new { from, to, data = input, gas = "0x100000" }]) })
            {
                var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => hufu.Call(method, parameters));
                Assert.Contains($"execution reverted: {words}", refused.Message, StringComparison.Ordinal);
                Assert.Contains(place, refused.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Tests_of_Foundry_fork_the_chain()
    {
        await NodeClients.Run("dev", "node_modules/.bin/hardhat", ["compile"]);
        using var coin = JsonDocument.Parse(await File.ReadAllBytesAsync(SharedFolder.Repository("tests/Hufu.EndToEnd/clients/dev/artifacts/contracts/Public.sol/Coin.json")));
        var from = (await _hufu.Call("eth_accounts"))[0].GetString()!;
        // The name "A" for the constructor; then five of the coins go to somebody else, in a second block.
        var name = $"{0x20:x64}{1:x64}41{new string('0', 62)}";
        var creation = await _hufu.Call("eth_sendTransaction", new { from, data = coin.RootElement.GetProperty("bytecode").GetString() + name });
        var token = (await _hufu.Call("eth_getTransactionReceipt", creation)).GetProperty("contractAddress").GetString()!;
        await _hufu.Call("eth_sendTransaction", new { from, to = token, data = $"{Selector("transfer(address,uint256)")}{"70997970c51812dc3a010c7d01b50e0d17dc79c8".PadLeft(64, '0')}{5_000_000_000_000_000_000:x64}" });
        await _hufu.Call("evm_mine");

        await NodeClients.Run("foundry", "node_modules/.bin/forge", ["test", "--fork-url", _hufu.Url, "--no-storage-caching"], new() { ["TOKEN"] = token, ["OWNER"] = from, ["URL"] = _hufu.Url });
    }

    static string Selector(string signature) => "0x" + Convert.ToHexStringLower(Keccak256.Hash(Encoding.UTF8.GetBytes(signature)).Bytes[..4]);
}
