using System.CommandLine;
using Hufu.Primitives;

namespace Hufu.Cli;

/// <summary>`hufu export FILE`: writes the chain to the head as RLP, one block after the other.</summary>
static class ExportCommand
{
    static readonly Argument<string> FileArgument = new("FILE") { Description = "The file to write; one that exists is replaced when the export is complete." };
    static readonly Option<string> Data = ChainOptions.Data();
    static readonly Option<ulong> First = new("--first") { Description = "The first block.", HelpName = "NUMBER", DefaultValueFactory = _ => 1 };
    static readonly Option<ulong?> Last = new("--last") { Description = "The last block; the head where it is left out.", HelpName = "NUMBER" };
    static readonly Option<bool> Json = ChainOptions.Json();

    public static Command Create()
    {
        var command = new Command("export", """
            Write the blocks of a chain to a file that `hufu import` and other clients read (RLP).

            Example:
              hufu export chain.rlp --data ./chain
            """)
        { FileArgument, Data, First, Last, Settings.ConfigFile, Json };
        command.SetAction((parsed, stop) => Task.FromResult(Run(parsed, stop)));
        return command;
    }

    static int Run(ParseResult parsed, CancellationToken stop)
    {
        var settings = Settings.Of(parsed);
        var json = settings.Get(Json);
        var path = Path.GetFullPath(settings.Get(Data) ?? "");
        if (settings.Refusal is { } wrong) return Outcome.Refuse(wrong, json);
        var refused = KeptChain.Read(path, chain =>
        {
            var (first, last) = (settings.Get(First), Math.Min(settings.Get(Last) ?? ulong.MaxValue, chain.Head.Number));
            if (first > last) return new Refusal($"there is no block {first}", $"the head is block {chain.Head.Number}", "choose a --first up to the head");
            var target = Path.GetFullPath(parsed.GetRequiredValue(FileArgument));
            var refusal = WholeFile.Write(target, file =>
            {
                for (var number = first; number <= last; number++)
                {
                    if (stop.IsCancellationRequested) return new Refusal("the export was stopped", Mend: "run it again");
                    file.Write(chain.Blocks.BlockOf(chain.Blocks.CanonicalHash(number)!.Value)!.Encode());
                }
                return null;
            });
            if (refusal is not null) return refusal;
            if (json) Outcome.WriteJson(writer =>
            {
                writer.WriteNumber("first"u8, first);
                writer.WriteNumber("last"u8, last);
                writer.WriteString("file"u8, target);
            });
            else Console.WriteLine($"blocks {first} to {last} are in {target}");
            return null;
        });
        return refused is null ? Outcome.Success : Outcome.Refuse(refused, json);
    }
}
