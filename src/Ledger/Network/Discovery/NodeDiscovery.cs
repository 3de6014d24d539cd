using System.Net;
using Hufu.Primitives;
using Microsoft.Extensions.Logging;

namespace Hufu.Network;

/// <summary>How other nodes are found.</summary>
public sealed record DiscoveryOptions
{
    /// <summary>Nodes to begin with.</summary>
    public IReadOnlyList<Enode> Bootnodes { get; init; } = [];

    /// <summary>Whether a node whose record names this fork id is worth connecting with.</summary>
    public Func<ForkId, bool> IsCompatible { get; init; } = _ => true;

    /// <summary>Whether this node believes the others, where enough of them say the same, about the address it is seen at.</summary>
    public bool LearnsEndpoint { get; init; } = true;
}

/// <summary>Finds nodes to connect with, and lets this one be found: discv4 and discv5 over one UDP port, whose number is that of RLPx.</summary>
public sealed class NodeDiscovery : IDisposable
{
    readonly DiscoverySocket _socket;
    readonly Discv4 _v4;
    readonly Discv5 _v5;
    readonly ILogger _log;
    bool _asksFive;

    NodeDiscovery(DiscoverySocket socket, Discv4 v4, Discv5 v5, ILogger log) => (_socket, _v4, _v5, _log) = (socket, v4, v5, log);

    public static NodeDiscovery? TryOpen(NodeKey key, IPAddress host, int port, OwnRecord own, DiscoveryOptions options, ILogger log, out Refusal? refusal)
    {
        if (DiscoverySocket.TryOpen(host, port, log, out refusal) is not { } socket) return null;
        return new NodeDiscovery(socket, new Discv4(key, own, socket, options.Bootnodes, options.IsCompatible), new Discv5(key, own, socket, options.Bootnodes, options.IsCompatible, options.LearnsEndpoint, log), log);
    }

    /// <summary>How many nodes are known by each protocol.</summary>
    public (int V4, int V5) KnownCount => (_v4.KnownCount, _v5.KnownCount);

    /// <summary>A node to connect with; null where no new one is known.</summary>
    public Enode? NextCandidate()
    {
        _asksFive = !_asksFive;
        return _asksFive ? _v5.NextCandidate() ?? _v4.NextCandidate() : _v4.NextCandidate() ?? _v5.NextCandidate();
    }

    // A packet of discv5 is known by a few unmasked bytes, one of discv4 only by a hash over all of it.
    public Task RunAsync(CancellationToken stop) => Task.WhenAll(
        Loop.RunAsync("hearing of nodes", token => _socket.RunAsync([_v5.Taker, _v4.Take], token), _log, stop), Loop.RunAsync("discv4", _v4.RunAsync, _log, stop), Loop.RunAsync("discv5", _v5.RunAsync, _log, stop));

    public void Dispose() => _socket.Dispose();
}
