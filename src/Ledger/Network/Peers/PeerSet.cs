using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Hufu.Primitives;
using Microsoft.Extensions.Logging;

namespace Hufu.Network;

/// <summary>
/// The peers of a node: who is let in, by whichever side it began; the number within its limits, and every node once. What is spoken with them is for the sub-protocols.
/// </summary>
public sealed class PeerSet : IDisposable
{
    // Strangers that are turned away fill no disk with it.
    const int MostRefusalsToldAMinute = 30;
    static readonly TimeSpan DuplicateSettling = TimeSpan.FromSeconds(10), WhileOfAPeer = TimeSpan.FromSeconds(5);

    readonly NodeKey _key;
    readonly PeerSetOptions _options;
    readonly IReadOnlyList<ISubProtocol> _protocols;
    readonly IReadOnlyList<Capability> _capabilities;
    readonly ConnectionGate _gate;
    readonly DialSchedule _dials;
    readonly PeerDialler _dialler;
    readonly PeerTroubles _troubles;
    readonly LineAllowance _refusalsTold = new(MostRefusalsToldAMinute);
    readonly HashSet<NodeId> _trusted;
    readonly ILogger _log;
    readonly Lock _lock = new();
    readonly HashSet<Task> _running = [];
    ImmutableDictionary<NodeId, Peer> _peers = ImmutableDictionary<NodeId, Peer>.Empty;
    (long Received, long Sent) _pastTraffic;
    readonly Dictionary<MessageKind, (long Received, long Sent)> _pastKinds = [];
    PeerListener? _listener;

    PeerSet(NodeKey key, PeerSetOptions options, IReadOnlyList<ISubProtocol> protocols, ILogger log)
    {
        (_key, _options, _protocols, _log) = (key, options, protocols, log);
        _capabilities = [.. protocols.SelectMany(protocol => protocol.Capabilities)];
        _gate = new ConnectionGate(options);
        _dials = new DialSchedule(options.LongestBackoff);
        _troubles = new PeerTroubles(log);
        _dialler = new PeerDialler(_dials, _troubles, options, log,
            (stream, id, stop) => RlpxConnection.DialAsync(stream, _key, id, _capabilities, OwnHello, _options.Limits, stop),
            (connection, end, stop) => LiveAsync(connection, end, isInbound: false, stop));
        _trusted = [.. options.TrustedPeers];
        // A list that all nodes of a network share names this one too.
        foreach (var peer in options.StaticPeers)
            if (!peer.Id.Equals(key.Id)) _dials.AddStatic(peer);
    }

    /// <summary>Opens the port. Nobody is let in before <see cref="RunAsync"/>.</summary>
    public static bool TryOpen(NodeKey key, PeerSetOptions options, IReadOnlyList<ISubProtocol> protocols, ILogger log, out PeerSet peers, out Refusal? refusal)
    {
        peers = new PeerSet(key, options, protocols, log);
        refusal = null;
        if (!options.IsListening) return true;
        peers._listener = PeerListener.TryOpen(options.Host, options.Port, log, out refusal);
        if (refusal is not null) peers.Dispose();
        return refusal is null;
    }

    public NodeId Id => _key.Id;
    public PeerSetOptions Options => _options;
    public IReadOnlyList<Capability> Capabilities => _capabilities;

    /// <summary>The port listened on; 0 where nobody can connect.</summary>
    public int Port => _listener?.Port ?? 0;

    /// <summary>How others reach this node.</summary>
    public Enode Enode => new(_key.Id, ReachableAddress.ToString(), Port, Port);

    /// <summary>What discovery tells others of this node; null where it is not found that way.</summary>
    public NodeRecord? Record => Own?.Current;

    /// <summary>The record that discovery keeps; null where this node is not found that way.</summary>
    public OwnRecord? Own { get; set; }

    /// <summary>Everybody connected now.</summary>
    public IReadOnlyCollection<Peer> Peers => [.. _peers.Values];

    public Peer? Find(NodeId id) => _peers.GetValueOrDefault(id);

