using System.Diagnostics.CodeAnalysis;
using System.Net;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>A node and where it can be reached: <c>enode://ID@HOST:PORT?discport=UDP</c>.</summary>
/// <param name="Host">An address, or a name that is looked up at every dial: nodes in containers move.</param>
/// <param name="UdpPort">Where it is discovered; usually the same number.</param>
public sealed record Enode(NodeId Id, string Host, int TcpPort, int UdpPort)
{
    const string Scheme = "enode://";

    public static bool TryParse(string text, [NotNullWhen(true)] out Enode? enode, [NotNullWhen(false)] out Refusal? refusal)
    {
        enode = null;
        refusal = new Refusal($"'{text}' is no enode URL", Mend: "write enode://, the node id of 128 hexadecimal digits, @, then HOST:PORT: admin_nodeInfo of that node shows its own");
        if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return false;
        var rest = text.AsSpan(Scheme.Length);
        var at = rest.IndexOf('@');
        if (at < 0 || !NodeId.TryParse(rest[..at], out var id)) return false;
        rest = rest[(at + 1)..];
        int? udp = null;
        if (rest.IndexOf('?') is var question and >= 0)
        {
            foreach (var pair in rest[(question + 1)..].ToString().Split('&'))
                if (pair.StartsWith("discport=", StringComparison.Ordinal))
                {
                    if (!TryParsePort(pair.AsSpan("discport=".Length), out var port)) return false;
                    udp = port;
                }
            rest = rest[..question];
        }
        rest = rest.TrimEnd('/');
        var colon = rest.LastIndexOf(':');
        if (colon <= 0 || !TryParsePort(rest[(colon + 1)..], out var tcp)) return false;
        var host = rest[..colon].ToString();
        if (host.StartsWith('[') && host.EndsWith(']')) host = host[1..^1];
        if (host.Length == 0 || Uri.CheckHostName(host) == UriHostNameType.Unknown) return false;
        enode = new Enode(id, host, tcp, udp ?? tcp);
        refusal = null;
        return true;
    }

    /// <summary>The addresses it can be reached at now; none where its name is not known.</summary>
    public async ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(CancellationToken stop)
    {
        if (IPAddress.TryParse(Host, out var address)) return [address];
        try
        {
            return await Dns.GetHostAddressesAsync(Host, stop).ConfigureAwait(false);
        }
        catch (System.Net.Sockets.SocketException)
        {
            return [];
        }
    }

    public override string ToString() =>
        $"{Scheme}{Id}@{(Host.Contains(':') ? $"[{Host}]" : Host)}:{TcpPort}{(UdpPort == TcpPort ? "" : $"?discport={UdpPort}")}";

    static bool TryParsePort(ReadOnlySpan<char> text, out int port) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out port) && port is >= 0 and <= 65535;
}
