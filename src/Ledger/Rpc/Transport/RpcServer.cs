using System.Net;
using System.Net.Sockets;
using Hufu.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Hufu.Rpc;

/// <summary>JSON-RPC over HTTP: POST to any path answers calls, GET /health tells that the node lives.</summary>
public sealed class RpcServer : IAsyncDisposable
{
    readonly WebApplication _app;

    RpcServer(WebApplication app, Uri url) => (_app, Url) = (app, url);

    /// <summary>Where the server listens, with the port it really has.</summary>
    public Uri Url { get; }

    /// <summary>Starts to listen. A port that is taken, or a host that is not this machine's, is refused.</summary>
    public static async Task<(RpcServer? Server, Refusal? Refusal)> StartAsync(RpcServerOptions options, Dispatcher dispatcher)
    {
        if (!TryResolve(options.Host, out var address)) return (null, new Refusal(
            What: $"cannot listen on {options.Host}", Why: "it is neither an address nor a name of this machine", Mend: "use 127.0.0.1, or 0.0.0.0 for every interface"));

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, options, address));
        builder.Services.AddLogging(logging => logging.ClearProviders());
        // The process, not the server, listens to signals.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        var app = builder.Build();
        var endpoint = new RpcEndpoint(options, dispatcher);
        app.Run(endpoint.HandleAsync);
        try
        {
            await app.StartAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            return (null, new Refusal(
                What: $"cannot listen on {options.Host}:{options.Port}", Why: error.InnerException?.Message ?? error.Message,
                Mend: $"stop the program that has the port, or choose another with {options.PortOption}"));
        }
        var url = new Uri(app.Urls.First());
        var shown = new UriBuilder(url) { Host = IPAddress.Any.Equals(address) || IPAddress.IPv6Any.Equals(address) ? "127.0.0.1" : options.Host };
        return (new RpcServer(app, shown.Uri), null);
    }

    static void Configure(KestrelServerOptions kestrel, RpcServerOptions options, IPAddress address)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
        kestrel.Limits.MaxConcurrentConnections = options.MaxConnections;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        // A slow sender holds a connection, not a thread; still it must keep moving.
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(10));
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        kestrel.Listen(address, options.Port, listen => listen.Protocols = HttpProtocols.Http1);
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
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _app.StopAsync(patience.Token).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
