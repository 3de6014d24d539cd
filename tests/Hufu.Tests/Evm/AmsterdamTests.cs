using Hufu.Evm;
using Hufu.Primitives;
using Hufu.State;
using Xunit;

namespace Hufu.Tests.Evm;

/// <summary>What Amsterdam changes in the machine, and that it changes nothing before.</summary>
public class AmsterdamTests
{
    static readonly Address Caller = Address.FromNumber(0xca11e4), Contract = Address.FromNumber(0xc0de), Nobody = Address.FromNumber(0xdead);

    // PUSH 1, PUSH 0, SSTORE
    const string StoreOne = "60015f55";

    [Theory]
    [InlineData(10_000_000, 1)]
    [InlineData(100_000_000, 1_174)]
    [InlineData(120_000_000, 1_174)]
    [InlineData(1_000_000_000, 11_926)]
    public void A_byte_of_state_costs_more_in_a_larger_block(ulong blockGasLimit, long perByte) =>
        Assert.Equal(perByte, StateGasCosts.Of(ForkRules.Of(Fork.Amsterdam), blockGasLimit).CodeByte);

    [Fact]
    public void A_new_slot_is_paid_in_state_gas_apart_from_the_work()
    {
        var osaka = Run(StoreOne, Fork.Osaka);
        Assert.Equal(22_105UL, osaka.GasUsed);
        Assert.Equal(0UL, osaka.StateGasUsed);

        var amsterdam = Run(StoreOne, Fork.Amsterdam);
        Assert.Equal(32 * 1_174UL, amsterdam.StateGasUsed);
        Assert.Equal(5_005UL, amsterdam.RegularGasUsed);
        Assert.Equal(amsterdam.StateGasUsed + amsterdam.RegularGasUsed, amsterdam.GasUsed);
    }

    [Fact]
    public void State_that_is_given_up_or_taken_back_is_not_paid()
    {
        Assert.Equal(0UL, Run(StoreOne + "5f5f55", Fork.Amsterdam).StateGasUsed);
        var reverted = Run(StoreOne + "5f5ffd", Fork.Amsterdam);
        Assert.Equal(Halt.Revert, reverted.Halt);
        Assert.Equal(0UL, reverted.StateGasUsed);
    }

    [Fact]
    public void Ether_that_moves_leaves_a_log()
    {
        // CALL Nobody with 7 Wei.
        var code = $"5f5f5f5f600773{Nobody.ToString()[2..]}5af1";
        Assert.Empty(Run(code, Fork.Osaka).Logs);
        var log = Assert.Single(Run(code, Fork.Amsterdam).Logs);
        Assert.Equal(TransactionExecution.SystemAddress, log.Address);
        Assert.Equal([Hash256.FromUInt256(Contract.ToUInt256()), Hash256.FromUInt256(Nobody.ToUInt256())], log.Topics.Skip(1));
        Assert.Equal((UInt256)7, UInt256.FromBigEndian(log.Data.Span));
    }

    [Theory]
    [InlineData("60016000808080808080808080808080808080e680", 1)]    // DUPN 17 reaches the first of 17
    [InlineData("6002600080808080808080808080808080808060f0e780", 2)]      // SWAPN 17 brings the first of 18 up
    [InlineData("600060016002e88e50", 0)]                             // EXCHANGE 1, 2: the second is then the third
    public void The_stack_is_reached_below_its_sixteenth_word(string code, ulong top)
    {
        // The top is returned: PUSH0 MSTORE, PUSH 32, PUSH0, RETURN.
        var result = Run(code + "5f5260205ff3", Fork.Amsterdam);
        Assert.Equal(Halt.Return, result.Halt);
        Assert.Equal((UInt256)top, UInt256.FromBigEndian(result.Output));
        Assert.Equal(Halt.InvalidOpcode, Run(code, Fork.Osaka).Halt);
    }

    [Theory]
    [InlineData("e75b", Halt.InvalidOpcode)]
    [InlineData("e852", Halt.InvalidOpcode)]
    [InlineData("e680", Halt.StackUnderflow)]
    [InlineData("5fe88e", Halt.StackUnderflow)]
    public void A_reach_that_means_nothing_or_too_deep_fails(string code, Halt halt) => Assert.Equal(halt, Run(code, Fork.Amsterdam).Halt);

    [Fact]
    public void The_slot_number_can_be_read()
    {
        Assert.Equal((UInt256)77, UInt256.FromBigEndian(Run("4b5f5260205ff3", Fork.Amsterdam).Output));
        Assert.Equal(Halt.InvalidOpcode, Run("4b", Fork.Osaka).Halt);
    }

    [Fact]
    public void What_was_met_is_told_and_what_was_not_paid_for_is_not()
    {
        // BALANCE of Nobody, SLOAD 5, SSTORE 0
        var code = $"73{Nobody.ToString()[2..]}315060055450{StoreOne}";
        var accesses = Run(code, Fork.Amsterdam).Accesses!.ToDictionary(access => access.Address);
        Assert.Equal([(UInt256)5], accesses[Contract].Reads);
        Assert.Equal([(UInt256.Zero, UInt256.One)], accesses[Contract].Writes);
        Assert.Null(accesses[Nobody].Balance);

        // 2,000 gas do not reach a cold account.
        Assert.DoesNotContain(Run(code, Fork.Amsterdam, gas: 2_000).Accesses!, access => access.Address == Nobody);
        Assert.Null(Run(code, Fork.Osaka).Accesses);
    }

    static ExecutionResult Run(string code, Fork fork, ulong gas = 1_000_000)
    {
        var bytes = Convert.FromHexString(code);
        var world = new StateDiff();
        world.Codes[Keccak256.Hash(bytes)] = bytes;
        world.Accounts[Contract] = new AccountDiff { Nonce = 1, Balance = 1_000, CodeHash = Keccak256.Hash(bytes) };
        world.Accounts[Caller] = new AccountDiff { Balance = 1_000 };
        world.Accounts[Nobody] = new AccountDiff { Balance = 1 };
        var state = WorldState.BeginEmpty();
        state.Apply(world);
        var block = new BlockContext { Number = 1, GasLimit = 100_000_000, SlotNumber = 77 };
        return new TransactionExecution(state, block, ForkRules.Of(fork)).Call(new CallRequest { From = Caller, To = Contract, GasLimit = gas, ChargesIntrinsicGas = false });
    }
}
