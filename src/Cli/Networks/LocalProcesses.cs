using System.Diagnostics;
using System.Globalization;
using Hufu.Primitives;

namespace Hufu.Cli;

/// <summary>The validators of a network on this machine, a process each; all are stopped when it is disposed.</summary>
sealed class LocalProcesses : IAsyncDisposable
{
    readonly IReadOnlyList<LocalValidator> _network;
    readonly List<Process> _processes;

    LocalProcesses(IReadOnlyList<LocalValidator> network) => (_network, _processes) = (network, [.. network.Select(Start)]);

    public IReadOnlyList<Process> Processes => _processes;

    public static LocalProcesses Start(IReadOnlyList<LocalValidator> network) => new(network);

    /// <summary>Waits until every one has said that it is ready; tells of the first that did not start. What they say later goes to their logs.</summary>
    public async Task<Refusal?> ReadyAsync(bool isQuiet)
    {
        var answers = await Task.WhenAll(_processes.Select((process, i) => ReadyAsync(_network[i], process, isQuiet))).ConfigureAwait(false);
        return Array.IndexOf(answers, false) is var failed and >= 0
            ? new Refusal($"{_network[failed].Name} did not start", $"its own words are in {LogOf(_network[failed])}", "free its ports, or give another --data folder or --rpc-port") : null;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
            if (!process.HasExited) Terminate(process);
        foreach (var process in _processes)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            try
            {
                await process.WaitForExitAsync(patience.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                process.Kill();
            }
            process.Dispose();
        }
    }

    static Process Start(LocalValidator validator)
    {
        var start = new ProcessStartInfo(validator.Command[0]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in validator.Command.Skip(1)) start.ArgumentList.Add(argument);
        return Process.Start(start) ?? throw new IOException($"cannot start {validator.Command[0]}");
    }

    static async Task<bool> ReadyAsync(LocalValidator validator, Process process, bool isQuiet)
    {
        var log = new StreamWriter(new FileStream(LogOf(validator), FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        var errors = Task.Run(async () =>
        {
            while (await process.StandardError.ReadLineAsync().ConfigureAwait(false) is { } line) await log.WriteLineAsync(line).ConfigureAwait(false);
        });
        var first = await process.StandardOutput.ReadLineAsync().ConfigureAwait(false);
        _ = errors.ContinueWith(_ => log.Dispose(), TaskScheduler.Default);
        if (first is null || !first.Contains("\"rpc\"", StringComparison.Ordinal))
        {
            if (first is not null && !isQuiet) await Console.Error.WriteLineAsync($"{validator.Name}: {first}").ConfigureAwait(false);
            return false;
        }
        _ = process.StandardOutput.ReadToEndAsync();
        return true;
    }

    static string LogOf(LocalValidator validator) => Path.Combine(validator.Folder, "log.txt");

    // A clean end, as a service manager asks for it.
    static void Terminate(Process process)
    {
        try
        {
            if (OperatingSystem.IsWindows()) process.Kill();
            else using (var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)])) kill.WaitForExit();
        }
        catch (InvalidOperationException)
        {
            // It has ended in the meantime.
        }
    }
}
