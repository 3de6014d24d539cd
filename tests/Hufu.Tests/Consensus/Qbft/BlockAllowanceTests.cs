using Hufu.Consensus;
using Xunit;

namespace Hufu.Tests.Consensus;

/// <summary>How much a proposer takes into its blocks.</summary>
public sealed class BlockAllowanceTests
{
    [Fact]
    public void A_proposer_takes_less_after_blocks_that_were_too_much_and_more_again_when_it_goes_well()
    {
        const ulong limit = 600_000_000;
        var allowance = new BlockAllowance();
        Assert.Null(allowance.Gas);

        allowance.RoundLost(5, 0, 200_000_000, limit, isOwn: true);
        allowance.RoundLost(5, 0, 200_000_000, limit, isOwn: true);
        Assert.Equal(100_000_000UL, allowance.Gas);
        // An empty block was not lost for its size, nor does one show that more is borne.
        allowance.RoundLost(5, 1, 0, limit, isOwn: true);
        allowance.Decided(0, limit);
        Assert.Equal(100_000_000UL, allowance.Gas);

        allowance.Decided(100_000_000, limit);
        Assert.Equal(125_000_000UL, allowance.Gas);
        var blocks = 0;
        for (; allowance.Gas is { } gas; blocks++) allowance.Decided(gas, limit);
        Assert.InRange(blocks, 20, 80);
        for (uint round = 0; round < 100; round++) allowance.RoundLost(9, round, allowance.Gas ?? limit, limit, isOwn: true);
        Assert.Equal(limit / 64, allowance.Gas);
    }

    [Fact]
    public void Who_wastes_turns_on_purpose_does_not_make_the_others_blocks_small()
    {
        const ulong limit = 600_000_000;
        var allowance = new BlockAllowance();
        // At first everybody learns from everybody.
        allowance.RoundLost(1, 0, 400_000_000, limit, isOwn: false);
        Assert.Equal(200_000_000UL, allowance.Gas);

        for (ulong height = 2; height < 200; height++)
        {
            if (height % 4 == 0) allowance.RoundLost(height, 0, limit, limit, isOwn: false);
            else allowance.Decided(allowance.Gas ?? limit, limit);
        }
        Assert.True(allowance.Gas is null or >= 200_000_000, $"{allowance.Gas}");
    }
}
