using System.Text.Json.Nodes;
using Hufu.Network;
using Hufu.Node;
using Hufu.Primitives;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>A past for a network of validators, sealed by them, which would else take as many seconds as it has blocks.</summary>
static class ValidatorPast
{
    /// <summary>Lays the past into the folders of a network that has been up once and is down.</summary>
    /// <param name="holders">The validators that have it; the others begin with genesis.</param>
    /// <param name="votes">What the proposer of a block votes for, by the block's number.</param>
    public static void Make(string data, int blocks, int[] holders, Func<int, NodeKey[], QbftVote?>? votes = null)
    {
        var folders = Enumerable.Range(1, 4).Select(i => Path.Combine(data, $"node-{i}")).ToArray();
        foreach (var folder in folders)
            foreach (var entry in Directory.EnumerateFileSystemEntries(folder))
                if (Directory.Exists(entry)) Directory.Delete(entry, recursive: true);
                else if (Path.GetFileName(entry) != "nodekey") File.Delete(entry);
        var file = Path.Combine(data, "genesis.json");
        var json = JsonNode.Parse(File.ReadAllText(file))!;
        json["timestamp"] = $"0x{DateTimeOffset.UtcNow.ToUnixTimeSeconds() - blocks - 60:x}";
        File.WriteAllText(file, json.ToJsonString());

        Assert.True(GenesisJson.TryParse(File.ReadAllBytes(file), out var genesis, out var refusal), refusal?.ToString());
        NodeKey[] keys = [.. folders.Select(folder => NodeKey.TryReadOrMake(Path.Combine(folder, "nodekey"), out var key, out _) ? key : throw new InvalidOperationException("no key"))];
        Assert.True(DataFolder.TryHold(folders[holders[0]], out var hold, out refusal), refusal?.ToString());
        using (hold)
        {
            Assert.True(Ledgers.TryOpen(hold, genesis, followsImports: false, out var store, out var chain, out refusal), refusal?.ToString());
            using (store)
            using (chain)
            {
                chain.SyncsToDisk = false;
                for (var i = 0; i < blocks; i++) SealedBlocks.Extend(chain, keys, (ulong)i, votes?.Invoke(i + 1, keys));
            }
        }
        foreach (var folder in holders[1..].Select(holder => folders[holder]))
        {
            Directory.CreateDirectory(Path.Combine(folder, "store"));
            foreach (var from in Directory.EnumerateFiles(Path.Combine(folders[holders[0]], "store"))) File.Copy(from, Path.Combine(folder, "store", Path.GetFileName(from)));
        }
    }
}
