using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests.Primitives.Forks;

public class ForkScheduleTests
{
    [Theory]
    [InlineData(Fork.Berlin, 4, Fork.Berlin)]
    [InlineData(Fork.Berlin, 5, Fork.London)]
    public void A_fork_begins_at_its_block(Fork first, ulong number, Fork expected) =>
        Assert.Equal(expected, ForkSchedule.Always(first).With(Fork.London, 5).RulesAt(number, 0, proofOfStake: false).Fork);

    [Theory]
    [InlineData(14_999, Fork.Cancun)]
    [InlineData(15_000, Fork.Prague)]
    public void A_fork_begins_at_its_time(ulong time, Fork expected) =>
        Assert.Equal(expected, ForkSchedule.Always(Fork.Cancun).With(Fork.Prague, 15_000).RulesAt(1, time, proofOfStake: true).Fork);

    [Fact]
    public void Proof_of_stake_begins_with_a_header_of_difficulty_zero()
    {
        var schedule = new ForkSchedule([(Fork.ArrowGlacier, 0)], []) { TerminalTotalDifficulty = 0xC0000 };
        Assert.Equal(Fork.ArrowGlacier, schedule.RulesOf(new Header { Number = 9, Difficulty = 131_072 }).Fork);
        Assert.Equal(Fork.Paris, schedule.RulesOf(new Header { Number = 9 }).Fork);
    }

    [Fact]
    public void Times_wait_for_proof_of_stake_where_it_is_to_come()
    {
        var schedule = new ForkSchedule([(Fork.London, 0)], [(Fork.Shanghai, 10)]);
        Assert.Equal(Fork.Shanghai, schedule.RulesAt(1, 10, proofOfStake: false).Fork);   // QBFT never has it
        schedule = new ForkSchedule([(Fork.London, 0)], [(Fork.Shanghai, 10)]) { TerminalTotalDifficulty = 1000 };
        Assert.Equal(Fork.London, schedule.RulesAt(1, 10, proofOfStake: false).Fork);
        Assert.Equal(Fork.Shanghai, schedule.RulesAt(1, 10, proofOfStake: true).Fork);
    }

    [Fact]
    public void A_blob_schedule_changes_without_a_fork_and_rules_are_the_same_object_between_changes()
    {
        var more = new BlobParameters(10, 15, 8_346_193);
        var schedule = ForkSchedule.Always(Fork.Osaka).With(more, atTime: 15_000);
        var before = schedule.RulesAt(1, 14_999, proofOfStake: true);
        var after = schedule.RulesAt(1, 15_000, proofOfStake: true);
        Assert.Equal(BlobParameters.Prague, before.Blob);
        Assert.Equal(more, after.Blob);
        Assert.Equal(Fork.Osaka, after.Fork);
        Assert.Same(after, schedule.RulesAt(7, 99_999, proofOfStake: true));
        Assert.Equal([15_000UL], schedule.ForkTimes.Where(time => time > 0));
    }

    [Fact]
    public void A_network_keeps_its_name_and_contracts_when_a_fork_is_added()
    {
        var schedule = new ForkSchedule([(Fork.Homestead, 0)], []) { ChainId = 7, DaoForkBlock = 5, TerminalTotalDifficulty = 3, DepositContract = Address.FromNumber(9), MergeNetsplitBlock = 11 };
        var later = schedule.With(Fork.London, 20);
        Assert.Equal((7UL, 5UL, 11UL), (later.ChainId, later.DaoForkBlock, later.MergeNetsplitBlock));
        Assert.Equal(((UInt256?)3, Address.FromNumber(9)), (later.TerminalTotalDifficulty, later.DepositContract));
        Assert.Equal([5UL, 11UL, 20UL], later.ForkBlocks);
    }

    [Fact]
    public void Petersburg_takes_back_what_Constantinople_added()
    {
        Assert.True(ForkRules.Of(Fork.Constantinople).Has(Eip.NetGasSstoreConstantinople));
        Assert.False(ForkRules.Of(Fork.Petersburg).Has(Eip.NetGasSstoreConstantinople));
        Assert.True(ForkRules.Of(Fork.Petersburg).Has(Eip.Create2));
        Assert.False(ForkRules.Of(Fork.Osaka).Has(9_999));
        Assert.False(ForkRules.Of(Fork.Osaka).Has(-1));
    }
}
