using System.Collections.Immutable;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>
/// A sub-protocol of validators. `istanbul/100` carries the messages of QBFT as Besu does; `hufuqbft/1` what Hufu's validators tell each other beside it, so that little is sent
/// twice: others do not speak it and miss nothing. A validator's name is the address of its node key, which the handshake has proven; what a message says is for the consensus
/// to judge.
/// </summary>
public sealed class ValidatorProtocol : ISubProtocol
{
    public const int Proposal = 0x12, Prepare = 0x13, Commit = 0x14, RoundChange = 0x15;

    readonly int _first, _last;

    ValidatorProtocol(Capability capability, int first, int last) => (Capabilities, _first, _last) = ([capability], first, last);

    public static ValidatorProtocol Istanbul() => new(new Capability("istanbul", 100, 22), Proposal, RoundChange);

    public static ValidatorProtocol Exchange() => new(new Capability("hufuqbft", 1, 8), 0, 7);

    // Two nodes that dial each other at once have two connections for a moment, and nobody knows in which order they begin and end here.
    // So all that are open are kept: the end of one is never taken for the absence of the peer.
    ImmutableDictionary<Address, ImmutableArray<Session>> _sessions = ImmutableDictionary<Address, ImmutableArray<Session>>.Empty;

    public IReadOnlyList<Capability> Capabilities { get; }

    /// <summary>Takes a message: who handed it over (not always its author), its code and its bytes. Called on the peer's own loop, whose next message waits for it; what it returns ends the connection.</summary>
    public Func<Address, int, ReadOnlyMemory<byte>, PeerFault?>? Received { get; set; }

    /// <summary>Told of a peer that is connected no more.</summary>
    public event Action<Address>? Left;

    /// <summary>The peers that speak it, by address.</summary>
    public IReadOnlyCollection<Address> Connected => [.. _sessions.Keys];

    public bool IsConnected(Address address) => _sessions.ContainsKey(address);

    /// <summary>Sends a message to one of them; false where it is not connected. Never waits.</summary>
    public bool Send(Address to, int code, ReadOnlyMemory<byte> message)
    {
        if (!_sessions.TryGetValue(to, out var sessions)) return false;
        // The latest first: an older one may be on its way out, and then takes nothing any more.
        for (var i = sessions.Length - 1; i >= 0; i--)
            if (sessions[i].Send(code, message)) return true;
        return false;
    }

    public ISubProtocolSession Join(Peer peer, Capability agreed, int offset) => new Session(this, peer.Id.Address, peer.Send, offset);

    /// <param name="send">Sends by an id on the wire; false where the connection is ending.</param>
    internal sealed class Session(ValidatorProtocol protocol, Address address, Func<int, ReadOnlyMemory<byte>, bool> send, int offset) : ISubProtocolSession
    {
        public void Begin() => ImmutableInterlocked.AddOrUpdate(ref protocol._sessions, address, [this], (_, others) => others.Add(this));

        public bool Send(int code, ReadOnlyMemory<byte> message) => send(offset + code, message);

        public ValueTask<PeerFault?> ReceiveAsync(int id, ReadOnlyMemory<byte> body) => ValueTask.FromResult(
            id < protocol._first || id > protocol._last ? PeerFault.Breach($"{protocol.Capabilities[0]} has no message 0x{id:x2}") : protocol.Received?.Invoke(address, id, body));

        public void End()
        {
            ImmutableInterlocked.Update(ref protocol._sessions, sessions =>
            {
                if (!sessions.TryGetValue(address, out var open)) return sessions;
                var left = open.Remove(this);
                return left.IsEmpty ? sessions.Remove(address) : sessions.SetItem(address, left);
            });
            if (!protocol.IsConnected(address)) protocol.Left?.Invoke(address);
        }
    }
}
