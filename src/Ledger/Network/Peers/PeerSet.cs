using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Hufu.Primitives;
using Microsoft.Extensions.Logging;

namespace Hufu.Network;

/// <summary>
/// The peers of a node: listens, dials, keeps the number within its limits and every node once. What is spoken with them is for the sub-protocols.
/// </summary>
public sealed class PeerSet : IDisposable
{
    const int MostTroubles = 1024;
    static readonly TimeSpan DialRound = TimeSpan.FromSeconds(1), DuplicateSettling = TimeSpan.FromSeconds(10);

    readonly NodeKey _key;
    readonly PeerSetOptions _options;
    readonly IReadOnlyList<ISubProtocol> _protocols;
    readonly IReadOnlyList<Capability> _capabilities;
    readonly ConnectionGate _gate;
    readonly DialSchedule _dials;
    readonly HashSet<NodeId> _trusted;
    readonly ILogger _log;
    readonly Lock _lock = new();
    readonly HashSet<Task> _running = [];
    readonly SemaphoreSlim _wake = new(0, 1);
    readonly ConcurrentDictionary<NodeId, PeerTrouble> _troubles = new();
    ImmutableDictionary<NodeId, Peer> _peers = ImmutableDictionary<NodeId, Peer>.Empty;
    (long Received, long Sent) _pastTraffic;
    Socket? _listener;

    PeerSet(NodeKey key, PeerSetOptions options, IReadOnlyList<ISubProtocol> protocols, ILogger log)
    {
        (_key, _options, _protocols, _log) = (key, options, protocols, log);
        _capabilities = [.. protocols.SelectMany(protocol => protocol.Capabilities)];
        _gate = new ConnectionGate(options);
        _dials = new DialSchedule(options.LongestBackoff);
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
        try
        {
            var listener = new Socket(options.Host.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            peers._listener = listener;
            // A node that was killed must be able to take its port again at once.
            if (!OperatingSystem.IsWindows()) listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            listener.Bind(new IPEndPoint(options.Host, options.Port));
            listener.Listen(64);
            return true;
        }
        catch (SocketException error)
        {
            peers.Dispose();
            refusal = new Refusal($"cannot listen for peers on {options.Host}:{options.Port}", error.Message, "stop the program that has the port, or choose another with --p2p-port");
            return false;
        }
    }

    public NodeId Id => _key.Id;
    public PeerSetOptions Options => _options;
    public IReadOnlyList<Capability> Capabilities => _capabilities;

    /// <summary>The port listened on; 0 where nobody can connect.</summary>
    public int Port => (_listener?.LocalEndPoint as IPEndPoint)?.Port ?? 0;

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

    /// <summary>Why there is no connection with a node, as of the last attempt; null where nothing is known.</summary>
    public PeerTrouble? TroubleWith(NodeId id) => _peers.ContainsKey(id) ? null : _troubles.GetValueOrDefault(id);

    /// <summary>The nodes that are to be connected with at all times.</summary>
    public IReadOnlyList<Enode> StaticNodes => _dials.Static;

    /// <summary>Where further nodes come from, once the static ones are dialled; null where nobody finds any.</summary>
    public Func<Enode?>? Candidates { get; set; }

    /// <summary>Connects to a node now and whenever the connection is lost.</summary>
    public void AddStatic(Enode node)
    {
        if (node.Id.Equals(_key.Id)) return;
        _dials.AddStatic(node);
        Wake();
    }

    /// <summary>Forgets a static node and ends the connection; false where it was neither.</summary>
    public bool Remove(NodeId id)
    {
        var wasStatic = _dials.Remove(id);
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
        await Task.WhenAll(AcceptAllAsync(stop), DialAllAsync(stop)).ConfigureAwait(false);
        Task[] running;
        lock (_lock) running = [.. _running];
        await Task.WhenAll(running).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _listener?.Dispose();
        _wake.Dispose();
    }

    IPAddress ReachableAddress => _options.ExternalAddress ?? Own?.Address
        ?? (_options.Host.Equals(IPAddress.Any) || _options.Host.Equals(IPAddress.IPv6Any) ? IPAddress.Loopback : _options.Host);

    Hello OwnHello => new(Hello.CurrentVersion, _options.ClientId, [.. _capabilities.OrderBy(capability => capability.Name, StringComparer.Ordinal).ThenBy(capability => capability.Version).Select(capability => (capability.Name, capability.Version))], (ulong)Port, _key.Id);

    async Task AcceptAllAsync(CancellationToken stop)
    {
        while (_listener is not null && !stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptAsync(stop).ConfigureAwait(false);
                var address = AddressOf(socket);
                if (address is null || !_gate.TryEnter(address.Address)) socket.Dispose();
                else Run(AdmitAsync(socket, address, stop));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException error)
            {
                // A connection that broke while it was accepted, or no more handles for a moment.
                _log.CannotAccept(error.Message);
                await Task.Delay(100, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
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
        if (connection is null) _log.NotAdmitted(address, fault!.ToString());
        else await LiveAsync(connection, address, isInbound: true, stop).ConfigureAwait(false);
    }

    async Task DialAllAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            foreach (var node in _dials.Due(id => _peers.ContainsKey(id))) Run(DialAsync(node, isStatic: true, stop));
            if (Candidates is { } candidates)
                for (var free = FreeForChosen(); free > 0 && candidates() is { } node; free--)
                    if (!node.Id.Equals(_key.Id) && !_peers.ContainsKey(node.Id) && !_gate.IsBanned(node.Id) && _dials.TryBegin(node)) Run(DialAsync(node, isStatic: false, stop));
            await _wake.WaitAsync(DialRound, stop).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).ConfigureAwait(false);
        }
    }

