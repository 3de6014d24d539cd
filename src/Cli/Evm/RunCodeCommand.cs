using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Hufu.Evm;
using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Cli;

/// <summary>`hufu evm run`: bare code against a world that is empty or comes from a genesis file.</summary>
static class RunCodeCommand
{
    // geth's tool runs code from "sender" at "receiver": the ASCII of these words, right-aligned.
    static readonly Address DefaultSender = Named("sender");
    static readonly Address DefaultReceiver = Named("receiver");

    public static Command Create(Option<bool> gethJson)
    {
        var codeArgument = new Argument<string?>("code") { Description = "The code, in hexadecimal.", Arity = ArgumentArity.ZeroOrOne };
        var code = new Option<string?>("--code") { Description = "The code, in hexadecimal." };
        var codeFile = new Option<string?>("--codefile") { Description = "A file of hexadecimal code; - for standard input." };
        var input = new Option<string?>("--input") { Description = "The input, in hexadecimal." };
        var inputFile = new Option<string?>("--inputfile") { Description = "A file of hexadecimal input." };
        var gas = new Option<ulong>("--gas") { Description = "Gas of the call.", DefaultValueFactory = _ => 10_000_000_000 };
        var price = new Option<string>("--price") { Description = "What GASPRICE answers, in wei.", DefaultValueFactory = _ => "0" };
        var value = new Option<string>("--value") { Description = "Wei that the call hands over.", DefaultValueFactory = _ => "0" };
        var sender = new Option<string?>("--sender") { Description = "The caller's address." };
        var receiver = new Option<string?>("--receiver") { Description = "The address that the code stands at." };
        var create = new Option<bool>("--create") { Description = "Run the code as init code of a creation." };
        var prestate = new Option<string?>("--prestate", "--genesis") { Description = "A genesis file: the world, the block's fields and the fork." };
        var fork = new Option<string>("--fork", "--state.fork") { Description = "The fork, where no genesis file names it.", DefaultValueFactory = _ => "Osaka" };
        var trace = new Option<bool>("--trace", "--json") { Description = "One JSON line per step (EIP-3155) on standard error." };
        var statistics = new Option<bool>("--statdump", "--bench") { Description = "Gas used and time taken on standard error." };
        var dump = new Option<bool>("--dump") { Description = "What the code changed, as JSON after the output." };
        var command = new Command("run", "Run bare code. Example: hufu evm run --code 600160020160005260206000f3 --statdump")
        {
            codeArgument, code, codeFile, input, inputFile, gas, price, value, sender, receiver, create, prestate, fork, trace, statistics, dump,
        };
        command.SetAction(parsed =>
        {
            try
            {
                var bytes = Read(parsed.GetValue(code) ?? parsed.GetValue(codeArgument), parsed.GetValue(codeFile))
                    ?? throw new FormatException("no code: give it as an argument, with --code or with --codefile");
                var world = World.Open(parsed.GetValue(prestate), parsed.GetValue(fork)!);
                var from = parsed.GetValue(sender) is { } given ? Address.Parse(given) : DefaultSender;
                var at = parsed.GetValue(receiver) is { } named ? Address.Parse(named) : DefaultReceiver;
                var data = Read(parsed.GetValue(input), parsed.GetValue(inputFile)) ?? [];
                var wei = UInt256.Parse(parsed.GetValue(value)!);
                var isCreate = parsed.GetValue(create);
                world.Prepare(from, at, wei, isCreate ? null : bytes);
                var request = new CallRequest
                {
                    From = from,
                    To = isCreate ? null : at,
                    Input = isCreate ? [.. bytes, .. data] : data,
                    Value = wei,
                    GasLimit = parsed.GetValue(gas),
                    GasPrice = UInt256.Parse(parsed.GetValue(price)!),
                    ChargesIntrinsicGas = false,
                };
                return Run(world, request, parsed.GetValue(trace) || parsed.GetValue(gethJson), parsed.GetValue(statistics), parsed.GetValue(dump));
            }
            catch (Exception error) when (error is FormatException or OverflowException or IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine($"error: {error.Message}");
                return 2;
            }
        });
        return command;
    }

