using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>Four validators, each in a network of its own (Linux network namespaces), joined by cables that can be pulled: nothing then tells anybody that a connection has ended.</summary>
[Collection(TimedTests.Name)]
public sealed class PartitionTests
{
    const int Size = 4;
    static readonly List<string> Said = [];

    [Fact]
    public async Task Validators_whose_cables_are_pulled_go_on_by_themselves_when_they_are_back()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Cables.Works, "network namespaces need Linux, the rights of root, and the programs ip and curl");
        using var place = new TemporaryFolder();
        using var cables = new Cables();
        await Agree(place.Path);
        var processes = new List<Process>();
        try
        {
            for (var i = 0; i < Size; i++) processes.Add(Start(place.Path, i));
            await Reach(2, [0, 1, 2, 3], TimeSpan.FromSeconds(240));

            // One alone: the three go on, a block a second but for the moment in which they find out.
            cables.Pull(3);
            await Task.Delay(TimeSpan.FromSeconds(8));
            var (before, clock) = (await Height(0), Stopwatch.StartNew());
            await Task.Delay(TimeSpan.FromSeconds(12));
            var rate = (await Height(0) - before) / clock.Elapsed.TotalSeconds;
            Assert.True(rate > 0.8, $"{rate:0.00} blocks a second");
            cables.Plug(3);
            await Reach(await Height(0) + 2, [0, 1, 2, 3], TimeSpan.FromSeconds(40));

            // Two and two: nobody decides anything.
            cables.Pull(2);
            cables.Pull(3);
            await Task.Delay(TimeSpan.FromSeconds(4));
            var stood = await Height(0);
            await Task.Delay(TimeSpan.FromSeconds(16));
            Assert.InRange(await Height(0), stood, stood + 1);
            cables.Plug(2);
            cables.Plug(3);
            await Reach(stood + 3, [0, 1, 2, 3], TimeSpan.FromSeconds(40));

            var height = await Height(0);
            await Reach(height, [0, 1, 2, 3], TimeSpan.FromSeconds(20));
            var hashes = await Task.WhenAll(Enumerable.Range(0, Size).Select(async node => (await Call(node, "eth_getBlockByNumber", $"0x{height:x}", false)).GetProperty("hash").GetString()));
            Assert.Single(hashes.Distinct());
        }
        finally
        {
            foreach (var process in processes)
            {
                if (!process.HasExited) process.Kill(entireProcessTree: true);
                process.Dispose();
            }
        }
    }

    static async Task Agree(string folder)
    {
        string Of(int node, string what) => Path.Combine(folder, $"{node}.{what}.json");
        var network = Path.Combine(folder, "network.json");
        int[] all = [0, 1, 2, 3];
        foreach (var node in all) await HufuProcess.Succeed("network", "member", "--data", Path.Combine(folder, $"{node}"), "--name", $"Member {node}", "--at", $"{Cables.AddressOf(node)}:30303", "--out", Of(node, "card"));
        await HufuProcess.Succeed(["network", "draft", .. all.SelectMany(node => new[] { "--member", Of(node, "card") }), "--out", network]);
        foreach (var node in all) await HufuProcess.Succeed("network", "sign", network, "--data", Path.Combine(folder, $"{node}"), "--out", Of(node, "signature"));
        await HufuProcess.Succeed(["network", "seal", network, .. all.SelectMany(node => new[] { "--signature", Of(node, "signature") }), "--out", network]);
    }

    static Process Start(string folder, int node)
    {
        var start = new ProcessStartInfo("ip", ["netns", "exec", Cables.NameOf(node), "dotnet", Path.Combine(AppContext.BaseDirectory, "hufu.dll"), "node", "--consensus", "qbft", "--network", Path.Combine(folder, "network.json"),
            "--data", Path.Combine(folder, $"{node}"), "--host", "127.0.0.1", "--rpc-port", "8545", "--p2p-host", Cables.AddressOf(node), "--p2p-port", "30303", "--no-discovery", "--json"])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        var process = Process.Start(start)!;
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;

        void Keep(object sender, DataReceivedEventArgs line)
        {
            lock (Said) Said.Add($"{node}: {line.Data}");
        }
    }

    // From inside its network, so that it can be asked while its cable is out.
    static async Task<JsonElement> Call(int node, string method, params object[] parameters)
    {
        var request = JsonSerializer.Serialize(new { jsonrpc = "2.0", id = 1, method, @params = parameters });
        var start = new ProcessStartInfo("ip", ["netns", "exec", Cables.NameOf(node), "curl", "-s", "-m", "10", "-H", "content-type: application/json", "-d", request, "http://127.0.0.1:8545"]) { RedirectStandardOutput = true };
        using var curl = Process.Start(start)!;
        var answer = await curl.StandardOutput.ReadToEndAsync();
        await curl.WaitForExitAsync();
        if (answer.Length == 0) throw new HttpRequestException("no answer");
        return JsonDocument.Parse(answer).RootElement.GetProperty("result");
    }

    static string WhatTheySaid()
    {
        lock (Said) return string.Join('\n', Said.TakeLast(40));
    }

    static async Task<ulong> Height(int node) => Convert.ToUInt64((await Call(node, "eth_blockNumber")).GetString(), 16);

    static async Task Reach(ulong height, int[] nodes, TimeSpan within)
    {
        var patience = Stopwatch.StartNew();
        foreach (var node in nodes)
            while (true)
            {
                try
                {
                    if (await Height(node) >= height) break;
                }
                catch (HttpRequestException)
                {
                    // It is starting.
                }
                if (patience.Elapsed > within) Assert.Fail($"node {node} did not reach {height} within {within.TotalSeconds} s:\n{WhatTheySaid()}");
                await Task.Delay(200);
            }
    }

    /// <summary>A switch, and a cable from it to each node's network.</summary>
    sealed class Cables : IDisposable
    {
        static readonly string Tag = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

        public Cables()
        {
            Ip($"link add {Switch} type bridge");
            Ip($"link set {Switch} up");
            for (var node = 0; node < Size; node++)
            {
                Ip($"netns add {NameOf(node)}");
                Ip($"link add {CableOf(node)} type veth peer name eth0 netns {NameOf(node)}");
                Ip($"link set {CableOf(node)} master {Switch}");
                Ip($"link set {CableOf(node)} up");
                Ip($"-n {NameOf(node)} addr add {AddressOf(node)}/24 dev eth0");
                Ip($"-n {NameOf(node)} link set eth0 up");
                Ip($"-n {NameOf(node)} link set lo up");
            }
        }

        static string Switch => $"hs{Tag}";

        public static bool Works
        {
            get
            {
                try
                {
                    if (!Try($"link add {Switch} type bridge") || !Try($"netns add {NameOf(0)}") || !Try($"link add {CableOf(0)} type veth peer name eth0 netns {NameOf(0)}")) return false;
                    return File.Exists("/usr/bin/curl");
                }
                catch (System.ComponentModel.Win32Exception)
                {
                    return false;
                }
                finally
                {
                    Remove(0);
                }
            }
        }

        public static string NameOf(int node) => $"hufu{Tag}-{node}";
        public static string AddressOf(int node) => $"10.77.31.{node + 1}";

        // The other end notices nothing: the link stays up there, as behind a switch.
        public void Pull(int node) => Ip($"link set {CableOf(node)} nomaster");
        public void Plug(int node) => Ip($"link set {CableOf(node)} master {Switch}");

        public void Dispose()
        {
            for (var node = 0; node < Size; node++) Remove(node);
        }

        static string CableOf(int node) => $"hc{Tag}-{node}";

        static void Remove(int node)
        {
            if (!OperatingSystem.IsLinux() || !File.Exists("/usr/sbin/ip") && !File.Exists("/sbin/ip") && !File.Exists("/usr/bin/ip")) return;
            Try($"link del {CableOf(node)}");
            Try($"netns del {NameOf(node)}");
            Try($"link del {Switch}");
        }

        static void Ip(string arguments)
        {
            if (!Try(arguments)) throw new InvalidOperationException($"ip {arguments} failed");
        }

        static bool Try(string arguments)
        {
            var start = new ProcessStartInfo("ip", arguments.Split(' ')) { RedirectStandardError = true, RedirectStandardOutput = true };
            using var ip = Process.Start(start)!;
            ip.StandardError.ReadToEnd();
            ip.WaitForExit();
            return ip.ExitCode == 0;
        }
    }
}
