using Hufu.Chain;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests;

public class BlockAccessListRulesTests
{
    [Fact]
    public void A_built_block_states_the_list_of_what_its_steps_met()
    {
        using var chain = new TestChain(Fork.Amsterdam);
        var built = Transfers(chain);
        var list = built.AccessList!;

        Assert.Equal(list.Hash, built.Header.BlockAccessListHash);
        Assert.Equal(1UL, built.Header.SlotNumber);
        var carol = list.Accounts.Single(account => account.Address == TestChain.Carol);
        Assert.Equal([new(1, 5), new(2, 12)], carol.BalanceChanges);
        var alice = list.Accounts.Single(account => account.Address == TestChain.Alice);
        Assert.Equal([new(1, 1), new(2, 2)], alice.NonceChanges);
        // The contracts asked after the transactions are met and unchanged.
        Assert.Empty(list.Accounts.Single(account => account.Address == SystemContracts.WithdrawalRequests).NonceChanges);
    }

    [Fact]
    public void Withdrawals_are_a_step_after_the_transactions()
    {
        using var chain = new TestChain(Fork.Amsterdam);
        var attributes = new BlockAttributes { Timestamp = 12, Withdrawals = [new Withdrawal(0, 0, TestChain.Carol, 3), new Withdrawal(1, 0, TestChain.Carol, 4)] };
        var list = chain.Chain.Build(chain.Chain.Head.Hash, attributes, new TransactionList([])).AccessList!;
        var change = Assert.Single(list.Accounts.Single(account => account.Address == TestChain.Carol).BalanceChanges);
        Assert.Equal(new(1, 7_000_000_000), change);
    }

    [Fact]
    public void A_header_that_commits_to_another_list_is_refused()
    {
        using var chain = new TestChain(Fork.Amsterdam);
        var block = Transfers(chain).Block;
        Refused(chain, BlockRule.BlockAccessList, DecodedBlock.Of(block with { Header = block.Header with { BlockAccessListHash = BlockAccessList.Empty.Hash } }));
        Refused(chain, BlockRule.Fields, DecodedBlock.Of(block with { Header = block.Header with { BlockAccessListHash = null, SlotNumber = null } }));
    }

    [Fact]
    public void A_list_beside_the_block_must_be_the_one_its_header_commits_to()
    {
        using var chain = new TestChain(Fork.Amsterdam);
        var built = Transfers(chain);
        var alone = DecodedBlock.Of(built.Block);
        Refused(chain, BlockRule.BlockAccessListHash, alone with { AccessList = BlockAccessList.Empty });

        // It agrees with the header, and tells of a step that the block does not have.
        var beyond = new BlockAccessList([new AccountChanges(TestChain.Carol) { BalanceChanges = [new(4, 5)] }]);
        Refused(chain, BlockRule.BlockAccessList, DecodedBlock.Of(built.Block with { Header = built.Header with { BlockAccessListHash = beyond.Hash } }) with { AccessList = beyond });

        Assert.Equal(ImportOutcome.Accepted, chain.Chain.Import(alone with { AccessList = built.AccessList }).Outcome);
    }

    static ExecutedBlock Transfers(TestChain chain) => chain.Build(chain.Chain.Head.Hash, beneficiary: TestChain.Bob, transactions:
        [chain.Transfer(TestChain.AliceSecret, 0, TestChain.Carol, 5), chain.Transfer(TestChain.AliceSecret, 1, TestChain.Carol, 7)]);

    static void Refused(TestChain chain, BlockRule rule, DecodedBlock block)
    {
        var result = chain.Chain.Import(block);
        Assert.Equal(ImportOutcome.Refused, result.Outcome);
        Assert.Equal(rule, result.Refusal!.Rule);
    }
}
