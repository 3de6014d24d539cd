using Hufu.Evm;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests.Evm;

/// <summary>The edges of gas, stack and memory.</summary>
public class MachineLimitTests
{
    static ExecutionResult Run(string code, ulong gas = 1_000_000, Fork fork = Fork.Osaka) => new TestMachine(fork, code).Call(gas);

    static string Repeat(string code, int times) => string.Concat(Enumerable.Repeat(code, times));

    [Fact]
    public void The_stack_holds_1024_words_and_not_one_more()
    {
        Assert.Equal(Halt.Stop, Run(Repeat("5f", 1024)).Halt);
        Assert.Equal(Halt.StackOverflow, Run(Repeat("5f", 1025)).Halt);
        Assert.Equal(Halt.StackOverflow, Run(Repeat("5f", 1024) + "80").Halt);
    }

    [Theory]
    [InlineData("01")]        // ADD of nothing
    [InlineData("5f01")]      // ADD of one
    [InlineData("50")]        // POP
    [InlineData("5f91")]      // SWAP2 of one
    [InlineData("5f81")]      // DUP2 of one
    [InlineData("5f5f5ffd50")] // never reached: REVERT comes first
    public void An_instruction_without_its_operands_halts(string code) =>
        Assert.Equal(code.EndsWith("fd50", StringComparison.Ordinal) ? Halt.Revert : Halt.StackUnderflow, Run(code).Halt);

    [Theory]
    [InlineData("6001600201", 9)]     // PUSH1, PUSH1, ADD: three each
    [InlineData("5f5f5f39", 9)]       // CODECOPY of nothing: three pushes of two, three for the copy
    public void The_last_gas_is_enough_and_one_less_is_not(string code, ulong gas)
    {
        Assert.Equal(Halt.Stop, Run(code, gas).Halt);
        var starved = Run(code, gas - 1);
        Assert.Equal(Halt.OutOfGas, starved.Halt);
        Assert.Equal(gas - 1, starved.GasUsed);
    }

    [Fact]
    public void Memory_costs_three_a_word() =>
        // MLOAD at 1 reaches into a second word.
        Assert.Equal(3UL + 3 + 2 * 3, Run("600151").GasUsed);

    [Fact]
    public void Memory_of_many_words_costs_their_square_over_512()
    {
        // MLOAD at 65,504: exactly 2,048 words.
        Assert.Equal(3UL + 3 + 2_048 * 3 + 2_048 * 2_048 / 512, Run("61ffe051").GasUsed);
        // Once paid, memory is free.
        Assert.Equal(2 * (3UL + 3) + 2 + 2_048 * 3 + 2_048 * 2_048 / 512, Run("61ffe0515061ffe051").GasUsed);
    }

    [Theory]
    [InlineData("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff51")] // MLOAD at 2^256 - 1
    [InlineData("67ffffffffffffffff51")]                                                 // and where offset + 32 leaves 64 bits
    [InlineData("60017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff20")] // KECCAK256 of 1 byte there
    [InlineData("67ffffffffffffffff5f5f39")]                                             // CODECOPY of 2^64 - 1 bytes
    public void Memory_beyond_all_gas_is_out_of_gas_and_no_fault_of_the_machine(string code) => Assert.Equal(Halt.OutOfGas, Run(code, 30_000_000).Halt);

    [Fact]
    public void Nothing_costs_nothing_wherever_it_lies() =>
        Assert.Equal(3UL + 2, Run("5f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff3").GasUsed);

    [Theory]
    [InlineData("600456", Halt.InvalidJump)]        // beyond the end
    [InlineData("60035600", Halt.InvalidJump)]      // onto no JUMPDEST
    [InlineData("6004565b5b00", Halt.Stop)]
    [InlineData("600456605b00", Halt.InvalidJump)]  // 0x5b that is the operand of a PUSH
    [InlineData("7f00000000000000000000000000000000000000000000000100000000000000035b56", Halt.InvalidJump)]
    public void A_jump_lands_on_a_destination_or_halts(string code, Halt halt) => Assert.Equal(halt, Run(code).Halt);

    [Theory]
    [InlineData("5f", Fork.Paris, Halt.InvalidOpcode)]    // PUSH0
    [InlineData("5f", Fork.Shanghai, Halt.Stop)]
    [InlineData("60005c", Fork.Shanghai, Halt.InvalidOpcode)] // TLOAD
    [InlineData("60005c", Fork.Cancun, Halt.Stop)]
    [InlineData("60001e", Fork.Prague, Halt.InvalidOpcode)]   // CLZ
    [InlineData("60001e", Fork.Osaka, Halt.Stop)]
    [InlineData("fe", Fork.Osaka, Halt.InvalidOpcode)]
    public void An_instruction_belongs_to_its_fork(string code, Fork fork, Halt halt) => Assert.Equal(halt, Run(code, fork: fork).Halt);

    [Fact]
    public void Clz_counts_the_zeros_before_the_first_one()
    {
        Assert.Equal((UInt256)256, Returned("5f1e"));
        Assert.Equal((UInt256)255, Returned("60011e"));
        Assert.Equal(UInt256.Zero, Returned("7f80000000000000000000000000000000000000000000000000000000000000001e"));
    }

    // Returns the top of the stack.
    static UInt256 Returned(string code) => UInt256.FromBigEndian(Run(code + "5f5260205ff3").Output);
}
