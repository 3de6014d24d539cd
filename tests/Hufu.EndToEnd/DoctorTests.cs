using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hufu.Network;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>Why there is no block: real validators with real trouble, and what the others say of it. One network for all, since a network takes seconds to start.</summary>
public sealed class DoctorTests
{
    const string FakeTime = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";
    const int Ahead = 90;

    [Fact]
    public async Task Every_cause_is_named_and_the_alarm_ends_when_a_quorum_is_back()
    {
        using var folder = new TemporaryFolder();
        await using var network = await ValidatorNetwork.Up(folder.Path, 4);
        await network.WaitForHeight(3, [0, 1, 2, 3]);
        await Becomes(network, "/health", 200);
        await Becomes(network, "/ready", 200);
        var (well, told, _) = await HufuProcess.Run("doctor", "--rpc", network.Url(0));
        Assert.True(well == 0, told);

        await Unreachable(network);
        await OutOfSync(network);
        await WrongGenesisAndFullDisk(network, folder.Path);
        await WrongVersion(network, folder.Path);
        await WrongClock(network);
    }

    // One is killed, another frozen: the operating system still answers for it.
    static async Task Unreachable(ValidatorNetwork network)
    {
        network.Kill(2);
        network.Signal(3, "STOP");
        var output = await Stalls(network, "unreachable");
        Assert.Contains("3 must", output, StringComparison.Ordinal);
        Assert.Contains("hufu_qbft_stalled 1", (await network.Get(0, "/metrics")).Text, StringComparison.Ordinal);
        Assert.Equal(200, (await network.Get(0, "/live")).Status);

        network.Signal(3, "CONT");
        await Becomes(network, "/health", 200);
        Assert.Contains("hufu_qbft_stalled 0", (await network.Get(0, "/metrics")).Text, StringComparison.Ordinal);
    }

    // The one that was killed comes back, and is behind until it has fetched what it missed.
    static async Task OutOfSync(ValidatorNetwork network)
    {
        await network.WaitForHeight(await network.Height(0) + 4, [0]);
        network.Restart(2);
        Assert.StartsWith("at block ", await Condition(network, 2, "out of sync"), StringComparison.Ordinal);
        await network.WaitForHeight(await network.Height(0) + 1, [0, 1, 2, 3]);
        await Condition(network, 2, "active");
    }

