using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>
/// Hufu under programs that play, or are, the consensus client of a network of proof of stake (../shared/peers/pos-devnet beside the checkout;
/// `peers/lodestar.sh` installs what they need).
/// </summary>
public sealed class ProofOfStakeTests
{
    /// <summary>Slots that Lodestar's chain runs for; HUFU_POS_SLOTS=200 for a longer run. Finality comes after about 33.</summary>
    static int Slots => Number("HUFU_POS_SLOTS", 44);

    /// <summary>Beacon nodes, each with a Hufu node of its own.</summary>
    static int Nodes => Number("HUFU_POS_NODES", 1);

    static int SecondsPerSlot => Number("HUFU_POS_SECONDS", 4);

    [Theory]
    [InlineData("paris")]
    [InlineData("shanghai")]
    [InlineData("cancun")]
    [InlineData("prague")]
    [InlineData("osaka")]
    [InlineData("amsterdam")]
    public async Task Every_call_of_a_consensus_client_is_answered_as_specified(string fork)
    {
        var programs = Programs("driver.mjs");
        using var folder = new TemporaryFolder();
        string[] forks = ["shanghai", "cancun", "prague", "osaka", "amsterdam"];
        var genesis = await WriteGenesis(programs, folder.Path, forks.Take(Array.IndexOf(forks, fork) + 1));
        var port = HufuProcess.FreePort();
        await using var hufu = await StartLed(folder.Path, genesis, port);

        await OtherProgram.Run("node", [Path.Combine(programs, "driver.mjs"), "--engine-url", $"http://127.0.0.1:{port}", "--rpc-url", hufu.Url, "--jwt", Path.Combine(folder.Path, "jwt.hex"),
            "--genesis", genesis, "--dir", Path.Combine(folder.Path, "run"), "--strict"], TimeSpan.FromMinutes(3));
    }

