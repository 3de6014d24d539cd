using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>Real nodes that come to a state without executing the past: from peers, and from a snapshot file.</summary>
public sealed class SnapTests
{
    const string Sender = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266", Large = "0x00000000000000000000000000000000000c0de0";
    const int Accounts = 10_000, Blocks = 300;

    [Fact]
    public async Task A_copy_is_snapped_through_kills_follows_and_is_handed_on_in_a_file()
    {
        using var data = new TemporaryFolder();
        var genesis = Path.Combine(data.Path, "genesis.json");
        await File.WriteAllTextAsync(genesis, Genesis());
        await using var leader = await HufuProcess.Up(Path.Combine(data.Path, "leader"), "--genesis", genesis, "--p2p-port", "0");
        for (var i = 0; i < Blocks; i++) await Send(leader);
        var enode = (await leader.Call("admin_nodeInfo")).GetProperty("enode").GetString()!;
        string[] following = ["--consensus", "follow", "--genesis", genesis, "--p2p-port", "0", "--static-peers", enode];

        // Killed a little later each time; by the last of them the state may be whole already.
        var folder = Path.Combine(data.Path, "copy");
        var said = "";
        for (var kill = 0; kill < 2; kill++)
        {
            await using var killed = await HufuProcess.Start("node", folder, [.. following, "--sync-mode", "snap"]);
            for (var waited = 0; waited < 3000 && !killed.Output.Contains("snap: ", StringComparison.Ordinal); waited += 5) await Task.Delay(5);
            await Task.Delay(40 * kill);
            await killed.Kill();
            said += killed.Output;
        }
        await using (var copy = await HufuProcess.Start("node", folder, [.. following, "--sync-mode", "snap"]))
        {
            await Same(leader, copy);
            Assert.Contains("is whole", said + copy.Output, StringComparison.Ordinal);
            for (var i = 0; i < 20; i++) await Send(leader);
            await Same(leader, copy);
            // An old receipt is there, and the state of long ago is not.
            var old = (await copy.Call("eth_getBlockByNumber", "0x10", false)).GetProperty("transactions")[0].GetString()!;
            Assert.Equal("0x1", (await copy.Call("eth_getTransactionReceipt", old)).GetProperty("status").GetString());
            await Assert.ThrowsAsync<InvalidOperationException>(() => copy.Call("eth_getBalance", Sender, "0x10"));
            Assert.Equal(0, await copy.Stop());
        }

        // The copy in a file, and a third from that file.
        var file = Path.Combine(data.Path, "chain.snapshot");
        var exported = JsonDocument.Parse(await HufuProcess.Succeed("snapshot", "export", file, "--data", folder, "--json")).RootElement;
        var third = Path.Combine(data.Path, "third");
        var (exitCode, output, _) = await HufuProcess.Run("snapshot", "import", file, "--genesis", genesis, "--data", third, "--json");
        // Blocks of this chain carry no seals.
        Assert.NotEqual(0, exitCode);
        Assert.Contains("--trusted-hash", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(third));
        await HufuProcess.Succeed("snapshot", "import", file, "--genesis", genesis, "--data", third, "--trusted-hash", exported.GetProperty("hash").GetString()!);
        for (var i = 0; i < 5; i++) await Send(leader);
        await using var restored = await HufuProcess.Start("node", third, following);
        await Same(leader, restored);
    }

    static string Genesis()
    {
        var alloc = new JsonObject();
        for (var i = 0; i < Accounts; i++) alloc[(0x10_0000 + i).ToString("x40", CultureInfo.InvariantCulture)] = new JsonObject { ["balance"] = $"0x{i + 1:x}" };
        var storage = new JsonObject();
        for (var i = 1; i <= 20_000; i++) storage[$"0x{i:x64}"] = $"0x{i * 7:x}";
        alloc[Large[2..]] = new JsonObject { ["balance"] = "0x0", ["code"] = "0x600035600055", ["storage"] = storage };
        for (var i = 0; i < 40; i++)
            alloc[(0xC0_0000 + i).ToString("x40", CultureInfo.InvariantCulture)] = new JsonObject { ["balance"] = "0x1", ["code"] = $"0x60{i:x2}", ["storage"] = new JsonObject { ["0x01"] = $"0x{i + 1:x}" } };
        alloc[Sender[2..]] = new JsonObject { ["balance"] = "0x21e19e0c9bab2400000" };
        return new JsonObject
        {
            ["config"] = JsonNode.Parse("""{"chainId":31337,"homesteadBlock":0,"eip150Block":0,"eip155Block":0,"eip158Block":0,"byzantiumBlock":0,"constantinopleBlock":0,"petersburgBlock":0,"istanbulBlock":0,"berlinBlock":0,"londonBlock":0,"terminalTotalDifficulty":0,"terminalTotalDifficultyPassed":true,"shanghaiTime":0}"""),
            ["nonce"] = "0x0",
            ["timestamp"] = "0x6553f100",
            ["extraData"] = "0x",
            ["gasLimit"] = "0x1c9c380",
            ["difficulty"] = "0x0",
            ["baseFeePerGas"] = "0x3b9aca00",
            ["alloc"] = alloc,
        }.ToJsonString();
    }

    // Each makes a block; every tenth writes to the large contract.
    static int _sent;

    static Task<JsonElement> Send(HufuProcess hufu) => ++_sent % 10 == 0
        ? hufu.Call("eth_sendTransaction", new { from = Sender, to = Large, data = $"0x{_sent:x64}", gas = "0x186a0" })
        : hufu.Call("eth_sendTransaction", new { from = Sender, to = $"0x{0x20_0000 + _sent:x40}", value = "0x1", gas = "0x5208" });

    /// <summary>Waits until a node stands where another does, with all it can be asked for.</summary>
    static async Task Same(HufuProcess expected, HufuProcess actual)
    {
        var head = await expected.Call("eth_getBlockByNumber", "latest", false);
        var number = head.GetProperty("number").GetString()!;
        var patience = Stopwatch.StartNew();
        while (Convert.ToUInt64((await actual.Call("eth_blockNumber")).GetString(), 16) < Convert.ToUInt64(number, 16))
        {
            if (patience.Elapsed > TimeSpan.FromSeconds(60)) Assert.Fail($"block {number} not reached\n{actual.Output}\npeers here {await actual.Call("admin_peers")}, there {await expected.Call("admin_peers")}");
            await Task.Delay(50);
        }
        Assert.Equal(head.GetProperty("hash").GetString(), (await actual.Call("eth_getBlockByNumber", number, false)).GetProperty("hash").GetString());
        Assert.Equal((await expected.Call("eth_getProof", Large, new[] { "0x4e20" }, number)).ToString(), (await actual.Call("eth_getProof", Large, new[] { "0x4e20" }, number)).ToString());
    }
}
