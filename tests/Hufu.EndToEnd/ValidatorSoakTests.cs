using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>
/// Real validators under load for many minutes while they are killed, frozen, wiped and restarted at random, from a seed: most of the time no more than may fail, sometimes more,
/// sometimes all at once. HUFU_VALIDATORS, HUFU_SOAK_SECONDS, HUFU_SEED.
/// </summary>
public sealed class ValidatorSoakTests
{
    static readonly int Size = Number("HUFU_VALIDATORS") ?? 4;
    static readonly TimeSpan Length = TimeSpan.FromSeconds(Number("HUFU_SOAK_SECONDS") ?? 600);

    // A quorum that is back shall go on within seconds. All of them share this machine, and starting takes some of it.
    static readonly TimeSpan Bound = TimeSpan.FromSeconds(45);
    const long MostMemoryBytes = 1500L << 20;

    readonly Random _random = new(Number("HUFU_SEED") ?? 1);
    readonly Dictionary<string, List<double>> _waits = [];
    long _mostMemory;
    ulong _highest;

    [Fact(Explicit = true)]
    public async Task Whatever_is_killed_frozen_or_wiped_the_chain_goes_on_and_nothing_acknowledged_is_lost()
    {
        using var data = new TemporaryFolder();
        await using var network = await ValidatorNetwork.Up(data.Path, Size);
        int[] all = [.. Enumerable.Range(0, Size)];
        await network.WaitForHeight(2, all);
        await using var load = new ValidatorLoad(network);
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Length;)
        {
            await Strike(network, load);
            foreach (var node in all) _mostMemory = Math.Max(_mostMemory, network.Memory(node));
            Assert.True(_mostMemory < MostMemoryBytes, $"a validator takes {_mostMemory >> 20} MiB");
            await Task.Delay(_random.Next(500, 4000));
        }

