using System.CommandLine;
using System.Net;
using Hufu.Client;
using Hufu.Primitives;
using Hufu.Services;
using Hufu.WebConsole;
using Command = System.CommandLine.Command;

namespace Hufu.Cli;

/// <summary>`hufu services`: the platform against any Ethereum chain.</summary>
static class ServicesCommand
{
    static readonly Option<string> Rpc = new("--rpc") { Description = "The chain: http://, https://, ws:// or wss:// of one of its nodes.", HelpName = "URL", DefaultValueFactory = _ => "http://127.0.0.1:8545" };
    static readonly Option<string> Data = new("--data") { Description = "The folder that keeps the services' database and key.", HelpName = "DIR", DefaultValueFactory = _ => Path.Combine(DataFolders.Default, "services") };
    static readonly Option<string?> PostgresFile = new("--database") { Description = "A file with the connection string of a PostgreSQL database (Host=…;Username=…;Password=…;Database=…), in place of SQLite.", HelpName = "FILE" };
    static readonly Option<string?> Operator = new("--operator") { Description = "The keystore of the account that deploys the contracts, relays what others signed and pays the fees. Without it one is made, to be sent coin.", HelpName = "FILE" };
    static readonly Option<string?> PasswordFile = new("--password-file") { Description = "A file with the keystore's password; without it, it is asked for.", HelpName = "FILE" };
    static readonly Option<string> Host = new("--host") { Description = "The address to listen on.", HelpName = "ADDRESS", DefaultValueFactory = _ => "127.0.0.1" };
    static readonly Option<string?> Registry = new("--registry") { Description = "The registry of contracts that stand on the chain already, to use them in place of deploying others. The operator has to be their administrator.", HelpName = "ADDRESS" };
    static readonly Option<int> Confirmations = new("--confirmations") { Description = "How many blocks deep a transaction has to be before it counts as final.", HelpName = "N", DefaultValueFactory = _ => 1 };

