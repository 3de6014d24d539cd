using System.Diagnostics;
using System.Net;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>
/// Finds nodes and is found, over UDP (devp2p, discv4.md). Only who has answered a ping from its address is told anything longer than what it sent: nobody
/// can have us flood a third. The tables belong to one lock; what waits for an answer is bounded.
/// </summary>
sealed class Discv4
{
    const int Alpha = 3, MostBonds = 8192, MostPending = 512, MostPendingOfAddress = 4, MostAttempts = 4;
    static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(700), BondTime = TimeSpan.FromHours(12), Settling = TimeSpan.FromMilliseconds(200), RefreshPause = TimeSpan.FromSeconds(30), FirstRefreshPause = TimeSpan.FromSeconds(2);
    const ulong ExpirySeconds = 20;

    sealed record Bond(IPAddress Address, long ProvenAt);
    sealed record PendingPing(NodeId Id, IPAddress Address, TaskCompletionSource<bool> Done);
    sealed record PendingFind(List<FoundNode> Nodes, TaskCompletionSource Done);

    readonly NodeKey _key;
    readonly OwnRecord _own;
    readonly DiscoverySocket _socket;
    readonly IReadOnlyList<Enode> _bootnodes;
    readonly Func<ForkId, bool> _isCompatible;
    readonly Lock _lock = new();
    readonly NodeTable _table;
    readonly Dictionary<NodeId, Bond> _bonds = [];
    readonly Dictionary<Hash256, PendingPing> _pings = [];
    readonly Dictionary<NodeId, PendingFind> _finds = [];
    readonly Dictionary<Hash256, (NodeId Id, TaskCompletionSource<NodeRecord?> Done)> _records = [];
    readonly HashSet<NodeId> _foreign = [], _examined = [];
    readonly Queue<FoundNode> _candidates = new();

    public Discv4(NodeKey key, OwnRecord own, DiscoverySocket socket, IReadOnlyList<Enode> bootnodes, Func<ForkId, bool> isCompatible)
    {
        (_key, _own, _socket, _bootnodes, _isCompatible) = (key, own, socket, bootnodes, isCompatible);
        _table = new NodeTable(key.Id);
    }

    /// <summary>How many nodes are known.</summary>
    public int KnownCount
    {
        get
        {
            lock (_lock) return _table.Count;
        }
    }

    /// <summary>A node to connect with; null where no new one is known.</summary>
    public Enode? NextCandidate()
    {
        lock (_lock)
        {
            if (_candidates.Count == 0)
            {
                var known = _table.All.Where(node => !_foreign.Contains(node.Id) && !_examined.Contains(node.Id) && node.Endpoint.TcpPort > 0).ToArray();
                Random.Shared.Shuffle(known);
                foreach (var node in known.Take(64)) _candidates.Enqueue(node);
            }
            return _candidates.TryDequeue(out var next) ? next.ToEnode() : null;
        }
    }

    public Task RunAsync(CancellationToken stop) => RefreshAllAsync(stop);

    /// <summary>Takes a packet; false where it is none of discv4.</summary>
    public bool Take(ReadOnlySpan<byte> packet, IPEndPoint from)
    {
        if (Discv4Packet.Decode(packet, out var sender, out var hash) is not { } message) return false;
        if (sender!.Equals(_key.Id)) return true;
        switch (message)
        {
            case Discv4Message.Ping ping when !IsExpired(ping.Expiration): TakePing(ping, sender, hash, from); break;
            case Discv4Message.Pong pong when !IsExpired(pong.Expiration): TakePong(pong, sender, from); break;
            case Discv4Message.FindNode find when !IsExpired(find.Expiration) && IsBonded(sender, from.Address): AnswerFind(find, from); break;
            case Discv4Message.Neighbors neighbors when !IsExpired(neighbors.Expiration): TakeNeighbors(neighbors, sender, from); break;
            case Discv4Message.RecordRequest request when !IsExpired(request.Expiration) && IsBonded(sender, from.Address): Send(new Discv4Message.RecordResponse(hash, _own.Current), from); break;
            case Discv4Message.RecordResponse response: TakeRecord(response, sender); break;
        }
        return true;
    }

    void TakePing(Discv4Message.Ping ping, NodeId sender, Hash256 hash, IPEndPoint from)
    {
        Send(new Discv4Message.Pong(new NodeEndpoint(from.Address, from.Port, ping.From.TcpPort), hash, Expiry, _own.Current.Sequence), from);
        var node = new FoundNode(sender, new NodeEndpoint(from.Address, from.Port, ping.From.TcpPort));
        if (IsBonded(sender, from.Address)) Keep(node);
        else _ = BondAsync(node);
    }

