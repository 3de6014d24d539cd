using Xunit;

namespace Hufu.EndToEnd;

/// <summary>The guides of docs/guide: whoever types what stands in them gets what they say.</summary>
public sealed class GuideTests
{
    [Theory]
    [InlineData("en", "payments", "The tally holds.")]
    [InlineData("zh", "payments", "The tally holds.")]
    [InlineData("en", "traceability", "has not been changed since")]
    [InlineData("zh", "traceability", "has not been changed since")]
    public async Task Every_command_of_a_guide_runs(string language, string name, string end)
    {
        if (!File.Exists("/bin/sh") || !File.Exists("/usr/bin/curl")) Assert.Skip("the guide's commands want sh and curl");
        var guide = await File.ReadAllTextAsync(SharedFolder.Repository($"docs/guide/{language}/{name}.md"));
        var commands = string.Concat(guide.Split("```sh\n").Skip(1).Select(block => block[..block.IndexOf("```", StringComparison.Ordinal)]));
        using var folder = new TemporaryFolder();
        var port = HufuProcess.FreePort();
        await using var hufu = await HufuProcess.Up(Path.Combine(folder.Path, "data"), "--console-port", port.ToString());
        using (await ServiceApi.ConnectAsync(port)) { }
        var script = $"set -e\nhufu() {{ dotnet \"{Path.Combine(AppContext.BaseDirectory, "hufu.dll")}\" \"$@\"; }}\n{commands.Replace(":8080", $":{port}", StringComparison.Ordinal)}";

        using var shell = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/sh", ["-c", script]) { WorkingDirectory = folder.Path, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (shell.StandardOutput.ReadToEndAsync(), shell.StandardError.ReadToEndAsync());
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        await shell.WaitForExitAsync(patience.Token);

        Assert.True(shell.ExitCode == 0, $"{await output}{await error}");
        Assert.DoesNotContain("urn:hufu:problem", await output);
        Assert.Contains(end, await output);
    }
}