    public static Command Create()
    {
        var command = new Command("services", """
            Run the services and the console against a chain that runs elsewhere.

            Example:
              hufu services --rpc http://127.0.0.1:8545
              hufu services --rpc https://rpc.example.org --operator treasury.json --database connection.txt
            """)
        { Rpc, Data, PostgresFile, Operator, PasswordFile, ServiceOptions.KeyFile, ServiceOptions.Keys, ServiceOptions.OidcAuthority, ServiceOptions.OidcAudience, ServiceOptions.OidcRoleClaim, ServiceOptions.OidcRoles, ServiceOptions.OidcClient, ServiceOptions.OidcClientSecretFile, ServiceOptions.PrivateDestinations, Registry, Host, ServiceOptions.ConsolePort, Confirmations, Settings.ConfigFile, LedgerOptions.Json };
        foreach (var option in LogSettings.All) command.Add(option);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var settings = Settings.Of(parsed);
        var json = settings.Get(LedgerOptions.Json);
        if (!Uri.TryCreate(settings.Get(Rpc), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https" or "ws" or "wss"))
            return Outcome.Refuse(new Refusal($"--rpc {settings.Get(Rpc)} is no URL of a node", Mend: "write it as http://127.0.0.1:8545"), json);
        if (!IPAddress.TryParse(settings.Get(Host), out var host)) return Outcome.Refuse(new Refusal($"--host {settings.Get(Host)} is no address", Mend: "write it as 127.0.0.1"), json);
        if (settings.Get(Confirmations) is < 1 or > 10_000) return Outcome.Refuse(new Refusal($"--confirmations {settings.Get(Confirmations)} is out of range", "it is from 1 to 10000"), json);
        using var log = LogSettings.Read(settings, "services");
        if (settings.Refusal is { } unusable) return Outcome.Refuse(unusable, json);
        try
        {
            var (options, refusal) = Read(settings, host, log);
            if (options is null) return Outcome.Refuse(refusal!, json);
            using var asked = new StopRequest(stop);
            await using var chain = await ChainClient.ConnectAsync(url, stop).ConfigureAwait(false);
            var (platform, cannot) = await Platform.StartAsync(options with { Chain = chain, Faces = [ConsoleFace.Of(chain, new ConsoleOptions { RpcUrl = ShownUrl(url), DataFolder = options.DataFolder, Hosts = ["*"], Provider = options.Oidc })] }).ConfigureAwait(false);
            if (platform is null) return Outcome.Refuse(cannot!, json);
            await using (platform.ConfigureAwait(false))
            {
                await TellAsync(platform, chain, json, stop).ConfigureAwait(false);
                await asked.UntilAskedAsync(json).ConfigureAwait(false);
            }
            return Outcome.Success;
        }
        catch (ChainException error)
        {
            return Outcome.Refuse(error.Refusal, json);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Outcome.Refuse(new Refusal("cannot read or write a file", error.Message, "check the paths"), json);
        }
    }

    static (PlatformOptions? Options, Refusal? Refusal) Read(Settings settings, IPAddress host, LogSettings log)
    {
        var folder = Path.GetFullPath(settings.Get(Data));
        Directory.CreateDirectory(folder);
        if (!CustodyKey.TryReadOrMake(Path.GetFullPath(settings.Get(ServiceOptions.KeyFile) ?? Path.Combine(folder, "key")), out var key, out var refusal)) return (null, refusal);
        Signer? signer = null;
        if (settings.Get(Operator) is { } keystore)
        {
            if (!Password.TryGet(settings.Get(PasswordFile), isNew: false, out var password, out refusal)) return (null, refusal);
            if (!Signer.TryFromKeystore(File.ReadAllText(keystore), password, out signer, out refusal)) return (null, refusal);
        }
        ServiceKeys? keys = null;
        if (settings.Get(ServiceOptions.Keys) is { } list && !ServiceKeys.TryRead(Path.GetFullPath(list), out keys, out refusal)) return (null, refusal);
        if (!ServiceOptions.TryReadOidc(settings, out var tokens, out refusal)) return (null, refusal);
        Address? registry = null;
        if (settings.Get(Registry) is { } text)
        {
            if (!Address.TryParse(text, out var address)) return (null, new Refusal($"--registry {text} is no address", Mend: "write it as 0x and 40 hexadecimal digits"));
            registry = address;
        }
        return (new PlatformOptions
        {
            Keys = keys,
            Oidc = tokens,
            Registry = registry,
            Chain = null!,
            DataFolder = folder,
            Postgres = settings.Get(PostgresFile) is { } file ? File.ReadAllText(file).Trim() : null,
            Key = key,
            Operator = signer,
            Host = host,
            Port = settings.Get(ServiceOptions.ConsolePort),
            Webhooks = new WebhookOptions { MayCallInside = settings.Get(ServiceOptions.PrivateDestinations) },
            Commands = new CommandOptions { Confirmations = settings.Get(Confirmations) },
            ReportFault = log.ReportFault,
            Logging = log.Configure,
        }, null);
    }

    // What a provider puts into user name, path or query is a secret.
    static string? ShownUrl(Uri url) => url.UserInfo.Length > 0 || url.PathAndQuery.Length > 1 ? null : url.GetLeftPart(UriPartial.Authority);

    static async Task TellAsync(Platform platform, ChainClient chain, bool json, CancellationToken stop)
    {
        var (url, @operator, chainId) = (platform.Url.ToString().TrimEnd('/'), platform.Rooms.Operator, await chain.GetChainIdAsync(stop).ConfigureAwait(false));
        var balance = await chain.GetBalanceAsync(@operator, stop: stop).ConfigureAwait(false);
        if (json)
        {
            Outcome.WriteJson(writer =>
            {
                writer.WriteString("console"u8, url);
                writer.WriteNumber("chainId"u8, chainId);
                writer.WriteString("operator"u8, @operator.ToChecksumString());
                writer.WriteString("operatorBalanceWei"u8, balance.ToString());
            });
            return;
        }
        Console.WriteLine($"console   {url}");
        Console.WriteLine($"chain id  {chainId}");
        Console.WriteLine($"operator  {@operator.ToChecksumString()} with {balance} Wei{(balance.IsZero ? ": send it coin, it pays the fees" : "")}");
        Console.WriteLine();
        Console.WriteLine("Ctrl-C stops; the services go on where they were at the next start.");
    }
}
