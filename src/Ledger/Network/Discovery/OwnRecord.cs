using System.Net;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>
/// What this node says of itself to those who look for nodes (EIP-778): signed anew, under a higher number, whenever something of it changes. The numbers follow
/// the clock in milliseconds, so that they rise over restarts too.
/// </summary>
public sealed class OwnRecord
{
    readonly NodeKey _key;
    readonly Lock _lock = new();
    readonly int _tcpPort;
    IPAddress? _address;
    int _udpPort;
    ForkId? _eth;
    volatile NodeRecord _current;

    /// <param name="address">Where others reach the node; null where it is not known.</param>
    /// <param name="eth">The fork id of the chain as it stands (EIP-2124).</param>
    public OwnRecord(NodeKey key, IPAddress? address, int tcpPort, int udpPort, ForkId? eth)
    {
        (_key, _address, _tcpPort, _udpPort, _eth) = (key, address, tcpPort, udpPort, eth);
        _current = Sign(0);
    }

    public NodeRecord Current => _current;

    public IPAddress? Address
    {
        get
        {
            lock (_lock) return _address;
        }
    }

    /// <summary>Notes which forks the chain has passed.</summary>
    public void SetForkId(ForkId eth)
    {
        lock (_lock)
        {
            if (_eth == eth) return;
            _eth = eth;
            _current = Sign(_current.Sequence);
        }
    }

    /// <summary>Notes where others see this node's packets come from.</summary>
    /// <returns>Whether that is news.</returns>
    public bool SetEndpoint(IPEndPoint seen)
    {
        lock (_lock)
        {
            if (seen.Address.Equals(_address) && seen.Port == _udpPort) return false;
            (_address, _udpPort) = (seen.Address, seen.Port);
            _current = Sign(_current.Sequence);
            return true;
        }
    }

    NodeRecord Sign(ulong before) => NodeRecord.Make(_key, Math.Max(before + 1, (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()), _address, _tcpPort, _udpPort, _eth);
}