    /// <summary>Bytes on the wire with all peers since the start.</summary>
    public (long Received, long Sent) Traffic
    {
        get
        {
            lock (_lock)
            {
                var (received, sent) = _pastTraffic;
                foreach (var peer in _peers.Values) (received, sent) = (received + peer.Traffic.Received, sent + peer.Traffic.Sent);
                return (received, sent);
            }
        }
    }

    /// <summary>The same by kind of message; what the base protocol says is not among it.</summary>
    public IReadOnlyDictionary<MessageKind, (long Received, long Sent)> TrafficByKind
    {
        get
        {
            lock (_lock)
            {
                var kinds = new Dictionary<MessageKind, (long Received, long Sent)>(_pastKinds);
                foreach (var peer in _peers.Values) AddKinds(kinds, peer);
                return kinds;
            }
        }
    }

    static void AddKinds(Dictionary<MessageKind, (long Received, long Sent)> kinds, Peer peer)
    {
        foreach (var (kind, received, sent) in peer.TrafficByKind())
        {
            var (before, sentBefore) = kinds.GetValueOrDefault(kind);
            kinds[kind] = (before + received, sentBefore + sent);
        }
    }

    /// <summary>Why there is no connection with a node, as of the last attempt; null where nothing is known.</summary>
    public PeerTrouble? TroubleWith(NodeId id) => _peers.ContainsKey(id) ? null : _troubles.Of(id);

    /// <summary>The nodes that are to be connected with at all times.</summary>
    public IReadOnlyList<Enode> StaticNodes => _dials.Static;

    /// <summary>Where further nodes come from, once the static ones are dialled; null where nobody finds any.</summary>
    public Func<Enode?>? Candidates
    {
        get => _dialler.Candidates;
        set => _dialler.Candidates = value;
    }

    /// <summary>Connects to a node now and whenever the connection is lost.</summary>
    public void AddStatic(Enode node)
    {
        if (node.Id.Equals(_key.Id)) return;
        _dials.AddStatic(node);
        _dialler.Wake();
    }

    /// <summary>Forgets a static node and ends the connection; false where it was neither.</summary>
    public bool Remove(NodeId id)
    {
        var wasStatic = _dials.Remove(id);
        _troubles.Forget(id);
        var peer = Find(id);
        peer?.Disconnect(new PeerFault(DisconnectReason.Requested, "removed by the operator"));
        return wasStatic || peer is not null;
    }

    /// <summary>Lets a node in even where all places are taken.</summary>
    public void AddTrusted(NodeId id)
    {
        lock (_lock) _trusted.Add(id);
    }

    public void RemoveTrusted(NodeId id)
    {
        lock (_lock) _trusted.Remove(id);
    }

