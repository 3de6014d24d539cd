using System.Net;
using System.Net.Sockets;
using Hufu.Client;
using Hufu.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Hufu.Services;

/// <summary>The running platform: the rooms, the services, and one port for both REST and pages. This file is its parts list.</summary>
public sealed class Platform : IAsyncDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly PlatformOptions _options;
    WebApplication? _web;
    string? _ownFolder;
    Task _loops = Task.CompletedTask;

    Platform(PlatformOptions options) => _options = options;

    public Rooms Rooms { get; private set; } = null!;

    /// <summary>Who is told of events.</summary>
    public Webhooks Webhooks { get; private set; } = null!;

    /// <summary>What falls due by itself.</summary>
    public Keeper Jobs { get; private set; } = null!;
    public IReadOnlyList<Service> Services { get; private set; } = [];

    /// <summary>Where the console and the API are.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>Starts, or says why it cannot; then nothing of it is left running. Nothing happens on the chain before a service is used.</summary>
    public static async Task<(Platform? Platform, Refusal? Refusal)> StartAsync(PlatformOptions options)
    {
        var platform = new Platform(options);
        try
        {
            if (await platform.AssembleAsync().ConfigureAwait(false) is not { } refusal) return (platform, null);
            await platform.DisposeAsync().ConfigureAwait(false);
            return (null, refusal);
        }
        catch (ChainException error)
        {
            await platform.DisposeAsync().ConfigureAwait(false);
            return (null, error.Refusal);
        }
    }

    async Task<Refusal?> AssembleAsync()
    {
        if (!_options.AsksWhoCalls && !IPAddress.IsLoopback(_options.Host))
            return new Refusal($"refusing to act for whoever reaches {_options.Host}", "the platform signs with the accounts that it keeps", "give --service-keys FILE or --oidc-authority URL, or leave --host out: then it listens for this machine alone");
        if (!TryOpenDatabase(out var database, out var refusal)) return refusal;
        await database.CreateAsync([Custody.Accounts, .. CommandDesk.Tables, ContractRegistry.Contracts, ContractRegistry.Epoch, PolicyBook.Rules, AuditLog.Lines, .. Webhooks.Tables, Keeper.Jobs]).ConfigureAwait(false);

        var chain = _options.Chain;
        var custody = new Custody(database, _options.Key);
        var @operator = _options.Operator is { } given ? given.Address : (await custody.OpenAsync("operator").ConfigureAwait(false)).Address;
        if (_options.Operator is { } signer) custody.Lend(signer);
        var commands = new CommandDesk(chain, database, custody, _options.Commands with { ReportFault = _options.ReportFault }) { Sponsor = @operator };
        Rooms = new Rooms
        {
            Chain = chain,
            Database = database,
            Custody = custody,
            Commands = commands,
            Registry = new ContractRegistry(chain, database, custody, commands, @operator),
            Tallies = new TallyMaker(chain),
            Tokens = new Tokens(chain),
            Policy = new PolicyBook(database),
            Audit = new AuditLog(database),
            Courier = new Courier(_options.Webhooks.Timeout, _options.Webhooks.MayCallInside),
            Delivery = _options.Webhooks with { Confirmations = _options.Commands.Confirmations - 1, ReportFault = _options.ReportFault },
            Operator = @operator,
        };
        if (!custody.TryCheckKey(out refusal)) return refusal;

        Services = ServiceCatalog.All(Rooms);
        var ofChain = await ChainJobs.AreOnAsync(chain).ConfigureAwait(false) ? new ChainJobs(Rooms, new JobsIndex(database)) : null;
        ServiceContract[] standing = ofChain is null ? [] : [ServiceContract.Standing(ChainJobs.Contract, ChainJobs.At)];
        var notices = new NoticeIndex([.. Services.SelectMany(service => service.Contracts).Concat(standing).Select(contract => contract.Name)]);
        Projection[] jobsIndex = ofChain is null ? [] : [ofChain.Index];
        Rooms.Index = new EventIndex(chain, database, [.. Services.SelectMany(service => service.Projections), .. jobsIndex, notices], _options.Index);
        Webhooks = new Webhooks(database, _options.Key, Rooms.Courier, () => Rooms.Index.Reached, Rooms.Delivery);
        Rooms.Index.Moved += Webhooks.Wake;
        Jobs = new Keeper(Rooms, [.. Services.SelectMany(service => service.Jobs)], ofChain);
        await database.CreateAsync([.. Services.SelectMany(service => service.Tables)]).ConfigureAwait(false);
        await Rooms.Index.OpenAsync().ConfigureAwait(false);
        if (await Rooms.Registry.OpenAsync(Services, standing, _options.Registry).ConfigureAwait(false) is { } notThere) return notThere;

        if (await ListenAsync().ConfigureAwait(false) is { } cannot) return cannot;
        commands.Resume();
        Webhooks.Start(await chain.GetChainIdAsync().ConfigureAwait(false));
        _loops = Task.WhenAll([FollowAsync(_stop.Token), KeepRunningAsync(Jobs.RunAsync, _stop.Token), .. Services.Select(service => KeepRunningAsync(service.RunAsync, _stop.Token))]);
        return null;
    }

    bool TryOpenDatabase([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Database? database, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out Refusal? refusal)
    {
        if (_options.Postgres is { } connection) return Database.TryOpenPostgres(connection, out database, out refusal);
        (database, refusal) = (null, null);
        try
        {
            var folder = _options.DataFolder ?? (_ownFolder = Directory.CreateTempSubdirectory("hufu-services-").FullName);
            Directory.CreateDirectory(folder);
            database = Database.OpenSqlite(Path.Combine(folder, "services.db"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or System.Data.Common.DbException)
        {
            refusal = new Refusal($"the services cannot keep their data in {_options.DataFolder}", error.Message, "choose a folder that can be written to, and that no other hufu process uses");
        }
        return database is not null;
    }

    // ---- the port ----

    async Task<Refusal?> ListenAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddSingleton<IHostLifetime, OwnersLifetime>();
        _options.Logging(builder.Logging.ClearProviders());
        builder.WebHost.UseUrls();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(_options.Host, _options.Port);
        });
        // What cannot be read is told as every other refusal is.
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.Configure<JsonOptions>(json => ApiJson.Configure(json.SerializerOptions));
        OpenApi.Add(builder.Services);
        builder.Services.AddSingleton(this);
        builder.Services.AddSingleton(Rooms);
        builder.Services.AddSingleton(new Sessions(_options));
        foreach (var service in Services) builder.Services.AddSingleton(service.GetType(), service);
        foreach (var face in _options.Faces) face.Add(builder);

        var web = builder.Build();
        web.UseMiddleware<Doorkeeper>(_options);
        web.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(30), KeepAliveTimeout = TimeSpan.FromSeconds(30) });
        web.UseRouting();
        web.UseMiddleware<Gate>(_options, Rooms.Audit);
        foreach (var face in _options.Faces) face.Use(web);
        Map(web);
        try
        {
            await web.StartAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            await web.DisposeAsync().ConfigureAwait(false);
            return new Refusal($"the console cannot listen on {_options.Host}:{_options.Port}", error.Message, "choose another port with --console-port; 0 takes a free one");
        }
        _web = web;
        Url = new Uri(web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        web.Services.GetRequiredService<ILoggerFactory>().CreateLogger("services").Listening(Url, Rooms.Operator);
        return null;
    }

    void Map(WebApplication web)
    {
        var api = web.MapGroup("/api/v1");
        PlatformApi.Map(api, this);
        foreach (var service in Services)
        {
            var group = api.MapGroup("").WithTags(service.Title.English);
            // A service that policy has switched off is not there, whoever asks for whatever of it.
            group.AddEndpointFilter((context, next) =>
            {
                Rooms.Policy.RequireService(service.Name);
                if (!Gate.IsRead(context.HttpContext.Request)) Rooms.Policy.RequireAnyOf(Gate.Of(context.HttpContext), service);
                return next(context);
            });
            service.Map(group);
        }
        // What a shopper opens with a phone, and the verifier, are for everybody.
        var open = web.MapGroup("").AllowAnonymous();
        foreach (var service in Services) service.MapRoot(open);
        VerifierPages.Map(open);
        OpenApi.Map(web);
        foreach (var face in _options.Faces) face.Map(web);
    }

    // ---- the loops ----

    /// <summary>The index follows whatever stands; when that changes, it begins with what stands then.</summary>
    async Task FollowAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using var changed = CancellationTokenSource.CreateLinkedTokenSource(stop);
            try
            {
                var deployment = await Rooms.Registry.FoundAsync(stop).ConfigureAwait(false);
                void Look()
                {
                    if (!ReferenceEquals(Rooms.Registry.Current, deployment) && Rooms.Registry.Current is not null) changed.Cancel();
                }
                Rooms.Registry.Changed += Look;
                try
                {
                    Look();
                    await Rooms.Index.RunAsync(deployment.Contracts, deployment.FromBlock, changed.Token).ConfigureAwait(false);
                }
                finally
                {
                    Rooms.Registry.Changed -= Look;
                }
            }
            catch (OperationCanceledException)
            {
                // Either all stops, or other contracts stand now.
            }
            catch (Exception fault)
            {
                _options.ReportFault(fault);
                await Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    async Task KeepRunningAsync(Func<CancellationToken, Task> work, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await work(stop).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                _options.ReportFault(fault);
                await Task.Delay(TimeSpan.FromSeconds(5), CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Stops in the opposite order: no new requests, then no new work, then the files are closed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_web is not null)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(3));
            await _web.StopAsync(patience.Token).ConfigureAwait(false);
            await _web.DisposeAsync().ConfigureAwait(false);
        }
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loops.ConfigureAwait(false);
        foreach (var service in Services) await service.StopAsync().ConfigureAwait(false);
        if (Rooms is not null)
        {
            if (Webhooks is not null)
            {
                await Webhooks.StopAsync().ConfigureAwait(false);
                Webhooks.Dispose();
            }
            Rooms.Courier.Dispose();
            await Rooms.Commands.DisposeAsync().ConfigureAwait(false);
            Rooms.Registry.Dispose();
            await Rooms.Database.DisposeAsync().ConfigureAwait(false);
        }
        if (_ownFolder is not null) Directory.Delete(_ownFolder, recursive: true);
        _stop.Dispose();
    }
}

