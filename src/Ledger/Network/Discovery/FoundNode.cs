using System.Net;

namespace Hufu.Network;

/// <summary>Where a node is, as discovery messages say it.</summary>
public readonly record struct NodeEndpoint(IPAddress Address, int UdpPort, int TcpPort);

/// <summary>A node that discovery has heard of.</summary>
/// <param name="Record">What it says of itself, where that is known.</param>
public sealed record FoundNode(NodeId Id, NodeEndpoint Endpoint, NodeRecord? Record = null)
{
    public Enode ToEnode() => new(Id, Endpoint.Address.ToString(), Endpoint.TcpPort, Endpoint.UdpPort);
}
