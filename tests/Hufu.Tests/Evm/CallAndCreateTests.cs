using Hufu.Crypto;
using Hufu.Evm;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests.Evm;

/// <summary>Frames within frames: what they share, what they take back, what they may not do.</summary>
public class CallAndCreateTests
{
    static readonly string Other = TestMachine.Other.ToString()[2..].ToLowerInvariant();

    // CALL, DELEGATECALL, STATICCALL of Other with all gas; what it came to goes to slot 1.
    static string CallIt(string address) => $"5f5f5f5f5f73{address}5af1600155";
    static readonly string DelegateCall = $"5f5f5f5f73{Other}5af4600155", StaticCall = $"5f5f5f5f73{Other}5afa600155";

    const string StoreOne = "60015f55", LogNothing = "5f5fa0", Revert = "5f5ffd";

    static TestMachine Called(string code, string other = "", Fork fork = Fork.Osaka)
    {
        var machine = new TestMachine(fork, code, other);
        machine.Call();
        return machine;
    }

    [Fact]
    public void A_reverted_call_takes_back_all_it_did_and_nothing_its_caller_did()
    {
        var machine = new TestMachine(Fork.Osaka, StoreOne + CallIt(Other), StoreOne + LogNothing + Revert);
        Assert.Empty(machine.Call().Logs);
        Assert.Equal(UInt256.One, machine.Slot(TestMachine.Contract, 0));
        Assert.Equal(UInt256.Zero, machine.Slot(TestMachine.Contract, 1));
        Assert.Equal(UInt256.Zero, machine.Slot(TestMachine.Other, 0));
    }

    [Fact]
    public void A_call_that_ends_well_keeps_what_it_did_unless_its_caller_reverts()
    {
        var machine = new TestMachine(Fork.Osaka, CallIt(Other), StoreOne + LogNothing);
        Assert.Single(machine.Call().Logs);
        Assert.Equal((UInt256.One, UInt256.One), (machine.Slot(TestMachine.Contract, 1), machine.Slot(TestMachine.Other, 0)));

        machine = new TestMachine(Fork.Osaka, CallIt(Other) + Revert, StoreOne + LogNothing);
        Assert.Empty(machine.Call().Logs);
        Assert.Equal(UInt256.Zero, machine.Slot(TestMachine.Other, 0));
    }

    [Fact]
    public void A_call_keeps_back_a_64th_of_the_gas()
    {
        // 100,000 less five PUSH0, PUSH20, GAS and the cold account: 97,385, of which the callee burns all but 1,521.
        var result = new TestMachine(Fork.Osaka, $"5f5f5f5f5f73{Other}5af1", "fe").Call(gas: 100_000);
        Assert.Equal(100_000UL - 1_521, result.GasUsed);
    }

    [Theory]
    [InlineData(StoreOne)]
    [InlineData(LogNothing)]
    [InlineData("5f5f5ff0")]    // CREATE
    [InlineData("5f5f5f5ff5")]  // CREATE2
    [InlineData("5fff")]        // SELFDESTRUCT
    [InlineData("60015f5d")]    // TSTORE
    [InlineData("5f5f5f5f6001305af1")] // CALL with value
    public void A_static_call_changes_nothing(string other) => Assert.Equal(UInt256.Zero, Called(StaticCall, other).Slot(TestMachine.Contract, 1));

    [Fact]
    public void A_static_call_may_read_and_call_without_value() =>
        Assert.Equal(UInt256.One, Called(StaticCall, "5f5450305f5f5f5f5f355af1").Slot(TestMachine.Contract, 1));

    [Fact]
    public void A_delegate_call_runs_for_its_caller_in_its_callers_storage()
    {
        // CALLER, SSTORE 0.
        var machine = Called(DelegateCall, "335f55");
        Assert.Equal(TestMachine.Caller.ToUInt256(), machine.Slot(TestMachine.Contract, 0));
        Assert.Equal(UInt256.Zero, machine.Slot(TestMachine.Other, 0));
        Assert.Equal(TestMachine.Contract.ToUInt256(), Called(CallIt(Other), "335f55").Slot(TestMachine.Other, 0));
    }

    [Fact]
    public void Frames_nest_1024_deep()
    {
        // Counts in slot 0, then calls itself.
        var machine = new TestMachine(Fork.Osaka, "5f546001015f555f5f5f5f5f305af1");
        Assert.True(machine.Call(gas: 10_000_000_000_000).Succeeded);
        Assert.Equal((UInt256)1025, machine.Slot(TestMachine.Contract, 0));
    }

