using Hufu.Chain;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests;

public class HeaderRulesTests
{
    static readonly HeaderRules Cancun = new(ForkSchedule.Always(Fork.Cancun), new ProofOfStake());
    static readonly HeaderRules Frontier = new(ForkSchedule.Always(Fork.Frontier), new ProofOfWork(null));

    static readonly Header CancunParent = new()
    {
        Number = 7,
        Timestamp = 1000,
        GasLimit = 30_000_000,
        GasUsed = 15_000_000,
        BaseFeePerGas = 1_000_000_000,
        WithdrawalsRoot = Account.EmptyTrieRoot,
        BlobGasUsed = 0,
        ExcessBlobGas = 0,
        ParentBeaconBlockRoot = Hash256.Zero,
    };

    static readonly Header CancunChild = CancunParent with { ParentHash = CancunParent.Hash, Number = 8, Timestamp = 1012 };

    static readonly Header FrontierParent = new() { Number = 7, Timestamp = 1000, GasLimit = 5_000_000, Difficulty = 1_000_000 };
    static readonly Header FrontierChild = FrontierParent with { ParentHash = FrontierParent.Hash, Number = 8, Timestamp = 1010, Difficulty = 1_000_488 };

    [Fact]
    public void A_child_that_follows_every_rule_is_accepted()
    {
        Assert.Null(Cancun.Check(CancunChild, CancunParent));
        Assert.Null(Frontier.Check(FrontierChild, FrontierParent));
    }

    [Fact]
    public void Each_rule_of_lineage_refuses_under_its_own_name()
    {
        Refused(BlockRule.Parent, CancunChild with { ParentHash = Hash256.Zero });
        Refused(BlockRule.Number, CancunChild with { Number = 9 });
        Refused(BlockRule.Number, CancunChild with { Number = 7 });
        Refused(BlockRule.Timestamp, CancunChild with { Timestamp = 1000 });
        Refused(BlockRule.Timestamp, CancunChild with { Timestamp = 0 });
    }

    [Fact]
    public void The_gas_limit_moves_by_less_than_a_1024th_of_the_parents()
    {
        const ulong bound = 30_000_000 / 1024;
        Assert.Null(Cancun.Check(CancunChild with { GasLimit = 30_000_000 + bound - 1 }, CancunParent));
        Assert.Null(Cancun.Check(CancunChild with { GasLimit = 30_000_000 - bound + 1 }, CancunParent));
        Refused(BlockRule.GasLimit, CancunChild with { GasLimit = 30_000_000 + bound });
        Refused(BlockRule.GasLimit, CancunChild with { GasLimit = 30_000_000 - bound });
        Refused(BlockRule.GasUsedAboveLimit, CancunChild with { GasUsed = 30_000_001 });
    }

    [Fact]
    public void The_gas_limit_stays_between_5000_and_the_largest_signed_integer()
    {
        var low = FrontierParent with { GasLimit = 5000 };
        Assert.Equal(BlockRule.GasLimit, Frontier.Check(FrontierChild with { ParentHash = low.Hash, GasLimit = 4999 }, low)!.Rule);
        var high = FrontierParent with { GasLimit = long.MaxValue };
        Assert.Equal(BlockRule.GasLimit, Frontier.Check(FrontierChild with { ParentHash = high.Hash, GasLimit = (ulong)long.MaxValue + 1 }, high)!.Rule);
    }

    [Fact]
    public void Fields_of_other_forks_and_missing_fields_are_refused()
    {
        Refused(BlockRule.Fields, CancunChild with { BaseFeePerGas = null });
        Refused(BlockRule.Fields, CancunChild with { WithdrawalsRoot = null });
        Refused(BlockRule.Fields, CancunChild with { BlobGasUsed = null });
        Refused(BlockRule.Fields, CancunChild with { ParentBeaconBlockRoot = null });
        Refused(BlockRule.Fields, CancunChild with { RequestsHash = Requests.EmptyHash });
        Assert.Equal(BlockRule.Fields, Frontier.Check(FrontierChild with { BaseFeePerGas = 7 }, FrontierParent)!.Rule);
    }

    [Fact]
    public void Fees_must_follow_from_the_parent()
    {
        Refused(BlockRule.BaseFee, CancunChild with { BaseFeePerGas = 1_000_000_001 });
        Refused(BlockRule.ExcessBlobGas, CancunChild with { ExcessBlobGas = BlobParameters.GasPerBlob });
        Refused(BlockRule.BlobGasUsed, CancunChild with { BlobGasUsed = 1 });
        Refused(BlockRule.BlobGasUsedAboveLimit, CancunChild with { BlobGasUsed = 7 * BlobParameters.GasPerBlob });
    }

    [Fact]
    public void Proof_of_stake_has_no_difficulty_no_nonce_and_no_ommers()
    {
        Refused(BlockRule.Nonce, CancunChild with { Nonce = 1 });
        Refused(BlockRule.OmmersHash, CancunChild with { OmmersHash = Hash256.Zero });
        Refused(BlockRule.Difficulty, CancunChild with { Difficulty = 1 });
    }

    [Fact]
    public void Proof_of_work_must_state_the_difficulty_that_follows()
    {
        Assert.Equal(BlockRule.Difficulty, Frontier.Check(FrontierChild with { Difficulty = 1_000_000 }, FrontierParent)!.Rule);
    }

    [Fact]
    public void Extra_data_has_at_most_32_bytes()
    {
        Assert.Null(Cancun.Check(CancunChild with { ExtraData = new byte[32] }, CancunParent));
        Refused(BlockRule.ExtraData, CancunChild with { ExtraData = new byte[33] });
    }

    [Fact]
    public void Ten_blocks_from_the_dao_fork_on_carry_its_extra_data()
    {
        var rules = new HeaderRules(new ForkSchedule([(Fork.Homestead, 0)], []) { DaoForkBlock = 5 }, new ProofOfWork(null));
        Assert.Equal([5UL, 6, 7, 8, 9, 10, 11, 12, 13, 14], Enumerable.Range(0, 30).Select(number => (ulong)number).Where(rules.IsDaoExtraDataDue));

        var child = FrontierChild with { Difficulty = 1_000_000, Timestamp = 1010 };
        Assert.Equal(BlockRule.DaoExtraData, rules.Check(child, FrontierParent)!.Rule);
        Assert.Null(rules.Check(child with { ExtraData = "dao-hard-fork"u8.ToArray() }, FrontierParent));
    }

    [Fact]
    public void London_doubles_the_gas_limit_so_that_the_target_stays()
    {
        var rules = new HeaderRules(new ForkSchedule([(Fork.Berlin, 0), (Fork.London, 8)], []), new ProofOfWork(null));
        var child = FrontierChild with { GasLimit = 10_000_000, BaseFeePerGas = 1_000_000_000, Difficulty = rules.Consensus.DifficultyAfter(FrontierParent, 1010, ForkRules.Of(Fork.London)) };
        Assert.Null(rules.Check(child, FrontierParent));
        Assert.Equal(BlockRule.GasLimit, rules.Check(child with { GasLimit = 5_000_000 }, FrontierParent)!.Rule);
    }

    static void Refused(BlockRule rule, Header header)
    {
        var refusal = Cancun.Check(header, CancunParent);
        Assert.NotNull(refusal);
        Assert.Equal(rule, refusal.Rule);
        Assert.Equal(header.Number, refusal.Number);
    }
}
