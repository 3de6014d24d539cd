using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>Hufu among other nodes: its own, and those of another implementation from npm in `peers/`.</summary>
public sealed class PeerTests
{
    const string Sender = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";

    [Fact]
    public async Task A_node_passes_the_probe()
    {
        var peers = PeersFolder();
        // Beside the packages, where the probe finds what it imports.
        var probe = Path.Combine(Directory.CreateDirectory(Path.Combine(peers, ".probe")).FullName, "probe.mjs");
        File.Copy(SharedFolder.Peer("devp2p-probe/probe.mjs"), probe, overwrite: true);
        using var data = new TemporaryFolder();
        await using var hufu = await HufuProcess.Up(data.Path, "--p2p-port", "0");
        for (var i = 0; i < 10; i++) await Send(hufu);

        var enode = await EnodeOf(hufu);
        await OtherProgram.Run("node", [probe, "--enode", enode, "--rpc-url", hufu.Url, "--tx", "--negative", "--discv4", "--extra-caps", "istanbul/100/22"], TimeSpan.FromMinutes(3));

        Assert.Equal("0x", (await hufu.Call("net_peerCount")).GetString()![..2]);
    }

    [Fact]
    public Task Hufu_and_ethereumjs_sync_from_each_other_and_exchange_transactions() => BesideEthereumjs();

    /// <summary>The other implementation needs a minute for it on a quiet machine: `-explicit only -method "*fetches_the_state*"`.</summary>
    [Fact(Explicit = true)]
    public Task Ethereumjs_fetches_the_state_of_Hufu_by_snap() => BesideEthereumjs("snap");

    static async Task BesideEthereumjs(string mode = "")
    {
        var script = Path.Combine(PeersFolder(), "ethereumjs.mjs");
        if (!OperatingSystem.IsLinux() || await OtherProgram.ExitCode("unshare", ["-rn", "true"]) != 0) Assert.Skip("no network namespace can be made: the other node listens on all addresses");
        using var data = new TemporaryFolder();
        await OtherProgram.Run("unshare", ["-rn", "sh", "-c", "ip link set lo up && exec node \"$0\" \"$1\" \"$2\" \"$3\"", script, Path.Combine(AppContext.BaseDirectory, "hufu.dll"), data.Path, mode], TimeSpan.FromMinutes(6));
    }

    [Fact]
    public async Task Two_nodes_find_each_other_by_discv5_through_a_node_of_Lodestar()
    {
        var script = Path.Combine(PeersFolder(), "discv5.mjs");
        using var data = new TemporaryFolder();
        await OtherProgram.Run("node", [script, Path.Combine(AppContext.BaseDirectory, "hufu.dll"), data.Path], TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task A_follower_that_is_killed_catches_up_and_holds_the_same_blocks()
    {
        using var leaderData = new TemporaryFolder();
        using var followerData = new TemporaryFolder();
        await using var leader = await HufuProcess.Up(leaderData.Path, "--p2p-port", "0");
        for (var i = 0; i < 30; i++) await Send(leader);
        string[] following = ["--consensus", "follow", "--genesis", Path.Combine(leaderData.Path, "genesis.json"), "--p2p-port", "0", "--static-peers", await EnodeOf(leader)];

        await using (var follower = await HufuProcess.Start("node", followerData.Path, following))
        {
            await Reaches(follower, 30);
            var sending = Task.Run(async () => { for (var i = 0; i < 60; i++) await Send(leader); });
            await Reaches(follower, 45);
            await follower.Kill();
            await sending;
        }
        await using var again = await HufuProcess.Start("node", followerData.Path, following);
        await Reaches(again, 90);

        foreach (var number in new[] { "0x1", "0x2d", "0x5a" })
            Assert.Equal((await leader.Call("eth_getBlockByNumber", number, false)).GetProperty("hash").GetString(), (await again.Call("eth_getBlockByNumber", number, false)).GetProperty("hash").GetString());
        Assert.Equal((await leader.Call("eth_getBalance", Sender, "latest")).GetString(), (await again.Call("eth_getBalance", Sender, "latest")).GetString());
        Assert.Equal("0x1", (await again.Call("net_peerCount")).GetString());
    }

    static Task<JsonElement> Send(HufuProcess hufu) => hufu.Call("eth_sendTransaction", new { from = Sender, to = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8", value = "0x1", gas = "0x5208" });

    static async Task<string> EnodeOf(HufuProcess hufu) => (await hufu.Call("admin_nodeInfo")).GetProperty("enode").GetString()!;

    static async Task Reaches(HufuProcess hufu, ulong number)
    {
        var patience = Stopwatch.StartNew();
        while (Convert.ToUInt64((await hufu.Call("eth_blockNumber")).GetString(), 16) < number)
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(60), $"block {number} not reached\n{hufu.Output}");
            await Task.Delay(50);
        }
    }

    static string PeersFolder()
    {
        var folder = SharedFolder.Repository("tests/Hufu.EndToEnd/peers");
        if (!Directory.Exists(Path.Combine(folder, "node_modules"))) Assert.Skip("the npm packages are not installed: run npm install in tests/Hufu.EndToEnd/peers (Node.js 20 or newer)");
        return folder;
    }
}
