using System.Diagnostics;
using System.Net;

namespace Hufu.Network;

/// <summary>A node we are connected to, and what it has earned.</summary>
public sealed class Peer
{
    // A peer that makes one small fault a minute stays; one that makes many at once goes.
    const int FullStanding = 100;
    static readonly TimeSpan PointRegained = TimeSpan.FromSeconds(10);

    readonly RlpxConnection _connection;
    readonly Lock _standingLock = new();
    int _standing = FullStanding;
    long _standingAt = Stopwatch.GetTimestamp();

    internal Peer(RlpxConnection connection, IPEndPoint address, bool isInbound, bool isStatic, bool isTrusted) =>
        (_connection, Address, IsInbound, IsStatic, IsTrusted) = (connection, address, isInbound, isStatic, isTrusted);

    public NodeId Id => _connection.Remote;
    public Hello Hello => _connection.RemoteHello;
    public IPEndPoint Address { get; }
    public bool IsInbound { get; }
    public bool IsStatic { get; }
    public bool IsTrusted { get; }
    public DateTimeOffset Since { get; } = DateTimeOffset.UtcNow;
    public IReadOnlyList<(Capability Capability, int Offset)> Shared => _connection.Shared;
    public (long Received, long Sent) Traffic => _connection.Traffic;

    /// <summary>Of <see cref="Traffic"/>, what each kind of message of the sub-protocols makes up.</summary>
    internal IEnumerable<(MessageKind Kind, long Received, long Sent)> TrafficByKind()
    {
        foreach (var (capability, offset) in Shared)
            for (var id = 0; id < capability.Length && offset + id < FrameStream.Ids; id++)
                if (_connection.TrafficOf(offset + id) is var (received, sent) && received + sent > 0) yield return (new MessageKind(capability.Name, id), received, sent);
    }

    /// <summary>The sub-protocols under way, in the order of <see cref="Shared"/>.</summary>
    public IReadOnlyList<ISubProtocolSession> Sessions { get; internal set; } = [];

    internal RlpxConnection Connection => _connection;

    /// <summary>Sends a message by its id on the wire; false where the connection is ending.</summary>
    public bool Send(int id, ReadOnlyMemory<byte> body) => _connection.Send(id, body);

    public void Disconnect(PeerFault fault) => _connection.Disconnect(fault);

    /// <summary>Takes from the peer's standing for a fault that may have been honest (a late or a useless answer). One that has none left goes.</summary>
    public void Penalise(int points, string why)
    {
        lock (_standingLock)
        {
            var regained = (int)(Stopwatch.GetElapsedTime(_standingAt) / PointRegained);
            if (regained > 0) (_standing, _standingAt) = (Math.Min(FullStanding, _standing + regained), Stopwatch.GetTimestamp());
            _standing -= points;
            if (_standing > 0 || IsTrusted) return;
        }
        Disconnect(new PeerFault(DisconnectReason.UselessPeer, $"too many faults, the last: {why}"));
    }

    public override string ToString() => $"{Id.ToShortString()} at {Address}";
}

/// <summary>A message of a sub-protocol, by its id there.</summary>
public readonly record struct MessageKind(string Protocol, int Id);