/// <summary>Something that shows itself on the platform's port beside the API: the console.</summary>
/// <param name="Add">Adds what it needs before the port is built. <see cref="Rooms"/>, <see cref="Platform"/> and every service are there to be injected.</param>
/// <param name="Use">Adds its middleware, behind routing and before the endpoints.</param>
/// <param name="Map">Maps its pages.</param>
public sealed record Face(Action<WebApplicationBuilder> Add, Action<WebApplication> Use, Action<WebApplication> Map);

public sealed record PlatformOptions
{
    /// <summary>The chain; the caller disposes it, after the platform.</summary>
    public required ChainClient Chain { get; init; }

    /// <summary>Where the SQLite database is kept; null: in a folder that goes with the process.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Npgsql's connection string: PostgreSQL in place of SQLite.</summary>
    public string? Postgres { get; init; }

    /// <summary>What the custodial accounts are sealed with.</summary>
    public required CustodyKey Key { get; init; }

    /// <summary>Who deploys, relays and pays fees; null: an account made for it, to be given coin.</summary>
    public Signer? Operator { get; init; }
    public IPAddress Host { get; init; } = IPAddress.Loopback;

    /// <summary>0 takes a free one.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>Who is let in; null: whoever is at this machine, and then it may listen for this machine alone.</summary>
    public ServiceKeys? Keys { get; init; }

    /// <summary>Whose tokens are taken beside the keys; null: nobody's.</summary>
    public OidcTokens? Oidc { get; init; }

    /// <summary>Whether callers have to say who they are.</summary>
    internal bool AsksWhoCalls => Keys is not null || Oidc is not null;

    /// <summary>The registry of contracts that stand on the chain already; null: the platform deploys its own.</summary>
    public Address? Registry { get; init; }
    public WebhookOptions Webhooks { get; init; } = new();
    public IReadOnlyList<Face> Faces { get; init; } = [];
    public CommandOptions Commands { get; init; } = new();
    public EventIndexOptions Index { get; init; } = new();

    /// <summary>Hears of faults of the platform itself.</summary>
    public Action<Exception> ReportFault { get; init; } = _ => { };

    /// <summary>Says where its log goes; nowhere unless given.</summary>
    public Action<ILoggingBuilder> Logging { get; init; } = _ => { };
}

/// <summary>What the platform tells; the names in braces are fields of a structured log.</summary>
static partial class PlatformLog
{
    [LoggerMessage(LogLevel.Debug, "listening at {Url}; {Operator} deploys, relays and pays the fees")]
    public static partial void Listening(this ILogger log, Uri url, Address @operator);
}
