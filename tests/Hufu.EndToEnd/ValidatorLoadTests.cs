using System.Globalization;
using System.Text.Json;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>Validators that are killed, wiped and restarted while transactions come in. HUFU_VALIDATORS=7 for the larger network.</summary>
public sealed class ValidatorLoadTests
{
    static readonly int Size = int.TryParse(Environment.GetEnvironmentVariable("HUFU_VALIDATORS"), CultureInfo.InvariantCulture, out var size) ? size : 4;

    [Fact]
    public async Task Under_load_validators_are_killed_wiped_and_restarted_and_nothing_acknowledged_is_lost()
    {
        using var data = new TemporaryFolder();
        await using var network = await ValidatorNetwork.Up(data.Path, Size);
        int[] all = [.. Enumerable.Range(0, Size)];
        await network.WaitForHeight(2, all);
        await using var load = new ValidatorLoad(network);

        // As many as may fail, at once, whatever their part was.
        int[] killed = [.. all.Skip(1).Take((Size - 1) / 3)];
        foreach (var node in killed)
        {
            load.Rests.Add(node);
            network.Kill(node);
        }
        int[] others = [.. all.Except(killed)];
        await network.WaitForHeight(await network.Height(0) + 3, others);
        foreach (var node in killed) network.Restart(node);
        await network.WaitForHeight(await network.Height(0) + 1, all);
        load.Rests.Clear();

        // One loses its disk, all but its key.
        var wiped = Size - 1;
        load.Rests.Add(wiped);
        await network.WaitForHeight(await network.Height(0) + 2, all);
        network.Kill(wiped);
        foreach (var entry in Directory.EnumerateFileSystemEntries(network.Folder(wiped)))
            if (Directory.Exists(entry)) Directory.Delete(entry, recursive: true);
            else if (Path.GetFileName(entry) != "nodekey") File.Delete(entry);
        network.Restart(wiped);
        await network.WaitForHeight(await network.Height(0) + 2, all);
        load.Rests.Clear();

        // One after the other, as for a new version.
        foreach (var node in all)
        {
            load.Rests.Add(node);
            network.Signal(node, "TERM");
            await network.WaitForHeight(await network.Height((node + 1) % Size) + 1, [.. all.Where(other => other != node)]);
            network.Restart(node);
            await network.WaitForHeight(await network.Height((node + 1) % Size) + 1, all);
            load.Rests.Remove(node);
        }

        var acknowledged = await load.Stop();
        Assert.True(acknowledged.Count > 50, $"only {acknowledged.Count} transactions");
        foreach (var hash in acknowledged) await network.WaitForReceipt(0, hash);
        var height = await network.Height(0);
        await network.WaitForHeight(height, all);
        var blocks = await Task.WhenAll(all.Select(i => network.Call(i, "eth_getBlockByNumber", $"0x{height:x}", false)));
        Assert.Single(blocks.Select(block => block.GetProperty("hash").GetString()).Distinct());
        Assert.Single(blocks.Select(block => block.GetProperty("stateRoot").GetString()).Distinct());
        foreach (var node in all)
            foreach (var hash in acknowledged.Where((_, i) => i % 7 == node % 7))
                Assert.NotEqual(JsonValueKind.Null, (await network.Call(node, "eth_getTransactionReceipt", hash)).ValueKind);
        TestContext.Current.TestOutputHelper?.WriteLine($"{Size} validators, {acknowledged.Count} transactions acknowledged and final, {height} blocks");
    }
}
