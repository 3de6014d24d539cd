using System.Diagnostics;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>A program that is not ours, run to its end.</summary>
static class OtherProgram
{
    public static async Task<int> ExitCode(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <summary>Fails the test with what the program printed, unless it ends well and in time.</summary>
    /// <returns>What it printed.</returns>
    public static async Task<string> Run(string program, string[] arguments, TimeSpan atMost)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(atMost);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}\n{await output}\n{await error}");
        return await output;
    }
}
