using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Hufu.Evm;
using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Cli;

/// <summary>`hufu bench evm`: one program, run again and again from the same state.</summary>
static class EvmBench
{
    static readonly Address Contract = Address.Parse("0x00000000000000000000000000000000c0de0001");
    static readonly Address Caller = Address.Parse("0x1000000000000000000000000000000000000001");
    static readonly UInt256 Ether = UInt256.Parse("1000000000000000000");

    public static Command Create(Option<int> repeat)
    {
        var code = new Option<string>("--code") { Description = "The code in hexadecimal, or @FILE.", Required = true };
        var input = new Option<string?>("--input") { Description = "The input in hexadecimal, or @FILE." };
        var storage = new Option<string?>("--storage") { Description = "Storage before the run: slot=value,…" };
        var fork = new Option<string>("--fork") { Description = "The fork.", DefaultValueFactory = _ => "osaka" };
        var engine = new Option<string>("--engine") { Description = "What runs the code: reference, interpreter or compiled.", DefaultValueFactory = _ => Engines.Default.ToString().ToLowerInvariant() };
        var command = new Command("evm", "Run one program repeatedly. Example: hufu bench evm --code 5b600056 --repeat 3") { code, input, storage, fork, engine };
        command.SetAction(parsed =>
        {
            try
            {
                if (!Engines.TryParse(parsed.GetValue(engine)!, out var runner)) throw new FormatException($"engine '{parsed.GetValue(engine)}' is not known; write one of {string.Join(", ", Enum.GetNames<ExecutionEngine>()).ToLowerInvariant()}");
                if (!Engines.IsSupported(runner)) runner = ExecutionEngine.Reference;
                if (!FixtureForks.TryParse(parsed.GetValue(fork)!, out var chosen)) throw new FormatException($"fork '{parsed.GetValue(fork)}' is not known; write one of {string.Join(", ", FixtureForks.Names)}");
                return Run(Read(parsed.GetValue(code)!), Read(parsed.GetValue(input) ?? ""), parsed.GetValue(storage), ForkRules.Of(chosen), runner, parsed.GetValue(repeat));
            }
            catch (Exception error) when (error is FormatException or OverflowException or IOException or UnauthorizedAccessException)
            {
                return Outcome.Refuse(new Refusal(error.Message));
            }
        });
        return command;
    }

    static int Run(byte[] code, byte[] input, string? storage, ForkRules rules, ExecutionEngine engine, int repeat)
    {
        var world = new StateDiff();
        var codeHash = Keccak256.Hash(code);
        world.Codes[codeHash] = code;
        var contract = world.Accounts[Contract] = new AccountDiff { Nonce = 1, Balance = Ether, CodeHash = code.Length == 0 ? Account.EmptyCodeHash : codeHash };
        foreach (var pair in (storage ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            if (at < 0) throw new FormatException($"--storage '{pair}' is not slot=value");
            (contract.Storage ??= [])[UInt256.Parse(pair[..at])] = UInt256.Parse(pair[(at + 1)..]);
        }
        world.Accounts[Caller] = new AccountDiff { Balance = Ether };
        var state = WorldState.BeginEmpty();
        state.Apply(world);

        const ulong gasLimit = 1UL << 50;
        var block = new BlockContext { Number = 1, GasLimit = gasLimit, ChainId = 1, BlobBaseFee = UInt256.One };
        var request = new CallRequest { From = Caller, To = Contract, Input = input, GasLimit = gasLimit, ChargesIntrinsicGas = false, AccessList = [new AccessListEntry(block.Beneficiary, [])] };
        var execution = new TransactionExecution(state, block, rules, engine: engine);
        ExecutionResult? result = null;
        WarmUp(() => result = execution.Call(request), engine);
        var timings = Timings.Of(repeat, () => result = execution.Call(request), prepare: () =>
        {
            Engines.FinishCompiling();
            Engines.ForgetAnswers();
        });
        var gas = result!.GasUsed + result.GasRefunded;
        Outcome.WriteJson(writer =>
        {
            timings.WriteTo(writer);
            writer.WriteNumber("gas", gas);
            writer.WriteString("output", Convert.ToHexStringLower(result.Output));
            writer.WriteBoolean("success", result.Succeeded);
            writer.WriteString("engine", engine.ToString().ToLowerInvariant());
            writer.WriteNumber("compile_ns", Engines.CompileNanoseconds);
            writer.WriteString("mgas_per_second", (gas * 1000.0 / timings.MedianNs).ToString("F1", CultureInfo.InvariantCulture));
        });
        return Outcome.Success;
    }

    // Until what is hot is compiled, or a tenth of a second has passed.
    static void WarmUp(Action run, ExecutionEngine engine)
    {
        if (engine != ExecutionEngine.Compiled) return;
        var start = Stopwatch.GetTimestamp();
        do run();
        while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < 100);
        Engines.FinishCompiling();
    }

    static byte[] Read(string text)
    {
        if (text.StartsWith('@')) text = File.ReadAllText(text[1..]);
        text = text.Trim();
        return Convert.FromHexString(text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text);
    }
}
