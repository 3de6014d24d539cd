using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Hufu.WebConsole;

/// <summary>The latest warnings and errors of this process, for the operations page. Kept in memory, the oldest dropped first.</summary>
public sealed class Troubles : ILoggerProvider
{
    const int Kept = 100;
    const int LongestText = 500;

    readonly ConcurrentQueue<Trouble> _latest = new();

    public sealed record Trouble(DateTimeOffset Time, LogLevel Level, string Source, string Text);

    /// <summary>The newest first.</summary>
    public IReadOnlyList<Trouble> Latest => [.. _latest.Reverse()];

    public ILogger CreateLogger(string categoryName) => new Ear(this, categoryName);

    public void Dispose() => _latest.Clear();

    void Hear(Trouble trouble)
    {
        _latest.Enqueue(trouble);
        while (_latest.Count > Kept) _latest.TryDequeue(out _);
    }

    sealed class Ear(Troubles troubles, string source) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning && logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            var text = formatter(state, exception) + (exception is null ? "" : $": {exception.GetType().Name}: {exception.Message}");
            troubles.Hear(new Trouble(DateTimeOffset.UtcNow, logLevel, source, text.Length > LongestText ? text[..LongestText] + "…" : text));
        }
    }
}
