using Hufu.Network;
using Hufu.Primitives;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Hufu.Tests;

/// <summary>A node that a consensus client leads, and what it lacks.</summary>
public sealed class GapSyncTests
{
    [Fact]
    public async Task A_long_way_to_the_named_head_is_closed_from_the_peers()
    {
        await using var leader = new TestPeer();
        leader.Seal(700);
        await using var led = new TestPeer(peers: [leader.Enode]);
        Hash256? named = leader.Chain.Head.Hash;
        using var stop = new CancellationTokenSource();
        var running = new GapSync(led.Chain, led.Writer, led.Eth, Towards(led, () => named), NullLogger.Instance).RunAsync(stop.Token);

        await led.Reaches(700);
        Assert.Equal(leader.Chain.Head.Hash, led.Chain.Head.Hash);
        Assert.Equal(0UL, led.Chain.Head.Finalised.Number);

        leader.Seal(3);
        await Task.Delay(1000);
        Assert.Equal(700UL, led.Chain.Head.Number);   // nobody has named more
        named = leader.Chain.Head.Hash;
        await led.Reaches(703);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_head_that_nobody_has_is_waited_for_in_peace()
    {
        await using var leader = new TestPeer();
        leader.Seal(5);
        await using var led = new TestPeer(peers: [leader.Enode]);
        await led.Meets(1);
        using var stop = new CancellationTokenSource();
        var running = new GapSync(led.Chain, led.Writer, led.Eth, Towards(led, () => Keccak256.Hash([1])), NullLogger.Instance).RunAsync(stop.Token);
        await Task.Delay(1500);

        Assert.Equal(0UL, led.Chain.Head.Number);
        Assert.Single(led.Eth.Sessions);
        await stop.CancelAsync();
        await running;
    }

    static GapTarget Towards(TestPeer led, Func<Hash256?> named) => new()
    {
        Missing = () => named() is { } wanted && !led.Chain.Blocks.Contains(wanted) ? wanted : null,
        Found = (_, _) => { },
        Take = (_, blocks) =>
        {
            foreach (var block in blocks)
                if (led.Chain.Import(block).IsRefused(out var refusal)) return refusal.ToString();
            return led.Chain.Choose(blocks[^1].Hash)?.ToString();
        },
    };
}
