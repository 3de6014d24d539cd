using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Text.Unicode;

namespace Hufu.Cli;

/// <summary>Runs all cases under a path, on every core, and tells what came of them in the form of geth's `evm` tool.</summary>
sealed class FixtureRun
{
    static readonly JsonDocumentOptions Depth = new() { MaxDepth = 64 };

    public required FixtureKind Kind { get; init; }
    public required string Path { get; init; }
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Only cases of these forks (names as in the files); empty for all.</summary>
    public IReadOnlyCollection<string> Forks { get; init; } = [];

    /// <summary>Only cases whose name matches.</summary>
    public Regex? Names { get; init; }
    public int? Index { get; init; }
    public uint Share { get; init; } = 1;

    /// <summary>Receives one JSON line per step (EIP-3155); with it the run has one worker.</summary>
    public TextWriter? Trace { get; init; }

    public TimeSpan Elapsed { get; private set; }

    /// <summary>Calls <paramref name="report"/> once a case, one at a time, in no particular order.</summary>
    public (int Passed, int Failed, int Skipped) Run(Action<string, FixtureVerdict> report, CancellationToken stop = default)
    {
        var watch = Stopwatch.StartNew();
        var source = FixtureSource.Open(Path);
        source.KeepShare(Share);
        int passed = 0, failed = 0, skipped = 0;
        var gate = new Lock();
        source.ForEach(Trace is null ? Workers : 1, (file, bytes) =>
        {
            foreach (var verdict in RunFile(file, bytes))
            {
                lock (gate)
                {
                    if (verdict.Skipped is not null) skipped++;
                    else if (verdict.Fault is not null) failed++;
                    else passed++;
                    report(file, verdict);
                }
            }
        }, stop);
        Elapsed = watch.Elapsed;
        return (passed, failed, skipped);
    }

    IEnumerable<FixtureVerdict> RunFile(string file, ReadOnlyMemory<byte> bytes)
    {
        JsonDocument? document = null;
        string? fault = null;
        try
        {
            document = JsonDocument.Parse(bytes, Depth);
            // The parser looks no closer at text than it must; half a character would meet us at every name and value.
            if (!Utf8.IsValid(bytes.Span)) fault = "the file is not UTF-8";
            else if (document.RootElement.ValueKind != JsonValueKind.Object) fault = "the file is not a JSON object of named tests";
        }
        catch (JsonException error)
        {
            fault = $"the file is not JSON: {error.Message}";
        }
        if (fault is not null)
        {
            document?.Dispose();
            return [new FixtureVerdict(file, "", fault)];
        }
        using (document) return [.. document!.RootElement.EnumerateObject().SelectMany(RunTest)];
    }

    IEnumerable<FixtureVerdict> RunTest(JsonProperty property)
    {
        var (name, test) = ("", property.Value);
        try
        {
            name = property.Name;
            return RunTest(name, test);
        }
        // InvalidOperationException is what JsonElement throws for a value of another kind, and for half a surrogate pair.
        catch (Exception error) when (error is FormatException or KeyNotFoundException or InvalidOperationException or OverflowException)
        {
            return [new FixtureVerdict(name, "", $"the test cannot be run: {error.Message}")];
        }
    }

    FixtureVerdict[] RunTest(string name, JsonElement test)
    {
        if (Names is not null && !Names.IsMatch(name)) return [];
        if (test.ValueKind != JsonValueKind.Object) return [new FixtureVerdict(name, "", "the test is not a JSON object")];
        return Kind switch
        {
            FixtureKind.State => [.. StateTest.Run(name, test, Wants, Index, Trace)],
            FixtureKind.Block when Wants(test.OptionalText("network") ?? "") => [BlockTest.Run(name, test)],
            FixtureKind.Engine when Wants(test.OptionalText("network") ?? "") => EngineTest.Run(name, test) is { } verdict ? [verdict] : [],
            FixtureKind.Machine => [MachineTest.Run(name, test)],
            _ => [],
        };
    }

    bool Wants(string fork) => Forks.Count == 0 || Forks.Contains(fork, StringComparer.OrdinalIgnoreCase);

    public static string Summary((int Passed, int Failed, int Skipped) counts) =>
        string.Create(CultureInfo.InvariantCulture, $"{counts.Passed} passed, {counts.Failed} failed, {counts.Skipped} skipped");
}

enum FixtureKind
{
    /// <summary>One transaction against a world.</summary>
    State,

    /// <summary>A genesis and blocks.</summary>
    Block,

    /// <summary>As <see cref="Block"/>, handed in through the Engine API; also the files that have payloads in the place of blocks.</summary>
    Engine,

    /// <summary>Bare code without a transaction: the VMTests of old.</summary>
    Machine,
}