    [Fact]
    public void Data_beyond_what_a_call_returned_halts() => Assert.Equal(Halt.ReturnDataOutOfBounds, new TestMachine(Fork.Osaka, "60015f5f3e").Call().Halt);

    [Fact]
    public void Value_beyond_the_balance_fails_the_call_alone()
    {
        var machine = Called($"5f5f5f5f61ffff73{Other}5af1600155" + StoreOne, "00");
        Assert.Equal((UInt256.One, UInt256.Zero), (machine.Slot(TestMachine.Contract, 0), machine.Slot(TestMachine.Contract, 1)));
        Assert.Equal((UInt256)1_000, machine.AccountOf(TestMachine.Contract).Balance);
    }

    [Fact]
    public void A_creation_takes_its_address_from_the_creators_nonce_and_raises_it()
    {
        var machine = Called("5f5f5ff05f55");
        var created = Address.ForCreate(TestMachine.Contract, 1);
        Assert.Equal(created.ToUInt256(), machine.Slot(TestMachine.Contract, 0));
        Assert.Equal((2UL, 1UL), (machine.AccountOf(TestMachine.Contract).Nonce, machine.AccountOf(created).Nonce));
    }

    [Fact]
    public void The_same_creation_twice_collides_and_still_raises_the_nonce()
    {
        var machine = Called("5f5f5f5ff55f55");
        Assert.NotEqual(UInt256.Zero, machine.Slot(TestMachine.Contract, 0));
        machine.Call();
        Assert.Equal(UInt256.Zero, machine.Slot(TestMachine.Contract, 0));
        Assert.Equal(3UL, machine.AccountOf(TestMachine.Contract).Nonce);
    }

    [Theory]
    [InlineData("60ef5f5360015ff3", false)] // returns 0xef (EIP-3541)
    [InlineData("60ee5f5360015ff3", true)]
    [InlineData("6160005ff3", true)]        // returns 24,576 zeros (EIP-170)
    [InlineData("6160015ff3", false)]
    [InlineData("5f5ffd", false)]
    [InlineData("fe", false)]
    public void Only_good_code_is_deposited(string initCode, bool isGood)
    {
        var size = initCode.Length / 2;
        var code = $"{0x5f + size:x2}{initCode}5f5260{size:x2}60{32 - size:x2}5ff05f55";
        var machine = new TestMachine(Fork.Osaka, code);
        machine.Call(gas: 10_000_000);
        Assert.Equal(isGood, !machine.Slot(TestMachine.Contract, 0).IsZero);
    }

    [Theory]
    [InlineData(Fork.Shanghai, false)]
    [InlineData(Fork.Cancun, true)]  // EIP-6780: only what was made in the same transaction goes
    public void A_contract_that_destroys_itself_goes_or_only_pays(Fork fork, bool stays)
    {
        var machine = Called($"73{TestMachine.Nobody.ToString()[2..]}ff", fork: fork);
        Assert.Equal(stays, machine.AccountOf(TestMachine.Contract).HasCode);
        Assert.Equal((UInt256.Zero, (UInt256)1_000), (machine.AccountOf(TestMachine.Contract).Balance, machine.AccountOf(TestMachine.Nobody).Balance));
    }

    [Fact]
    public void Transient_storage_ends_with_the_transaction()
    {
        // Slot 0 takes what the transient slot 0 holds, which then becomes one.
        var machine = Called("5f5c5f5560015f5d");
        machine.Call();
        Assert.Equal(UInt256.Zero, machine.Slot(TestMachine.Contract, 0));
        Assert.Equal(UInt256.One, Called("60015f5d5f5c5f55").Slot(TestMachine.Contract, 0));
    }

    [Fact]
    public void A_cleared_slot_gives_gas_back_but_no_more_than_a_fifth()
    {
        var machine = new TestMachine(Fork.Osaka, "5f355f55");
        machine.Call(input: new string('0', 63) + "1");
        var cleared = machine.Call(input: new string('0', 64));
        Assert.Equal((1_001UL, 5_007UL - 1_001), (cleared.GasRefunded, cleared.GasUsed));
    }
}

/// <summary>Accounts that run the code of another (EIP-7702).</summary>
public class DelegationTests
{
    static readonly byte[] Secret = [.. Enumerable.Repeat((byte)0x77, 32)];
    static readonly Address Authority = TransactionSigning.AddressOf(Secret);

