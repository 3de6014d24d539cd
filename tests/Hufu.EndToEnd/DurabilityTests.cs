using System.Globalization;
using Xunit;

namespace Hufu.EndToEnd;

public sealed class DurabilityTests
{
    /// <summary>Ten kills in CI; HUFU_KILLS=200 for the long run (docs/architecture.md, "What is promised").</summary>
    static int Kills => int.TryParse(Environment.GetEnvironmentVariable("HUFU_KILLS"), CultureInfo.InvariantCulture, out var kills) ? kills : 10;

    [Fact]
    public async Task Whatever_had_a_receipt_survives_kill_9_at_any_moment()
    {
        using var data = new TemporaryFolder();
        var random = new Random(20261124);
        var acknowledged = new Dictionary<string, string>();
        ulong nonce = 0;
        for (var round = 0; round < Kills; round++)
        {
            await using var hufu = await HufuProcess.Up(data.Path);
            foreach (var (transaction, block) in acknowledged)
            {
                var receipt = await hufu.Call("eth_getTransactionReceipt", transaction);
                Assert.Equal(block, receipt.GetProperty("blockHash").GetString());
            }
            var head = Convert.ToUInt64((await hufu.Call("eth_blockNumber")).GetString(), 16);
            Assert.True(head >= (ulong)acknowledged.Count, $"the head went back to {head}");
            // What the pool's journal kept comes back as well: it may be in no block yet.
            nonce = Convert.ToUInt64((await hufu.Call("eth_getTransactionCount", Sender, "pending")).GetString(), 16);
            Assert.True(nonce >= (ulong)acknowledged.Count);

            using var stop = new CancellationTokenSource();
            var first = new TaskCompletionSource();
            var load = Load(hufu, nonce, acknowledged, first, stop.Token);
            // A machine busy with other things may not answer at once: a kill before the first receipt of a round would prove nothing.
            await first.Task.WaitAsync(TimeSpan.FromMinutes(1));
            await Task.Delay(random.Next(0, 400));
            await hufu.Kill();
            await stop.CancelAsync();
            await load;
        }

        Assert.NotEmpty(acknowledged);
        var (exitCode, output, error) = await HufuProcess.Run("doctor", "--data", data.Path, "--verify-state");
        Assert.True(exitCode == 0, output + error);
    }

    static readonly string Sender = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";

    /// <summary>Sends transactions one after another until the process dies, and notes each one whose receipt it was given.</summary>
    static async Task Load(HufuProcess hufu, ulong nonce, Dictionary<string, string> acknowledged, TaskCompletionSource first, CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var hash = (await hufu.Call("eth_sendTransaction", new { from = Sender, to = $"0x{nonce:x40}", value = "0x1", nonce = $"0x{nonce:x}", gas = "0x5208" })).GetString()!;
                nonce++;
                var receipt = await hufu.Call("eth_getTransactionReceipt", hash);
                if (receipt.ValueKind == System.Text.Json.JsonValueKind.Null) continue;
                acknowledged[hash] = receipt.GetProperty("blockHash").GetString()!;
                first.TrySetResult();
            }
        }
        catch (Exception error) when (error is HttpRequestException or IOException or TaskCanceledException)
        {
            // The kill arrived.
        }
    }
}
