using System.Globalization;
using System.Text;
using CsCheck;
using Hufu.Evm;
using Hufu.Primitives;
using Hufu.State;
using Xunit;

namespace Hufu.Tests.Evm;

/// <summary>Every engine gives what the reference gives. A million programs: HUFU_PROGRAMS=1000000.</summary>
public class EngineAgreementTests
{
    static readonly Address Caller = Address.FromNumber(0xca11e4), Contract = Address.FromNumber(0xc0de), Other = Address.FromNumber(0x07e4), Absent = Address.FromNumber(0xab5e47);

    static int Programs => int.TryParse(Environment.GetEnvironmentVariable("HUFU_PROGRAMS"), CultureInfo.InvariantCulture, out var count) ? count : 4000;

    static readonly Gen<Fork> AnyFork = Gen.OneOf(Fork.Frontier, Fork.Homestead, Fork.Byzantium, Fork.Istanbul, Fork.Berlin, Fork.London, Fork.Cancun, Fork.Osaka, Fork.Osaka, Fork.Amsterdam);

    [Fact]
    public void Random_programs_end_as_the_reference_has_it() =>
        Gen.Select(Gen.Int, Gen.Int, AnyFork, Gen.Frequency((3, Gen.ULong[0, 3_000]), (3, Gen.ULong[3_000, 60_000]), (1, Gen.ULong[60_000, 1_000_000])))
            .Sample((first, second, fork, gas) =>
            {
                var code = GeneratedProgram.Of(first, Other.Bytes.ToArray(), Contract.Bytes.ToArray(), Absent.Bytes.ToArray(), Address.FromNumber(4).Bytes.ToArray());
                var other = GeneratedProgram.Of(second, Contract.Bytes.ToArray(), Absent.Bytes.ToArray());
                AssertAgreement(code, other, fork, gas);
            }, iter: Programs);

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Random_programs_that_are_compiled_at_once_end_as_the_reference_has_it(int after)
    {
        var usual = Engines.CompilesAfter;
        Engines.CompilesAfter = after;
        try
        {
            Gen.Select(Gen.Int, Gen.Int, AnyFork, Gen.ULong[100, 60_000]).Sample((first, second, fork, gas) =>
            {
                var code = GeneratedProgram.Of(first, Other.Bytes.ToArray(), Contract.Bytes.ToArray(), Address.FromNumber(4).Bytes.ToArray());
                AssertAgreement(code, GeneratedProgram.Of(second, Contract.Bytes.ToArray(), Absent.Bytes.ToArray()), fork, gas);
            }, iter: Programs / 8);
        }
        finally
        {
            Engines.CompilesAfter = usual;
        }
    }

    [Fact]
    public void Gas_runs_out_at_the_same_instruction_whatever_there_is_of_it() =>
        Gen.Select(Gen.Int, Gen.OneOf(Fork.Homestead, Fork.Osaka, Fork.Amsterdam)).Sample((seed, fork) =>
        {
            var code = GeneratedProgram.Of(seed, Other.Bytes.ToArray());
            for (var gas = 0UL; gas < 400; gas += 7) AssertAgreement(code, [0x60, 1, 0x54, 0x50], fork, gas);
        }, iter: Programs / 40);

    [Fact]
    public void Init_code_that_loops_ends_as_the_reference_has_it()
    {
        foreach (var loops in (byte[])[1, 63, 64, 65, 200])
        {
            // Calls another in each turn, stores how many are left, and returns its memory as code.
            byte[] init = [0x60, loops, 0x5b, 0x5f, 0x5f, 0x5f, 0x5f, 0x60, 4, 0x5a, 0xfa, 0x50, 0x80, 0x5f, 0x52, 0x60, 1, 0x90, 0x03, 0x80, 0x60, 2, 0x57, 0x60, 33, 0x5f, 0xf3];
            byte[] store = [0x7f, .. init, .. new byte[32 - init.Length], 0x5f, 0x52];
            byte[] create = [0x60, (byte)init.Length, 0x5f, 0x5f, 0xf0];
            byte[] code = [.. store, .. create, .. store, .. create, 0x5f, 0x52, 0x60, 32, 0x52, 0x60, 64, 0x5f, 0xf3];
            foreach (var fork in (Fork[])[Fork.Osaka, Fork.Amsterdam])
                for (var gas = 30_000UL; gas < 400_000; gas += 4_001) AssertAgreement(code, [], fork, gas);
        }
    }

    [Fact]
    public void No_instruction_uses_the_native_stack_however_often_it_runs()
    {
        // Each runs some ten thousand times on a thread whose stack would hold a few hundred calls.
        var thread = new Thread(() =>
        {
            foreach (var (takes, leaves, opcodes) in Shapes)
                foreach (var opcode in opcodes) RunInLoop(takes, leaves, opcode);
        }, maxStackSize: 256 << 10);
        thread.Start();
        thread.Join();
    }