    static Authorization Signed(Address target, ulong nonce = 0, ulong chainId = 1) =>
        TransactionSigning.Sign(new Authorization(chainId, target, nonce, 0, UInt256.Zero, UInt256.Zero), Secret);

    // Calls the authority; the code it is given stores one.
    static TestMachine Machine() => new(Fork.Osaka, $"5f5f5f5f5f73{Authority.ToString()[2..]}5af1", "60015f55");

    [Fact]
    public void An_authorized_account_runs_the_others_code_in_its_own_storage()
    {
        var machine = Machine();
        machine.Call(authorizations: [Signed(TestMachine.Other)]);
        Assert.Equal(UInt256.One, machine.Slot(Authority, 0));
        Assert.Equal(UInt256.Zero, machine.Slot(TestMachine.Other, 0));
        Assert.Equal(1UL, machine.AccountOf(Authority).Nonce);
        Assert.True(Delegation.TryRead(machine.State.GetCode(machine.AccountOf(Authority).CodeHash), out var target) && target == TestMachine.Other);
    }

    [Fact]
    public void The_authorization_of_no_address_ends_the_delegation()
    {
        var machine = Machine();
        machine.Call(authorizations: [Signed(TestMachine.Other)]);
        machine.Call(authorizations: [Signed(Address.Zero, nonce: 1)]);
        Assert.False(machine.AccountOf(Authority).HasCode);
        Assert.Equal(2UL, machine.AccountOf(Authority).Nonce);
    }

    [Fact]
    public void An_authorization_that_is_not_for_now_or_not_for_here_is_passed_over()
    {
        var good = Signed(TestMachine.Other);
        foreach (var bad in new[] { Signed(TestMachine.Other, nonce: 1), Signed(TestMachine.Other, chainId: 2), good with { S = UInt256.Zero }, good with { YParity = 2 } })
        {
            var machine = Machine();
            Assert.True(machine.Call(authorizations: [bad]).Succeeded);
            Assert.False(machine.AccountOf(Authority).HasCode);
            Assert.Equal(UInt256.Zero, machine.Slot(Authority, 0));
        }
        // Chain id 0 is every chain.
        var everywhere = Machine();
        everywhere.Call(authorizations: [Signed(TestMachine.Other, chainId: 0)]);
        Assert.True(everywhere.AccountOf(Authority).HasCode);
    }

    [Fact]
    public void Delegations_are_followed_once()
    {
        // The authority's code is a delegation to itself: what would run is the delegation's own first byte.
        var machine = Machine();
        Assert.True(machine.Call(authorizations: [Signed(Authority)]).Succeeded);
        Assert.Equal(UInt256.Zero, machine.Slot(Authority, 0));
    }
}

/// <summary>Calls that the block makes itself (EIP-4788 and its kin).</summary>
public class SystemCallTests
{
    [Fact]
    public void A_system_call_comes_from_the_system_address_and_charges_nobody()
    {
        // CALLER, SSTORE 0; CALLDATALOAD 0, SSTORE 1.
        var machine = new TestMachine(Fork.Osaka, "00", "335f555f35600155");
        var result = machine.SystemCall(TestMachine.Other, new string('0', 63) + "7");
        Assert.True(result is { HadCode: true, Succeeded: true });
        Assert.Equal(TransactionExecution.SystemAddress.ToUInt256(), result.Diff.Accounts[TestMachine.Other].Storage![0]);
        Assert.Equal((UInt256)7, result.Diff.Accounts[TestMachine.Other].Storage![1]);
        Assert.DoesNotContain(TransactionExecution.SystemAddress, result.Diff.Accounts.Keys);
    }

    [Fact]
    public void Where_no_contract_stands_a_system_call_does_nothing_and_says_so()
    {
        var result = new TestMachine(Fork.Osaka, "00").SystemCall(TestMachine.Nobody);
        Assert.False(result.HadCode);
        Assert.Empty(result.Diff.Accounts);
    }

    [Fact]
    public void A_system_call_that_fails_changes_nothing()
    {
        var result = new TestMachine(Fork.Osaka, "00", "60015f55fe").SystemCall(TestMachine.Other);
        Assert.True(result is { HadCode: true, Succeeded: false });
        Assert.DoesNotContain(TestMachine.Other, result.Diff.Accounts.Keys);
    }
}
