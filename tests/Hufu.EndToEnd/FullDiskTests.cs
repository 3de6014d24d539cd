using System.Diagnostics;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>A real process on a real file system without room.</summary>
public sealed class FullDiskTests
{
    static readonly string Sender = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";

    [Fact]
    public async Task A_node_whose_disk_fills_up_says_so_and_goes_on_with_every_block_when_there_is_room()
    {
        using var folder = new TemporaryFolder();
        if (!await Ran("mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", folder.Path)) Assert.Skip("a small file system to fill cannot be mounted here: that takes Linux and root");
        try
        {
            var data = Path.Combine(folder.Path, "data");
            var acknowledged = new Dictionary<string, string>();
            await using (var hufu = await HufuProcess.Up(data))
            {
                var refusal = await Fill(hufu, acknowledged);
                Assert.True(refusal.Contains("No space left", StringComparison.Ordinal) || refusal.Contains("kept", StringComparison.Ordinal) || await hufu.EndedWithin(TimeSpan.FromSeconds(30)), refusal + hufu.Output);
                if (await hufu.EndedWithin(TimeSpan.FromSeconds(1))) Assert.Contains("the disk is full", hufu.Output, StringComparison.Ordinal);
                else await hufu.Kill();
            }
            Assert.NotEmpty(acknowledged);

            Assert.True(await Ran("mount", "-o", "remount,size=64m", folder.Path));
            await using (var hufu = await HufuProcess.Up(data))
            {
                foreach (var (transaction, block) in acknowledged)
                    Assert.Equal(block, (await hufu.Call("eth_getTransactionReceipt", transaction)).GetProperty("blockHash").GetString());
                var hash = (await hufu.Call("eth_sendTransaction", new { from = Sender, to = Sender, value = "0x1" })).GetString()!;
                Assert.Equal("0x1", (await hufu.Call("eth_getTransactionReceipt", hash)).GetProperty("status").GetString());
                var ended = await hufu.Stop();
                Assert.True(ended == 0, $"ended with {ended}: {hufu.Output}");
            }
            var (exitCode, output, error) = await HufuProcess.Run("doctor", "--data", data, "--verify-state");
            Assert.True(exitCode == 0, output + error);
        }
        finally
        {
            await Ran("umount", "--lazy", folder.Path);
        }
    }

    /// <summary>Sends transactions of a hundred kilobytes until one is not taken; the words it was refused with.</summary>
    static async Task<string> Fill(HufuProcess hufu, Dictionary<string, string> acknowledged)
    {
        var random = new Random(20261127);
        var data = new byte[100_000];
        for (var i = 0; i < 1000; i++)
        {
            random.NextBytes(data);
            try
            {
                var hash = (await hufu.Call("eth_sendTransaction", new { from = Sender, to = Sender, input = $"0x{Convert.ToHexStringLower(data)}", gas = "0x500000" })).GetString()!;
                var receipt = await hufu.Call("eth_getTransactionReceipt", hash);
                if (receipt.ValueKind != System.Text.Json.JsonValueKind.Null) acknowledged[hash] = receipt.GetProperty("blockHash").GetString()!;
            }
            catch (Exception error) when (error is HttpRequestException or IOException or InvalidOperationException or TaskCanceledException)
            {
                return error.Message;
            }
        }
        throw new InvalidOperationException("the disk never filled");
    }

    static async Task<bool> Ran(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
