using System.CommandLine;
using Hufu.Node;
using Hufu.Primitives;
using Hufu.Rpc;

namespace Hufu.Cli;

/// <summary>`hufu up`: a chain in one process, its data kept in a folder.</summary>
static class UpCommand
{
    static readonly Option<ulong> ChainId = new("--chain-id") { Description = "The chain id of a new chain.", HelpName = "ID", DefaultValueFactory = _ => DevNetwork.ChainId };
    static readonly Option<int> Accounts = new("--accounts") { Description = "How many development accounts to fund (when the chain begins) and unlock.", HelpName = "N", DefaultValueFactory = _ => DevAccounts.DefaultCount };
    static readonly Option<decimal> Balance = new("--balance") { Description = "What each of them has when the chain begins, in Ether.", HelpName = "ETHER", DefaultValueFactory = _ => 10_000 };
    static readonly Option<double> BlockTime = new("--block-time") { Description = "Make a block every so many seconds, instead of one as soon as there is a transaction.", HelpName = "SECONDS" };
    static readonly Option<bool> NoMining = new("--no-mining") { Description = "Make blocks only when told to (evm_mine)." };
    static readonly Option<bool> Dev = new("--dev") { Description = "Also answer the methods of development chains (evm_, hardhat_, anvil_): snapshots, time travel, accounts changed by hand. Local only." };
    static readonly Option<string?> ForkUrl = new("--fork-url") { Description = "With --dev: begin where another chain stands, whose JSON-RPC is here, and read what it holds as it is needed. Kept in memory.", HelpName = "URL" };
    static readonly Option<ulong?> ForkBlockNumber = new("--fork-block-number") { Description = "The block of the other chain to begin at; its latest where left out.", HelpName = "N" };
    static readonly Option<string> ForkCache = new("--fork-cache") { Description = "Where what was read of a named block is kept for the next start.", HelpName = "DIR", DefaultValueFactory = _ => DefaultForkCache() };
    static readonly Option<string?> Artifacts = new("--artifacts") { Description = "With --dev: a folder of compiled contracts (Hardhat's artifacts, Foundry's out), whose custom errors, and the places in their sources where a run failed, are then told.", HelpName = "DIR" };
    static readonly Option<string?> Beneficiary = new("--beneficiary") { Description = "Who receives the fees.", HelpName = "ADDRESS" };

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
            LedgerOptions.Data, LedgerOptions.InMemory, LedgerOptions.GenesisFile, ChainId, Accounts, Balance, BlockTime, NoMining, Dev, ForkUrl, ForkBlockNumber, ForkCache, Artifacts, LedgerOptions.GasLimit, Beneficiary, LedgerOptions.PoolLimit, ServiceOptions.ConsolePort, ServiceOptions.NoServices, ServiceOptions.KeyFile, ServiceOptions.Keys, ServiceOptions.OidcAuthority, ServiceOptions.OidcAudience, ServiceOptions.OidcRoleClaim, ServiceOptions.OidcRoles, ServiceOptions.OidcClient, ServiceOptions.OidcClientSecretFile, ServiceOptions.PrivateDestinations, Settings.ConfigFile, LedgerOptions.Json,
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
        var settings = Settings.Of(parsed);
        var json = settings.Get(LedgerOptions.Json);
        if (!TryFindFork(settings, out var fork, out var unforked)) return Outcome.Refuse(unforked!, json);
        // A call on a fork may wait for the other chain.
        if (fork is null) PromptSockets.TurnOn();
        if (!NetworkSettings.TryRead(settings, usualPort: null, out var network, out var unusable)) return Outcome.Refuse(settings.Refusal ?? unusable!, json);
        if (UpPlan.TryMake(Read(settings, fork) with { Network = network }, out var plan, out var refusal) is false || settings.Refusal is not null) return Outcome.Refuse(settings.Refusal ?? refusal!, json);

        using var log = LogSettings.Read(settings);
        if (settings.Refusal is { } wrong) return Outcome.Refuse(wrong, json);
        using var asked = new StopRequest(stop);
        var (node, cannot) = await Node.Node.StartAsync(plan!.ToOptions(log.ReportFault, log.Factory)).ConfigureAwait(false);
        if (node is null) return Outcome.Refuse(cannot!, json);
        EmbeddedPlatform? platform = null;
        if (!settings.Get(ServiceOptions.NoServices)) (platform, cannot) = await EmbeddedPlatform.StartAsync(node, plan.DataFolder, settings, log).ConfigureAwait(false);
        if (cannot is not null || settings.Refusal is not null)
        {
            await node.DisposeAsync().ConfigureAwait(false);
            return Outcome.Refuse(settings.Refusal ?? cannot!, json);
        }
        return await RunningNode.UntilStoppedAsync(node, json, () =>
        {
            if (json) UpReport.WriteJson(node, plan, platform?.Url);
            else UpReport.Write(node, plan, platform?.Url);
        }, asked, platform).ConfigureAwait(false);
    }

    static bool TryFindFork(Settings settings, out ForkPoint? fork, out Refusal? refusal)
    {
        (fork, refusal) = (null, null);
        if (settings.Get(ForkUrl) is not { } text) return true;
        if (!settings.Get(Dev)) refusal = new Refusal("--fork-url needs --dev", "a chain that forks another is one of development: nobody else can check its blocks", "add --dev");
        else if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")) refusal = new Refusal("--fork-url is not a URL", "it begins with http:// or https://", "give the address of an Ethereum JSON-RPC server");
        else (fork, refusal) = ForkPoint.Find(url, settings.Get(ForkBlockNumber));
        return refusal is null;
    }

    static string DefaultForkCache() => Path.Combine(
        OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "hufu", "forks");

    static UpRequest Read(Settings settings, ForkPoint? fork) => new()
    {
        Fork = fork,
        ForkCache = settings.Get(ForkCache),
        Artifacts = settings.Get(Artifacts) is { } folder ? Path.GetFullPath(folder) : null,
        DataFolder = settings.Get(LedgerOptions.InMemory) || fork is not null ? null : Path.GetFullPath(settings.Get(LedgerOptions.Data)),
        GenesisFile = settings.Get(LedgerOptions.GenesisFile),
        ChainId = settings.Get(ChainId),
        Accounts = settings.Get(Accounts),
        BalanceEther = settings.Get(Balance),
        BlockTimeSeconds = settings.Get(BlockTime),
        IsMining = !settings.Get(NoMining),
        HasDevMethods = settings.Get(Dev),
        GasLimit = settings.Get(LedgerOptions.GasLimit),
        Beneficiary = settings.Get(Beneficiary),
        PoolLimit = settings.Get(LedgerOptions.PoolLimit),
        Keeping = LedgerOptions.ReadKeeping(settings),
        Rpc = LedgerOptions.ReadRpc(settings),
    };
}
