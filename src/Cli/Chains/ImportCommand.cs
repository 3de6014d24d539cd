using System.CommandLine;
using System.Diagnostics;
using Hufu.Node;
using Hufu.Primitives;
using Spectre.Console;

namespace Hufu.Cli;

/// <summary>`hufu import FILE`: brings a file of blocks into a chain.</summary>
static class ImportCommand
{
    static readonly Argument<string> FileArgument = new("FILE") { Description = "Blocks as RLP one after the other, or an era1 file." };
    static readonly Option<string> Data = ChainOptions.Data();
    static readonly Option<string?> Genesis = ChainOptions.Genesis();
    static readonly Option<string?> Head = new("--head") { Description = "Hash of the block that the file must end with; a file that ends otherwise is refused." };
    static readonly Option<bool> Json = ChainOptions.Json();

    public static Command Create()
    {
        var command = new Command("import", """
            Bring the blocks of a file into a chain; every block is checked and executed. Stopped, it goes on at the next start.
            A damaged file is refused with the block and the rule it breaks, and the chain stays where it was.

            Example:
              hufu import chain.rlp --genesis genesis.json --data ./chain
            """)
        { FileArgument, Data, Genesis, Head, Settings.ConfigFile, Json };
        foreach (var option in LedgerOptions.Keeping) command.Add(option);
        command.SetAction((parsed, stop) => Task.FromResult(Run(parsed, stop)));
        return command;
    }

    static int Run(ParseResult parsed, CancellationToken stop)
    {
        var settings = Settings.Of(parsed);
        var json = settings.Get(Json);
        var path = Path.GetFullPath(settings.Get(Data) ?? "");
        var keeping = LedgerOptions.ReadKeeping(settings);
        if (settings.Refusal is { } wrong) return Outcome.Refuse(wrong, json);
        Hash256? head = null;
        if (settings.Get(Head) is { } written)
        {
            if (!Hash256.TryParse(written, out var parsedHead)) return Outcome.Refuse(new Refusal("--head is not a block hash", $"'{written}' is not 0x and 64 hexadecimal digits", "give the hash as eth_getBlockByNumber shows it"), json);
            head = parsedHead;
        }
        if (!BlockFile.TryOpen(parsed.GetRequiredValue(FileArgument), out var file, out var refusal)) return Outcome.Refuse(refusal, json);
        using var opened = file;
        if (!GenesisFiles.TryFind(settings.Get(Genesis), path, null, out var genesis, out _, out refusal)) return Outcome.Refuse(refusal, json);
        if (!DataFolder.TryHold(path, out var folder, out refusal)) return Outcome.Refuse(refusal, json);
        using var hold = folder;
        if (!Ledgers.TryOpen(folder, genesis, followsImports: true, out var store, out var chain, out refusal, keeping: keeping)) return Outcome.Refuse(refusal, json);
        using (store)
        using (chain)
        {
            // Whoever loses power here imports again; blocks need not wait for the disk one by one.
            chain.SyncsToDisk = false;
            var clock = Stopwatch.StartNew();
            var last = new ImportProgress(0, 0, chain.Head.Number, 0, 0, file.Length);
            refusal = Watch(json, report => new ChainImport(chain) { ExpectedHead = head }.Run(file, progress => report(last = progress), stop));
            if (refusal is not null) return Outcome.Refuse(refusal, json);
            Tell(json, last, chain.Head.Head, clock.Elapsed, stop.IsCancellationRequested);
            return stop.IsCancellationRequested ? Outcome.Failure : Outcome.Success;
        }
    }

    static Refusal? Watch(bool json, Func<Action<ImportProgress>, Refusal?> import)
    {
        if (json || Console.IsErrorRedirected) return import(static _ => { });
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(context =>
        {
            var task = context.AddTask("importing", maxValue: 1);
            return import(progress =>
            {
                task.Value = (double)progress.BytesRead / Math.Max(1, progress.BytesInAll);
                task.Description = $"block {progress.Number}";
            });
        });
    }

    static void Tell(bool json, ImportProgress progress, Header head, TimeSpan elapsed, bool isStopped)
    {
        var gasPerSecond = progress.GasUsed / 1e6 / Math.Max(elapsed.TotalSeconds, 1e-9);
        if (json) Outcome.WriteJson(writer =>
        {
            writer.WriteNumber("imported"u8, progress.Imported);
            writer.WriteNumber("known"u8, progress.Known);
            writer.WriteNumber("head"u8, head.Number);
            writer.WriteString("hash"u8, head.Hash.ToString());
            writer.WriteString("stateRoot"u8, head.StateRoot.ToString());
            writer.WriteNumber("seconds"u8, Math.Round(elapsed.TotalSeconds, 3));
            writer.WriteNumber("mgasPerSecond"u8, Math.Round(gasPerSecond, 2));
            writer.WriteBoolean("stopped"u8, isStopped);
        });
        else Console.WriteLine($"""
            {(isStopped ? "stopped; the same command goes on from here" : "done")}: {progress.Imported} blocks imported, {progress.Known} known before, in {elapsed.TotalSeconds:0.0} s ({gasPerSecond:0.0} Mgas/s)
            head   block {head.Number} {head.Hash}
            state  {head.StateRoot}
            """);
    }
}
