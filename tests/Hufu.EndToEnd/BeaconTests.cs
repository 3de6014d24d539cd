using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>`hufu node --consensus beacon` under a consensus client: real processes, real kills.</summary>
public sealed class BeaconTests
{
    /// <summary>Five kills in CI; HUFU_KILLS=200 for the long run.</summary>
    static int Kills => int.TryParse(Environment.GetEnvironmentVariable("HUFU_KILLS"), CultureInfo.InvariantCulture, out var kills) ? kills : 5;

    [Fact]
    public async Task A_node_behind_its_consensus_client_fetches_the_missing_blocks_from_its_peers_and_says_that_it_is_syncing()
    {
        const int Blocks = 300;
        using var folder = new TemporaryFolder();
        var genesis = ConsensusClient.WriteGenesis(folder.Path);
        await using var ahead = await Led.Start(folder.Path, "ahead", genesis);
        var chain = await ahead.Client.Grow(Blocks, await ahead.HashOf("0x0"), 0);
        var head = ConsensusClient.HashOf(chain[^1]);
        var peer = (await ahead.Node.Call("admin_nodeInfo")).GetProperty("enode").GetString()!;

        await using (var behind = await Led.Start(folder.Path, "behind", genesis, "--static-peers", peer))
        {
            Assert.False((await behind.Node.Call("eth_syncing")).ValueKind == JsonValueKind.Object);
            Assert.Equal("SYNCING", await behind.Client.Choose(head));
            var syncing = await behind.Node.Call("eth_syncing");
            Assert.True(syncing.ValueKind == JsonValueKind.Object || await behind.Number() == Blocks, syncing.ToString());
            await behind.Reaches(1);
            await behind.Node.Kill();
        }
        await using var again = await Led.Start(folder.Path, "behind", genesis, "--static-peers", peer);
        var finalised = ConsensusClient.HashOf(chain[Blocks - 50]);
        await again.ChoosesInTime(head, finalised);
        Assert.Equal(head, await again.HashOf("latest"));
        Assert.Equal(finalised, await again.HashOf("finalized"));
        Assert.Equal(JsonValueKind.False, (await again.Node.Call("eth_syncing")).ValueKind);

        // The client's own blocks come while those between are still missing: the gap is closed up to them, and they follow by themselves.
        var more = await ahead.Client.Grow(20, head, Blocks);
        foreach (var payload in more.Skip(15)) Assert.Equal("SYNCING", await again.Client.NewPayload(payload));
        head = ConsensusClient.HashOf(more[^1]);
        Assert.Equal("SYNCING", await again.Client.Choose(head, finalised));
        await again.Reaches(Blocks + 20);
        Assert.Equal(head, await again.HashOf("latest"));
    }

    [Fact]
    public async Task What_the_consensus_client_was_told_survives_kill_9_at_any_moment()
    {
        using var folder = new TemporaryFolder();
        var genesis = ConsensusClient.WriteGenesis(folder.Path);
        var random = new Random(20261127);
        var acknowledged = new List<string>();
        for (var round = 0; round < Kills; round++)
        {
            await using var led = await Led.Start(folder.Path, "node", genesis);
            if (acknowledged.Count == 0) acknowledged.Add(await led.HashOf("0x0"));
            var number = await led.Number();
            // The choice under way when the kill came may have landed, and been lost to the client.
            Assert.InRange(number, acknowledged.Count - 1, acknowledged.Count);
            Assert.Equal(acknowledged[^1], await led.HashOf($"0x{acknowledged.Count - 1:x}"));
            if (acknowledged.Count > 8) Assert.Contains(await led.HashOf("finalized"), acknowledged.TakeLast(10));
            if (number == acknowledged.Count) acknowledged.Add(await led.HashOf("latest"));

            var first = new TaskCompletionSource();
            var leading = Lead(led, acknowledged, first);
            // A machine busy with other things may not answer at once: a kill before the first answer of a round would prove nothing.
            await Task.WhenAny(first.Task, leading);
            await Task.Delay(random.Next(0, 400));
            await led.Node.Kill();
            await leading;
        }
        Assert.True(acknowledged.Count > Kills, "nothing was acknowledged between the kills");
        var (exitCode, output, error) = await HufuProcess.Run("doctor", "--data", Path.Combine(folder.Path, "node"), "--verify-state");
        Assert.True(exitCode == 0, output + error);
    }

    /// <summary>Leads the node until it dies; notes each head that the node has taken, with the one eight blocks before it as final.</summary>
    static async Task Lead(Led led, List<string> acknowledged, TaskCompletionSource first)
    {
        try
        {
            while (true)
            {
                var payload = await led.Client.Build(acknowledged[^1], acknowledged.Count);
                var head = ConsensusClient.HashOf(payload);
                Assert.Equal("VALID", await led.Client.NewPayload(payload));
                Assert.Equal("VALID", await led.Client.Choose(head, acknowledged.Count > 8 ? acknowledged[^8] : ConsensusClient.NoBlock));
                acknowledged.Add(head);
                first.TrySetResult();
            }
        }
        catch (Exception error) when (error is HttpRequestException or IOException or TaskCanceledException)
        {
            // The kill arrived.
        }
    }

    /// <summary>A node with the consensus client that leads it.</summary>
    sealed class Led(HufuProcess node, ConsensusClient client) : IAsyncDisposable
    {
        public HufuProcess Node => node;
        public ConsensusClient Client => client;

        public static async Task<Led> Start(string folder, string name, string genesis, params string[] arguments)
        {
            var port = HufuProcess.FreePort();
            var data = Path.Combine(folder, name);
            var node = await HufuProcess.Start("node", data, ["--consensus", "beacon", "--genesis", genesis, "--engine-port", port.ToString(CultureInfo.InvariantCulture), "--p2p-port", "0", .. arguments]);
            return new Led(node, new ConsensusClient($"http://127.0.0.1:{port}", Path.Combine(data, "jwt.hex")));
        }

        public async Task<long> Number() => Convert.ToInt64((await node.Call("eth_blockNumber")).GetString(), 16);

        public async Task<string> HashOf(string block) => (await node.Call("eth_getBlockByNumber", block, false)).GetProperty("hash").GetString()!;

        public async Task Reaches(long number)
        {
            for (var patience = Stopwatch.StartNew(); await Number() < number; await Task.Delay(20))
                Assert.True(patience.Elapsed < TimeSpan.FromMinutes(1), $"block {number} not reached\n{node.Output}");
        }

        public async Task ChoosesInTime(string head, string finalised)
        {
            for (var patience = Stopwatch.StartNew(); await client.Choose(head, finalised) != "VALID"; await Task.Delay(100))
                Assert.True(patience.Elapsed < TimeSpan.FromMinutes(1), $"the head was not reached\n{node.Output}");
        }

        public ValueTask DisposeAsync() => node.DisposeAsync();
    }
}
