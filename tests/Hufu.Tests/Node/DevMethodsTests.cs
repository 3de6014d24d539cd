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

    Task<JsonElement> Answer(string method, params object?[] parameters) => _node.AskAsync(method, parameters);

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

    [Fact]
    public async Task Whoever_is_impersonated_sends_without_a_signature_and_even_a_contract_can_be()
    {
        await Call("hardhat_setBalance", Carol, Ether);
        await Call("hardhat_setCode", Carol, "0x00");
        var refused = await Answer("eth_sendTransaction", new { from = Carol, to = Alice.ToString(), value = "0x1" });
        Assert.Contains("unknown account", refused.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);

        Assert.True((await Call("hardhat_impersonateAccount", Carol)).GetBoolean());
        var hash = await Text("eth_sendTransaction", new { from = Carol, to = Alice.ToString(), value = "0x1" });

        var sent = await Call("eth_getTransactionByHash", hash);
        Assert.Equal(Carol, sent.GetProperty("from").GetString());
        Assert.Equal("0xca201", sent.GetProperty("r").GetString());
        Assert.Equal(sent.GetProperty("r").GetString(), sent.GetProperty("s").GetString());
        var receipt = await Call("eth_getTransactionReceipt", hash);
        Assert.Equal(Carol, receipt.GetProperty("from").GetString());
        Assert.Equal("0x1", receipt.GetProperty("status").GetString());
        // The balance was given by hand in this very block: running it again must know of that.
        Assert.Equal(Carol, (await Call("debug_traceTransaction", hash, new { tracer = "callTracer" })).GetProperty("from").GetString());

        Assert.True((await Call("hardhat_stopImpersonatingAccount", Carol)).GetBoolean());
        Assert.False((await Call("hardhat_stopImpersonatingAccount", Carol)).GetBoolean());
        Assert.True((await Answer("eth_sendTransaction", new { from = Carol, to = Alice.ToString() })).TryGetProperty("error", out _));
        await Call("anvil_autoImpersonateAccount", true);
        await Text("eth_sendTransaction", new { from = Carol, to = Alice.ToString() });
    }

    [Fact]
    public async Task What_nobody_signed_is_still_its_senders_after_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("hufu-dev-").FullName;
        try
        {
            string hash = "";
            for (var start = 0; start < 2; start++)
            {
                Assert.True(Hufu.Primitives.GenesisJson.TryParse(DevNetwork.GenesisFile(31337, null, [Alice], Hufu.Primitives.UInt256.Parse("1000000000000000000000")), out var genesis, out _));
                var (node, cannot) = await Hufu.Node.Node.StartAsync(new NodeOptions { Genesis = genesis, DataFolder = folder, HasDevMethods = start == 0, UnlockedSecrets = [Secret], Rpc = new RpcServerOptions { Port = 0 } });
                Assert.True(node is not null, cannot?.ToString());
                var memory = _node;
                _node = node;
                if (start == 0)
                {
                    await Call("hardhat_setBalance", Carol, Ether);
                    await Call("hardhat_impersonateAccount", Carol);
                    hash = await Text("eth_sendTransaction", new { from = Carol, to = Alice.ToString(), value = "0x1" });
                }
                Assert.Equal(Carol, (await Call("eth_getTransactionByHash", hash)).GetProperty("from").GetString());
                Assert.Equal(Carol, (await Call("debug_traceTransaction", hash, new { tracer = "callTracer" })).GetProperty("from").GetString());
                _node = memory;
                await node.DisposeAsync();
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task The_next_block_has_the_base_fee_gas_limit_and_randomness_asked_for()
    {
        await Call("hardhat_setNextBlockBaseFeePerGas", "0x0");
        await Call("hardhat_setPrevRandao", "0x" + new string('1', 64));
        await Call("evm_setBlockGasLimit", "0x5f5e100");
        await Text("eth_sendTransaction", new { from = Alice.ToString(), to = Carol, gasPrice = "0x0" });
        var block = await Call("eth_getBlockByNumber", "latest", false);
        Assert.Equal("0x0", block.GetProperty("baseFeePerGas").GetString());
        Assert.Equal("0x5f5e100", block.GetProperty("gasLimit").GetString());
        Assert.Equal("0x" + new string('1', 64), block.GetProperty("mixHash").GetString());
        await Call("evm_mine");
        Assert.NotEqual("0x" + new string('1', 64), (await Call("eth_getBlockByNumber", "latest", false)).GetProperty("mixHash").GetString());
        Assert.Null(_node.Chain.VerifyState());
    }

    [Fact]
    public async Task Waiting_transactions_can_be_dropped_one_by_one_and_all_together()
    {
        await Call("evm_setAutomine", false);
        var first = await Send(Carol, "0x1");
        await Send(Carol, "0x2");
        Assert.True((await Call("hardhat_dropTransaction", first)).GetBoolean());
        Assert.False((await Call("hardhat_dropTransaction", first)).GetBoolean());
        Assert.Equal("0x1", (await Call("txpool_status")).GetProperty("queued").GetString());
        await Call("anvil_dropAllTransactions");
        Assert.Equal("0x0", (await Call("txpool_status")).GetProperty("queued").GetString());
        await Call("evm_setAutomine", true);
        await Send(Carol, "0x5");
        Assert.Equal("0x5", await Text("eth_getBalance", Carol, "latest"));
    }

    [Fact]
    public async Task Blocks_are_rolled_back_and_replaced()
    {
        await Send(Carol, "0x1");
        await Send(Carol, "0x2");
        var replaced = (await Call("eth_getBlockByNumber", "latest", false)).GetProperty("hash").GetString();
        await Call("anvil_reorg", 1, new object[] { new object[] { new { from = Alice.ToString(), to = Carol, value = "0x4", gas = "0x5208", gasPrice = "0x77359400" }, 0 } });
        Assert.NotEqual(replaced, (await Call("eth_getBlockByNumber", "latest", false)).GetProperty("hash").GetString());
        Assert.Equal("0x5", await Text("eth_getBalance", Carol, "latest"));
        await Call("anvil_rollback", 2);
        Assert.Equal("0x0", await Text("eth_blockNumber"));
        Assert.True((await Answer("anvil_rollback", 1)).TryGetProperty("error", out _));
    }

    [Fact]
    public async Task A_transaction_that_reverts_in_its_block_is_answered_with_the_reason()
    {
        // Reverts with Error("no").
        await Call("hardhat_setCode", Carol, "0x7f08c379a00000000000000000000000000000000000000000000000000000000060005260206004526002602452616e6f60f01b60445260646000fd");
        var error = (await Answer("eth_sendTransaction", new { from = Alice.ToString(), to = Carol, gas = "0x186a0" })).GetProperty("error");
        Assert.Equal(3, error.GetProperty("code").GetInt32());
        Assert.Equal("execution reverted: no", error.GetProperty("message").GetString());
        Assert.StartsWith("0x08c379a0", error.GetProperty("data").GetString(), StringComparison.Ordinal);
        Assert.Equal("0x1", await Text("eth_blockNumber"));
    }

    [Fact]
    public async Task Typed_data_is_signed_as_its_standard_says()
    {
        // What Hardhat's network and anvil answer for the first development account.
        var signature = await Text("eth_signTypedData_v4", Alice.ToString(), new
        {
            types = new Dictionary<string, object> { ["EIP712Domain"] = new[] { new { name = "name", type = "string" } }, ["M"] = new[] { new { name = "a", type = "uint256" } } },
            primaryType = "M",
            domain = new { name = "x" },
            message = new { a = "1" },
        });
        Assert.Equal("0x4ccf73a79ad4974ca9d98c5e9da64cab635c5ceebf47e0ff72304c75dc05f83e126fd96d7bbfa6c122f5a522f07b13e266e8056f469e86a820c4f54d32a310271c", signature);
    }

    [Fact]
    public async Task Pending_is_the_block_that_would_come_now()
    {
        await Call("evm_setAutomine", false);
        await Send(Carol, "0x3");
        await Call("evm_increaseTime", 1000);
        Assert.Equal("0x0", await Text("eth_getBalance", Carol, "latest"));
        Assert.Equal("0x3", await Text("eth_getBalance", Carol, "pending"));
        var pending = await Call("eth_getBlockByNumber", "pending", false);
        Assert.Equal("0x1", pending.GetProperty("number").GetString());
        Assert.Equal(1, pending.GetProperty("transactions").GetArrayLength());
        await Call("evm_mine");
        Assert.Equal("0x3", await Text("eth_getBalance", Carol, "latest"));
    }

    [Fact]
    public async Task A_state_is_dumped_and_loaded_as_anvil_has_it()
    {
        await Call("hardhat_setBalance", Carol, Ether);
        await Call("hardhat_setCode", Carol, "0x6001");
        await Call("hardhat_setStorageAt", Carol, "0x5", "0x" + new string('0', 62) + "2a");
        await Call("evm_mine");
        var state = await Text("anvil_dumpState");
        await Call("anvil_reset");
        Assert.Equal("0x0", await Text("eth_getBalance", Carol, "latest"));
        Assert.True((await Call("anvil_loadState", state)).GetBoolean());
        Assert.Equal(Ether, await Text("eth_getBalance", Carol, "latest"));
        Assert.Equal("0x6001", await Text("eth_getCode", Carol, "latest"));
        Assert.EndsWith("2a", await Text("eth_getStorageAt", Carol, "0x5", "latest"), StringComparison.Ordinal);
        Assert.True((await Answer("anvil_loadState", "0x1234")).TryGetProperty("error", out _));
    }
}
