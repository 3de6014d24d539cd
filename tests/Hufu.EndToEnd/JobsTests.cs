using System.Text.Json;
using Hufu.Crypto;
using Hufu.Node;
using Hufu.Primitives;
using Hufu.Services;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>Jobs in real processes: due means done, once, whoever is killed.</summary>
public sealed class JobsTests
{
    // Counts its calls in slot 0; before it, what puts it there.
    const string Counter = "0x6760015f54015f55005f5260086018f3";

    [Fact]
    public async Task Four_validators_run_what_is_due_once_each_time_though_one_is_killed()
    {
        using var data = new TemporaryFolder();
        await using var network = await ValidatorNetwork.Up(data.Path, 4);
        await network.WaitForHeight(2, [0, 1, 2, 3]);
        var counter = (await Receipt(network, await Send(network, 0, null, Hex(Counter)))).GetProperty("contractAddress").GetString()!;
        await Receipt(network, await Send(network, 1, ChainJobs.At, Schedule(counter, every: 2), wei: UInt256.Parse("1000000000000000000")));
        await Runs(network, [0, 1, 2, 3], atLeast: 2);
        network.Kill(3);
        await Runs(network, [0, 1, 2], atLeast: 4);
        network.Restart(3);
        await network.WaitForHeight(await network.Height(0), [3]);
        var runs = await Runs(network, [0, 1, 2, 3], atLeast: 6);

        // Each at a time of its own, the first thing of its block, and as often as the counter says.
        var block = runs[^1].GetProperty("blockNumber").GetString()!;
        Assert.Equal(runs.Count, runs.Select(run => run.GetProperty("blockNumber").GetString()).Distinct().Count());
        Assert.All(runs, run => Assert.Equal("0x0", run.GetProperty("transactionIndex").GetString()));
        for (var node = 0; node < 4; node++)
            Assert.Equal(runs.Count, Convert.ToInt32((await network.Call(node, "eth_getStorageAt", counter, "0x0", block)).GetString(), 16));
    }

    [Fact]
    public async Task What_fell_due_while_the_chain_was_away_runs_when_it_is_back_once()
    {
        using var folder = new TemporaryFolder();
        var hufu = await HufuProcess.Up(folder.Path, "--no-services");
        var (counter, due) = ("", DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 8);
        try
        {
            counter = (await hufu.Call("eth_getTransactionReceipt", await Send(hufu, 0, null, Hex(Counter)))).GetProperty("contractAddress").GetString()!;
            await Send(hufu, 1, ChainJobs.At, Schedule(counter, every: 0, at: due), wei: UInt256.Parse("1000000000000000000"));
            await hufu.Kill();
            await hufu.DisposeAsync();
            while (DateTimeOffset.UtcNow.ToUnixTimeSeconds() <= due) await Task.Delay(200, TestContext.Current.CancellationToken);

            hufu = await HufuProcess.Up(folder.Path, "--no-services");
            var patience = DateTime.UtcNow.AddSeconds(30);
            while (Convert.ToInt32((await hufu.Call("eth_getStorageAt", counter, "0x0", "latest")).GetString(), 16) == 0 && DateTime.UtcNow < patience) await Task.Delay(100, TestContext.Current.CancellationToken);
            await Send(hufu, 2, Address.Parse(counter[..^2] + "00"), []);
            Assert.Equal(1, Convert.ToInt32((await hufu.Call("eth_getStorageAt", counter, "0x0", "latest")).GetString(), 16));
        }
        finally
        {
            await hufu.DisposeAsync();
        }
    }

    /// <summary>The runs that all of the nodes know of, once there are so many.</summary>
    static async Task<List<JsonElement>> Runs(ValidatorNetwork network, int[] nodes, int atLeast)
    {
        var patience = DateTime.UtcNow.AddSeconds(90);
        while (true)
        {
            var known = await Task.WhenAll(nodes.Select(async node => (await network.Call(node, "eth_getLogs", new { fromBlock = "0x0", toBlock = "latest", address = ChainJobs.At.ToString(), topics = new[] { JobsContract.JobRunEvent.Abi.Topic.ToString() } })).EnumerateArray().ToList()));
            var least = known.MinBy(logs => logs.Count)!;
            if (least.Count >= atLeast)
            {
                foreach (var logs in known)
                    for (var i = 0; i < least.Count; i++) Assert.Equal(least[i].GetProperty("transactionHash").GetString(), logs[i].GetProperty("transactionHash").GetString());
                return least;
            }
            Assert.True(DateTime.UtcNow < patience, $"only {least.Count} of {atLeast} runs");
            await Task.Delay(300, TestContext.Current.CancellationToken);
        }
    }

    static byte[] Schedule(string counter, ulong every, long at = 0) => Artifacts.Of("Jobs").Functions.Single(one => one.Name == "schedule")
        .EncodeCall(Address.Parse(counter), Array.Empty<byte>(), (UInt256)(ulong)at, (UInt256)every, UInt256.Zero, (UInt256)100_000);

    static async Task<string> Send(ValidatorNetwork network, ulong nonce, Address? to, byte[] data, UInt256 wei = default) => (await network.Call(0, "eth_sendRawTransaction", Sign(1981, nonce, to, data, wei))).GetString()!;

    static async Task<string> Send(HufuProcess hufu, ulong nonce, Address? to, byte[] data, UInt256 wei = default) => (await hufu.Call("eth_sendRawTransaction", Sign(31337, nonce, to, data, wei))).GetString()!;

    static string Sign(ulong chainId, ulong nonce, Address? to, byte[] data, UInt256 wei) => Primitives.Hex.Encode(TransactionSigning.Sign(new DynamicFeeTransaction
    {
        ChainId = chainId,
        Nonce = nonce,
        GasLimit = 500_000,
        MaxFeePerGas = 10_000_000_000,
        MaxPriorityFeePerGas = 1_000_000_000,
        To = to,
        Value = wei,
        Data = data,
    }, DevAccounts.Secrets(1)[0]).Encoded.Span);

    static byte[] Hex(string text) => Primitives.Hex.TryDecode(text, out var bytes) ? bytes : throw new ArgumentException("not hexadecimal", nameof(text));

    static async Task<JsonElement> Receipt(ValidatorNetwork network, string hash)
    {
        await network.WaitForReceipt(0, hash);
        return await network.Call(0, "eth_getTransactionReceipt", hash);
    }
}
