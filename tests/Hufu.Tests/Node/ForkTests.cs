using System.Text.Json;
using Hufu.Node;
using Hufu.Primitives;
using Hufu.Rpc;
using Xunit;

namespace Hufu.Tests.Node;

public sealed class ForkTests : IAsyncLifetime
{
    // Stores the first word of what it is called with.
    const string Cell = "0x60003560005500";
    const string There = "0x00000000000000000000000000000000000ce111";

    static readonly byte[] Secret = DevAccounts.Secrets(1)[0];
    static readonly Address Alice = Hufu.Crypto.TransactionSigning.AddressOf(Secret);

    Hufu.Node.Node _origin = null!;
    Hufu.Node.Node _fork = null!;
    string _before = "";

    public async ValueTask InitializeAsync()
    {
        _origin = await Start(31337, null);
        await Call(_origin, "anvil_setCode", There, Cell);
        _before = (await Call(_origin, "eth_sendTransaction", new { from = Alice.ToString(), to = There, data = Word(99), gas = "0x186a0" })).GetString()!;
        await Call(_origin, "evm_mine");
        var (point, refusal) = ForkPoint.Find(_origin.Url, null);
        Assert.True(point is not null, refusal?.ToString());
        _fork = await Start(point.ChainId, point);
    }

    static async Task<Hufu.Node.Node> Start(ulong chainId, ForkPoint? fork)
    {
        Assert.True(GenesisJson.TryParse(DevNetwork.GenesisFile(chainId, null, [Alice], UInt256.Parse("1000000000000000000000")), out var genesis, out var refusal), refusal?.ToString());
        var (node, cannot) = await Hufu.Node.Node.StartAsync(new NodeOptions { Genesis = genesis, HasDevMethods = true, Fork = fork, UnlockedSecrets = [Secret], Rpc = new RpcServerOptions { Port = 0 } });
        Assert.True(node is not null, cannot?.ToString());
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        await _fork.DisposeAsync();
        await _origin.DisposeAsync();
    }

    static string Word(int value) => "0x" + value.ToString("x64", System.Globalization.CultureInfo.InvariantCulture);

    static async Task<JsonElement> Call(Hufu.Node.Node node, string method, params object?[] parameters)
    {
        var answer = await node.AskAsync(method, parameters);
        return answer.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException($"{method}: {answer}");
    }

    async Task<string> Value(string block = "latest") => (await Call(_fork, "eth_getStorageAt", There, "0x0", block)).GetString()!;

    Task Write(int value) => Call(_fork, "eth_sendTransaction", new { from = Alice.ToString(), to = There, data = Word(value), gas = "0x186a0" });

    [Fact]
    public async Task It_begins_with_the_other_chains_state_and_changes_only_its_own()
    {
        Assert.Equal("0x2", (await Call(_fork, "eth_blockNumber")).GetString());
        Assert.Equal(Word(99), await Value());
        Assert.Equal("0x1", (await Call(_fork, "eth_getTransactionCount", Alice.ToString(), "latest")).GetString());

        await Write(5);
        Assert.Equal(Word(5), await Value());
        Assert.Equal(Word(99), (await Call(_origin, "eth_getStorageAt", There, "0x0", "latest")).GetString());
        Assert.Equal("0x2", (await Call(_origin, "eth_blockNumber")).GetString());
    }

    [Fact]
    public async Task What_is_set_to_zero_is_zero_and_not_what_the_other_chain_has()
    {
        var snapshot = (await Call(_fork, "evm_snapshot")).GetString();
        await Write(0);
        Assert.Equal(Word(0), await Value());
        await Write(7);
        Assert.Equal(Word(0), await Value("0x3"));
        Assert.Equal(Word(99), await Value("0x2"));
        await Call(_fork, "evm_revert", snapshot);
        Assert.Equal(Word(99), await Value());
        await Call(_fork, "anvil_setStorageAt", There, "0x0", Word(0));
        Assert.Equal(Word(0), await Value());
        await Call(_fork, "evm_mine");
        Assert.Equal(Word(0), await Value());
    }

    [Fact]
    public async Task What_is_older_than_the_fork_is_answered_by_the_other_chain()
    {
        await Write(1);
        foreach (var (method, parameters) in new (string, object[])[]
        {
            ("eth_getTransactionByHash", [_before]), ("eth_getTransactionReceipt", [_before]), ("eth_getBlockByNumber", ["0x1", true]), ("eth_getBlockByNumber", ["0x2", false]),
            ("eth_getBlockByNumber", ["earliest", false]), ("eth_getBalance", [Alice.ToString(), "0x0"]), ("debug_traceTransaction", [_before]),
        })
            Assert.Equal((await Call(_origin, method, parameters)).GetRawText(), (await Call(_fork, method, parameters)).GetRawText());
        var parent = (await Call(_fork, "eth_getBlockByNumber", "0x3", false)).GetProperty("parentHash").GetString();
        Assert.Equal((await Call(_origin, "eth_getBlockByNumber", "0x2", false)).GetProperty("hash").GetString(), parent);
    }

    [Fact]
    public async Task A_reset_goes_back_to_the_fork()
    {
        await Write(1);
        await Call(_fork, "hardhat_reset", new { forking = new { jsonRpcUrl = _origin.Url, blockNumber = 2 } });
        Assert.Equal("0x2", (await Call(_fork, "eth_blockNumber")).GetString());
        Assert.Equal(Word(99), await Value());
    }
}
