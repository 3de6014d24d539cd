using System.Net;
using System.Net.Sockets;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>
/// Calls addresses that others have named: subscribers. An address inside this machine's own network is not called, whatever name it hides behind: names are
/// looked up here and the socket goes to what was looked at, redirects are not followed, and no proxy stands between.
/// </summary>
public sealed class Courier : IDisposable
{
    /// <summary>What is no public address: this machine, private networks, links, clouds' metadata, multicast, documentation, and the forms of IPv6 that carry one of IPv4.</summary>
    static readonly IPNetwork[] NotPublic = [.. """
        0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15
        198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
        ::/128 ::1/128 ::/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(network => IPNetwork.Parse(network))];

    static readonly string[] LocalNames = ["localhost", ".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa"];

    readonly bool _mayCallInside;
    readonly HttpClient _http;

    /// <param name="mayCallInside">For tests, and for who runs receiver and platform in one network of their own.</param>
    public Courier(TimeSpan timeout, bool mayCallInside = false)
    {
        _mayCallInside = mayCallInside;
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, ConnectTimeout = timeout, ConnectCallback = ConnectAsync }) { Timeout = timeout, MaxResponseContentBufferSize = 64 << 10 };
    }

    /// <summary>What a subscriber's address has to be; told when it is given, and held to again at every call.</summary>
    /// <exception cref="ProblemException">It is no URL, or leads inside.</exception>
    public async Task<Uri> AcceptAsync(string? text, CancellationToken stop)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
            throw new ProblemException(400, "invalid-request", new Refusal("url is no URL", "notices go by http or https", "write it as https://example.org/hufu"));
        if (url.UserInfo.Length > 0) throw new ProblemException(400, "invalid-request", new Refusal("url holds a user name", "it would be shown to whoever lists the subscriptions", "leave it out: the receiver knows us by the signature"));
        if (_mayCallInside) return url;
        if (LocalNames.Any(name => name[0] == '.' ? url.IdnHost.TrimEnd('.').EndsWith(name, StringComparison.OrdinalIgnoreCase) : url.IdnHost.TrimEnd('.').Equals(name, StringComparison.OrdinalIgnoreCase))) throw Inside(url.Host);
        try
        {
            if ((await LookUpAsync(url.IdnHost, stop).ConfigureAwait(false)).Any(address => !IsPublic(address))) throw Inside(url.Host);
        }
        catch (SocketException)
        {
            // A name that is not known yet may be later; the call itself looks again.
        }
        return url;
    }

    /// <returns>Why it was not taken; null where it was. The status is that of the answer, 0 for none.</returns>
    public async Task<(string? Error, int Status)> SendAsync(HttpRequestMessage request, CancellationToken stop)
    {
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop).ConfigureAwait(false);
            var status = (int)response.StatusCode;
            return response.IsSuccessStatusCode ? (null, status) : (status is >= 300 and < 400 ? $"it answered {status}, and redirects are not followed" : $"it answered {status}", status);
        }
        catch (HttpRequestException error)
        {
            return (error.InnerException is InsideException inside ? inside.Message : error.Message, 0);
        }
        catch (TaskCanceledException) when (!stop.IsCancellationRequested)
        {
            return ("it did not answer in time", 0);
        }
    }

    async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken stop)
    {
        var addresses = await LookUpAsync(context.DnsEndPoint.Host, stop).ConfigureAwait(false);
        if (!_mayCallInside && addresses.FirstOrDefault(address => !IsPublic(address)) is { } inside) throw new InsideException($"{context.DnsEndPoint.Host} leads to {inside}, inside a network of its own, and is not called");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // The addresses that were looked at, and not the name, which might lead elsewhere the next time.
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, stop).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    static async Task<IPAddress[]> LookUpAsync(string host, CancellationToken stop)
    {
        if (IPAddress.TryParse(host.Trim('[', ']'), out var literal)) return [literal];
        var found = await Dns.GetHostAddressesAsync(host, stop).ConfigureAwait(false);
        return found.Length > 0 ? found : throw new SocketException((int)SocketError.HostNotFound);
    }

    internal static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return !NotPublic.Any(network => network.BaseAddress.AddressFamily == address.AddressFamily && network.Contains(address));
    }

    static ProblemException Inside(string host) => new(400, "destination-inside", new Refusal($"{host} is not called", "it leads inside a network of its own: to this machine, a private network or a cloud's metadata", "give an address that the whole internet can reach; whoever runs the platform can allow others with --private-destinations"));

    public void Dispose() => _http.Dispose();

    sealed class InsideException(string message) : IOException(message);
}
