using System.Net.Http.Json;
using System.Text.Json;
using Hufu.Consensus;
using Hufu.Node;
using Hufu.Rpc;
using Xunit;

namespace Hufu.Tests.Node;

public sealed class DevMethodsTests : IAsyncLifetime
{
    const string Carol = "0x00000000000000000000000000000000000ca201";
    const string Ether = "0xde0b6b3a7640000";

    static readonly HttpClient Http = new();
    static readonly byte[] Secret = DevAccounts.Secrets(1)[0];
    static readonly Hufu.Primitives.Address Alice = Hufu.Crypto.TransactionSigning.AddressOf(Secret);

    Hufu.Node.Node _node = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.True(Hufu.Primitives.GenesisJson.TryParse(DevNetwork.GenesisFile(31337, null, [Alice], Hufu.Primitives.UInt256.Parse("1000000000000000000000")), out var genesis, out var refusal), refusal?.ToString());
        var (node, cannot) = await Hufu.Node.Node.StartAsync(new NodeOptions { Genesis = genesis, HasDevMethods = true, UnlockedSecrets = [Secret], Rpc = new RpcServerOptions { Port = 0 } });
        Assert.True(node is not null, cannot?.ToString());
        _node = node;
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    async Task<JsonElement> Answer(string method, params object?[] parameters)
    {
        using var response = await Http.PostAsJsonAsync(_node.Url, new { jsonrpc = "2.0", id = 1, method, @params = parameters }, TestContext.Current.CancellationToken);
        return await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }

    async Task<JsonElement> Call(string method, params object?[] parameters)
    {
        var answer = await Answer(method, parameters);
        return answer.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException($"{method}: {answer}");
    }

    async Task<string> Text(string method, params object?[] parameters) => (await Call(method, parameters)).GetString()!;

    Task<string> Send(string to, string value) => Text("eth_sendTransaction", new { from = Alice.ToString(), to, value });

    async Task<ulong> Time() => Convert.ToUInt64((await Call("eth_getBlockByNumber", "latest", false)).GetProperty("timestamp").GetString(), 16);

    [Fact]
    public async Task A_revert_brings_back_blocks_balances_and_nonces_and_uses_its_snapshot_up()
    {
        await Send(Carol, "0x1");
        var snapshot = await Text("evm_snapshot");
        var lost = await Send(Carol, "0x2");
        await Call("hardhat_setBalance", Carol, Ether);

        Assert.True((await Call("evm_revert", snapshot)).GetBoolean());

        Assert.Equal("0x1", await Text("eth_blockNumber"));
        Assert.Equal("0x1", await Text("eth_getBalance", Carol, "latest"));
        Assert.Equal("0x1", await Text("eth_getTransactionCount", Alice.ToString(), "pending"));
        Assert.Equal(JsonValueKind.Null, (await Call("eth_getTransactionReceipt", lost)).ValueKind);
        Assert.False((await Call("evm_revert", snapshot)).GetBoolean());

        await Send(Carol, "0x5");
        Assert.Equal("0x6", await Text("eth_getBalance", Carol, "latest"));
        Assert.Equal("0x2", await Text("eth_blockNumber"));
    }

    [Fact]
    public async Task An_edit_is_seen_at_once_and_held_by_the_next_block()
    {
        Assert.True((await Call("hardhat_setBalance", Carol, Ether)).GetBoolean());
        Assert.Equal(JsonValueKind.Null, (await Call("anvil_setCode", Carol, "0x60015460005260206000f3")).ValueKind);
        await Call("anvil_setNonce", Carol, "0x7");
        await Call("hardhat_setStorageAt", Carol, "0x1", "0x" + new string('0', 62) + "2a");

        for (var block = 0; block < 2; block++)
        {
            Assert.Equal("0x" + block, await Text("eth_blockNumber"));
            Assert.Equal(Ether, await Text("eth_getBalance", Carol, "latest"));
            Assert.Equal("0x7", await Text("eth_getTransactionCount", Carol, "latest"));
            Assert.Equal("0x" + new string('0', 62) + "2a", await Text("eth_call", new { to = Carol }, "latest"));
            await Call("evm_mine");
        }
        Assert.Null(_node.Chain.VerifyState());
    }

    [Fact]
    public async Task Money_given_by_hand_can_be_spent()
    {
        await Call("anvil_setBalance", Alice.ToString(), "0x" + new string('f', 30));
        await Send(Carol, "0x" + new string('e', 29));
        Assert.Equal("0x" + new string('e', 29), await Text("eth_getBalance", Carol, "latest"));
    }

    [Fact]
    public async Task Time_goes_where_it_is_sent_and_goes_on_from_there()
    {
        var start = await Time();
        await Call("evm_mine");
        var first = await Time();
        Assert.Equal("86400", await Text("evm_increaseTime", 86_400));
        await Call("evm_mine");
        Assert.InRange(await Time(), first + 86_400, first + 86_400 + 60);

        var future = first + 1_000_000;
        await Call("evm_setNextBlockTimestamp", future);
        await Send(Carol, "0x1");
        Assert.Equal(future, await Time());
        await Call("evm_mine");
        Assert.InRange(await Time(), future + 1, future + 60);

        var error = (await Answer("evm_setNextBlockTimestamp", start)).GetProperty("error");
        Assert.Contains("previous block's timestamp", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Blocks_are_mined_by_the_dozen_with_the_time_asked_for_between_them()
    {
        await Call("hardhat_mine", "0xa", "0x3c");
        Assert.Equal("0xa", await Text("eth_blockNumber"));
        var last = await Time();
        var before = Convert.ToUInt64((await Call("eth_getBlockByNumber", "0x9", false)).GetProperty("timestamp").GetString(), 16);
        Assert.Equal(60UL, last - before);
        await Call("evm_mine", new { blocks = 3 });
        Assert.Equal("0xd", await Text("eth_blockNumber"));
        Assert.Equal(-32602, (await Answer("anvil_mine", "0xffffffffff")).GetProperty("error").GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task Transactions_wait_while_mining_is_off()
    {
        await Call("evm_setAutomine", false);
        await Send(Carol, "0x1");
        Assert.Equal("0x0", await Text("eth_blockNumber"));
        Assert.False((await Call("hardhat_getAutomine")).GetBoolean());
        await Call("evm_mine");
        Assert.Equal("0x1", await Text("eth_getBalance", Carol, "latest"));
        await Call("evm_setAutomine", true);
        await Send(Carol, "0x1");
        Assert.Equal("0x2", await Text("eth_blockNumber"));
        Assert.Equal(SoloMode.Instant, _node.Sealing.Options.Mode);
    }

    [Fact]
    public async Task A_reset_begins_anew()
    {
        await Send(Carol, "0x1");
        Assert.True((await Call("hardhat_reset")).GetBoolean());
        Assert.Equal("0x0", await Text("eth_blockNumber"));
        Assert.Equal("0x0", await Text("eth_getTransactionCount", Alice.ToString(), "latest"));
        await Send(Carol, "0x3");
        Assert.Equal("0x3", await Text("eth_getBalance", Carol, "latest"));
    }
}
