using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.InteropServices;
using Hufu.Chain;
using Hufu.Crypto;
using Hufu.Node;
using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Cli;

/// <summary>Looks at the program, the machine and the data folder, and tells what it finds; changes nothing.</summary>
sealed class Examination(string dataFolder, int rpcPort, bool verifiesState, CancellationToken stop)
{
    const long LittleDisk = 2L << 30;

    // The newest blocks are read whole and their links checked; older ones are checked when they are asked for.
    const ulong BlocksRead = 128;

    public IEnumerable<Finding> Run()
    {
        yield return Program();
        yield return new("signatures", Health.Good, Secp256k1.Implementation);
        yield return new("powers", Health.Good, $"MODEXP by {ModExp.Implementation}");
        yield return Disk();
        yield return Port();
        foreach (var finding in Chain()) yield return finding;
    }

    static Finding Program() => new("program", Health.Good, string.Create(CultureInfo.InvariantCulture,
        $"hufu {Version}, .NET {Environment.Version}, {RuntimeInformation.OSDescription} {RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} processors"));

    static string? Version => typeof(Examination).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];

    Finding Disk()
    {
        var nearest = dataFolder;
        while (!Directory.Exists(nearest)) nearest = Path.GetDirectoryName(nearest) ?? Path.GetPathRoot(Path.GetFullPath("."))!;
        var free = new DriveInfo(nearest).AvailableFreeSpace;
        var text = $"{free >> 20} MiB are free under {nearest}";
        return free < LittleDisk ? new("disk", Health.Notable, $"{text}: less than {LittleDisk >> 20} MiB will not last") : new("disk", Health.Good, text);
    }

    Finding Port()
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, rpcPort);
            listener.Start();
            return new("port", Health.Good, $"{rpcPort} is free");
        }
        catch (SocketException error)
        {
            return new("port", Health.Notable, $"{rpcPort} cannot be listened on: {error.Message}");
        }
    }

    IEnumerable<Finding> Chain()
    {
        if (!File.Exists(Path.Combine(dataFolder, "genesis.json")))
        {
            yield return new("data", Health.Good, $"{dataFolder} holds no chain yet");
            yield break;
        }
        if (!GenesisFiles.TryFind(null, dataFolder, null, out var genesis, out _, out var refusal) || !DataFolder.TryHold(dataFolder, out var folder, out refusal))
        {
            yield return new("data", Health.Bad, refusal!.ToString());
            yield break;
        }
        using var hold = folder;
        if (!Ledgers.TryOpen(folder, genesis, followsImports: false, out var store, out var chain, out refusal))
        {
            yield return new("store", Health.Bad, refusal.ToString());
            yield break;
        }
        using (store)
        using (chain)
        {
            yield return new("data", Health.Good, $"{dataFolder}: chain id {chain.Forks.ChainId}, head block {chain.Head.Number} {chain.Head.Hash}, {SizeOf(dataFolder) >> 20} MiB");
            yield return Blocks(chain);
            if (verifiesState) yield return State(chain);
        }
    }

    static Finding Blocks(Blockchain chain)
    {
        try
        {
            var header = chain.Head.Head;
            var count = 0UL;
            for (; count < BlocksRead && header.Number > 0; count++)
            {
                if (chain.Blocks.CanonicalHash(header.Number) != header.Hash) return new("blocks", Health.Bad, $"block {header.Number} is not the one that the table of heights names");
                if (chain.Blocks.BlockOf(header.Hash) is not { } block || chain.Blocks.ReceiptsOf(header.Hash) is not { } receipts) return new("blocks", Health.Bad, $"block {header.Number} is not whole");
                if (TrieRoot.OfTransactions(block.Transactions) != header.TransactionsRoot || TrieRoot.OfReceipts(receipts) != header.ReceiptsRoot)
                    return new("blocks", Health.Bad, $"the transactions or receipts of block {header.Number} are not those its header commits to");
                if (chain.Blocks.HeaderOf(header.ParentHash) is not { } parent) return new("blocks", Health.Bad, $"the parent of block {header.Number} is missing");
                header = parent;
            }
            return new("blocks", Health.Good, $"the newest {count} are whole and linked");
        }
        catch (Exception damage) when (damage is StoreFailure or InvalidDataException)
        {
            return new("blocks", Health.Bad, damage.Message);
        }
    }

    Finding State(Blockchain chain)
    {
        try
        {
            return chain.VerifyState(stop: stop) is { } fault
                ? new("state", Health.Bad, fault.ToString())
                : new("state", Health.Good, $"computed anew from every account, the root of block {chain.Head.Number} is {chain.Head.Head.StateRoot}");
        }
        catch (StoreFailure damage)
        {
            return new("state", Health.Bad, damage.Message);
        }
    }

    static long SizeOf(string folder) =>
        new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
}
