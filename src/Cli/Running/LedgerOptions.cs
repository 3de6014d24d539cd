using System.CommandLine;
using Hufu.Chain;
using Hufu.Rpc;

namespace Hufu.Cli;

/// <summary>The options of every command that runs a ledger, under one name each.</summary>
static class LedgerOptions
{
    public static readonly Option<string> Data = new("--data") { Description = "The folder that keeps the chain.", HelpName = "DIR", DefaultValueFactory = _ => DataFolders.Default };
    public static readonly Option<bool> InMemory = new("--in-memory") { Description = "Keep nothing on disk: the chain ends with the process." };
    public static readonly Option<string?> GenesisFile = new("--genesis") { Description = "Begin with this genesis file instead of the development network.", HelpName = "FILE" };
    public static readonly Option<string> Host = new("--host") { Description = "The address to listen on. Anyone who reaches it can use it: keep it local.", HelpName = "ADDRESS", DefaultValueFactory = _ => "127.0.0.1" };
    public static readonly Option<int> RpcPort = new("--rpc-port") { Description = "The port of JSON-RPC; 0 takes a free one.", HelpName = "PORT", DefaultValueFactory = _ => 8545 };
    public static readonly Option<string[]> Cors = new("--cors") { Description = "Origins whose pages may call besides those of this machine; * for all.", HelpName = "ORIGINS", DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true };
    public static readonly Option<string[]> RpcHosts = new("--rpc-hosts") { Description = "Names by which this machine may be called besides localhost; * for all.", HelpName = "NAMES", DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true };
    public static readonly Option<ulong?> GasLimit = new("--gas-limit") { Description = "The gas limit of blocks.", HelpName = "GAS" };
    public static readonly Option<int> PoolLimit = new("--pool-limit") { Description = "How many transactions may wait.", HelpName = "N", DefaultValueFactory = _ => new PoolOptions().MaxTransactions };
    public static readonly Option<bool> Json = new("--json") { Description = "Print one line of JSON when ready, and nothing else." };

    public static RpcServerOptions ReadRpc(Settings settings) => new()
    {
        Host = settings.Get(Host) ?? "",
        Port = settings.Get(RpcPort),
        AllowedOrigins = settings.Get(Cors) ?? [],
        AllowedHosts = settings.Get(RpcHosts) ?? [],
    };
}
