using Xunit;

namespace Hufu.EndToEnd;

public sealed class ClientTests : IAsyncLifetime
{
    readonly TemporaryFolder _data = new();
    HufuProcess _hufu = null!;

    public async ValueTask InitializeAsync() => _hufu = await HufuProcess.Up(_data.Path);

    public async ValueTask DisposeAsync()
    {
        await _hufu.DisposeAsync();
        _data.Dispose();
    }

    [Fact]
    public Task Ethers_deploys_transfers_and_sends_every_type_of_transaction() => NodeClients.RunScript("ethers.mjs", _hufu.Url);

    [Fact]
    public Task Viem_deploys_transfers_and_sends_every_type_of_transaction() => NodeClients.RunScript("viem.mjs", _hufu.Url);

    [Fact]
    public Task Ethers_and_viem_hear_blocks_logs_and_transactions_over_a_WebSocket() => NodeClients.RunScript("websocket.mjs", _hufu.Url);

    [Fact]
    public Task A_Hardhat_project_compiles_and_deploys() =>
        NodeClients.Run("hardhat", "node_modules/.bin/hardhat", ["run", "scripts/deploy.mjs", "--network", "hufu"], new() { ["HUFU_URL"] = _hufu.Url });

    [Fact]
    public Task A_Foundry_script_deploys() =>
        NodeClients.Run("foundry", "node_modules/.bin/forge", ["script", "script/Deploy.s.sol", "--rpc-url", _hufu.Url, "--broadcast", "--slow"]);
}
