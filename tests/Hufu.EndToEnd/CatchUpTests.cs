using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>A validator that was away for long. HUFU_BLOCKS_AWAY=20000 for the long run.</summary>
[Collection(TimedTests.Name)]
public sealed class CatchUpTests
{
    static readonly int Away = int.TryParse(Environment.GetEnvironmentVariable("HUFU_BLOCKS_AWAY"), CultureInfo.InvariantCulture, out var blocks) ? blocks : 2000;

    [Fact]
    public async Task A_validator_that_was_away_for_thousands_of_blocks_counts_again_and_does_not_hold_up_the_others()
    {
        using var data = new TemporaryFolder();
        await using (var first = await ValidatorNetwork.Up(data.Path, 4)) { }
        // What would take as many seconds as blocks: a past that three of the four have, sealed by them.
        ValidatorPast.Make(data.Path, Away, holders: [0, 1, 2]);
        await using var network = await ValidatorNetwork.Up(data.Path, 4);
        network.Kill(3);
        int[] all = [0, 1, 2, 3], others = [0, 1, 2];
        await network.WaitForHeight((ulong)Away + 2, others);
        await using var load = new ValidatorLoad(network);
        load.Rests.Add(3);

        var before = await Rate(network, async started => await network.Height(0) >= started + 6);
        network.Restart(3);
        var clock = Stopwatch.StartNew();
        await network.WaitForHeight(1, [3]);
        var during = await Rate(network, async _ => await network.Height(3) + 1 >= await network.Height(0));
        load.Rests.Clear();
        TestContext.Current.TestOutputHelper?.WriteLine($"{before:0.00} blocks/s while it was away, {during:0.00} while it came back over {Away} blocks, {clock.Elapsed.TotalSeconds:0.0} s from its start on");
        // The four share this machine, so that what one does takes processor from the others.
        Assert.True(during > before / 2, $"{before:0.00} blocks/s while it was away, {during:0.00} while it came back");

        // It proposes again, so the others count it.
        var proposers = new HashSet<string>();
        for (var number = await network.Height(0); proposers.Count < 4; number++)
        {
            if (clock.Elapsed > TimeSpan.FromSeconds(150 + Away / 50)) Assert.Fail($"only {proposers.Count} validators propose: {await network.Call(0, "hufu_consensus")}");
            await network.WaitForHeight(number, [0]);
            proposers.Add((await network.Call(0, "eth_getBlockByNumber", $"0x{number:x}", false)).GetProperty("miner").GetString()!);
        }
        foreach (var hash in await load.Stop())
            foreach (var node in new[] { 0, 3 }) await network.WaitForReceipt(node, hash);
        var height = await network.Height(3);
        await network.WaitForHeight(height, all);
        var hashes = await Task.WhenAll(all.Select(async node => (await network.Call(node, "eth_getBlockByNumber", $"0x{height:x}", false)).GetProperty("hash").GetString()));
        Assert.Single(hashes.Distinct());
    }

    static async Task<double> Rate(ValidatorNetwork network, Func<ulong, Task<bool>> isOver)
    {
        var (from, clock) = (await network.Height(0), Stopwatch.StartNew());
        while (!await isOver(from) || clock.Elapsed < TimeSpan.FromSeconds(3))
        {
            if (clock.Elapsed > TimeSpan.FromSeconds(90 + Away / 50)) Assert.Fail($"not over at block {await network.Height(0)}: {await network.Call(0, "hufu_consensus")}");
            await Task.Delay(100);
        }
        return (await network.Height(0) - from) / clock.Elapsed.TotalSeconds;
    }
}