    /// <summary>Listens and dials until stopped; then every peer has been told.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await Task.WhenAll(
            _listener is null ? Task.CompletedTask : Loop.RunAsync("listening", token => _listener.RunAsync((socket, address) => Come(socket, address, token), token), _log, stop),
            Loop.RunAsync("dialling", token => _dialler.RunAsync(id => _peers.ContainsKey(id), MayDial, () => _options.MaxPeers - _peers.Count, Run, token), _log, stop)).ConfigureAwait(false);
        Task[] running;
        lock (_lock) running = [.. _running];
        await Task.WhenAll(running).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _listener?.Dispose();
        _dialler.Dispose();
    }

    IPAddress ReachableAddress => _options.ExternalAddress ?? Own?.Address
        ?? (_options.Host.Equals(IPAddress.Any) || _options.Host.Equals(IPAddress.IPv6Any) ? IPAddress.Loopback : _options.Host);

    Hello OwnHello => new(Hello.CurrentVersion, _options.ClientId, [.. _capabilities.OrderBy(capability => capability.Name, StringComparer.Ordinal).ThenBy(capability => capability.Version).Select(capability => (capability.Name, capability.Version))], (ulong)Port, _key.Id);

    bool MayDial(NodeId id) => !id.Equals(_key.Id) && !_peers.ContainsKey(id) && !_gate.IsBanned(id);

    void Come(Socket socket, IPEndPoint address, CancellationToken stop)
    {
        if (_gate.TryEnter(address.Address)) Run(AdmitAsync(socket, address, stop));
        else socket.Dispose();
    }

    async Task AdmitAsync(Socket socket, IPEndPoint address, CancellationToken stop)
    {
        RlpxConnection? connection;
        PeerFault? fault;
        try
        {
            socket.NoDelay = true;
            (connection, fault) = await RlpxConnection.AcceptAsync(new NetworkStream(socket, ownsSocket: true), _key, _capabilities, OwnHello, _options.Limits, stop).ConfigureAwait(false);
        }
        finally
        {
            _gate.Leave(address.Address);
        }
        if (connection is null) TellRefused(address, fault!.ToString());
        else await LiveAsync(connection, address, isInbound: true, stop).ConfigureAwait(false);
    }

    /// <summary>The life of a connection as a peer.</summary>
    /// <returns>Whether it was one for a while.</returns>
    async Task<bool> LiveAsync(RlpxConnection connection, IPEndPoint address, bool isInbound, CancellationToken stop)
    {
        if (TryAdd(connection, address, isInbound, out var peer) is { } whyNot)
        {
            if (whyNot.Reason != DisconnectReason.AlreadyConnected)
            {
                _troubles.Note(connection.Remote, $"turned away here: {whyNot.Why}");
                TellRefused(address, whyNot.ToString());
            }
            await connection.RefuseAsync(whyNot.Reason).ConfigureAwait(false);
            return false;
        }
        var name = peer.ToString()!;
        var since = Stopwatch.GetTimestamp();
        _log.Joined(name);
        _troubles.NoteJoined(peer.Id, name);
        var sessions = connection.Shared.Select(shared => _protocols.First(protocol => protocol.Capabilities.Contains(shared.Capability)).Join(peer, shared.Capability, shared.Offset)).ToArray();
        peer.Sessions = sessions;
        ConnectionEnd end;
        try
        {
            foreach (var session in sessions) session.Begin();
            var allowance = new MessageAllowance();
            end = await connection.RunAsync(async (id, body) =>
            {
                await allowance.SpendAsync(body.Length).ConfigureAwait(false);
                for (var i = sessions.Length - 1; i >= 0; i--)
                    if (id >= connection.Shared[i].Offset)
                        return id < connection.Shared[i].Offset + connection.Shared[i].Capability.Length
                            ? await sessions[i].ReceiveAsync(id - connection.Shared[i].Offset, body).ConfigureAwait(false)
                            : PeerFault.Breach($"message 0x{id:x2} belongs to no shared protocol");
                return PeerFault.Breach($"message 0x{id:x2} belongs to no protocol");
            }, stop).ConfigureAwait(false);
        }
        finally
        {
            foreach (var session in sessions) session.End();
            lock (_lock)
            {
                if (Find(peer.Id) == peer) _peers = _peers.Remove(peer.Id);
                _pastTraffic = (_pastTraffic.Received + peer.Traffic.Received, _pastTraffic.Sent + peer.Traffic.Sent);
                AddKinds(_pastKinds, peer);
            }
            connection.Dispose();
        }
        if (end is { IsRemote: false, Reason: DisconnectReason.ProtocolBreach or DisconnectReason.UselessPeer } && !peer.IsTrusted && !peer.IsStatic) _gate.Ban(peer.Id);
        _troubles.Note(peer.Id, $"it {(end.IsRemote ? "left" : "was dropped")}: {end.Why} ({end.Reason})");
        if (end.IsRemote) _log.Left(name, end.Reason, end.Why);
        else _log.Dropped(name, end.Reason, end.Why);
        if (Stopwatch.GetElapsedTime(since) < WhileOfAPeer) return false;
        _dials.Settled(peer.Id);
        return true;
    }

    /// <summary>Gives a connection its place among the peers; else says why it has none.</summary>
    PeerFault? TryAdd(RlpxConnection connection, IPEndPoint address, bool isInbound, out Peer peer)
    {
        Peer? replaced = null;
        string? whyReplaced = null;
        lock (_lock)
        {
            var id = connection.Remote;
            peer = new Peer(connection, address, isInbound, _dials.IsStatic(id), _trusted.Contains(id));
            if (WhyForbidden(peer) is { } forbidden) return new PeerFault(DisconnectReason.UselessPeer, forbidden);
            if (Find(id) is { } already)
            {
                if ((whyReplaced = WhyNew(already, isInbound)) is null) return new PeerFault(DisconnectReason.AlreadyConnected, "it is connected already");
                replaced = already;
            }
            else if (_gate.IsBanned(id)) return new PeerFault(DisconnectReason.UselessPeer, "it broke the protocol a while ago");
            else if (!peer.IsTrusted && !peer.IsStatic && WhyNoPlace(address.Address, isInbound) is { } full) return new PeerFault(DisconnectReason.TooManyPeers, full);
            if (_peers.IsEmpty) _dials.TryAllNow();
            _peers = _peers.SetItem(id, peer);
        }
        // Not under the lock: what ends with a connection may run at once.
        replaced?.Disconnect(new PeerFault(DisconnectReason.AlreadyConnected, whyReplaced!));
        return null;
    }

    string? WhyNoPlace(IPAddress address, bool isInbound) =>
        _peers.Count >= _options.MaxPeers ? "all places are taken"
        : _gate.IsCrowded(address, _peers.Values) ? "its network has as many places as one may have"
        : isInbound && _peers.Values.Count(other => other.IsInbound) >= Math.Max(1, (int)(_options.MaxPeers * _options.InboundShare)) ? "the places of those that come of themselves are taken"
        : null;

    /// <summary>Looks anew at whether each peer may be connected with.</summary>
    public void Recheck()
    {
        foreach (var peer in _peers.Values)
            if (WhyForbidden(peer) is { } forbidden) peer.Disconnect(new PeerFault(DisconnectReason.Requested, forbidden));
    }

    /// <summary>As <see cref="Recheck"/>, where it has changed who may be: static nodes that may be dialled again are.</summary>
    public void RecheckAll()
    {
        Recheck();
        _dials.TryAllNow();
        _dialler.Wake();
    }

    string? WhyForbidden(Peer peer) =>
        _options.WhyForbidden?.Invoke(peer.Id, peer.IsInbound ? new IPEndPoint(peer.Address.Address, (int)Math.Min(peer.Hello.ListenPort, IPEndPoint.MaxPort)) : peer.Address);

    /// <summary>Why a second connection with a peer takes the place of the first; null where it does not.</summary>
    string? WhyNew(Peer already, bool isInbound)
    {
        // Both may have dialled at once; each side then keeps the connection that the node with the greater id began.
        if (isInbound != already.IsInbound && DateTimeOffset.UtcNow - already.Since < DuplicateSettling) return IsGreater(already.Id) == isInbound ? "both dialled at once" : null;
        // A node whose machine failed dials anew, and here its old connection still looks whole: without this it would be turned away until that one is given up.
        return isInbound && already.Connection.Silence > _options.Limits.Silence / 3 ? "the peer came back on another connection" : null;
    }

    void TellRefused(IPEndPoint address, string why)
    {
        if (!_refusalsTold.MayTell(out var unsaid)) return;
        if (unsaid > 0) _log.MoreNotAdmitted(unsaid);
        _log.NotAdmitted(address, why);
    }

    bool IsGreater(NodeId other) => other.Bytes.SequenceCompareTo(_key.Id.Bytes) > 0;

    void Run(Task task)
    {
        lock (_lock) _running.Add(task);
        task.ContinueWith(done =>
        {
            lock (_lock) _running.Remove(done);
            if (done.Exception is { } fault) _log.ConnectionFault(fault.GetBaseException());
        }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
