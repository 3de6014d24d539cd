using System.CommandLine;
using Hufu.Chain;
using Hufu.Consensus;
using Hufu.Node;
using Hufu.Primitives;
using Hufu.Rpc;

namespace Hufu.Cli;

/// <summary>`hufu node`: a ledger alone, led by a consensus client or following its peers.</summary>
static class NodeCommand
{
    static readonly Option<string?> Consensus = new("--consensus") { Description = "Who leads the chain: beacon, a consensus client of proof of stake through the Engine API; follow, the peers, whose chain is verified in full; qbft, a network of validators, of which this node is one where its key is among theirs; or pow, a private network of proof of work, followed, and mined with --mine.", HelpName = "NAME" };
    static readonly Option<string?> Network = new("--network") { Description = "The network file that all members have signed (hufu network check): the genesis file, and the other members' nodes.", HelpName = "FILE" };
    static readonly Option<string?> Mine = new("--mine") { Description = "Mine blocks of a private network of proof of work (--consensus pow), for this account.", HelpName = "ADDRESS" };
    static readonly Option<string?> PermissionsFile = new("--permissions") { Description = "A file of the accounts and nodes that this node has to do with: { \"accounts\": [], \"nodes\": [] }; a list left out allows all.", HelpName = "FILE" };
    static readonly Option<string> EngineHost = new("--engine-host") { Description = "The address on which the consensus client is listened for.", HelpName = "ADDRESS", DefaultValueFactory = _ => "127.0.0.1" };
    static readonly Option<int> EnginePort = new("--engine-port") { Description = "The port of the Engine API; 0 takes a free one.", HelpName = "PORT", DefaultValueFactory = _ => 8551 };
    static readonly Option<string?> JwtSecret = new("--jwt-secret") { Description = "The file of the secret shared with the consensus client: 32 bytes in hexadecimal. Made where it is absent; jwt.hex in the data folder unless given.", HelpName = "FILE" };

    public static Command Create()
    {
        var command = new Command("node", """
            Run a ledger node. With --consensus beacon it is the execution client of a proof-of-stake network; with --consensus follow it verifies and
            keeps the chain of its peers, and seals no block; with --consensus qbft it is a validator of a QBFT network, under the key `nodekey` in its data folder.

            Example:
              hufu node --consensus beacon --genesis genesis.json --data ./node
              hufu node --consensus beacon --genesis genesis.json --jwt-secret jwt.hex --engine-port 8551
              hufu node --consensus follow --genesis genesis.json --data ./copy --static-peers enode://ID@10.0.0.1:30303
              hufu node --consensus pow --genesis genesis.json --data ./miner --mine 0xADDRESS
              hufu node --consensus qbft --network network.json --data ./mine --p2p-host 0.0.0.0
              hufu node --consensus qbft --genesis genesis.json --data ./validator --static-peers enode://ID@10.0.0.1:30303

            Every option can also be given as an environment variable (HUFU_ENGINE_PORT=8552) or in the file of --config.
            """)
        {
            Consensus, Network, Mine, PermissionsFile, LedgerOptions.Data, LedgerOptions.InMemory, LedgerOptions.GenesisFile,
            EngineHost, EnginePort, JwtSecret, LedgerOptions.GasLimit, LedgerOptions.PoolLimit, Settings.ConfigFile, LedgerOptions.Json,
        };
        foreach (var option in LedgerOptions.Keeping) command.Add(option);
        foreach (var option in LedgerOptions.Door) command.Add(option);
        foreach (var option in NetworkSettings.All) command.Add(option);
        foreach (var option in LogSettings.All) command.Add(option);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        PromptSockets.TurnOn();
        var settings = Settings.Of(parsed);
        var json = settings.Get(LedgerOptions.Json);
        using var log = LogSettings.Read(settings);
        var options = Plan(settings, log, out var refusal);
        if (options is null || settings.Refusal is not null) return Outcome.Refuse(settings.Refusal ?? refusal!, json);

        using var asked = new StopRequest(stop);
        var (node, cannot) = await Node.Node.StartAsync(options).ConfigureAwait(false);
        if (node is null) return Outcome.Refuse(cannot!, json);
        return await RunningNode.UntilStoppedAsync(node, json, () => Report(node, options.DataFolder, json), asked).ConfigureAwait(false);
    }

