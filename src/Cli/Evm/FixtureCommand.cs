using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Hufu.Cli;

/// <summary>`hufu evm statetest`, `hufu evm blocktest` and `hufu evm vmtest`: the official test files, with the flags and output of geth's `evm` tool.</summary>
static class FixtureCommand
{
    public static Command Create(string name, FixtureKind kind, string description, Option<bool> gethJson)
    {
        var path = new Argument<string>("path") { Description = "A JSON test file, a folder of them, or a zip archive of them." };
        var run = new Option<string?>("--run") { Description = "Only tests whose name matches this regular expression." };
        var fork = new Option<string[]>("--fork", "--statetest.fork") { Description = "Only this fork, as the files name it (Frontier ... Osaka). May be given several times." };
        var index = new Option<int?>("--index", "--statetest.index") { Description = "Only this element of each fork's post list." };
        var share = new Option<uint>("--share") { Description = "Only entries whose CRC-32 is a multiple of this: 20 runs the same twentieth every time.", DefaultValueFactory = _ => 1 };
        var workers = new Option<int>("--workers", "--parallel") { Description = "Threads.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var json = new Option<bool>("--json") { Description = "Results as one JSON array on standard output; the closing line goes to standard error." };
        var human = new Option<bool>("--human") { Description = "Only failures and the closing line, also for a single file." };
        var trace = new Option<bool>("--trace") { Description = "One JSON line per step (EIP-3155) on standard error." };
        var command = new Command(name, description) { path, run, fork, index, share, workers, json, human, trace };

        command.SetAction(parsed =>
        {
            var target = parsed.GetValue(path)!;
            var traced = kind == FixtureKind.State && (parsed.GetValue(trace) || parsed.GetValue(gethJson));
            FixtureRun fixtures;
            try
            {
                fixtures = new FixtureRun
                {
                    Kind = kind,
                    Path = target,
                    Workers = parsed.GetValue(workers),
                    Forks = parsed.GetValue(fork) ?? [],
                    Names = parsed.GetValue(run) is { } pattern ? new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)) : null,
                    Index = parsed.GetValue(index),
                    Share = parsed.GetValue(share),
                    Trace = traced ? Console.Error : null,
                };
            }
            catch (RegexParseException error)
            {
                Console.Error.WriteLine($"error: --run is not a regular expression: {error.Message}");
                return 2;
            }

            // Like geth's tool, a single file is answered with every result as JSON; an archive of thousands only with what failed.
            var array = parsed.GetValue(json) || (!parsed.GetValue(human) && File.Exists(target) && target.EndsWith(".json", StringComparison.OrdinalIgnoreCase));
            var results = new List<FixtureVerdict>();
            (int Passed, int Failed, int Skipped) counts;
            try
            {
                counts = fixtures.Run((file, verdict) =>
                {
                    if (array) results.Add(verdict);
                    else if (verdict.Fault is not null) Console.WriteLine($"FAIL {file}::{verdict.Name} [{verdict.Fork}] {verdict.Fault}");
                    else if (verdict.Skipped is not null) Console.WriteLine($"SKIP {file}::{verdict.Name} [{verdict.Fork}] {verdict.Skipped}");
                });
            }
            catch (Exception error) when (error is FileNotFoundException or InvalidDataException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine($"error: {error.Message}; give a JSON test file, a folder of them, or a zip archive of them");
                return 2;
            }
            if (array) WriteArray(results);
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"({fixtures.Elapsed.TotalSeconds:F1} s on {fixtures.Workers} threads)"));
            (parsed.GetValue(json) ? Console.Error : Console.Out).WriteLine(FixtureRun.Summary(counts));
            return counts.Failed == 0 ? 0 : 1;
        });
        return command;
    }

    static void WriteArray(List<FixtureVerdict> results)
    {
        using var writer = new Utf8JsonWriter(Console.OpenStandardOutput(), new JsonWriterOptions { Indented = true });
        writer.WriteStartArray();
        foreach (var result in results)
        {
            writer.WriteStartObject();
            writer.WriteString("name", result.Name);
            writer.WriteBoolean("pass", result.Passed);
            if (result.StateRoot is { } root) writer.WriteString("stateRoot", root.ToString());
            if (result.LastBlockHash is { } last) writer.WriteString("lastBlockHash", last.ToString());
            writer.WriteString("fork", result.Fork);
            if (result.Fault is { } fault) writer.WriteString("error", fault);
            if (result.Skipped is { } reason) writer.WriteString("skipped", reason);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.Flush();
        Console.WriteLine();
    }
}
