using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Hufu.Network;

/// <summary>Who may knock: counts connections by address and by network, and remembers whom to leave outside. Addresses of private networks are not limited.</summary>
sealed class ConnectionGate(PeerSetOptions options)
{
    const int MostRemembered = 4096;

    readonly Lock _lock = new();
    readonly Dictionary<IPAddress, int> _pending = [];
    readonly Dictionary<IPAddress, (long WindowFrom, int Attempts)> _attempts = [];
    readonly Dictionary<NodeId, long> _banned = [];
    int _allPending;

    /// <summary>Whether a handshake with this address may begin now; where it may, <see cref="Leave"/> must follow.</summary>
    public bool TryEnter(IPAddress address)
    {
        lock (_lock)
        {
            _pending.TryGetValue(address, out var pending);
            if (_allPending >= options.MaxPending || pending >= options.MaxPendingOfAddress || !MayTryAgain(address)) return false;
            _pending[address] = pending + 1;
            _allPending++;
            return true;
        }
    }

    public void Leave(IPAddress address)
    {
        lock (_lock)
        {
            _allPending--;
            if (--_pending[address] == 0) _pending.Remove(address);
        }
    }

    public void Ban(NodeId id)
    {
        lock (_lock)
        {
            if (_banned.Count >= MostRemembered) Forget();
            _banned[id] = Stopwatch.GetTimestamp();
        }
    }

    public bool IsBanned(NodeId id)
    {
        lock (_lock) return _banned.TryGetValue(id, out var since) && Stopwatch.GetElapsedTime(since) < options.BanTime;
    }

    /// <summary>Whether this address has as many connections as one may have.</summary>
    public bool IsCrowded(IPAddress address, IEnumerable<Peer> peers)
    {
        if (IsPrivate(address)) return false;
        var (same, near) = (0, 0);
        foreach (var peer in peers)
        {
            if (peer.Address.Address.Equals(address)) same++;
            if (SubnetOf(peer.Address.Address) == SubnetOf(address)) near++;
        }
        return same >= options.MaxOfAddress || near >= options.MaxOfSubnet;
    }

    /// <summary>Loopback, link-local and the private ranges of RFC 1918 and RFC 4193.</summary>
    public static bool IsPrivate(IPAddress address)
    {
        if (IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal) return true;
        var bytes = (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).GetAddressBytes();
        return bytes.Length == 4 && (bytes[0] == 10 || (bytes[0] == 172 && bytes[1] is >= 16 and < 32) || (bytes[0] == 192 && bytes[1] == 168) || (bytes[0] == 169 && bytes[1] == 254));
    }

    /// <summary>The /24 of an IPv4 address, the /48 of another.</summary>
    public static string SubnetOf(IPAddress address)
    {
        var bytes = (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).GetAddressBytes();
        return Convert.ToHexString(bytes.AsSpan(0, address.AddressFamily == AddressFamily.InterNetwork || bytes.Length == 4 ? 3 : 6));
    }

    bool MayTryAgain(IPAddress address)
    {
        if (IsPrivate(address)) return true;
        if (_attempts.Count >= MostRemembered) _attempts.Clear();
        var now = Stopwatch.GetTimestamp();
        var (from, attempts) = _attempts.GetValueOrDefault(address, (now, 0));
        if (Stopwatch.GetElapsedTime(from) > TimeSpan.FromMinutes(1)) (from, attempts) = (now, 0);
        _attempts[address] = (from, attempts + 1);
        return attempts < options.MaxAttemptsPerMinute;
    }

    void Forget()
    {
        foreach (var (id, since) in _banned.ToArray())
            if (Stopwatch.GetElapsedTime(since) >= options.BanTime) _banned.Remove(id);
        if (_banned.Count >= MostRemembered) _banned.Clear();
    }
}
