using System.CommandLine;

namespace Hufu.Cli;

/// <summary>The options that every command about a kept chain has.</summary>
static class ChainOptions
{
    public static Option<string> Data() => new("--data") { Description = "The folder that keeps the chain.", HelpName = "DIR", DefaultValueFactory = _ => DataFolders.Default };
    public static Option<string?> Genesis() => new("--genesis") { Description = "The genesis file, where the folder does not hold the chain yet.", HelpName = "FILE" };
    public static Option<bool> Json() => new("--json") { Description = "Print one line of JSON, for programs." };
}
