using System.Diagnostics;
using System.Text.Json;
using Hufu.Network;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>Validators on this machine, a process each.</summary>
public sealed class ValidatorNetworkTests
{
    [Fact]
    public async Task Four_validators_survive_kill_9_in_turn_and_lose_no_acknowledged_transaction()
    {
        using var data = new TemporaryFolder();
        await using var network = await ValidatorNetwork.Up(data.Path, 4);
        await network.WaitForHeight(2, [0, 1, 2, 3]);
        var acknowledged = new List<string>();
        for (var victim = 0; victim < 4; victim++)
        {
            network.Kill(victim);
            int[] others = [.. Enumerable.Range(0, 4).Where(i => i != victim)];
            // Two rounds of proposers: the one that is gone has its turn, and the others go past it.
            await network.WaitForHeight(await network.Height(others[0]) + 4, others);
            var hash = await network.Send(others[0]);
            acknowledged.Add(await network.WaitForReceipt(others[1], hash));
            network.Restart(victim);
            await network.WaitForHeight(await network.Height(others[0]), [victim]);
        }

        // All but one: nothing moves. When a quorum is back, everything does, and nobody else was restarted.
        network.Kill(1);
        network.Kill(2);
        network.Restart(1);
        await network.WaitForHeight(await network.Height(0) + 3, [0, 1, 3]);
        network.Restart(2);
        var height = await network.Height(0) + 1;
        await network.WaitForHeight(height, [0, 1, 2, 3]);

        var blocks = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => network.Call(i, "eth_getBlockByNumber", $"0x{height:x}", false)));
        Assert.Single(blocks.Select(block => block.GetProperty("hash").GetString()).Distinct());
        Assert.Single(blocks.Select(block => block.GetProperty("stateRoot").GetString()).Distinct());
        foreach (var hash in acknowledged)
            for (var i = 0; i < 4; i++) Assert.NotEqual(JsonValueKind.Null, (await network.Call(i, "eth_getTransactionReceipt", hash)).ValueKind);
    }

    [Fact]
    public async Task A_follower_of_validators_stays_with_them()
    {
        using var data = new TemporaryFolder();
        using var copy = new TemporaryFolder();
        await using var network = await ValidatorNetwork.Up(data.Path, 1);
        await network.WaitForHeight(2, [0]);
        await using var follower = await HufuProcess.Start("node", copy.Path, "--consensus", "follow", "--genesis", Path.Combine(data.Path, "genesis.json"), "--p2p-port", "0", "--no-discovery", "--static-peers", network.Enode(0));
        for (var patience = Stopwatch.StartNew(); (await follower.Call("eth_blockNumber")).GetString() == "0x0"; await Task.Delay(100)) Assert.True(patience.Elapsed < TimeSpan.FromSeconds(60), follower.Output);

        // A peer that sends what is not wanted loses its place after some ten times.
        await network.WaitForHeight(await network.Height(0) + 13, [0]);

        var head = Convert.ToUInt64((await follower.Call("eth_blockNumber")).GetString(), 16);
        Assert.InRange(await network.Height(0) - head, 0u, 2u);
        Assert.DoesNotContain("dropped", follower.Output, StringComparison.Ordinal);
    }

    [Fact] // hyperledger/besu 8425: a single validator votes a second one in
    public async Task A_candidate_counts_when_it_is_up_to_date_and_takes_the_place_of_another()
    {
        using var data = new TemporaryFolder();
        using var candidate = new TemporaryFolder();
        await using var network = await ValidatorNetwork.Up(data.Path, 1);
        await network.WaitForHeight(2, [0]);
        using var card = JsonDocument.Parse(await HufuProcess.Succeed("network", "key", "--data", candidate.Path, "--json"));
        var address = card.RootElement.GetProperty("address").GetString()!;
        var first = AddressOf(network, 0);

        // Voted for before it is there: the vote waits, and the chain does not wait for the candidate.
        await network.Call(0, "qbft_proposeValidatorVote", address, true);
        await network.WaitForHeight(await network.Height(0) + 4, [0]);
        Assert.Equal([first], await Validators());
        var waiting = (await network.Call(0, "hufu_consensus")).GetProperty("candidates").EnumerateArray().Single();
        Assert.Contains("not connected", waiting.GetProperty("waitsFor").GetString(), StringComparison.Ordinal);

        await using var second = await HufuProcess.Start("node", candidate.Path, "--consensus", "qbft", "--genesis", Path.Combine(data.Path, "genesis.json"), "--p2p-port", "0", "--no-discovery", "--static-peers", network.Enode(0));
        await Until(async () => (await Validators()).Count == 2, () => second.Output);
        await network.WaitForHeight(await network.Height(0) + 3, [0]);

        // The place changes hands: both vote the first one out, and the second goes on alone.
        await network.Call(0, "qbft_proposeValidatorVote", first, false);
        await second.Call("qbft_proposeValidatorVote", first, false);
        await Until(async () => await Validators() is [var left] && left == address, () => second.Output);
        var height = Convert.ToUInt64((await second.Call("eth_blockNumber")).GetString(), 16);
        await network.WaitForHeight(height + 3, [0]);

        async Task<List<string>> Validators() => [.. (await network.Call(0, "qbft_getValidatorsByBlockNumber", "latest")).EnumerateArray().Select(item => item.GetString()!)];
    }

    static async Task Until(Func<Task<bool>> condition, Func<string> why)
    {
        for (var patience = Stopwatch.StartNew(); !await condition(); await Task.Delay(200))
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(90), why());
    }

    static string AddressOf(ValidatorNetwork network, int node) => Enode.TryParse(network.Enode(node), out var enode, out _) ? enode.Id.Address.ToString() : throw new InvalidOperationException(network.Enode(node));
}
