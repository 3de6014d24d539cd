using System.CommandLine;
using System.Runtime.InteropServices;
using Hufu.Chain;
using Hufu.Node;
using Hufu.Rpc;

namespace Hufu.Cli;

/// <summary>`hufu up`: a chain in one process, its data kept in a folder.</summary>
static class UpCommand
{
    static readonly Option<string> Data = new("--data") { Description = "The folder that keeps the chain.", HelpName = "DIR", DefaultValueFactory = _ => DataFolders.Default };
    static readonly Option<bool> InMemory = new("--in-memory") { Description = "Keep nothing on disk: the chain ends with the process." };
    static readonly Option<string?> GenesisFile = new("--genesis") { Description = "Begin with this genesis file instead of the development network.", HelpName = "FILE" };
    static readonly Option<string> Host = new("--host") { Description = "The address to listen on. Anyone who reaches it can use it: keep it local.", HelpName = "ADDRESS", DefaultValueFactory = _ => "127.0.0.1" };
    static readonly Option<int> RpcPort = new("--rpc-port") { Description = "The port of JSON-RPC; 0 takes a free one.", HelpName = "PORT", DefaultValueFactory = _ => 8545 };
    static readonly Option<string[]> Cors = new("--cors") { Description = "Origins whose pages may call besides those of this machine; * for all.", HelpName = "ORIGINS", DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true };
    static readonly Option<string[]> RpcHosts = new("--rpc-hosts") { Description = "Names by which this machine may be called besides localhost; * for all.", HelpName = "NAMES", DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true };
    static readonly Option<ulong> ChainId = new("--chain-id") { Description = "The chain id of a new chain.", HelpName = "ID", DefaultValueFactory = _ => DevNetwork.ChainId };
    static readonly Option<int> Accounts = new("--accounts") { Description = "How many development accounts to fund (when the chain begins) and unlock.", HelpName = "N", DefaultValueFactory = _ => DevAccounts.DefaultCount };
    static readonly Option<decimal> Balance = new("--balance") { Description = "What each of them has when the chain begins, in Ether.", HelpName = "ETHER", DefaultValueFactory = _ => 10_000 };
    static readonly Option<double> BlockTime = new("--block-time") { Description = "Make a block every so many seconds, instead of one as soon as there is a transaction.", HelpName = "SECONDS" };
    static readonly Option<bool> NoMining = new("--no-mining") { Description = "Make blocks only when told to (evm_mine)." };
    static readonly Option<bool> Dev = new("--dev") { Description = "Also answer the methods of development chains (evm_, hardhat_, anvil_): snapshots, time travel, accounts changed by hand. Local only." };
    static readonly Option<ulong?> GasLimit = new("--gas-limit") { Description = "The gas limit of blocks.", HelpName = "GAS" };
    static readonly Option<string?> Beneficiary = new("--beneficiary") { Description = "Who receives the fees.", HelpName = "ADDRESS" };
    static readonly Option<int> PoolLimit = new("--pool-limit") { Description = "How many transactions may wait.", HelpName = "N", DefaultValueFactory = _ => new PoolOptions().MaxTransactions };
    static readonly Option<bool> Json = new("--json") { Description = "Print one line of JSON when ready, and nothing else." };

    public static Command Create()
    {
        var command = new Command("up", """
            Start a chain in one process; its data is kept in a folder and there again at the next start.

            Example:
              hufu up
              hufu up --data ./chain --block-time 2 --accounts 50

            Every option can also be given as an environment variable (HUFU_RPC_PORT=9545) or in the file of --config.
            """)
        {
            Data, InMemory, GenesisFile, Host, RpcPort, Cors, RpcHosts, ChainId, Accounts, Balance, BlockTime, NoMining, Dev, GasLimit, Beneficiary, PoolLimit, Settings.ConfigFile, Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var settings = Settings.Of(parsed);
        var json = settings.Get(Json);
        if (UpPlan.TryMake(Read(settings), out var plan, out var refusal) is false || settings.Refusal is not null) return Outcome.Refuse(settings.Refusal ?? refusal!, json);

        // A service manager stops with SIGTERM, a person with Ctrl-C; both mean the same clean end.
        using var asked = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, asked));
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, asked));

        var (node, cannot) = await Node.Node.StartAsync(plan!.ToOptions(fault => Console.Error.WriteLine($"fault: {fault}"))).ConfigureAwait(false);
        if (node is null) return Outcome.Refuse(cannot!, json);
        await using (node.ConfigureAwait(false))
        {
            if (json) UpReport.WriteJson(node, plan);
            else UpReport.Write(node, plan);
            await Task.WhenAny(node.Running, Task.Delay(Timeout.Infinite, asked.Token)).ConfigureAwait(false);
            if (!json) Console.WriteLine("stopping");
        }
        return node.Running.IsFaulted ? Outcome.Failure : Outcome.Success;
    }

    static void Stop(PosixSignalContext context, CancellationTokenSource asked)
    {
        context.Cancel = true;
        asked.Cancel();
    }

    static UpRequest Read(Settings settings) => new()
    {
        DataFolder = settings.Get(InMemory) ? null : Path.GetFullPath(settings.Get(Data)),
        GenesisFile = settings.Get(GenesisFile),
        ChainId = settings.Get(ChainId),
        Accounts = settings.Get(Accounts),
        BalanceEther = settings.Get(Balance),
        BlockTimeSeconds = settings.Get(BlockTime),
        IsMining = !settings.Get(NoMining),
        HasDevMethods = settings.Get(Dev),
        GasLimit = settings.Get(GasLimit),
        Beneficiary = settings.Get(Beneficiary),
        PoolLimit = settings.Get(PoolLimit),
        Rpc = new RpcServerOptions
        {
            Host = settings.Get(Host) ?? "",
            Port = settings.Get(RpcPort),
            AllowedOrigins = settings.Get(Cors) ?? [],
            AllowedHosts = settings.Get(RpcHosts) ?? [],
        },
    };
}
