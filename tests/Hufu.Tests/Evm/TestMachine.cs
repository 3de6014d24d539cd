using Hufu.Evm;
using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Tests.Evm;

/// <summary>A world of a few accounts, and calls to one of them; what a call changed stays for the next.</summary>
sealed class TestMachine
{
    public static readonly Address Caller = Address.FromNumber(0xca11e4), Contract = Address.FromNumber(0xc0de), Other = Address.FromNumber(0x07e4), Nobody = Address.FromNumber(0xdead);

    readonly StateTransition _state = WorldState.BeginEmpty();
    readonly ForkRules _rules;

    public TestMachine(Fork fork, string code, string other = "")
    {
        _rules = ForkRules.Of(fork);
        var world = new StateDiff();
        world.Accounts[Caller] = new AccountDiff { Balance = 1_000_000 };
        Put(world, Contract, code);
        if (other.Length > 0) Put(world, Other, other);
        _state.Apply(world);
    }

    public StateTransition State => _state;

    public ExecutionResult Call(ulong gas = 1_000_000, ulong value = 0, string input = "", IReadOnlyList<Authorization>? authorizations = null)
    {
        var result = Machine().Call(new CallRequest
        {
            From = Caller,
            To = Contract,
            GasLimit = gas,
            Value = value,
            Input = Convert.FromHexString(input),
            ChargesIntrinsicGas = false,
            AuthorizationList = authorizations ?? [],
        });
        _state.Apply(result.Diff);
        return result;
    }

    public SystemCallResult SystemCall(in Address target, string input = "") => Machine().SystemCall(target, Convert.FromHexString(input));

    public UInt256 Slot(Address address, UInt256 slot) => _state.GetStorage(address, slot);

    public Account AccountOf(Address address) => _state.TryGetAccount(address, out var account) ? account : Account.Empty;

    TransactionExecution Machine() => new(_state, new BlockContext { Number = 1, GasLimit = 30_000_000, ChainId = 1 }, _rules);

    static void Put(StateDiff world, in Address address, string code)
    {
        var bytes = Convert.FromHexString(code);
        world.Codes[Keccak256.Hash(bytes)] = bytes;
        world.Accounts[address] = new AccountDiff { Nonce = 1, Balance = 1_000, CodeHash = Keccak256.Hash(bytes) };
    }
}
