using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;

namespace Hufu.Cli;

/// <summary>`hufu bench`: what one machine does per second, one JSON line a measurement, so that two versions or two programs can be compared in one run.</summary>
static class BenchCommand
{
    public static Command Create()
    {
        var repeat = new Option<int>("--repeat") { Description = "Counted runs; one more warms up.", DefaultValueFactory = _ => 9, Recursive = true };
        var bench = new Command("bench", "Measure, one JSON line each: {\"bench\":…,\"ns\":[…],\"cpu_ns\":[…],…}. Example: hufu bench keccak") { repeat };
        bench.Add(Simple("keccak", "Keccak-256 of 32, 64, 136 and 576 bytes, one at a time and four at a time.", PrimitiveBenches.Keccak));
        bench.Add(Simple("recover", "Senders of signed transactions (secp256k1), on one core.", PrimitiveBenches.Recover));
        bench.Add(Simple("transfers", "Transfers executed, rooted and kept in a block, in memory.", ChainBenches.Transfers));
        bench.Add(Simple("blocks", "A block of calls that calculate, executed in order and side by side (EIP-7928), in memory.", ChainBenches.Blocks));
        bench.Add(StateRoot());
        bench.Add(Growth());
        bench.Add(Chain());
        bench.Add(Import());
        bench.Add(Logs());
        bench.Add(EvmBench.Create(repeat));
        bench.Add(NetworkBench.Create());
        bench.Add(SyncBench.Create(repeat));
        return bench;

        Command Simple(string name, string description, Action<int> run)
        {
            var command = new Command(name, description);
            command.SetAction(parsed => run(parsed.GetValue(repeat)));
            return command;
        }

        Command Chain()
        {
            var blocks = new Option<int>("--blocks") { Description = "Blocks of the chain.", DefaultValueFactory = _ => 1_000 };
            var transactions = new Option<int>("--transactions") { Description = "Transactions of each: transfers to new accounts and calls that write a new slot, half and half.", DefaultValueFactory = _ => 100 };
            var command = new Command("chain", "A chain made here, imported from a file into an empty folder: gas a second, bytes on disk a transaction, and the memory that the process has at the end. Example: hufu bench chain --blocks 100000 --transactions 10") { blocks, transactions, LedgerOptions.Cache };
            command.SetAction(parsed =>
            {
                var settings = Settings.Of(parsed);
                var keeping = LedgerOptions.ReadKeeping(settings);
                return settings.Refusal is { } wrong ? Outcome.Refuse(wrong) : WholeChainBench.Run(parsed.GetValue(blocks), parsed.GetValue(transactions), keeping);
            });
            return command;
        }

        Command Import()
        {
            var file = new Argument<string>("FILE") { Description = "Blocks as RLP one after the other, or an era1 file." };
            var genesis = new Option<string>("--genesis") { Description = "The genesis file of the blocks.", Required = true };
            var command = new Command("import", "The blocks of a file decoded, verified, executed and kept in memory: gas a second. Example: hufu bench import chain.rlp --genesis genesis.json") { file, genesis };
            command.SetAction(parsed => ImportBench.Run(parsed.GetRequiredValue(file), parsed.GetRequiredValue(genesis), parsed.GetValue(repeat)));
            return command;
        }

        Command Logs()
        {
            var blocks = new Option<int>("--blocks") { Description = "Blocks of the chain; one in a thousand holds a log.", DefaultValueFactory = _ => 100_000 };
            var command = new Command("logs", "A search for few logs among many blocks, on disk. Example: hufu bench logs --blocks 1000000") { blocks };
            command.SetAction(parsed => LogBench.Run(parsed.GetValue(blocks), parsed.GetValue(repeat)));
            return command;
        }

        Command Growth()
        {
            var accounts = new Option<int[]>("--accounts") { Description = "Accounts in the state, several sizes in one run.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [10_000, 100_000, 1_000_000] };
            var command = new Command("growth", "A block of a thousand transfers between random accounts, on disk: reads, root and durable write as the state grows. Example: hufu bench growth --accounts 10000 1000000 10000000") { accounts };
            command.SetAction(parsed => GrowthBench.Run(parsed.GetValue(accounts)!, parsed.GetValue(repeat)));
            return command;
        }

        Command StateRoot()
        {
            var accounts = new Option<int>("--accounts") { Description = "Accounts in the state.", DefaultValueFactory = _ => 1_000_000 };
            var changed = new Option<int>("--changed") { Description = "Accounts changed before each root.", DefaultValueFactory = _ => 10_000 };
            var command = new Command("state-root", "The state root after a change of many accounts. Example: hufu bench state-root --accounts 1000000 --changed 10000") { accounts, changed };
            command.SetAction(parsed => ChainBenches.StateRoot(parsed.GetValue(accounts), parsed.GetValue(changed), parsed.GetValue(repeat)));
            return command;
        }
    }
}

/// <summary>Wall and processor time of repeated runs.</summary>
sealed class Timings
{
    readonly List<long> _wall = [], _cpu = [];

    /// <summary>Runs once to warm up, then <paramref name="repeat"/> times under the clock; what <paramref name="prepare"/> does is not counted.</summary>
    public static Timings Of(int repeat, Action run, Action? prepare = null)
    {
        var timings = new Timings();
        prepare?.Invoke();
        run();
        for (var i = 0; i < Math.Max(1, repeat); i++)
        {
            prepare?.Invoke();
            timings.Add(run);
        }
        return timings;
    }

    /// <summary>Runs once, cold: for what takes so long that a start does not matter.</summary>
    public static Timings Once(Action run)
    {
        var timings = new Timings();
        timings.Add(run);
        return timings;
    }

    void Add(Action run)
    {
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var start = Stopwatch.GetTimestamp();
        run();
        _wall.Add((long)Stopwatch.GetElapsedTime(start).TotalNanoseconds);
        _cpu.Add((long)(Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalNanoseconds);
    }

    public long MedianNs => Median(_wall);

    static long Median(List<long> values) => values.Order().ElementAt(values.Count / 2);

    public void WriteTo(Utf8JsonWriter writer)
    {
        Write("ns", _wall);
        Write("cpu_ns", _cpu);

        void Write(string name, List<long> values)
        {
            writer.WriteStartArray(name);
            foreach (var value in values) writer.WriteNumberValue(value);
            writer.WriteEndArray();
        }
    }

    /// <summary>One line: the name, the times, and per operation where <paramref name="operations"/> were done in a run.</summary>
    public void Report(string name, long operations, Action<Utf8JsonWriter>? more = null) => Outcome.WriteJson(writer =>
    {
        writer.WriteString("bench", name);
        WriteTo(writer);
        writer.WriteNumber("operations", operations);
        writer.WriteNumber("ns_per_operation", Math.Round((double)MedianNs / operations, 1));
        writer.WriteNumber("cpu_ns_per_operation", Math.Round((double)Median(_cpu) / operations, 1));
        more?.Invoke(writer);
    });
}