    int FreeForChosen() => Math.Min(4, _options.MaxPeers - _peers.Count - _dials.UnderWay);

    async Task DialAsync(Enode node, bool isStatic, CancellationToken stop)
    {
        var lived = false;
        try
        {
            foreach (var address in await node.ResolveAsync(stop).ConfigureAwait(false))
            {
                var end = new IPEndPoint(address, node.TcpPort);
                var (stream, whyNot) = await ConnectAsync(end, stop).ConfigureAwait(false);
                if (stream is null)
                {
                    Note(node.Id, $"{end} cannot be reached: {whyNot}");
                    continue;
                }
                var (connection, fault) = await RlpxConnection.DialAsync(stream, _key, node.Id, _capabilities, OwnHello, _options.Limits, stop).ConfigureAwait(false);
                if (connection is null)
                {
                    Note(node.Id, $"{end} does not let us in: {fault}");
                    _log.NotReached(end, fault!.ToString());
                }
                else
                {
                    _dials.Reached(node.Id);
                    lived = await LiveAsync(connection, end, isInbound: false, stop).ConfigureAwait(false);
                }
                return;
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
        finally
        {
            _dials.Ended(node.Id, isStatic, lived);
        }
    }

    async Task<(Stream? Stream, string? WhyNot)> ConnectAsync(IPEndPoint end, CancellationToken stop)
    {
        var socket = new Socket(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(_options.Limits.Dialling);
        try
        {
            await socket.ConnectAsync(end, patience.Token).ConfigureAwait(false);
            return (new NetworkStream(socket, ownsSocket: true), null);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            return (null, error is SocketException ? error.Message : "no answer");
        }
    }

    /// <summary>The life of a connection as a peer.</summary>
    /// <returns>Whether it became one.</returns>
    async Task<bool> LiveAsync(RlpxConnection connection, IPEndPoint address, bool isInbound, CancellationToken stop)
    {
        if (!TryAdd(connection, address, isInbound, out var peer, out var reason))
        {
            if (reason != DisconnectReason.AlreadyConnected && WhyForbidden(peer) is null) Note(connection.Remote, $"turned away here: {reason}");
            await connection.RefuseAsync(reason).ConfigureAwait(false);
            return false;
        }
        var name = peer.ToString()!;
        _log.Joined(name);
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
            }
            connection.Dispose();
        }
        if (end is { IsRemote: false, Reason: DisconnectReason.ProtocolBreach or DisconnectReason.UselessPeer } && !peer.IsTrusted && !peer.IsStatic) _gate.Ban(peer.Id);
        Note(peer.Id, $"it {(end.IsRemote ? "left" : "was dropped")}: {end.Why} ({end.Reason})");
        if (end.IsRemote) _log.Left(name, end.Reason, end.Why);
        else _log.Dropped(name, end.Reason, end.Why);
        return true;
    }

    bool TryAdd(RlpxConnection connection, IPEndPoint address, bool isInbound, out Peer peer, out DisconnectReason reason)
    {
        lock (_lock)
        {
            var id = connection.Remote;
            var isStatic = _dials.IsStatic(id);
            peer = new Peer(connection, address, isInbound, isStatic, _trusted.Contains(id));
            reason = DisconnectReason.UselessPeer;
            if (WhyForbidden(peer) is { } forbidden)
            {
                Note(id, $"turned away here: {forbidden}");
                _log.NotAdmitted(address, forbidden);
                return false;
            }
            reason = DisconnectReason.TooManyPeers;
            if (Find(id) is { } already)
            {
                reason = DisconnectReason.AlreadyConnected;
                if (WhyNew(already, isInbound) is not { } why) return false;
                already.Disconnect(new PeerFault(DisconnectReason.AlreadyConnected, why));
            }
            else if (_gate.IsBanned(id))
            {
                reason = DisconnectReason.UselessPeer;
                return false;
            }
            else if (!peer.IsTrusted && !isStatic)
            {
                if (_peers.Count >= _options.MaxPeers || _gate.IsCrowded(address.Address, _peers.Values)) return false;
                if (isInbound && _peers.Values.Count(other => other.IsInbound) >= Math.Max(1, (int)(_options.MaxPeers * _options.InboundShare))) return false;
            }
            _peers = _peers.SetItem(id, peer);
            return true;
        }
    }

    /// <summary>Looks anew at whether each peer may be connected with.</summary>
    public void Recheck()
    {
        foreach (var peer in _peers.Values)
            if (WhyForbidden(peer) is { } forbidden) peer.Disconnect(new PeerFault(DisconnectReason.Requested, forbidden));
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

    void Note(NodeId id, string why)
    {
        if (_troubles.Count >= MostTroubles && !_troubles.ContainsKey(id)) _troubles.Clear();
        var now = DateTimeOffset.UtcNow;
        _troubles.AddOrUpdate(id, new PeerTrouble(why, now), (_, earlier) => new PeerTrouble(why, now) { Before = earlier.Why == why ? earlier.Before : earlier.Why });
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

    void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    static IPEndPoint? AddressOf(Socket socket)
    {
        try
        {
            return socket.RemoteEndPoint is IPEndPoint end ? new IPEndPoint(end.Address.IsIPv4MappedToIPv6 ? end.Address.MapToIPv4() : end.Address, end.Port) : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}

/// <summary>Why there is no connection with a node.</summary>
public sealed record PeerTrouble(string Why, DateTimeOffset At)
{
    /// <summary>The last other reason before this one; null where there was none.</summary>
    public string? Before { get; init; }
}
