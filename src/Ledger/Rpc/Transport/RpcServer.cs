using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Hufu.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Hufu.Rpc;

/// <summary>JSON-RPC over HTTP and WebSocket on one port, and over a local socket: POST to any path answers calls; GET /live, /health, /ready and /metrics are for those who watch the node.</summary>
public sealed class RpcServer : IAsyncDisposable
{
    readonly WebApplication _app;
    readonly CancellationTokenSource _stop;
    readonly X509Certificate2? _certificate;
    IpcServer? _ipc;

    RpcServer(WebApplication app, Uri url, X509Certificate2? certificate, CancellationTokenSource stop) => (_app, Url, _certificate, _stop) = (app, url, certificate, stop);

    /// <summary>Where the server listens, with the port it really has.</summary>
    public Uri Url { get; }

    /// <summary>Starts to listen. A port that is taken, or a host that is not this machine's, is refused.</summary>
    public static async Task<(RpcServer? Server, Refusal? Refusal)> StartAsync(RpcServerOptions options, Dispatcher dispatcher)
    {
        if (!TryResolve(options.Host, out var address)) return (null, new Refusal(
            What: $"cannot listen on {options.Host}", Why: "it is neither an address nor a name of this machine", Mend: "use 127.0.0.1, or 0.0.0.0 for every interface"));
        if (!Door.TryBuild(options, dispatcher.Methods, address, out var door, out var refusal)) return (null, refusal);
        X509Certificate2? certificate = null;
        X509Certificate2Collection issuers = [];
        if (options.Tls is { } tls && !tls.TryLoad(out certificate, out issuers, out refusal)) return (null, refusal);

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseSockets(Configure).ConfigureKestrel(kestrel => Configure(kestrel, options, address, certificate, issuers));
        builder.Services.AddLogging(logging => logging.ClearProviders());
        // The process, not the server, listens to signals.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        var app = builder.Build();
        var stop = new CancellationTokenSource();
        var endpoint = new RpcEndpoint(options, dispatcher, door, stop.Token);
        app.Run(endpoint.HandleAsync);
        try
        {
            await app.StartAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            stop.Dispose();
            return (null, new Refusal(
                What: $"cannot listen on {options.Host}:{options.Port}", Why: error.InnerException?.Message ?? error.Message,
                Mend: $"stop the program that has the port, or choose another with {options.PortOption}"));
        }
        var url = new Uri(app.Urls.First());
        var shown = new UriBuilder(url) { Host = IPAddress.Any.Equals(address) || IPAddress.IPv6Any.Equals(address) ? "127.0.0.1" : options.Host };
        var server = new RpcServer(app, shown.Uri, certificate, stop);
        if (options.IpcPath is not { } path) return (server, null);
        (server._ipc, refusal) = IpcServer.Start(path, options, dispatcher, door.Local);
        if (refusal is null) return (server, null);
        await server.DisposeAsync().ConfigureAwait(false);
        return (null, refusal);
    }

    static void Configure(SocketTransportOptions sockets)
    {
        sockets.UnsafePreferInlineScheduling = PromptSockets.AreOn;
        // A connection that is silent keeps a buffer of four kilobytes; one that speaks saves a call of the system for every request.
        sockets.WaitForDataBeforeAllocatingBuffer = false;
    }

    static void Configure(KestrelServerOptions kestrel, RpcServerOptions options, IPAddress address, X509Certificate2? certificate, X509Certificate2Collection issuers)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
        kestrel.Limits.MaxConcurrentConnections = options.MaxConnections;
        kestrel.Limits.MaxConcurrentUpgradedConnections = options.MaxConnections;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        // A slow sender holds a connection, not a thread; still it must keep moving.
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(10));
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        kestrel.Listen(address, options.Port, listen =>
        {
            // One version for all: a WebSocket begins as HTTP/1.1.
            listen.Protocols = HttpProtocols.Http1;
            if (certificate is not null) listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = certificate, ServerCertificateChain = issuers });
        });
    }

    static bool TryResolve(string host, out IPAddress address)
    {
        if (host == "localhost")
        {
            address = IPAddress.Loopback;
            return true;
        }
        return IPAddress.TryParse(host, out address!);
    }

    public async ValueTask DisposeAsync()
    {
        if (_ipc is not null) await _ipc.DisposeAsync().ConfigureAwait(false);
        // Connections that last end by this; what is being answered is waited for.
        await _stop.CancelAsync().ConfigureAwait(false);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _app.StopAsync(patience.Token).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        _certificate?.Dispose();
        _stop.Dispose();
    }

    sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
