using Hufu.Client;
using Hufu.Node;
using Hufu.Primitives;
using Hufu.Rpc;
using Hufu.Services;
using Hufu.WebConsole;

namespace Hufu.Cli;

/// <summary>The platform beside the ledger in one process, with no socket between them.</summary>
sealed class EmbeddedPlatform : IAsyncDisposable
{
    readonly Platform _platform;
    readonly ChainClient _chain;

    EmbeddedPlatform(Platform platform, ChainClient chain) => (_platform, _chain) = (platform, chain);

    public Uri Url => _platform.Url;

    /// <param name="folder">The data folder; null: in memory.</param>
    public static async Task<(EmbeddedPlatform? Platform, Refusal? Refusal)> StartAsync(Node.Node node, string? folder, Settings settings, LogSettings log)
    {
        if (folder is not null) Directory.CreateDirectory(folder = Path.Combine(folder, "services"));
        CustodyKey? key;
        var keyFile = settings.Get(ServiceOptions.KeyFile) is { } given ? Path.GetFullPath(given) : folder is null ? null : Path.Combine(folder, "key");
        if (keyFile is null) key = CustodyKey.New();
        else if (!CustodyKey.TryReadOrMake(keyFile, out key, out var refusal)) return (null, refusal);
        ServiceKeys? keys = null;
        if (settings.Get(ServiceOptions.Keys) is { } list && !ServiceKeys.TryRead(Path.GetFullPath(list), out keys, out var unusable)) return (null, unusable);

        if (!ServiceOptions.TryReadOidc(settings, out var tokens, out var unread)) return (null, unread);

        var dispatcher = new Dispatcher(node.Methods, new DispatchLimits(), log.ReportFault);
        var chain = new ChainClient(new InProcessTransport(async (request, _) =>
        {
            using var answer = await dispatcher.AnswerAsync(request).ConfigureAwait(false);
            return answer.Written.ToArray();
        }));
        var console = new ConsoleOptions { RpcUrl = node.Url.ToString().TrimEnd('/'), DataFolder = folder, SendsFromNodeAccounts = true, Hosts = ["*"], Provider = tokens };
        var options = new PlatformOptions { Chain = chain, DataFolder = folder, Key = key, Operator = await OperatorAsync(chain).ConfigureAwait(false), Port = settings.Get(ServiceOptions.ConsolePort), Keys = keys, Oidc = tokens, Webhooks = new WebhookOptions { MayCallInside = settings.Get(ServiceOptions.PrivateDestinations) }, Faces = [ConsoleFace.Of(chain, console)], ReportFault = log.ReportFault, Logging = log.Configure };
        var (platform, cannot) = await Platform.StartAsync(options).ConfigureAwait(false);
        // The usual port is a wish; one that was asked for is an order.
        if (platform is null && options.Port == ServiceOptions.UsualPort && !settings.IsGiven(ServiceOptions.ConsolePort)) (platform, cannot) = await Platform.StartAsync(options with { Port = 0 }).ConfigureAwait(false);
        return platform is null ? (null, cannot) : (new EmbeddedPlatform(platform, chain), null);
    }

    // On a development chain an account of everybody's mnemonic, far behind those that are shown, has coin from the start, so that nobody's first nonce is
    // taken. Chains from before it was so, and those of other genesis files, may have the first of the shown ones.
    static async Task<Signer?> OperatorAsync(ChainClient chain)
    {
        foreach (var secret in new[] { DevAccounts.PlatformSecret(), DevAccounts.Secrets(1)[0] })
            if (Signer.FromSecret(secret) is var signer && !(await chain.GetBalanceAsync(signer.Address).ConfigureAwait(false)).IsZero) return signer;
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await _platform.DisposeAsync().ConfigureAwait(false);
        await _chain.DisposeAsync().ConfigureAwait(false);
    }
}
