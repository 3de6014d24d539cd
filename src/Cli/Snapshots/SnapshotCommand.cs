using System.CommandLine;
using Hufu.Node;
using Hufu.Primitives;
using Spectre.Console;

namespace Hufu.Cli;

/// <summary>`hufu snapshot`: a chain and its state in one file, for whoever begins without executing the past.</summary>
static class SnapshotCommand
{
    static readonly Argument<string> FileArgument = new("FILE") { Description = "The snapshot file; one that exists is replaced when a new one is complete." };
    static readonly Option<string> Data = ChainOptions.Data();
    static readonly Option<string?> Genesis = ChainOptions.Genesis();
    static readonly Option<ulong?> AtBlock = new("--block") { Description = "The block whose state is written; the last final one where it is left out.", HelpName = "NUMBER" };
    static readonly Option<string?> TrustedHash = new("--trusted-hash") { Description = "Hash of the snapshot's last block, from somebody trusted. A QBFT network whose headers name the validators needs none: their seals prove it.", HelpName = "HASH" };
    static readonly Option<bool> Json = ChainOptions.Json();

    public static Command Create() => new("snapshot", """
        A chain with its blocks, receipts and the state of its last block in one file. It may be copied from any mirror: every block is checked against its
        seals, every range of the state is proven against the last header, and a file with a changed byte is refused by the name of its chunk.

        Example:
          hufu snapshot export chain.snapshot --data ./validator
          hufu snapshot import chain.snapshot --genesis genesis.json --data ./copy
          hufu node --consensus follow --data ./copy --static-peers enode://ID@10.0.0.1:30303
        """)
    { CreateExport(), CreateImport() };

    static Command CreateExport()
    {
        var command = new Command("export", """
            Write the chain of a data folder and the state of a block into a file. The node that uses the folder may go on meanwhile.

            Example:
              hufu snapshot export chain.snapshot --data ./validator
            """)
        { FileArgument, Data, AtBlock, Settings.ConfigFile, Json };
        command.SetAction((parsed, stop) => Task.FromResult(Export(parsed, stop)));
        return command;
    }

    static Command CreateImport()
    {
        var command = new Command("import", """
            Begin a chain with a snapshot file; the node goes on from its last block. A file that does not prove itself leaves the folder as it was.

            Example:
              hufu snapshot import chain.snapshot --genesis genesis.json --data ./copy
              hufu snapshot import chain.snapshot --genesis genesis.json --data ./copy --trusted-hash 0xHASH
            """)
        { FileArgument, Data, Genesis, TrustedHash, Settings.ConfigFile, Json };
        command.SetAction((parsed, stop) => Task.FromResult(Import(parsed, stop)));
        return command;
    }

    static int Export(ParseResult parsed, CancellationToken stop)
    {
        var settings = Settings.Of(parsed);
        var json = settings.Get(Json);
        var path = Path.GetFullPath(settings.Get(Data) ?? "");
        if (settings.Refusal is { } wrong) return Outcome.Refuse(wrong, json);
        var refused = KeptChain.Read(path, chain =>
        {
            var last = settings.Get(AtBlock) ?? (chain.Head.Finalised.Number > 0 ? chain.Head.Finalised.Number : chain.Head.Number);
            var target = Path.GetFullPath(parsed.GetRequiredValue(FileArgument));
            var refusal = WholeFile.Write(target, file => Watch(json, "exporting", report => new SnapshotExport(chain, report).Run(file, last, stop)));
            if (refusal is not null) return refusal;
            Tell(json, chain.Blocks.HeaderOf(chain.Blocks.CanonicalHash(last)!.Value)!, target, chain.Consensus.ProvesFinality && !chain.Consensus.NeedsStateToCheck);
            return null;
        });
        return refused is null ? Outcome.Success : Outcome.Refuse(refused, json);
    }

    static int Import(ParseResult parsed, CancellationToken stop)
    {
        var settings = Settings.Of(parsed);
        var json = settings.Get(Json);
        var path = Path.GetFullPath(settings.Get(Data) ?? "");
        if (settings.Refusal is { } wrong) return Outcome.Refuse(wrong, json);
        Hash256? trusted = null;
        if (settings.Get(TrustedHash) is { } written)
        {
            if (!Hash256.TryParse(written, out var hash)) return Outcome.Refuse(new Refusal("--trusted-hash is not a block hash", $"'{written}' is not 0x and 64 hexadecimal digits", "give the hash as eth_getBlockByNumber shows it"), json);
            trusted = hash;
        }
        FileStream file;
        try
        {
            file = new FileStream(parsed.GetRequiredValue(FileArgument), FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Outcome.Refuse(new Refusal("cannot read the snapshot file", error.Message, "check its path"), json);
        }
        using (file)
        {
            Header? head = null;
            var refusal = Watch(json, "importing", report => SnapshotFolder.Import(path, settings.Get(Genesis), file, trusted, report, out head, stop));
            if (refusal is not null) return Outcome.Refuse(refusal, json);
            Tell(json, head!, path, isProven: true);
            return Outcome.Success;
        }
    }

    static Refusal? Watch(bool json, string what, Func<Action<SnapshotProgress>, Refusal?> act)
    {
        if (json || Console.IsErrorRedirected) return act(static _ => { });
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(context =>
        {
            var task = context.AddTask(what, maxValue: 1);
            return act(progress =>
            {
                task.Value = progress.Fraction;
                task.Description = progress.Accounts == 0 ? $"block {progress.Blocks}" : $"{progress.Accounts} accounts";
            });
        });
    }

    static void Tell(bool json, Header head, string place, bool isProven)
    {
        if (json) Outcome.WriteJson(writer =>
        {
            writer.WriteNumber("block"u8, head.Number);
            writer.WriteString("hash"u8, head.Hash.ToString());
            writer.WriteString("stateRoot"u8, head.StateRoot.ToString());
            writer.WriteString("place"u8, place);
        });
        else Console.WriteLine($"""
            block  {head.Number} {head.Hash}
            state  {head.StateRoot}
            in     {place}
            """);
        if (!json && !isProven) Console.WriteLine("Nothing in the file proves this hash: whoever imports it must have it from somebody trusted (--trusted-hash).");
    }
}
