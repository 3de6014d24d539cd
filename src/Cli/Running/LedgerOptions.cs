using System.CommandLine;
using Hufu.Chain;
using Hufu.Node;
using Hufu.Primitives;
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
    public static readonly Option<string[]> RpcModules = new("--rpc-modules") { Description = "Modules offered over HTTP and WebSocket: eth,net,web3,debug,…; all on this machine, eth,net,web3 elsewhere unless given.", HelpName = "MODULES", DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true };
    public static readonly Option<string?> RpcKeys = new("--rpc-keys") { Description = "A JSON file of API keys with their modules and rates: only who has one is let in.", HelpName = "FILE" };
    public static readonly Option<string?> RpcJwtSecret = new("--rpc-jwt-secret") { Description = "A file with a secret of 32 bytes in hexadecimal: only who signs a token with it is let in.", HelpName = "FILE" };
    public static readonly Option<string?> IpcPath = new("--ipc-path") { Description = "Also listen on this socket in the file system, for this user alone.", HelpName = "FILE" };
    public static readonly Option<string?> TlsCert = new("--tls-cert") { Description = "Speak HTTPS and WSS with this certificate (PEM).", HelpName = "FILE" };
    public static readonly Option<string?> TlsKey = new("--tls-key") { Description = "The certificate's key (PEM).", HelpName = "FILE" };
    public static readonly Option<ulong?> GasLimit = new("--gas-limit") { Description = "The gas limit of blocks.", HelpName = "GAS" };
    public static readonly Option<int> PoolLimit = new("--pool-limit") { Description = "How many transactions may wait.", HelpName = "N", DefaultValueFactory = _ => new PoolOptions().MaxTransactions };
    public static readonly Option<int> Cache = new("--cache") { Description = "Memory for the chain's data: a third each for what the database reads again, for writes that are not yet sorted into files, and for the state trie. The whole process takes up to four times as much when all of it is in use.", HelpName = "MEGABYTES", DefaultValueFactory = _ => (int)(new ChainKeeping().CacheBytes >> 20) };
    public static readonly Option<ulong?> StateHistory = new("--state-history") { Description = "How many of the last blocks' states can be read; all since genesis where left out. What is given up is gone.", HelpName = "BLOCKS" };
    public static readonly Option<bool> Json = new("--json") { Description = "Print one line of JSON when ready, and nothing else." };

    /// <summary>The options of how the chain is kept, for a command to list.</summary>
    public static IReadOnlyList<Option> Keeping { get; } = [Cache, StateHistory];

    /// <summary>What cannot be used is told by <see cref="Settings.Refusal"/>.</summary>
    public static ChainKeeping ReadKeeping(Settings settings)
    {
        var keeping = new ChainKeeping { CacheBytes = (long)settings.Get(Cache) << 20, States = settings.Get(StateHistory) };
        if (keeping.CacheBytes < ChainKeeping.LeastCacheBytes) settings.Refuse(new Refusal($"--cache {settings.Get(Cache)} is too small", $"it is in megabytes, and at least {ChainKeeping.LeastCacheBytes >> 20}", "leave it out"));
        if (keeping.States < ChainKeeping.FewestStates) settings.Refuse(new Refusal($"--state-history {keeping.States} is too short", $"at least {ChainKeeping.FewestStates} blocks are kept: peers ask for their states, and a branch may leave the chain as far back", "give more, or leave it out for all"));
        return keeping;
    }

    /// <summary>The options of the door, for a command to list.</summary>
    public static IReadOnlyList<Option> Door { get; } = [Host, RpcPort, Cors, RpcHosts, RpcModules, RpcKeys, RpcJwtSecret, IpcPath, TlsCert, TlsKey];

    /// <summary>What a file named by an option holds wrongly is told by <see cref="Settings.Refusal"/>.</summary>
    public static RpcServerOptions ReadRpc(Settings settings)
    {
        var modules = (settings.Get(RpcModules) ?? []).SelectMany(list => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToList();
        ApiKeys? keys = null;
        JwtCheck? jwt = null;
        if (settings.Get(RpcKeys) is { } keyFile && !ApiKeys.TryRead(Path.GetFullPath(keyFile), out keys, out var refusal)) settings.Refuse(refusal);
        if (settings.Get(RpcJwtSecret) is { } secretFile && !JwtCheck.TryReadOrMake(Path.GetFullPath(secretFile), out jwt, out refusal)) settings.Refuse(refusal);
        var (certificate, key) = (settings.Get(TlsCert), settings.Get(TlsKey));
        if (certificate is null != key is null) settings.Refuse(new Refusal("--tls-cert and --tls-key belong together", "a certificate is of no use without its key", "give both"));
        return new RpcServerOptions
        {
            Host = settings.Get(Host) ?? "",
            Port = settings.Get(RpcPort),
            AllowedOrigins = settings.Get(Cors) ?? [],
            AllowedHosts = settings.Get(RpcHosts) ?? [],
            Modules = modules.Count > 0 ? modules : null,
            Keys = keys,
            Jwt = jwt,
            IpcPath = settings.Get(IpcPath) is { } path ? Path.GetFullPath(path) : null,
            Tls = certificate is not null && key is not null ? new TlsFiles(Path.GetFullPath(certificate), Path.GetFullPath(key)) : null,
        };
    }
}