    // What instructions take and leave.
    static readonly (int Takes, int Leaves, byte[] Opcodes)[] Shapes =
    [
        (3, 1, [0x08, 0x09]),
        (2, 1, [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x0a, 0x0b, 0x10, 0x11, 0x12, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1a, 0x1b, 0x1c, 0x1d, 0x20]),
        (1, 1, [0x15, 0x19, 0x1e, 0x31, 0x35, 0x3b, 0x3f, 0x40, 0x49, 0x51, 0x54, 0x5c]),
        (0, 1, [0x30, 0x32, 0x33, 0x34, 0x36, 0x38, 0x3a, 0x3d, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x4a, 0x58, 0x59, 0x5a, 0x5f]),
        (3, 0, [0x37, 0x39, 0x3e, 0x5e]),
        (2, 0, [0x52, 0x53, 0x55, 0x5d, 0xa0]),
        (1, 0, [0x50]),
        (6, 1, [0xf4, 0xfa]),
    ];

    static void RunInLoop(int takes, int leaves, byte opcode)
    {
        // As a constant, as a number not known before, and as one of more than 64 bits.
        foreach (var argument in (byte[][])[[0x60, 0], [0x36], [0x36, 0x80, 0x02, 0x80, 0x02, 0x80, 0x02, 0x80, 0x02, 0x80, 0x02]])
        {
            byte[] code = [0x5b, .. Enumerable.Repeat(argument, takes).SelectMany(part => part), opcode, .. Enumerable.Repeat((byte)0x50, leaves), 0x5f, 0x56];
            AssertAgreement(code, [], Fork.Osaka, 500_000);
        }
    }

    static void AssertAgreement(byte[] code, byte[] other, Fork fork, ulong gas)
    {
        var reference = Run(ExecutionEngine.Reference, code, other, fork, gas);
        foreach (var engine in Enum.GetValues<ExecutionEngine>())
            if (engine != ExecutionEngine.Reference) Assert.True(reference == Run(engine, code, other, fork, gas), $"{engine} differs under {fork} with {gas} gas:\n{Convert.ToHexStringLower(code)}\n{Convert.ToHexStringLower(other)}\n{reference}\n{Run(engine, code, other, fork, gas)}");
    }

    static string Run(ExecutionEngine engine, byte[] code, byte[] other, Fork fork, ulong gas)
    {
        var state = WorldState.BeginEmpty();
        var diff = new StateDiff();
        Put(diff, Caller, []);
        Put(diff, Contract, code);
        Put(diff, Other, other);
        state.Apply(diff);
        var block = new BlockContext { Number = 300, Timestamp = 12, GasLimit = 30_000_000, BlobBaseFee = 7, Beneficiary = Absent, BlockHash = number => Keccak256.Hash(BitConverter.GetBytes(number)) };
        var execution = new TransactionExecution(state, block, ForkRules.Of(fork), engine: engine);
        return Describe(execution.Call(new CallRequest { From = Caller, To = Contract, GasLimit = gas, Value = 1, Input = code.AsMemory(0, Math.Min(code.Length, 100)), ChargesIntrinsicGas = false }));
    }

    static void Put(StateDiff diff, in Address address, byte[] code)
    {
        var hash = Keccak256.Hash(code);
        diff.Codes[hash] = code;
        diff.Accounts[address] = new AccountDiff { Nonce = 1, Balance = 1_000_000, CodeHash = hash, Storage = new() { [1] = 2, [3] = 4 } };
    }

    static string Describe(ExecutionResult result)
    {
        var text = new StringBuilder();
        // Where the gas for the rest of a block is gone, which of its instructions would have failed first is not told apart.
        text.AppendLine($"{(result.Halt.IsExceptional() ? Halt.OutOfGas : result.Halt)} {result.GasUsed} {result.RegularGasUsed} {result.StateGasUsed} {result.GasRefunded} {Convert.ToHexStringLower(result.Output)}");
        foreach (var log in result.Logs) text.AppendLine($"log {log.Address} {string.Join(',', log.Topics)} {Convert.ToHexStringLower(log.Data.Span)}");
        foreach (var (address, change) in result.Diff.Accounts.OrderBy(pair => pair.Key))
        {
            text.AppendLine($"{address} {change.Exists} {change.Nonce} {change.Balance} {change.CodeHash} {change.StorageCleared}");
            foreach (var (slot, value) in (change.Storage ?? []).OrderBy(pair => pair.Key)) text.AppendLine($"  {slot} = {value}");
        }
        foreach (var access in (result.Accesses ?? []).OrderBy(access => access.Address))
            text.AppendLine($"met {access.Address} {string.Join(',', access.Reads.Order())} {string.Join(',', access.Writes.Order())}");
        return text.ToString();
    }
}