    static int Run(World world, CallRequest request, bool traced, bool statistics, bool dump)
    {
        var execution = new TransactionExecution(world.State, world.Block, world.Rules);
        var watch = Stopwatch.StartNew();
        var result = traced ? Trace(execution, request) : execution.Call(request);
        watch.Stop();

        if (traced) Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{{\"output\":\"{Convert.ToHexStringLower(result.Output)}\",\"gasUsed\":\"0x{result.GasUsed:x}\"{(result.Succeeded ? "" : $",\"error\":\"{result.Halt.Describe()}\"")}}}"));
        if (statistics) Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"EVM gas used:    {result.GasUsed}\nexecution time:  {watch.Elapsed.TotalMilliseconds:F3}ms"));
        Console.WriteLine(Hex.Encode(result.Output));
        if (!result.Succeeded) Console.WriteLine($" error: {result.Halt.Describe()}");
        if (dump) WriteDiff(result.Diff);
        return 0;
    }

    static ExecutionResult Trace(TransactionExecution execution, CallRequest request)
    {
        var tracer = new StructTracer(Console.Error);
        return execution.Call(request, ref tracer);
    }

    static void WriteDiff(StateDiff diff)
    {
        using var writer = new Utf8JsonWriter(Console.OpenStandardOutput(), new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        foreach (var (address, change) in diff.Accounts.OrderBy(entry => entry.Key))
        {
            writer.WriteStartObject(address.ToString());
            writer.WriteBoolean("exists", change.Exists);
            writer.WriteString("balance", change.Balance.ToString());
            writer.WriteNumber("nonce", change.Nonce);
            writer.WriteString("codeHash", change.CodeHash.ToString());
            writer.WriteStartObject("storage");
            foreach (var (slot, value) in change.Storage ?? []) writer.WriteString(slot.ToHexQuantity(), value.ToHexQuantity());
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
        writer.Flush();
        Console.WriteLine();
    }

    static byte[]? Read(string? text, string? file)
    {
        if (file is not null) text = file == "-" ? Console.In.ReadToEnd() : File.ReadAllText(file);
        if (text is null) return null;
        text = text.Trim();
        if (!text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) text = "0x" + text;
        return Hex.Decode(text);
    }

    static Address Named(string name)
    {
        Span<byte> bytes = stackalloc byte[Address.Size];
        bytes.Clear();
        System.Text.Encoding.ASCII.GetBytes(name, bytes[(Address.Size - name.Length)..]);
        return Address.FromBytes(bytes);
    }

    sealed record World(StateTransition State, BlockContext Block, ForkRules Rules)
    {
        public static World Open(string? genesisFile, string forkName)
        {
            if (genesisFile is null)
            {
                if (!FixtureForks.TryParse(forkName, out var fork))
                    throw new FormatException($"fork '{forkName}' is not known; write one of {string.Join(", ", FixtureForks.Names)}");
                return new World(WorldState.BeginEmpty(), new BlockContext { GasLimit = 10_000_000_000, ChainId = 1337, BlobBaseFee = UInt256.One }, ForkRules.Of(fork));
            }
            if (!GenesisJson.TryParse(File.ReadAllBytes(genesisFile), out var genesis, out var refusal)) throw new FormatException($"{genesisFile}: {refusal}");
            var state = WorldState.BeginEmpty();
            state.Apply(genesis.ToStateDiff());
            return new World(state, new BlockContext
            {
                Number = genesis.Number,
                Timestamp = genesis.Timestamp,
                GasLimit = genesis.GasLimit,
                Beneficiary = genesis.Beneficiary,
                Difficulty = genesis.Difficulty,
                PrevRandao = genesis.PrevRandao,
                BaseFeePerGas = genesis.BaseFeePerGas ?? UInt256.Zero,
                BlobBaseFee = UInt256.One,
                ChainId = genesis.Schedule.ChainId,
            }, genesis.Rules);
        }

        /// <summary>Puts the code where it is to run, and gives the caller what it hands over.</summary>
        public void Prepare(Address caller, Address receiver, UInt256 value, byte[]? code)
        {
            var diff = new StateDiff();
            Change(diff, caller).Balance += value;
            if (code is { Length: > 0 })
            {
                var hash = Keccak256.Hash(code);
                diff.Codes[hash] = code;
                Change(diff, receiver).CodeHash = hash;
            }
            State.Apply(diff);
        }

        AccountDiff Change(StateDiff diff, Address address)
        {
            if (diff.Accounts.TryGetValue(address, out var known)) return known;
            State.TryGetAccount(address, out var account);
            var change = account == default ? new AccountDiff() : new AccountDiff { Nonce = account.Nonce, Balance = account.Balance, CodeHash = account.CodeHash };
            diff.Accounts.Add(address, change);
            return change;
        }
    }
}
