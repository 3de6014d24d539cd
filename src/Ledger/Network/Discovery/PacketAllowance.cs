using System.Diagnostics;
using System.Net;

namespace Hufu.Network;

/// <summary>
/// How many packets a second are looked at: of one address so many, and of all together so many, because an address is written on a packet as easily as any other.
/// For one thread.
/// </summary>
sealed class PacketAllowance
{
    // A packet of discv4 costs some 100 microseconds: all of them a fifth of a core.
    public const int MostASecond = 2000, MostOfAddressASecond = 50, PrivateShare = 20;

    readonly Dictionary<IPAddress, int> _recent = [];
    long _since = Stopwatch.GetTimestamp();
    int _taken;

    public bool MayTake(IPAddress address)
    {
        if (Stopwatch.GetElapsedTime(_since) > TimeSpan.FromSeconds(1))
        {
            _recent.Clear();
            (_since, _taken) = (Stopwatch.GetTimestamp(), 0);
        }
        if (_taken >= MostASecond) return false;
        var count = _recent.GetValueOrDefault(address);
        if (count >= MostOfAddressASecond * (ConnectionGate.IsPrivate(address) ? PrivateShare : 1)) return false;
        _recent[address] = count + 1;
        _taken++;
        return true;
    }
}
