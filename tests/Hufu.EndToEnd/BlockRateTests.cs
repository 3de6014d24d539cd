using System.Diagnostics;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>How many blocks validators make when one of them is down.</summary>
[Collection(TimedTests.Name)]
public sealed class BlockRateTests
{
    [Fact] // hyperledger/besu 6398
    public async Task One_validator_that_is_down_costs_no_block()
    {
        using var data = new TemporaryFolder();
        await using var network = await ValidatorNetwork.Up(data.Path, 4);
        await network.WaitForHeight(6, [0, 1, 2, 3]);
        network.Kill(1);
        await network.WaitForHeight(await network.Height(0) + 2, [0, 2, 3]);
        var (before, clock) = (await network.Height(0), Stopwatch.StartNew());
        await Task.Delay(TimeSpan.FromSeconds(20));

        // A block a second is due; a fifth of them were lost where each turn of the one that is down waited for its whole time.
        var blocks = (await network.Height(0) - before) / clock.Elapsed.TotalSeconds;
        Assert.True(blocks > 0.85, $"{blocks:0.00} blocks a second");
    }
}
