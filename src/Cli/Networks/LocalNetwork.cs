using System.Net;
using System.Net.Sockets;
using Hufu.Network;
using Hufu.Node;
using Hufu.Primitives;

namespace Hufu.Cli;

/// <summary>One validator of a network on this machine: its folder, its ports, and the argument list that starts it.</summary>
sealed record LocalValidator(string Name, string Folder, int RpcPort, string Enode, IReadOnlyList<string> Command)
{
    public string Url => $"http://127.0.0.1:{RpcPort}";
}

/// <summary>The folders, keys, genesis file and ports of a network of validators on this machine.</summary>
static class LocalNetwork
{
    public const ulong ChainId = 1981;

    /// <summary>Makes what is missing; what is there stays, so that the same folder gives the same network again.</summary>
    public static Refusal? TryPrepare(string folder, int validators, int rpcPort, uint blockPeriod, IReadOnlyList<Address> funded, out List<LocalValidator> network, ulong? gasLimit = null)
    {
        network = [];
        var keys = new List<NodeKey>();
        for (var i = 0; i < validators; i++)
        {
            if (!DataFolder.TryReadOrMakeKey(FolderOf(folder, i), out var key, out var refusal)) return refusal;
            keys.Add(key);
        }
        var genesis = Path.Combine(folder, "genesis.json");
        if (!File.Exists(genesis)) File.WriteAllBytes(genesis, QbftGenesis.Make([.. keys.Select(key => key.Id.Address)], ChainId, blockPeriod, funded, gasLimit));
        else if (Directory.Exists(FolderOf(folder, validators)))
            return new Refusal($"the network in {folder} has more than {validators} validators", Mend: "give the number it was made with, or another folder with --data");

        var ports = PortsOf(folder, validators, rpcPort);
        var enodes = keys.Select((key, i) => new Enode(key.Id, "127.0.0.1", ports[i].P2p, ports[i].P2p).ToString()).ToList();
        for (var i = 0; i < validators; i++)
        {
            List<string> command = [.. Self, "node", "--consensus", "qbft", "--genesis", genesis, "--data", FolderOf(folder, i),
                "--rpc-port", ports[i].Rpc.ToString(System.Globalization.CultureInfo.InvariantCulture), "--p2p-port", ports[i].P2p.ToString(System.Globalization.CultureInfo.InvariantCulture), "--no-discovery", "--json"];
            if (validators > 1) command.AddRange(["--static-peers", .. enodes.Where((_, other) => other != i)]);
            network.Add(new LocalValidator($"node-{i + 1}", FolderOf(folder, i), ports[i].Rpc, enodes[i], command));
        }
        return null;
    }

    static string FolderOf(string folder, int index) => Path.Combine(folder, $"node-{index + 1}");

    /// <summary>How this very program is started: by itself, or by `dotnet` and its assembly.</summary>
    static IReadOnlyList<string> Self =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [Environment.ProcessPath!, Environment.GetCommandLineArgs()[0]] : [Environment.ProcessPath!];

    // Kept, since the others know a validator by its port.
    static List<(int Rpc, int P2p)> PortsOf(string folder, int validators, int rpcPort)
    {
        var file = Path.Combine(folder, "ports");
        var kept = File.Exists(file) ? File.ReadAllLines(file).Select(line => line.Split(' ')).Select(pair => (Rpc: int.Parse(pair[0], System.Globalization.CultureInfo.InvariantCulture), P2p: int.Parse(pair[1], System.Globalization.CultureInfo.InvariantCulture))).ToList() : [];
        if (kept.Count == validators && (rpcPort == 0 || kept[0].Rpc == rpcPort)) return kept;
        var taken = new HashSet<int>();
        var ports = Enumerable.Range(0, validators).Select(i => (rpcPort == 0 ? Free(taken) : rpcPort + i, Free(taken))).ToList();
        File.WriteAllLines(file, ports.Select(pair => $"{pair.Item1} {pair.Item2}"));
        return ports;
    }

    static int Free(HashSet<int> taken)
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            if (((IPEndPoint)listener.LocalEndpoint).Port is var port && taken.Add(port)) return port;
        }
    }
}
