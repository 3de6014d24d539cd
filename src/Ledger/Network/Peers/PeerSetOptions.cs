using System.Net;

namespace Hufu.Network;

/// <summary>With whom a node connects, and how many of them.</summary>
public sealed record PeerSetOptions
{
    public IPAddress Host { get; init; } = IPAddress.Loopback;

    /// <summary>0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Whether others can connect to us at all.</summary>
    public bool IsListening { get; init; } = true;

    /// <summary>The address by which others reach this node, where it is not the one it listens on.</summary>
    public IPAddress? ExternalAddress { get; init; }

    public int MaxPeers { get; init; } = 50;

    /// <summary>Of all places, how many are for those that came of themselves: the others are kept for those we chose.</summary>
    public double InboundShare { get; init; } = 2 / 3.0;

    /// <summary>Handshakes under way at once, in all and of one address.</summary>
    public int MaxPending { get; init; } = 64;

    public int MaxPendingOfAddress { get; init; } = 16;

    /// <summary>Connections from one public address, and from one public network of 256.</summary>
    public int MaxOfAddress { get; init; } = 4;

    public int MaxOfSubnet { get; init; } = 10;

    /// <summary>Connections that one public address may begin in a minute.</summary>
    public int MaxAttemptsPerMinute { get; init; } = 30;

    /// <summary>How long a peer that broke the protocol stays outside.</summary>
    public TimeSpan BanTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Connected to at all times.</summary>
    public IReadOnlyList<Enode> StaticPeers { get; init; } = [];

    /// <summary>Let in even where all places are taken.</summary>
    public IReadOnlyList<NodeId> TrustedPeers { get; init; } = [];

    /// <summary>Why a node that is reached at this address and port is not to be connected with; null for one that may be. Null where all may.</summary>
    public Func<NodeId, IPEndPoint, string?>? WhyForbidden { get; init; }

    public RlpxLimits Limits { get; init; } = new();

    public string ClientId { get; init; } = "Hufu";

    /// <summary>The longest wait between two attempts to reach a static peer.</summary>
    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromSeconds(30);
}
