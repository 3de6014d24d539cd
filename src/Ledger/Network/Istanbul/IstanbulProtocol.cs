using System.Collections.Concurrent;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>
/// The sub-protocol `istanbul/100`, which carries the messages of QBFT between validators as Besu does. A validator's name is the address of its node key,
/// which the handshake has proven; what a message says is for the consensus to judge.
/// </summary>
public sealed class IstanbulProtocol : ISubProtocol
{
    public const int Proposal = 0x12, Prepare = 0x13, Commit = 0x14, RoundChange = 0x15;

    readonly ConcurrentDictionary<Address, Session> _sessions = new();

    public IReadOnlyList<Capability> Capabilities { get; } = [new Capability("istanbul", 100, 22)];

    /// <summary>Takes a message: who handed it over (not always its author), its code and its bytes. Called on the peer's own loop, whose next message waits for it; what it returns ends the connection.</summary>
    public Func<Address, int, ReadOnlyMemory<byte>, PeerFault?>? Received { get; set; }

    /// <summary>Told when a peer that speaks it comes or goes.</summary>
    public event Action<Address, bool>? Changed;

    /// <summary>The peers that speak it, by address.</summary>
    public IReadOnlyCollection<Address> Connected => [.. _sessions.Keys];

    public bool IsConnected(Address address) => _sessions.ContainsKey(address);

    /// <summary>Sends a message to one of them; false where it is not connected. Never waits.</summary>
    public bool Send(Address to, int code, ReadOnlyMemory<byte> message) => _sessions.TryGetValue(to, out var session) && session.Send(code, message);

    public ISubProtocolSession Join(Peer peer, Capability agreed, int offset) => new Session(this, peer, offset);

    sealed class Session(IstanbulProtocol protocol, Peer peer, int offset) : ISubProtocolSession
    {
        readonly Address _address = peer.Id.Address;

        public void Begin()
        {
            // A connection that takes the place of another of the same node is the one to use.
            protocol._sessions[_address] = this;
            protocol.Changed?.Invoke(_address, true);
        }

        public bool Send(int code, ReadOnlyMemory<byte> message) => peer.Send(offset + code, message);

        public ValueTask<PeerFault?> ReceiveAsync(int id, ReadOnlyMemory<byte> body) => ValueTask.FromResult(
            id is < Proposal or > RoundChange ? PeerFault.Breach($"istanbul/100 has no message 0x{id:x2}") : protocol.Received?.Invoke(_address, id, body));

        public void End()
        {
            if (protocol._sessions.TryRemove(new KeyValuePair<Address, Session>(_address, this))) protocol.Changed?.Invoke(_address, false);
        }
    }
}
