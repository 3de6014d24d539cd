using System.Diagnostics;
using System.Text.Json;
using Hufu.Network;
using Hufu.Primitives;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>A network of validators with a past, and those who come to its state without executing it: a fifth node, a file, a validator that lost its disk.</summary>
public sealed class ValidatorSnapTests
{
    // Beyond what is executed in any case.
    const int Past = 320;

    [Fact]
    public async Task A_newcomer_a_file_and_a_validator_without_its_disk_come_to_the_state_that_the_others_sealed()
    {
        using var data = new TemporaryFolder();
        await using (var first = await ValidatorNetwork.Up(data.Path, 4)) { }
        ValidatorPast.Make(data.Path, Past, holders: [0, 1, 2, 3], Votes);
        await using var network = await ValidatorNetwork.Up(data.Path, 4);
        int[] all = [0, 1, 2, 3];
        await network.WaitForHeight(Past + 2, all);
        await using var load = new ValidatorLoad(network);
        var genesis = Path.Combine(data.Path, "genesis.json");
        string[] following = ["--genesis", genesis, "--static-peers", .. all.Select(network.Enode), "--p2p-port", "0", "--no-discovery"];

        await using var fifth = await HufuProcess.Start("node", Path.Combine(data.Path, "fifth"), ["--consensus", "qbft", .. following, "--sync-mode", "snap"]);
        await Follows(network, fifth);
        Assert.Contains("is whole", fifth.Output, StringComparison.Ordinal);
        await AssertSnapped((method, parameters) => fifth.Call(method, parameters));

        var file = Path.Combine(data.Path, "chain.snapshot");
        await AssertProvenByItsSeals(network, file, genesis, following);

        // What it alone has acknowledged would be lost with its disk: the others have it first.
        load.Rests.Add(3);
        await network.WaitForHeight(await network.Height(0) + 2, all);
        network.Kill(3);
        foreach (var entry in Directory.EnumerateFileSystemEntries(network.Folder(3)))
            if (Directory.Exists(entry)) Directory.Delete(entry, recursive: true);
            else if (Path.GetFileName(entry) != "nodekey") File.Delete(entry);
        network.Restart(3, ["--sync-mode", "snap"]);
        await network.WaitForHeight(await network.Height(0), [3]);
        await AssertSnapped((method, parameters) => network.Call(3, method, parameters));
        load.Rests.Clear();
        await Proposes(network, 3);

        foreach (var hash in await load.Stop())
        {
            await network.WaitForReceipt(3, hash);
            Assert.Equal("0x1", (await fifth.Call("eth_getTransactionReceipt", hash)).GetProperty("status").GetString());
        }
        await Follows(network, fifth);
        Assert.Empty((await network.Call(0, "hufu_consensus")).GetProperty("evidence").EnumerateArray());
    }

    // The fourth is voted out on the way, and in again.
    static QbftVote? Votes(int number, NodeKey[] keys) => number switch
    {
        >= 100 and <= 102 => new QbftVote(keys[3].Id.Address, Adds: false),
        >= 200 and <= 201 => new QbftVote(keys[3].Id.Address, Adds: true),
        _ => null,
    };

    /// <summary>A file written beside a validator that goes on, taken in by somebody who trusts nobody.</summary>
    static async Task AssertProvenByItsSeals(ValidatorNetwork network, string file, string genesis, string[] following)
    {
        var exported = JsonDocument.Parse(await HufuProcess.Succeed("snapshot", "export", file, "--data", network.Folder(1), "--json")).RootElement;
        var (number, hash) = (exported.GetProperty("block").GetUInt64(), exported.GetProperty("hash").GetString());
        Assert.True(number >= Past);
        Assert.Equal(hash, (await network.Call(0, "eth_getBlockByNumber", $"0x{number:x}", false)).GetProperty("hash").GetString());

        var empty = Path.Combine(Path.GetDirectoryName(file)!, "sixth");
        var bytes = await File.ReadAllBytesAsync(file);
        foreach (var at in new[] { bytes.Length / 3, bytes.Length - 30 })
        {
            var damaged = bytes.ToArray();
            damaged[at] ^= 0x10;
            await File.WriteAllBytesAsync(file + ".damaged", damaged);
            var (code, output, error) = await HufuProcess.Run("snapshot", "import", file + ".damaged", "--genesis", genesis, "--data", empty);
            Assert.Equal(1, code);
            Assert.Matches("chunk [0-9]+ of the snapshot file is damaged", output + error);
            Assert.False(Directory.Exists(empty));
        }
        var imported = JsonDocument.Parse(await HufuProcess.Succeed("snapshot", "import", file, "--genesis", genesis, "--data", empty, "--json")).RootElement;
        Assert.Equal(hash, imported.GetProperty("hash").GetString());
        await using var sixth = await HufuProcess.Start("node", empty, ["--consensus", "follow", .. following]);
        await Follows(network, sixth);
    }

    /// <summary>The state of long ago was never here; the receipts of long ago are.</summary>
    static async Task AssertSnapped(Func<string, object[], Task<JsonElement>> call)
    {
        var old = (await call("eth_getBlockByNumber", ["0x40", false])).GetProperty("transactions")[0].GetString()!;
        Assert.Equal("0x1", (await call("eth_getTransactionReceipt", [old])).GetProperty("status").GetString());
        await Assert.ThrowsAsync<InvalidOperationException>(() => call("eth_getBalance", [ValidatorNetwork.AccountOf(8), "0x40"]));
    }

    static async Task Follows(ValidatorNetwork network, HufuProcess node)
    {
        var number = await network.Height(0);
        for (var patience = Stopwatch.StartNew(); Convert.ToUInt64((await node.Call("eth_blockNumber")).GetString(), 16) < number; await Task.Delay(50))
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(90), $"block {number} not reached\n{node.Output}");
        var (there, here) = (await network.Call(0, "eth_getBlockByNumber", $"0x{number:x}", false), await node.Call("eth_getBlockByNumber", $"0x{number:x}", false));
        Assert.Equal(there.GetProperty("hash").GetString(), here.GetProperty("hash").GetString());
        Assert.Equal((await network.Call(0, "eth_getBalance", ValidatorNetwork.AccountOf(8), $"0x{number:x}")).GetString(), (await node.Call("eth_getBalance", ValidatorNetwork.AccountOf(8), $"0x{number:x}")).GetString());
    }

    static async Task Proposes(ValidatorNetwork network, int node)
    {
        Assert.True(Enode.TryParse(network.Enode(node), out var enode, out _));
        var clock = Stopwatch.StartNew();
        for (var number = await network.Height(0); ; number++)
        {
            await network.WaitForHeight(number, [0]);
            var miner = (await network.Call(0, "eth_getBlockByNumber", $"0x{number:x}", false)).GetProperty("miner").GetString()!;
            if (miner.Equals(enode.Id.Address.ToString(), StringComparison.OrdinalIgnoreCase)) return;
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(90), $"validator {node} proposes nothing: {await network.Call(0, "hufu_consensus")}");
        }
    }
}