    // One's key runs on a chain that begins otherwise, the other's chain lies on a small file system that somebody else fills.
    static async Task WrongGenesisAndFullDisk(ValidatorNetwork network, string folder)
    {
        var genesis = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "genesis.json")))!;
        genesis["alloc"]!.AsObject()["0x00000000000000000000000000000000000000bb"] = new JsonObject { ["balance"] = "0x1" };
        var (file, elsewhere, small) = (Path.Combine(folder, "other.json"), Directory.CreateDirectory(Path.Combine(folder, "elsewhere")).FullName, Directory.CreateDirectory(Path.Combine(folder, "small")).FullName);
        await File.WriteAllTextAsync(file, genesis.ToJsonString());
        File.Copy(Path.Combine(network.Folder(2), "nodekey"), Path.Combine(elsewhere, "nodekey"));
        var hasSmall = OperatingSystem.IsLinux() && await OtherProgram.ExitCode("mount", ["-t", "tmpfs", "-o", "size=48m", "tmpfs", small]) == 0;
        try
        {
            network.Signal(3, "TERM");
            if (hasSmall)
            {
                Copy(network.Folder(3), small);
                network.Restart(3, ["--data", small]);
                await network.WaitForHeight(await network.Height(0) + 2, [0, 1, 2, 3]);
            }
            network.Kill(2);
            network.Restart(2, ["--genesis", file, "--data", elsewhere]);
            if (hasSmall) Fill(Path.Combine(small, "somebody else's"));

            await Stalls(network, "bad genesis", "its chain begins with", hasSmall ? "disk is full" : "unreachable");
            network.Kill(2);
            network.Kill(3);
        }
        finally
        {
            if (hasSmall) await OtherProgram.ExitCode("umount", ["--lazy", small]);
        }
        network.Restart(2);
        network.Restart(3);
        await Becomes(network, "/health", 200);
        await Becomes(network, "/ready", 200);
        await network.WaitForHeight(await network.Height(0) + 1, [0, 1, 2, 3]);
    }

    // One was updated, and its genesis file has a fork that the others' have not; the key of another runs a node that follows and does not decide.
    static async Task WrongVersion(ValidatorNetwork network, string folder)
    {
        var genesis = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "genesis.json")))!;
        // At a block that all have passed.
        var passed = (await network.Call(0, "eth_getBlockByNumber", "0x2", false)).GetProperty("timestamp").GetString();
        genesis["config"]!["amsterdamTime"] = Convert.ToInt64(passed, 16);
        var file = Path.Combine(folder, "forked.json");
        await File.WriteAllTextAsync(file, genesis.ToJsonString());
        network.Signal(2, "TERM");
        network.Signal(3, "TERM");
        network.Restart(2, ["--genesis", file]);
        network.Restart(3, ["--consensus", "follow"]);

        var output = await Stalls(network, "version", "its fork id ", "it does not speak istanbul/100");
        Assert.Contains($"{AddressOf(network, 3)} version (connected", output, StringComparison.OrdinalIgnoreCase);
        network.Kill(2);
        network.Kill(3);
        network.Restart(2);
        network.Restart(3);
        await Becomes(network, "/health", 200);
        await network.WaitForHeight(await network.Height(0) + 1, [0, 1, 2, 3]);
    }

    // Three whose clocks are right go on; it is told all the same. In the log, in JSON, stand the rounds that were lost.
    static async Task WrongClock(ValidatorNetwork network)
    {
        if (!File.Exists(FakeTime)) return;
        network.Signal(2, "TERM");
        network.Restart(2, ["--log-format", "json"], ("LD_PRELOAD", FakeTime), ("FAKETIME", $"+{Ahead}s"), ("FAKETIME_DONT_FAKE_MONOTONIC", "1"));
        Assert.Matches("^its clock is (89|90|91)(\\.[0-9])? s ahead of this one$", await Condition(network, 2, "clock skew"));
        var (_, output, _) = await HufuProcess.Run("doctor", "--rpc", network.Url(0));
        Assert.Contains($"{AddressOf(network, 2)} clock skew: its clock is ", output, StringComparison.OrdinalIgnoreCase);
        await network.WaitForHeight(await network.Height(0) + 4, [0]);

        var secret = (await File.ReadAllTextAsync(Path.Combine(network.Folder(2), "nodekey"))).Trim();
        network.Signal(2, "TERM");
        var lines = network.Errors(2);
        Assert.DoesNotContain(secret, string.Join('\n', lines), StringComparison.OrdinalIgnoreCase);
        var told = lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.All(told, line => Assert.All(["time", "level", "component", "message"], name => Assert.Equal(JsonValueKind.String, line.GetProperty(name).ValueKind)));
        network.Restart(2);
        await network.WaitForHeight(await network.Height(0) + 2, [0, 1, 2, 3]);
        await Condition(network, 2, "active");
    }

    /// <summary>Waits for the alarm, and for the words in what the doctor says; both name the height, the round and the validators that are missing.</summary>
    static async Task<string> Stalls(ValidatorNetwork network, params string[] words)
    {
        var patience = Stopwatch.StartNew();
        var why = await Becomes(network, "/health", 503);
        Assert.Matches("at height [0-9]+, round [0-9]+", why);
        Assert.Equal(503, (await network.Get(0, "/ready")).Status);
        while (true)
        {
            var (code, output, _) = await HufuProcess.Run("doctor", "--rpc", network.Url(0));
            if (words.All(word => output.Contains(word, StringComparison.Ordinal)))
            {
                Assert.Equal(1, code);
                Assert.Matches("height [0-9]+, round [0-9]+, proposer 0x", output);
                foreach (var node in new[] { 2, 3 }) Assert.Contains(AddressOf(network, node), output, StringComparison.OrdinalIgnoreCase);
                return output;
            }
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(60), output);
        }
    }

    /// <summary>Waits until a validator appears so from the first; why.</summary>
    static async Task<string> Condition(ValidatorNetwork network, int node, string condition)
    {
        var patience = Stopwatch.StartNew();
        while (true)
        {
            var member = (await network.Call(0, "hufu_consensus")).GetProperty("members").EnumerateArray().First(member => member.GetProperty("address").GetString()!.Equals(AddressOf(network, node), StringComparison.OrdinalIgnoreCase));
            if (member.GetProperty("condition").GetString() == condition) return member.GetProperty("why").GetString()!;
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(60), member.ToString());
            await Task.Delay(100);
        }
    }

    static async Task<string> Becomes(ValidatorNetwork network, string path, int status)
    {
        var patience = Stopwatch.StartNew();
        while (true)
        {
            var (answered, text) = await network.Get(0, path);
            if (answered == status) return text;
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(90), $"{path} is {answered}: {text}");
            await Task.Delay(200);
        }
    }

    static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    static void Fill(string path)
    {
        try
        {
            using var file = File.Create(path, bufferSize: 0);
            for (var block = new byte[4096]; ;) file.Write(block);
        }
        catch (IOException)
        {
            // Full.
        }
    }

    static string AddressOf(ValidatorNetwork network, int node) => Enode.TryParse(network.Enode(node), out var enode, out _) ? enode.Id.Address.ToString() : throw new InvalidOperationException(network.Enode(node));
}