    /// <summary>The whole of a small network: proposals, attestations, justification, finality, withdrawals, from Paris into Shanghai, with nodes that are killed on the way and come back.</summary>
    /// <remarks>Run when asked for (`-explicit only`), on a machine with little else to do: it takes four and a half minutes, and a beacon node alone gives up after an epoch without blocks.</remarks>
    [Fact(Explicit = true)]
    public async Task Lodestar_runs_a_chain_that_finalises_on_Hufu_through_a_kill_of_either_side()
    {
        var programs = Programs("devnet.mjs");
        if (!File.Exists(Path.Combine(programs, "consensus", "node_modules", ".installed"))) Assert.Skip("Lodestar is not installed: run tests/Hufu.EndToEnd/peers/lodestar.sh (Node.js 20, a C++ compiler)");
        using var folder = new TemporaryFolder();
        var genesis = Path.Combine(folder.Path, "network.json");
        var seconds = SecondsPerSlot.ToString(CultureInfo.InvariantCulture);
        // The nodes must stand, and the beacon genesis be made, before the chain begins: on a busy machine that takes a while.
        var lead = 60 + 20 * Nodes;
        var begin = DateTimeOffset.UtcNow;
        await OtherProgram.Run("node", [Path.Combine(programs, "devnet.mjs"), "--write-genesis", genesis, "--capella-epoch", "2", "--seconds-per-slot", seconds, "--lead", lead.ToString(CultureInfo.InvariantCulture)], TimeSpan.FromMinutes(1));
        var secret = Path.Combine(folder.Path, "jwt.hex");
        File.WriteAllText(secret, Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)));

        var nodes = new List<Led>();
        try
        {
            for (var i = 0; i < Nodes; i++) nodes.Add(await Led.Start(Path.Combine(folder.Path, $"node{i}"), genesis, secret, nodes.Count == 0 ? null : await nodes[0].Enode()));
            var run = OtherProgram.Run("node", [Path.Combine(programs, "devnet.mjs"), "--genesis", genesis, "--capella-epoch", "2", "--jwt", secret, "--dir", Path.Combine(folder.Path, "run"),
                "--slots", Slots.ToString(CultureInfo.InvariantCulture), "--seconds-per-slot", seconds, "--txs", "20",
                .. nodes.SelectMany(node => new[] { "--engine-url", node.EngineUrl }), .. nodes.SelectMany(node => new[] { "--rpc-url", node.Hufu.Url })], TimeSpan.FromSeconds(180 + Slots * SecondsPerSlot));

            // Past Shanghai, kill -9, and back at once: Lodestar alone, without peers, gives up after an epoch without blocks.
            await Task.WhenAny(run, Task.Delay(begin.AddSeconds(lead + 20 * SecondsPerSlot) - DateTimeOffset.UtcNow));
            if (!run.IsCompleted) await nodes[^1].KillAndStartAgain();
            // Later the other side. What Lodestar has not finalised it has from its peers alone, so it needs one.
            await Task.WhenAny(run, Task.Delay(begin.AddSeconds(lead + 28 * SecondsPerSlot) - DateTimeOffset.UtcNow));
            if (!run.IsCompleted && Nodes > 1) await KillAndJoinAgain(Path.Combine(folder.Path, "run"), victim: Nodes - 1);
            var report = await run;

            Assert.Contains("VERDICT ok", report, StringComparison.Ordinal);
            Assert.DoesNotContain("finalized epochs []", report, StringComparison.Ordinal);
            TestContext.Current.TestOutputHelper?.WriteLine(report[report.IndexOf("VERDICT", StringComparison.Ordinal)..]);
        }
        finally
        {
            foreach (var node in nodes) await node.DisposeAsync();
        }
    }

    /// <summary>Kills a beacon node, which its supervisor begins again, and introduces it to the first of the others.</summary>
    static async Task KillAndJoinAgain(string run, int victim)
    {
        var pidFile = Path.Combine(run, $"cl{victim}", "lodestar.pid");
        var before = await File.ReadAllTextAsync(pidFile);
        var (rest, _) = PortsOf(before);
        using (var lodestar = Process.GetProcessById(int.Parse(before, CultureInfo.InvariantCulture))) lodestar.Kill();
        var (restOfFirst, peerPort) = PortsOf(await File.ReadAllTextAsync(Path.Combine(run, "cl0", "lodestar.pid")));
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        var identity = await http.GetFromJsonAsync<JsonElement>($"http://127.0.0.1:{restOfFirst}/eth/v1/node/identity");
        var peer = identity.GetProperty("data").GetProperty("peer_id").GetString();
        for (var patience = Stopwatch.StartNew(); patience.Elapsed < TimeSpan.FromMinutes(1); await Task.Delay(500))
        {
            try
            {
                using var joined = await http.PostAsync($"http://127.0.0.1:{rest}/eth/v1/lodestar/connect_peer?peerId={peer}&multiaddr={Uri.EscapeDataString($"/ip4/127.0.0.1/tcp/{peerPort}")}", null);
                if (joined.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // It is not there yet.
            }
        }
        Assert.Fail("the beacon node did not come back");
    }

    /// <summary>The ports of a beacon node, from its command line: of its REST interface, and for its peers.</summary>
    static (string Interface, string Peers) PortsOf(string processId)
    {
        var arguments = File.ReadAllText($"/proc/{processId}/cmdline").Split('\0');
        return (arguments[Array.IndexOf(arguments, "--rest.port") + 1], arguments[Array.IndexOf(arguments, "--port") + 1]);
    }

    /// <summary>A node that can be killed and comes back on the same ports.</summary>
    sealed class Led(string data, string genesis, string secret, string? peer, int engine, int peers) : IAsyncDisposable
    {
        public HufuProcess Hufu { get; private set; } = null!;
        public string EngineUrl => $"http://127.0.0.1:{engine}";

        public static async Task<Led> Start(string data, string genesis, string secret, string? peer)
        {
            var led = new Led(data, genesis, secret, peer, HufuProcess.FreePort(), HufuProcess.FreePort());
            await led.Begin(null);
            return led;
        }

        public async Task<string> Enode() => (await Hufu.Call("admin_nodeInfo")).GetProperty("enode").GetString()!;

        public async Task KillAndStartAgain()
        {
            await Hufu.Kill();
            await Begin(Hufu.Port);
        }

        async Task Begin(int? port)
        {
            string[] arguments = ["--consensus", "beacon", "--genesis", genesis, "--jwt-secret", secret, "--engine-port", Text(engine), "--p2p-port", Text(peers), .. peer is null ? [] : new[] { "--static-peers", peer }];
            Hufu = await HufuProcess.Start("node", data, arguments, port);
        }

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

        public ValueTask DisposeAsync() => Hufu.DisposeAsync();
    }

    static Task<HufuProcess> StartLed(string data, string genesis, int engine) =>
        HufuProcess.Start("node", data, "--consensus", "beacon", "--genesis", genesis, "--engine-port", engine.ToString(CultureInfo.InvariantCulture));

    static async Task<string> WriteGenesis(string programs, string folder, IEnumerable<string> forks)
    {
        var path = Path.Combine(folder, "network.json");
        var times = string.Join(',', forks.Select(fork => $"{fork}:0"));
        await OtherProgram.Run("node", ["--input-type=module", "-e", $"import {{ makeGenesis }} from '{programs}/common.mjs'; import fs from 'node:fs'; fs.writeFileSync('{path}', JSON.stringify(makeGenesis({{ forks: {{{times}}} }})));"], TimeSpan.FromMinutes(1));
        return path;
    }

    /// <summary>Where the programs lie beside the packages that they import; skips the test where either is absent.</summary>
    static string Programs(string program)
    {
        var peers = SharedFolder.Repository("tests/Hufu.EndToEnd/peers");
        var found = Path.Combine(peers, ".pos");
        if (!File.Exists(Path.Combine(found, program)) || !Directory.Exists(Path.Combine(peers, "node_modules")))
            Assert.Skip("the programs or the npm packages are not there: run npm install and ./lodestar.sh in tests/Hufu.EndToEnd/peers (Node.js 20)");
        return found;
    }

    static int Number(string variable, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
