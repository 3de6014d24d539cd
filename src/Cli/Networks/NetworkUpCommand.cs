using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Hufu.Crypto;
using Hufu.Node;
using Hufu.Primitives;

namespace Hufu.Cli;

/// <summary>`hufu network up`: a network of validator processes on this machine.</summary>
static class NetworkUpCommand
{
    static readonly Option<int> Validators = new("--validators") { Description = "How many validators; of 3f + 1 any f may fail.", HelpName = "N", DefaultValueFactory = _ => 4 };
    static readonly Option<string> Data = new("--data") { Description = "The folder that keeps the network.", HelpName = "DIR", DefaultValueFactory = _ => Path.Combine(DataFolders.Default, "network") };
    static readonly Option<int> RpcPort = new("--rpc-port") { Description = "The JSON-RPC port of the first validator, the others follow it; 0 takes free ones.", HelpName = "PORT", DefaultValueFactory = _ => 8545 };
    static readonly Option<uint> BlockPeriod = new("--block-period") { Description = "Seconds from block to block, for a new network.", HelpName = "SECONDS", DefaultValueFactory = _ => 1 };

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public static Command Create()
    {
        var command = new Command("up", """
            Run a network of validators on this machine, one process each, until Ctrl-C. Kill any of them: while a quorum runs, blocks come; start it again with the
            command that is printed, and it catches up.

            Example:
              hufu network up --validators 4
            """)
        { Validators, Data, RpcPort, BlockPeriod, LedgerOptions.Json };
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var settings = Settings.Of(parsed);
        var (count, json) = (settings.Get(Validators), settings.Get(LedgerOptions.Json));
        if (count is < 1 or > 100) return Outcome.Refuse(new Refusal($"--validators {count} is out of range", "from 1 to 100 run on one machine", "use 4"), json);
        var folder = Path.GetFullPath(settings.Get(Data)!);
        try
        {
            if (LocalNetwork.TryPrepare(folder, count, settings.Get(RpcPort), Math.Max(1, settings.Get(BlockPeriod)), Accounts(10), out var network) is { } refusal) return Outcome.Refuse(refusal, json);
            return await RunAsync(network, json, stop).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Outcome.Refuse(new Refusal($"cannot keep a network in {folder}", error.Message, "choose a folder that can be written to with --data"), json);
        }
    }

    static async Task<int> RunAsync(List<LocalValidator> network, bool json, CancellationToken stop)
    {
        using var asked = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, asked));
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, asked));
        await using var running = LocalProcesses.Start(network);
        try
        {
            if (await running.ReadyAsync(json).WaitAsync(Patience, asked.Token).ConfigureAwait(false) is { } refusal) return Outcome.Refuse(refusal, json);
            Report(network, running.Processes, json);
            var ends = running.Processes.Select((process, i) => WatchAsync(network[i], process, json, asked.Token)).ToList();
            await Task.WhenAny(Task.WhenAll(ends), Task.Delay(Timeout.Infinite, asked.Token)).ConfigureAwait(false);
            // Each may have been started again by its command: this program stays until it is told to stop.
            if (!asked.IsCancellationRequested) await Task.Delay(Timeout.Infinite, asked.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return Outcome.Success;
        }
        catch (OperationCanceledException)
        {
            return Outcome.Success;
        }
        catch (TimeoutException)
        {
            return Outcome.Refuse(new Refusal("the network did not start in time", $"not every validator answered within {Patience.TotalSeconds} s", "try again when the machine is less busy"), json);
        }
    }

    static List<Address> Accounts(int count) => [.. DevAccounts.Secrets(count).Select(secret => Address.FromPublicKey(Secp256k1.PublicKey(secret)))];

    static async Task WatchAsync(LocalValidator validator, Process process, bool json, CancellationToken stop)
    {
        await process.WaitForExitAsync(stop).ConfigureAwait(false);
        if (json) return;
        Console.WriteLine($"{validator.Name} has stopped. Start it again with:");
        Console.WriteLine($"  {string.Join(' ', validator.Command)}");
    }

    static void Report(List<LocalValidator> network, IReadOnlyList<Process> processes, bool json)
    {
        if (json)
        {
            Outcome.WriteJson(writer =>
            {
                writer.WriteStartArray("nodes"u8);
                for (var i = 0; i < network.Count; i++) Write(writer, network[i], processes[i]);
                writer.WriteEndArray();
            });
            return;
        }
        for (var i = 0; i < network.Count; i++) Console.WriteLine($"{network[i].Name}  {network[i].Url}  process {processes[i].Id}");
        Console.WriteLine();
        Console.WriteLine("Accounts with 10,000 Ether, whose secrets everybody knows (the test mnemonic of Hardhat and Foundry):");
        foreach (var account in Accounts(3)) Console.WriteLine($"  {account.ToChecksumString()}");
        Console.WriteLine();
        Console.WriteLine($"Of {network.Count} validators any {(network.Count - 1) / 3} may fail. Ctrl-C stops all; the network is there again at the next start.");
    }

    static void Write(Utf8JsonWriter writer, LocalValidator validator, Process process)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, validator.Name);
        writer.WriteNumber("pid"u8, process.Id);
        writer.WriteString("rpc"u8, validator.Url);
        writer.WriteString("enode"u8, validator.Enode);
        writer.WriteStartArray("command"u8);
        foreach (var argument in validator.Command) writer.WriteStringValue(argument);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    static void Stop(PosixSignalContext context, CancellationTokenSource asked)
    {
        context.Cancel = true;
        asked.Cancel();
    }
}
