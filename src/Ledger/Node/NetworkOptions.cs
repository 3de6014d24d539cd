using Hufu.Network;

namespace Hufu.Node;

/// <summary>How a node finds its peers and what it speaks with them.</summary>
public sealed record NetworkOptions
{
    public PeerSetOptions Peers { get; init; } = new();

    /// <summary>The number in the status of `eth`; null: the chain id.</summary>
    public ulong? NetworkId { get; init; }

    /// <summary>The file of the node's secret; null: `nodekey` in the data folder, made where it is absent.</summary>
    public string? NodeKeyFile { get; init; }

    /// <summary>Nodes to begin the search for others with.</summary>
    public IReadOnlyList<Enode> Bootnodes { get; init; } = [];

    /// <summary>Whether other nodes are searched for, and this one can be found.</summary>
    public bool HasDiscovery { get; init; } = true;

    /// <summary>Lists of nodes in DNS; null where none is read.</summary>
    public DnsNodeListOptions? DnsLists { get; init; }

    /// <summary>Whether the address by which others reach this node is learnt from what they say, where none is given.</summary>
    public bool LearnsEndpoint { get; init; } = true;

    /// <summary>How a new node comes to the state of its peers.</summary>
    public SyncMode Sync { get; init; }

    /// <summary>The same with other options for its peers.</summary>
    public NetworkOptions With(Func<PeerSetOptions, PeerSetOptions> change) => this with { Peers = change(Peers) };
}

/// <summary>How a new node comes to the state of its peers.</summary>
public enum SyncMode
{
    /// <summary>It executes every block since genesis, and takes nothing on trust.</summary>
    Full,

    /// <summary>It fetches the state of a late block, proven against its header, and executes from there on.</summary>
    Snap,
}
