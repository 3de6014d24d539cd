namespace Hufu.Network;

/// <summary>What is spoken over a connection beside the base protocol.</summary>
public interface ISubProtocol
{
    /// <summary>The versions spoken here, all of one name.</summary>
    IReadOnlyList<Capability> Capabilities { get; }

    /// <summary>A peer that speaks it has come.</summary>
    /// <param name="offset">The first message id of the sub-protocol on this connection.</param>
    ISubProtocolSession Join(Peer peer, Capability agreed, int offset);
}

/// <summary>A sub-protocol with one peer.</summary>
public interface ISubProtocolSession
{
    /// <summary>Called first, before anything is received.</summary>
    void Begin();

    /// <summary>Takes a message, by its id within the sub-protocol. The peer's next message is read when this is done.</summary>
    /// <param name="body">Never changes; may be kept.</param>
    /// <returns>What ends the connection; null where all is well.</returns>
    ValueTask<PeerFault?> ReceiveAsync(int id, ReadOnlyMemory<byte> body);

    /// <summary>The peer has gone. Called once, last.</summary>
    void End();
}
