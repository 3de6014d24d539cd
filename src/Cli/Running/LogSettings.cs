using System.CommandLine;
using Hufu.Primitives;
using Hufu.State;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Hufu.Cli;

/// <summary>What a running process tells on the error stream, how much of it, and in which form.</summary>
sealed class LogSettings : IDisposable
{
    public static readonly Option<string> Format = new("--log-format") { Description = "How the log is written on the error stream: text, for people, or json, one object a line.", HelpName = "FORMAT", DefaultValueFactory = _ => Text };
    public static readonly Option<string[]> Level = new("--log-level") { Description = "How much is told: trace, debug, info, warning, error or none; for one component as p2p=debug (console, node, p2p, qbft, services, snap, sync).", HelpName = "LEVELS", DefaultValueFactory = _ => ["info"], AllowMultipleArgumentsPerToken = true };

    const string Text = "text", Json = "json";

    static readonly string[] Components = ["console", "node", "p2p", "qbft", "services", "snap", "sync"];
    static readonly (string Name, LogLevel Level)[] Levels = [("trace", LogLevel.Trace), ("debug", LogLevel.Debug), ("info", LogLevel.Information), ("warning", LogLevel.Warning), ("error", LogLevel.Error), ("none", LogLevel.None)];

    // What the web server says of itself is of interest when something is wrong.
    const string Web = "Microsoft";

    readonly bool _isJson;
    readonly IReadOnlyList<(string? Component, LogLevel Level)> _levels;
    readonly ILogger _own;

    LogSettings(bool isJson, IReadOnlyList<(string? Component, LogLevel Level)> levels, string own)
    {
        (_isJson, _levels) = (isJson, levels);
        Factory = LoggerFactory.Create(Configure);
        _own = Factory.CreateLogger(own);
    }

    public static IEnumerable<Option> All => [Format, Level];

    public ILoggerFactory Factory { get; }

    /// <summary>What is asked for wrongly is told by <see cref="Settings.Refusal"/>.</summary>
    /// <param name="own">Which part the process is, as its log calls it.</param>
    public static LogSettings Read(Settings settings, string own = "node")
    {
        var format = settings.Get(Format);
        if (format is not (Text or Json)) settings.Refuse(new Refusal($"--log-format {format} is not known", Mend: "give text or json"));
        var levels = new List<(string? Component, LogLevel Level)>();
        foreach (var text in (settings.Get(Level) ?? []).SelectMany(list => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
        {
            var parts = text.Split('=');
            var (component, name) = parts.Length == 2 ? (parts[0], parts[1]) : (null, text);
            var at = Array.FindIndex(Levels, level => level.Name == name);
            if (at < 0 || component is not null && !Components.Contains(component))
                settings.Refuse(new Refusal($"--log-level {text} is not understood", $"levels are {string.Join(", ", Levels.Select(level => level.Name))}; components {string.Join(", ", Components)}", "write it as debug, or as p2p=debug"));
            else levels.Add((component, Levels[at].Level));
        }
        return new LogSettings(format == Json, levels, own);
    }

    /// <summary>Lets a host of its own, as web servers have, write into the same log.</summary>
    public void Configure(ILoggingBuilder logging)
    {
        logging.SetMinimumLevel(_levels.LastOrDefault(level => level.Component is null, (null, LogLevel.Information)).Level);
        logging.AddFilter(Web, LogLevel.Warning);
        foreach (var (component, level) in _levels)
            if (component is not null) logging.AddFilter(component, level);
        logging.AddConsole(console =>
        {
            console.FormatterName = _isJson ? JsonLines.Name : TextLines.Name;
            // The output is for what was asked for; --json puts one object there.
            console.LogToStandardErrorThreshold = LogLevel.Trace;
        }).AddConsoleFormatter<TextLines, ConsoleFormatterOptions>().AddConsoleFormatter<JsonLines, ConsoleFormatterOptions>();
    }

    /// <summary>Tells a fault of the process in the form of the log.</summary>
    public void ReportFault(Exception fault)
    {
        if (!_isJson) Outcome.ReportFault(fault);
        else if (fault is StoreFailure failure) _own.StoreFailed(failure.Refusal.What, failure.Refusal.Why, failure.Refusal.Mend);
        else _own.Failed(fault);
    }

    /// <summary>How a level is written.</summary>
    public static string NameOf(LogLevel level) => level == LogLevel.Critical ? "error" : Array.Find(Levels, known => known.Level == level).Name;

    /// <summary>Writes what is still in the queue.</summary>
    public void Dispose() => Factory.Dispose();
}

static partial class NodeLog
{
    [LoggerMessage(LogLevel.Critical, "{What}: {Why}; {Mend}")]
    public static partial void StoreFailed(this ILogger log, string what, string why, string mend);

    [LoggerMessage(LogLevel.Critical, "a fault of this process")]
    public static partial void Failed(this ILogger log, Exception fault);
}
