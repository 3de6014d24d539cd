using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>Scripts in `browser/`, which drive the machine's own Chromium. They skip, with the reason, where it or their package is absent.</summary>
static class BrowserScripts
{
    static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    /// <summary>Runs a script to its end; fails the test with its output unless it succeeds.</summary>
    /// <returns>What it printed.</returns>
    public static async Task<string> Run(string script, params string[] arguments)
    {
        var folder = SharedFolder.Repository("tests/Hufu.EndToEnd/browser");
        using (var packages = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, "package.json"))))
            foreach (var package in packages.RootElement.GetProperty("dependencies").EnumerateObject().Where(one => !Directory.Exists(Path.Combine(folder, "node_modules", one.Name))))
                Assert.Skip($"the npm package {package.Name} of the browser tests is not installed: run npm install in tests/Hufu.EndToEnd/browser");
        var browser = Environment.GetEnvironmentVariable("CHROMIUM") ?? Places.FirstOrDefault(File.Exists);
        if (browser is null) Assert.Skip("there is no Chromium on this machine: apt-get install chromium, or name it in CHROMIUM");
        var start = new ProcessStartInfo("node", [script, .. arguments]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["CHROMIUM"] = browser;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{script} did not end within ten minutes");
        }
        Assert.True(process.ExitCode == 0, $"{script} ended with {process.ExitCode}\n{await output}\n{await error}");
        return await output;
    }
}
