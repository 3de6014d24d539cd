using System.Text.Json;
using Hufu.Evm;
using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Cli;

/// <summary>Runs the VMTests of old: code alone, without a transaction around it, under Frontier's gas rules.</summary>
static class MachineTest
{
    public static FixtureVerdict Run(string name, JsonElement test)
    {
        var pre = FixtureJson.Accounts(test.GetProperty("pre"));
        var exec = test.GetProperty("exec");
        var (address, caller, value) = (exec.Address("address"), exec.Address("caller"), exec.Number("value"));

        // These tests hand the value over beforehand; a call hands it over itself. So it is taken back first, and lent to the caller.
        AccountOf(pre, address).Balance -= value;
        var price = exec.Number("gasPrice");
        AccountOf(pre, caller).Balance += value + price * exec.Number("gas");
        var code = exec.Bytes("code");
        var codeHash = Keccak256.Hash(code);
        pre.Codes[codeHash] = code;
        AccountOf(pre, address).CodeHash = code.Length == 0 ? Account.EmptyCodeHash : codeHash;

        var env = test.GetProperty("env");
        var block = new BlockContext
        {
            Number = env.UInt64("currentNumber"),
            Timestamp = env.UInt64("currentTimestamp"),
            GasLimit = env.UInt64("currentGasLimit"),
            Beneficiary = env.Address("currentCoinbase"),
            Difficulty = env.Number("currentDifficulty"),
            ChainId = 1,
            BlockHash = StateTest.HashOfBlock,
        };
        var state = WorldState.BeginEmpty();
        state.Apply(pre);
        var gas = exec.UInt64("gas");
        var result = new TransactionExecution(state, block, ForkRules.Of(Fork.Frontier)).Call(new CallRequest
        {
            From = caller,
            To = address,
            Input = exec.Bytes("data"),
            Value = value,
            GasLimit = gas,
            GasPrice = price,
            ChargesIntrinsicGas = false,
        });

        if (!test.TryGetProperty("post", out var post))
            return new FixtureVerdict(name, "Frontier", result.Succeeded ? "the code ran to its end, though it must fail" : null);
        return new FixtureVerdict(name, "Frontier", Fault(test, post, result, gas, state));
    }

    static string? Fault(JsonElement test, JsonElement post, ExecutionResult result, ulong gas, StateTransition state)
    {
        if (!result.Succeeded) return $"failed: {result.Halt}";
        // Refunds are a transaction's affair: bare code has spent what it spent.
        var left = gas - result.GasUsed - result.GasRefunded;
        if (left != test.UInt64("gas")) return $"{left} gas is left, expected {test.UInt64("gas")}";
        if (!result.Output.SequenceEqual(test.Bytes("out"))) return $"the output is {Hex.Encode(result.Output)}, expected {test.OptionalText("out")}";
        var logs = StateTest.LogsHash(result.Logs);
        if (logs != test.Hash("logs")) return $"the hash of the logs is {logs}, expected {test.Hash("logs")}";
        state.Apply(result.Diff);
        foreach (var (address, account) in FixtureJson.Accounts(post).Accounts)
        {
            foreach (var (slot, value) in account.Storage ?? [])
                if (state.GetStorage(address, slot) != value) return $"{address} holds {state.GetStorage(address, slot)} in slot {slot}, expected {value}";
        }
        return null;
    }

    static AccountDiff AccountOf(StateDiff diff, Address address)
    {
        if (!diff.Accounts.TryGetValue(address, out var account)) diff.Accounts.Add(address, account = new AccountDiff());
        return account;
    }
}