    void TakePong(Discv4Message.Pong pong, NodeId sender, IPEndPoint from)
    {
        PendingPing? pending;
        lock (_lock)
        {
            if (!_pings.TryGetValue(pong.PingHash, out pending) || !pending.Id.Equals(sender) || !pending.Address.Equals(from.Address)) return;
            _pings.Remove(pong.PingHash);
            if (_bonds.Count >= MostBonds)
                foreach (var (id, _) in _bonds.OrderBy(entry => entry.Value.ProvenAt).Take(MostBonds / 4).ToArray()) _bonds.Remove(id);
            _bonds[sender] = new Bond(from.Address, Stopwatch.GetTimestamp());
        }
        pending.Done.TrySetResult(true);
    }

    void AnswerFind(Discv4Message.FindNode find, IPEndPoint to)
    {
        IReadOnlyList<FoundNode> nearest;
        lock (_lock) nearest = [.. _table.Nearest(find.Target.Hash, NodeTable.BucketSize).Where(node => NodeTable.MayRelay(IPAddress.Loopback, node) && (!ConnectionGate.IsPrivate(node.Endpoint.Address) || ConnectionGate.IsPrivate(to.Address)))];
        foreach (var some in nearest.Count == 0 ? [[]] : nearest.Chunk(Discv4Packet.MostNodes)) Send(new Discv4Message.Neighbors(some, Expiry), to);
    }

    void TakeNeighbors(Discv4Message.Neighbors neighbors, NodeId sender, IPEndPoint from)
    {
        lock (_lock)
        {
            if (!_finds.TryGetValue(sender, out var pending)) return;
            pending.Nodes.AddRange(neighbors.Nodes.Where(node => !node.Id.Equals(_key.Id) && NodeTable.MayRelay(from.Address, node)).Take(NodeTable.BucketSize - pending.Nodes.Count));
            if (pending.Nodes.Count >= NodeTable.BucketSize || neighbors.Nodes.Count < Discv4Packet.MostNodes) pending.Done.TrySetResult();
        }
    }

    void TakeRecord(Discv4Message.RecordResponse response, NodeId sender)
    {
        (NodeId Id, TaskCompletionSource<NodeRecord?> Done) pending;
        lock (_lock)
            if (!_records.Remove(response.RequestHash, out pending)) return;
        pending.Done.TrySetResult(pending.Id.Equals(sender) && response.Record.Id.Equals(sender) ? response.Record : null);
    }

    /// <summary>Proves that a node is where it says, and lets it prove the same of us.</summary>
    async Task<bool> BondAsync(FoundNode node)
    {
        if (IsBonded(node.Id, node.Endpoint.Address)) return true;
        var end = new IPEndPoint(node.Endpoint.Address, node.Endpoint.UdpPort);
        var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Hash256 hash;
        lock (_lock)
        {
            // Whoever writes another's address on his packets under ever new names shall not have us ping it for each of them.
            if (_pings.Count >= MostPending || _pings.Values.Any(other => other.Id.Equals(node.Id))
                || (!ConnectionGate.IsPrivate(node.Endpoint.Address) && _pings.Values.Count(other => other.Address.Equals(node.Endpoint.Address)) >= MostPendingOfAddress)) return false;
            var packet = Discv4Packet.Encode(new Discv4Message.Ping(Own, node.Endpoint, Expiry, _own.Current.Sequence), _key, out hash);
            _pings[hash] = new PendingPing(node.Id, node.Endpoint.Address, done);
            SendPacket(packet, end);
        }
        var answered = await Task.WhenAny(done.Task, Task.Delay(Patience)).ConfigureAwait(false) == done.Task;
        lock (_lock) _pings.Remove(hash);
        if (!answered)
        {
            lock (_lock) _table.Remove(node.Id);
            return false;
        }
        // Asked before it is kept: nobody is dialled while it is not known on which chain it is.
        var examination = ExamineAsync(node);
        Keep(node);
        await examination.ConfigureAwait(false);
        return true;
    }

    /// <summary>Asks for the node's record: one that is on another chain is not worth a connection.</summary>
    async Task ExamineAsync(FoundNode node)
    {
        lock (_lock) _examined.Add(node.Id);
        var record = await AskRecordAsync(node).ConfigureAwait(false);
        for (var attempt = 1; record is null && attempt < MostAttempts; attempt++)
        {
            // It answers only after a proof of ours, which may have been on its way.
            await Task.Delay(attempt * Settling).ConfigureAwait(false);
            record = await AskRecordAsync(node).ConfigureAwait(false);
        }
        lock (_lock)
        {
            _examined.Remove(node.Id);
            if (record?.Eth is { } fork && !_isCompatible(fork))
            {
                if (_foreign.Count >= MostBonds) _foreign.Clear();
                _foreign.Add(node.Id);
            }
            else if (node.Endpoint.TcpPort > 0 && _candidates.Count < MostPending) _candidates.Enqueue(node);
        }
    }