        var acknowledged = await load.Stop();
        foreach (var hash in acknowledged) await network.WaitForReceipt(0, hash);
        var height = await network.Height(0);
        await network.WaitForHeight(height, all);
        for (var number = height; number > 0; number = number > 50 ? number - 50 : 0)
        {
            var blocks = await Task.WhenAll(all.Select(node => network.Call(node, "eth_getBlockByNumber", $"0x{number:x}", false)));
            Assert.Single(blocks.Select(block => block.GetProperty("hash").GetString()).Distinct());
            Assert.Single(blocks.Select(block => block.GetProperty("stateRoot").GetString()).Distinct());
        }
        await Task.WhenAll(all.Select(async node =>
        {
            foreach (var hash in acknowledged) Assert.NotEqual(JsonValueKind.Null, (await network.Call(node, "eth_getTransactionReceipt", hash)).ValueKind);
        }));
        Tell($"{Size} validators, {acknowledged.Count} transactions acknowledged and final, {height} blocks, at most {_mostMemory >> 20} MiB each");
        foreach (var (what, waits) in _waits.OrderBy(wait => wait.Key, StringComparer.Ordinal))
            Tell($"{what}: {waits.Count} times, next block after {waits.Average():0.0} s, at most {waits.Max():0.0} s");
    }

    async Task Strike(ValidatorNetwork network, ValidatorLoad load)
    {
        var faulty = (Size - 1) / 3;
        switch (_random.Next(8))
        {
            case 0: await Kill("as many killed as may fail", Some(1 + _random.Next(faulty)), _random.Next(8000)); break;
            case 1: await Freeze("as many frozen as may fail", Some(1 + _random.Next(faulty)), _random.Next(500, 15_000)); break;
            case 2: await Kill("more killed than may fail", Some(faulty + 1 + _random.Next(Size - faulty)), _random.Next(6000)); break;
            case 3: await Freeze("more frozen than may fail", Some(faulty + 1 + _random.Next(Size - faulty)), _random.Next(500, 15_000)); break;
            case 4: await Kill("all killed at once", Some(Size), 0); break;
            case 5: await Wipe(Some(1)[0]); break;
            case 6: await Kill("one stopped in order", Some(1), _random.Next(4000), signal: "TERM"); break;
            case 7:
                // One is killed while another is frozen: with four that is one too many.
                var two = Some(2);
                network.Signal(two[1], "STOP");
                load.Rests.Add(two[1]);
                await Kill("one killed while another is frozen", [two[0]], _random.Next(3000), meanwhile: () => network.Signal(two[1], "CONT"));
                load.Rests.Clear();
                break;
        }

        int[] Some(int count)
        {
            int[] nodes = [.. Enumerable.Range(0, Size)];
            _random.Shuffle(nodes);
            return nodes[..Math.Min(count, Size)];
        }

        async Task Kill(string what, int[] nodes, int pause, string? signal = null, Action? meanwhile = null)
        {
            foreach (var node in nodes) load.Rests.Add(node);
            await Task.WhenAll(nodes.Select(node => Task.Run(() =>
            {
                if (signal is null) network.Kill(node);
                else network.Signal(node, signal);
            })));
            await Task.Delay(pause);
            foreach (var node in nodes) network.Restart(node);
            meanwhile?.Invoke();
            await GoesOn(what, nodes);
        }

        async Task Freeze(string what, int[] nodes, int pause)
        {
            foreach (var node in nodes) load.Rests.Add(node);
            foreach (var node in nodes) network.Signal(node, "STOP");
            await Task.Delay(pause);
            foreach (var node in nodes) network.Signal(node, "CONT");
            await GoesOn(what, nodes);
        }

        async Task Wipe(int node)
        {
            // What it alone has acknowledged would be lost with its disk: the others have it first.
            load.Rests.Add(node);
            var others = Enumerable.Range(0, Size).Where(other => other != node).ToArray();
            await network.WaitForHeight(await network.Height(others[0]) + 2, others);
            network.Kill(node);
            foreach (var entry in Directory.EnumerateFileSystemEntries(network.Folder(node)))
                if (Directory.Exists(entry)) Directory.Delete(entry, recursive: true);
                else if (Path.GetFileName(entry) != "nodekey") File.Delete(entry);
            network.Restart(node);
            await GoesOn("one wiped", [node]);
            // It counts as faulty until it has found out where the others are.
            await network.WaitForHeight(await network.Height(others[0]) + 2, [node]);
        }

        async Task GoesOn(string what, int[] struck)
        {
            var clock = Stopwatch.StartNew();
            // Where nobody answers yet, the last known height counts.
            var from = _highest = Math.Max(_highest, await Highest(network));
            while (await Highest(network) <= from)
            {
                if (clock.Elapsed > Bound) Assert.Fail($"{what}: no block after {from} within {Bound.TotalSeconds} s: {await Why(network)}");
                await Task.Delay(50);
            }
            if (!_waits.TryGetValue(what, out var waits)) _waits.Add(what, waits = []);
            waits.Add(clock.Elapsed.TotalSeconds);
            TestContext.Current.SendDiagnosticMessage("{0}", $"block {from}: {what}, next after {waits[^1]:0.0} s");
            await network.WaitForHeight(from + 1, [.. Enumerable.Range(0, Size)]);
            foreach (var node in struck) load.Rests.Remove(node);
        }
    }

    static async Task<ulong> Highest(ValidatorNetwork network)
    {
        var heights = await Task.WhenAll(Enumerable.Range(0, Size).Select(async node =>
        {
            try
            {
                return await network.Height(node);
            }
            catch (Exception away) when (away is HttpRequestException or TaskCanceledException)
            {
                return 0UL;
            }
        }));
        return heights.Max();
    }

    static async Task<string> Why(ValidatorNetwork network)
    {
        var answers = new List<string>();
        for (var node = 0; node < Size; node++)
            try
            {
                answers.Add($"{node}: {await network.Call(node, "hufu_consensus")}");
            }
            catch (Exception away) when (away is HttpRequestException or TaskCanceledException or InvalidOperationException)
            {
                answers.Add($"{node}: {away.Message}");
            }
        return string.Join('\n', answers);
    }

    static void Tell(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);

    static int? Number(string name) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var number) ? number : null;
}
