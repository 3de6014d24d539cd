using System.Diagnostics;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>The wallets and tools of npm in `clients/`, run as their users run them.</summary>
static class NodeClients
{
    static readonly string Folder = FindFolder();

    /// <summary>The checkout.</summary>
    public static string Repository => Path.GetFullPath(Path.Combine(Folder, "..", "..", ".."));

    /// <summary>Runs a program (a command, or a path below `clients/`) in a folder below `clients/` and fails the test with its output unless it succeeds.</summary>
    public static async Task Run(string folder, string program, string[] arguments, Dictionary<string, string>? environment = null)
    {
        SkipWithoutPackages();
        var start = new ProcessStartInfo(program.Contains('/') ? Path.Combine(Folder, program) : program, arguments)
        {
            WorkingDirectory = Path.Combine(Folder, folder),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (NewerNode() is { } bin) start.Environment["PATH"] = bin + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH");
        start.Environment["HARDHAT_DISABLE_TELEMETRY_PROMPT"] = "true";
        foreach (var (name, value) in environment ?? []) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} did not end within five minutes");
        }
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}\n{await output}\n{await error}");
    }

    public static Task RunScript(string script, string url) => Run(".", "node", [script, url]);

    /// <summary>A program of an npm package; skips the running test where it is absent.</summary>
    public static string Package(string relative)
    {
        SkipWithoutPackages();
        var path = Path.Combine(Folder, "node_modules", relative);
        if (!File.Exists(path)) Assert.Skip($"the npm package of {relative} is not installed on this platform");
        return path;
    }

    static void SkipWithoutPackages()
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules")))
            Assert.Skip("the npm packages are not installed: run tests/Hufu.EndToEnd/clients/install.sh (Node.js 20.19 or newer)");
    }

    // install.sh fetches a newer Node where the machine's is too old for Hardhat 3.
    static string? NewerNode()
    {
        var modules = Path.Combine(Folder, ".node", "node_modules");
        return Directory.Exists(modules)
            ? Directory.EnumerateDirectories(modules, "node-linux-*").Select(folder => Path.Combine(folder, "bin")).FirstOrDefault(Directory.Exists)
            : null;
    }

    static string FindFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var clients = Path.Combine(folder.FullName, "tests", "Hufu.EndToEnd", "clients");
            if (Directory.Exists(clients)) return clients;
        }
        throw new DirectoryNotFoundException("tests/Hufu.EndToEnd/clients is not above the test assembly");
    }
}