    static NodeOptions? Plan(Settings settings, LogSettings log, out Refusal? refusal)
    {
        var (rpc, enginePort, gasLimit, poolLimit) = (LedgerOptions.ReadRpc(settings), settings.Get(EnginePort), settings.Get(LedgerOptions.GasLimit), settings.Get(LedgerOptions.PoolLimit));
        var folder = settings.Get(LedgerOptions.InMemory) ? null : Path.GetFullPath(settings.Get(LedgerOptions.Data));
        refusal = CheckName(settings.Get(Consensus)) ?? CheckPort("--rpc-port", rpc.Port) ?? CheckPort("--engine-port", enginePort)
            ?? (gasLimit is < HeaderRules.MinGasLimit or > HeaderRules.MaxGasLimit ? new Refusal($"--gas-limit {gasLimit} is out of range", $"blocks have from {HeaderRules.MinGasLimit} to {HeaderRules.MaxGasLimit} gas", "use for example 60000000") : null)
            ?? (poolLimit < 1 ? new Refusal($"--pool-limit {poolLimit} is out of range", "at least one transaction must have room", "leave it out") : null);
        NetworkFile? agreed = null;
        if (refusal is null && settings.Get(Network) is { } signed) refusal = CeremonyCommands.TryReadWhole(Path.GetFullPath(signed), out agreed);
        if (refusal is not null || !GenesisFiles.TryFind(settings.Get(LedgerOptions.GenesisFile), folder, agreed is null ? null : () => agreed.GenesisFile, out var genesis, out _, out refusal)) return null;
        if (agreed is not null && genesis.ToBlock().Hash != agreed.GenesisHash)
        {
            refusal = new Refusal("the folder holds another network's chain", $"it begins with {genesis.ToBlock().Hash}, the network file with {agreed.GenesisHash}", "give another folder with --data, or the network file that this chain began with");
            return null;
        }
        var isFollower = settings.Get(Consensus) is "follow" or "pow";
        if (!TryReadMiner(settings, gasLimit, out var mining, out refusal)) return null;
        var isValidator = settings.Get(Consensus) == "qbft";
        if (!NetworkSettings.TryRead(settings, isFollower || isValidator ? 30303 : null, out var network, out refusal)) return null;
        if (network is { Sync: SyncMode.Snap } && !isFollower && !isValidator)
        {
            refusal = new Refusal("--sync-mode snap needs peers that lead", "a consensus client leads this node, and the blocks it names are executed", "leave it out, or begin with `hufu snapshot import`");
            return null;
        }
        if (agreed is not null && network is not null) network = network with { Peers = network.Peers with { StaticPeers = [.. network.Peers.StaticPeers, .. agreed.Members.Select(member => member.Enode)] } };
        if (!isFollower && !isValidator && genesis.Schedule.TerminalTotalDifficulty is null)
        {
            refusal = new Refusal("this network never goes over to proof of stake", "its genesis file states no terminalTotalDifficulty", "give a genesis file of a proof-of-stake network");
            return null;
        }
        return new NodeOptions
        {
            DataFolder = folder,
            Keeping = LedgerOptions.ReadKeeping(settings),
            Genesis = genesis,
            Rpc = rpc,
            Pool = new PoolOptions { MaxTransactions = poolLimit },
            ReportFault = log.ReportFault,
            Logs = log.Factory,
            IsFollower = isFollower,
            Mining = mining,
            PermissionsFile = settings.Get(PermissionsFile) is { } permissions ? Path.GetFullPath(permissions) : null,
            Network = network,
            Qbft = isValidator ? new QbftDriverOptions { GasLimitTarget = gasLimit } : null,
            Beacon = isFollower || isValidator ? null : new BeaconOptions
            {
                Host = settings.Get(EngineHost) ?? "",
                Port = enginePort,
                JwtSecretFile = settings.Get(JwtSecret) is { } file ? Path.GetFullPath(file) : null,
                AllowedHosts = rpc.AllowedHosts,
                Blocks = new BeaconOptions().Blocks with { GasLimitTarget = gasLimit },
            },
        };
    }

    static Refusal? CheckName(string? consensus) => consensus is "beacon" or "follow" or "qbft" or "pow" ? null
        : consensus is null ? new Refusal("who leads this node?", "--consensus is missing", "give --consensus beacon, or use `hufu up` for a chain that needs no other program")
        : new Refusal($"--consensus {consensus} is not known", "a node is led by a consensus client through the Engine API, or follows its peers", "give --consensus beacon, follow, qbft or pow, or use `hufu up` for a chain that needs none");

    static bool TryReadMiner(Settings settings, ulong? gasLimit, out MiningOptions? mining, out Refusal? refusal)
    {
        (mining, refusal) = (null, null);
        if (settings.Get(Mine) is not { } text) return true;
        if (settings.Get(Consensus) != "pow") refusal = new Refusal("only networks of proof of work are mined", $"--mine goes with --consensus pow, not with {settings.Get(Consensus)}", "leave it out");
        else if (!Address.TryParse(text, out var beneficiary)) refusal = new Refusal($"--mine {text} is no address", Mend: "write 0x and 40 hexadecimal digits");
        else mining = new MiningOptions { Beneficiary = beneficiary, GasLimitTarget = gasLimit };
        return refusal is null;
    }

    static Refusal? CheckPort(string option, int port) => port is >= 0 and <= 65535 ? null
        : new Refusal($"{option} {port} is not a port", "ports go from 0 to 65535", "leave it out, or give 0 for any free port");

    static void Report(Node.Node node, string? folder, bool json)
    {
        var (rpc, engine) = (node.Url.ToString().TrimEnd('/'), node.EngineUrl?.ToString().TrimEnd('/'));
        if (json)
        {
            Outcome.WriteJson(writer =>
            {
                writer.WriteString("rpc"u8, rpc);
                if (engine is not null) writer.WriteString("engine"u8, engine);
                if (engine is not null) writer.WriteString("jwtSecret"u8, node.JwtSecretFile);
                if (node.Enode is { } enode) writer.WriteString("enode"u8, enode);
                writer.WriteNumber("chainId"u8, node.Chain.Forks.ChainId);
                writer.WriteString("genesis"u8, node.Chain.Genesis.Hash.ToString());
                writer.WriteString("data"u8, folder);
                writer.WriteNumber("head"u8, node.Chain.Head.Number);
            });
            return;
        }
        Console.WriteLine($"JSON-RPC  {rpc}");
        if (engine is not null) Console.WriteLine($"Engine    {engine}");
        if (engine is not null) Console.WriteLine($"JWT       {node.JwtSecretFile}");
        if (node.Enode is { } own) Console.WriteLine($"enode     {own}");
        Console.WriteLine($"chain id  {node.Chain.Forks.ChainId}");
        Console.WriteLine($"genesis   {node.Chain.Genesis.Hash}");
        Console.WriteLine($"data      {folder ?? "in memory only"}");
        Console.WriteLine($"head      block {node.Chain.Head.Number} ({node.Chain.Head.Hash})");
        Console.WriteLine();
        Console.WriteLine($"{(engine is null ? "Joined to the peers" : "Waiting for the consensus client")}. Ctrl-C stops; the chain is there again at the next start.");
    }
}