    async Task<NodeRecord?> AskRecordAsync(FoundNode node)
    {
        var done = new TaskCompletionSource<NodeRecord?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Hash256 hash;
        lock (_lock)
        {
            if (_records.Count >= MostPending) return null;
            var packet = Discv4Packet.Encode(new Discv4Message.RecordRequest(Expiry), _key, out hash);
            _records[hash] = (node.Id, done);
            SendPacket(packet, new IPEndPoint(node.Endpoint.Address, node.Endpoint.UdpPort));
        }
        var isAnswered = await Task.WhenAny(done.Task, Task.Delay(Patience)).ConfigureAwait(false) == done.Task;
        lock (_lock) _records.Remove(hash);
        return isAnswered ? await done.Task.ConfigureAwait(false) : null;
    }

    void Keep(FoundNode node)
    {
        FoundNode? instead;
        lock (_lock) instead = _table.Seen(node);
        if (instead is null || instead.Id.Equals(node.Id)) return;
        _ = ReplaceAsync(instead, node);
    }

    /// <summary>Whoever has been there longest stays, as long as it answers.</summary>
    async Task ReplaceAsync(FoundNode oldest, FoundNode newcomer)
    {
        lock (_lock) _bonds.Remove(oldest.Id);
        if (await BondAsync(oldest).ConfigureAwait(false)) return;
        lock (_lock)
        {
            _table.Remove(oldest.Id);
            _table.Seen(newcomer);
        }
    }

    async Task RefreshAllAsync(CancellationToken stop)
    {
        var pause = FirstRefreshPause;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await BootAsync(stop).ConfigureAwait(false);
                await LookUpAsync(_key.Id, stop).ConfigureAwait(false);
                await LookUpAsync(NodeKey.Random().Id, stop).ConfigureAwait(false);
                await Task.Delay(pause, stop).ConfigureAwait(false);
                pause = KnownCount == 0 ? FirstRefreshPause : RefreshPause;
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    async Task BootAsync(CancellationToken stop)
    {
        if (KnownCount > Alpha) return;
        foreach (var node in _bootnodes)
            foreach (var address in await node.ResolveAsync(stop).ConfigureAwait(false))
                if (address.AddressFamily == _socket.Family && await BondAsync(new FoundNode(node.Id, new NodeEndpoint(address, node.UdpPort, node.TcpPort))).ConfigureAwait(false)) break;
    }

    /// <summary>Asks ever nearer nodes for those nearest to a target.</summary>
    async Task LookUpAsync(NodeId target, CancellationToken stop)
    {
        IReadOnlyList<FoundNode> nearest;
        lock (_lock) nearest = _table.Nearest(target.Hash, NodeTable.BucketSize);
        var asked = new HashSet<NodeId>();
        var found = nearest.ToDictionary(node => node.Id);
        for (var round = 0; round < 16 && !stop.IsCancellationRequested; round++)
        {
            var next = found.Values.OrderBy(node => NodeTable.DistanceOf(node.Id.Hash, target.Hash)).Take(NodeTable.BucketSize).Where(node => asked.Add(node.Id)).Take(Alpha).ToArray();
            if (next.Length == 0) return;
            foreach (var nodes in await Task.WhenAll(next.Select(node => FindAsync(node, target))).ConfigureAwait(false))
                foreach (var node in nodes) found.TryAdd(node.Id, node);
        }
    }

    async Task<IReadOnlyList<FoundNode>> FindAsync(FoundNode node, NodeId target)
    {
        var wasBonded = IsBonded(node.Id, node.Endpoint.Address);
        if (!await BondAsync(node).ConfigureAwait(false)) return [];
        // The other side answers only after a proof of its own, which is on its way.
        if (!wasBonded) await Task.Delay(Settling).ConfigureAwait(false);
        var pending = new PendingFind([], new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_lock)
        {
            if (_finds.Count >= MostPending || !_finds.TryAdd(node.Id, pending)) return [];
        }
        Send(new Discv4Message.FindNode(target, Expiry), new IPEndPoint(node.Endpoint.Address, node.Endpoint.UdpPort));
        await Task.WhenAny(pending.Done.Task, Task.Delay(Patience)).ConfigureAwait(false);
        lock (_lock)
        {
            _finds.Remove(node.Id);
            return [.. pending.Nodes];
        }
    }

    bool IsBonded(NodeId id, IPAddress address)
    {
        lock (_lock) return _bonds.TryGetValue(id, out var bond) && bond.Address.Equals(address) && Stopwatch.GetElapsedTime(bond.ProvenAt) < BondTime;
    }

    NodeEndpoint Own => _own.Current.EndpointOver(_socket.Family) ?? new NodeEndpoint(_socket.LocalEndPoint.Address, _socket.LocalEndPoint.Port, 0);

    static ulong Expiry => (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds() + ExpirySeconds;

    static bool IsExpired(ulong expiration) => expiration < (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    void Send(Discv4Message message, IPEndPoint to) => SendPacket(Discv4Packet.Encode(message, _key, out _), to);

    void SendPacket(byte[] packet, IPEndPoint to) => _socket.Send(packet, to);
}
