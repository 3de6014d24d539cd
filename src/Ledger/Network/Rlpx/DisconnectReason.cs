namespace Hufu.Network;

/// <summary>Why a connection ends (devp2p, rlpx.md, "Disconnect").</summary>
public enum DisconnectReason : byte
{
    Requested = 0,
    TcpError = 1,
    ProtocolBreach = 2,
    UselessPeer = 3,
    TooManyPeers = 4,
    AlreadyConnected = 5,
    IncompatibleVersion = 6,
    NullIdentity = 7,
    ClientQuitting = 8,
    UnexpectedIdentity = 9,
    SameIdentity = 10,
    PingTimeout = 11,
    SubProtocol = 16,
}

/// <summary>What a peer did that ends its connection, and the reason it is told.</summary>
public sealed record PeerFault(DisconnectReason Reason, string Why)
{
    public static PeerFault Breach(string why) => new(DisconnectReason.ProtocolBreach, why);

    public override string ToString() => $"{Reason}: {Why}";
}
