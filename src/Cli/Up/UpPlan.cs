using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Numerics;
using System.Text.Json.Nodes;
using Hufu.Chain;
using Hufu.Consensus;
using Hufu.Crypto;
using Hufu.Node;
using Hufu.Primitives;
using Hufu.Rpc;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hufu.Cli;

/// <summary>What `hufu up` will do: the user's wishes checked, and the genesis found or made.</summary>
sealed class UpPlan
{
    readonly UpRequest _request;
    readonly Address _beneficiary;

    UpPlan(UpRequest request, Genesis genesis, IReadOnlyList<byte[]> secrets, Address beneficiary, bool isNew) =>
        (_request, Genesis, Secrets, _beneficiary, IsNew) = (request, genesis, secrets, beneficiary, isNew);

    public Genesis Genesis { get; }
    public IReadOnlyList<byte[]> Secrets { get; }
    public string? DataFolder => _request.DataFolder;

    /// <summary>Whether the chain begins now.</summary>
    public bool IsNew { get; }
    public ForkPoint? Fork => _request.Fork;
    public double BlockTimeSeconds => _request.BlockTimeSeconds;
    public bool IsMining => _request.IsMining;

    public static bool TryMake(UpRequest request, [NotNullWhen(true)] out UpPlan? plan, [NotNullWhen(false)] out Refusal? refusal)
    {
        plan = null;
        refusal = Check(request);
        if (refusal is not null) return false;
        Address beneficiary = default;
        if (request.Beneficiary is { } text && !Address.TryParse(text, out beneficiary))
        {
            refusal = new Refusal($"--beneficiary {text} is not an address", "an address is 0x and 40 hexadecimal digits", "copy the address as your wallet shows it");
            return false;
        }
        var secrets = DevAccounts.Secrets(request.Accounts);
        if (!TryFindGenesis(request, secrets, out var genesis, out var isNew, out refusal)) return false;
        plan = new UpPlan(request, genesis, secrets, beneficiary, isNew);
        return true;
    }

    static Refusal? Check(UpRequest request)
    {
        if (request.Rpc.Port is < 0 or > 65535) return new Refusal($"--rpc-port {request.Rpc.Port} is not a port", "ports go from 0 to 65535", "use 8545, or 0 for any free port");
        if (request.Accounts is < 0 or > DevAccounts.MaxCount) return new Refusal($"--accounts {request.Accounts} is out of range", $"from 0 to {DevAccounts.MaxCount} accounts can be made", "ask for fewer");
        if (request.BlockTimeSeconds is < 0 or > 86_400 || double.IsNaN(request.BlockTimeSeconds)) return new Refusal($"--block-time {request.BlockTimeSeconds} is out of range", "it is a number of seconds, up to a day", "leave it out for a block as soon as there is a transaction");
        if (request.BlockTimeSeconds > 0 && !request.IsMining) return new Refusal("--block-time and --no-mining exclude each other", "one makes a block at every interval, the other none until told", "give one of the two");
        if (request.BalanceEther is < 0 or > 1_000_000_000_000) return new Refusal($"--balance {request.BalanceEther} is out of range", "it is in Ether, from 0 to 10^12");
        if (request.GasLimit is < HeaderRules.MinGasLimit or > HeaderRules.MaxGasLimit) return new Refusal($"--gas-limit {request.GasLimit} is out of range", $"blocks have from {HeaderRules.MinGasLimit} to {HeaderRules.MaxGasLimit} gas", "use for example 60000000");
        if (request.HasDevMethods && request.Rpc is { Keys: null, Jwt: null } && !IsLocal(request.Rpc.Host)) return new Refusal($"--dev and --host {request.Rpc.Host} exclude each other", "whoever reaches the port could give themselves any balance", "give --rpc-keys FILE or --rpc-jwt-secret FILE, or leave --host out: the development methods are for this machine alone");
        if (request.Artifacts is { } artifacts && !Directory.Exists(artifacts)) return new Refusal($"--artifacts {artifacts} is not a folder", "it holds compiled contracts", "compile first, or give Hardhat's artifacts or Foundry's out");
        if (request.PoolLimit < 1) return new Refusal($"--pool-limit {request.PoolLimit} is out of range", "at least one transaction must have room", "leave it out");
        return null;
    }

    static bool TryFindGenesis(UpRequest request, IReadOnlyList<byte[]> secrets, [NotNullWhen(true)] out Genesis? genesis, out bool isNew, [NotNullWhen(false)] out Refusal? refusal)
    {
        byte[] Make()
        {
            var file = DevNetwork.GenesisFile(request.Fork?.ChainId ?? request.ChainId, request.GasLimit, secrets.Append(DevAccounts.PlatformSecret()).Select(secret => TransactionSigning.AddressOf(secret)), Wei(request.BalanceEther),
                // Tests reckon from the first block's time as from any other's.
                request.HasDevMethods ? (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds() : 0);
            // A fork stays what the other chain is.
            if (request.Fork is not null) return file;
            var withJobs = JsonNode.Parse(file)!.AsObject();
            GenesisContracts.AddJobs(withJobs);
            return System.Text.Encoding.UTF8.GetBytes(withJobs.ToJsonString(new() { WriteIndented = true }));
        }
        if (!GenesisFiles.TryFind(request.GenesisFile, request.DataFolder, Make, out genesis, out isNew, out refusal)) return false;
        if (isNew || request.ChainId == DevNetwork.ChainId || request.ChainId == genesis.Schedule.ChainId) return true;
        refusal = new Refusal($"the chain in {request.DataFolder} has chain id {genesis.Schedule.ChainId}, not {request.ChainId}", "a chain keeps its chain id", "leave --chain-id out, or choose another folder with --data");
        return false;
    }

    public NodeOptions ToOptions(Action<Exception> reportFault, ILoggerFactory? logs = null)
    {
        var mode = !_request.IsMining ? SoloMode.Manual : _request.BlockTimeSeconds > 0 ? SoloMode.Interval : SoloMode.Instant;
        return new NodeOptions
        {
            DataFolder = _request.DataFolder,
            Keeping = _request.Keeping,
            Genesis = Genesis,
            Rpc = _request.Rpc,
            Network = _request.Network,
            Logs = logs ?? NullLoggerFactory.Instance,
            UnlockedSecrets = Secrets,
            HasDevMethods = _request.HasDevMethods,
            Fork = _request.Fork,
            ForkCache = _request.ForkCache,
            Artifacts = _request.Artifacts,
            ShowConsole = _request.HasDevMethods ? line => Console.Error.WriteLine($"console.log: {line}") : null,
            ReportFault = reportFault,
            Pool = new PoolOptions { MaxTransactions = _request.PoolLimit, RefusesBelowBaseFee = mode == SoloMode.Instant },
            Sealing = new SoloOptions
            {
                Mode = mode,
                ClockFollowsBlocks = _request.HasDevMethods,
                Interval = mode == SoloMode.Interval ? TimeSpan.FromSeconds(_request.BlockTimeSeconds) : TimeSpan.FromSeconds(1),
                Beneficiary = _beneficiary,
                GasLimitTarget = _request.GasLimit,
                // A fork begins with the other chain's gas limit, however far that is from the one asked for.
                GasLimit = _request.Fork is null ? null : _request.GasLimit,
            },
        };
    }

    static bool IsLocal(string host) => host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    static UInt256 Wei(decimal ether) => (UInt256)(new BigInteger(ether * 1_000_000_000m) * 1_000_000_000);
}
