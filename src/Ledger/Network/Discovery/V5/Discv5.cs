using System.Net;
using Hufu.Primitives;
using Microsoft.Extensions.Logging;

namespace Hufu.Network;

/// <summary>
/// Finds nodes and is found, by discv5 (devp2p, discv5-theory.md): a table of nodes that have answered, asked now and then whether they still do; lookups that ask ever
/// nearer nodes; and the address at which others see this one.
/// </summary>
sealed class Discv5
{
    const int Alpha = 3, MostCandidates = 512, MostChecks = 64, MostForeign = 4096, DistancesAsked = 3, FailuresBeforeGone = 2, HashBits = 256;
    static readonly TimeSpan RefreshPause = TimeSpan.FromSeconds(30), FirstRefreshPause = TimeSpan.FromSeconds(2), RecheckPause = TimeSpan.FromSeconds(7);

    readonly NodeKey _key;
    readonly OwnRecord _own;
    readonly DiscoverySocket _socket;
    readonly Discv5Wire _wire;
    readonly IReadOnlyList<Enode> _bootnodes;
    readonly Func<ForkId, bool> _isCompatible;
    readonly bool _learnsEndpoint;
    readonly ILogger _log;
    readonly Lock _lock = new();
    readonly NodeTable _table;
    readonly EndpointVotes _votes = new();
    readonly HashSet<Hash256> _checking = [];
    readonly Dictionary<Hash256, int> _failures = [];
    readonly HashSet<Hash256> _offered = [];
    readonly Queue<FoundNode> _candidates = new();

    /// <param name="isCompatible">Whether a node whose record names this fork id is worth connecting with.</param>
    /// <param name="learnsEndpoint">Whether what others say of our address is believed, where enough of them say the same.</param>
    public Discv5(NodeKey key, OwnRecord own, DiscoverySocket socket, IReadOnlyList<Enode> bootnodes, Func<ForkId, bool> isCompatible, bool learnsEndpoint, ILogger log)
    {
        (_key, _own, _socket, _bootnodes, _isCompatible, _learnsEndpoint, _log) = (key, own, socket, bootnodes, isCompatible, learnsEndpoint, log);
        _table = new NodeTable(key.Id);
        _wire = new Discv5Wire(key, own, socket) { Answer = Answer, Met = Met, RecordOf = RecordOf };
    }

    public PacketTaker Taker => _wire.Take;

    /// <summary>How many nodes are known that have answered.</summary>
    public int KnownCount
    {
        get
        {
            lock (_lock) return _table.Count;
        }
    }

    public int SessionCount => _wire.SessionCount;

    /// <summary>A node to connect with; null where no new one is known. Who states no fork id is of another kind: the network of discv5 is shared by many.</summary>
    public Enode? NextCandidate()
    {
        lock (_lock)
        {
            if (_candidates.Count == 0)
            {
                var known = _table.All.ToArray();
                Random.Shared.Shuffle(known);
                foreach (var node in known.Where(IsWorthDialling).Take(64)) _candidates.Enqueue(node);
            }
            return _candidates.TryDequeue(out var next) ? next.ToEnode() : null;
        }
    }

    public Task RunAsync(CancellationToken stop) => Task.WhenAll(RefreshAllAsync(stop), RecheckAllAsync(stop));

    /// <summary>Whether a node answers now. For one that is not known yet, its record is asked for as well.</summary>
    public async Task<bool> CheckAsync(FoundNode node)
    {
        if (node.Record is null)
        {
            if (await FindRecordAsync(node).ConfigureAwait(false) is not { } found) return false;
            Keep(node = found);
        }
        if (await _wire.AskAsync(node, id => new Discv5Message.Ping(id, _own.Current.Sequence)).ConfigureAwait(false) is not [Discv5Message.Pong pong]) return false;
        Hear(pong, new IPEndPoint(node.Endpoint.Address, node.Endpoint.UdpPort));
        if (pong.RecordSequence > node.Record!.Sequence && await FindRecordAsync(node).ConfigureAwait(false) is { } newer) node = newer;
        Keep(node);
        return true;
    }

    // A node that moved says so in a newer record.
    async Task<FoundNode?> FindRecordAsync(FoundNode node)
    {
        var answers = await _wire.AskAsync(node, id => new Discv5Message.FindNode(id, [0])).ConfigureAwait(false);
        foreach (var encoded in answers?.OfType<Discv5Message.Nodes>().SelectMany(nodes => nodes.Records).Take(1) ?? [])
            if (NodeRecord.TryDecode(encoded, out var record) && record.Id.Equals(node.Id)) return new FoundNode(node.Id, UsableEndpoint(record, node.Endpoint.Address) ?? node.Endpoint, record);
        return null;
    }

    IReadOnlyList<Discv5Message> Answer(Discv5Message question, Hash256 source, IPEndPoint from)
    {
        switch (question)
        {
            case Discv5Message.Ping ping:
                FoundNode? known;
                lock (_lock) known = _table.Find(source);
                if (known?.Record is { } record && record.Sequence < ping.RecordSequence) Check(known);
                return [new Discv5Message.Pong(ping.Id, _own.Current.Sequence, from)];
            case Discv5Message.FindNode find:
                return Nearby(find, from);
            case Discv5Message.TalkRequest talk:
                // Nothing is spoken here over discv5; whoever asks shall not wait.
                return [new Discv5Message.TalkResponse(talk.Id, [])];
            default:
                return [];
        }
    }

    IReadOnlyList<Discv5Message> Nearby(Discv5Message.FindNode find, IPEndPoint to)
    {
        var records = new List<byte[]>();
        lock (_lock)
        {
            foreach (var distance in find.Distances.Distinct())
            {
                if (distance == 0) records.Add(_own.Current.Encoded.ToArray());
                else records.AddRange(_table.AtDistance(distance).Where(node => node.Record is not null && (!ConnectionGate.IsPrivate(node.Endpoint.Address) || ConnectionGate.IsPrivate(to.Address))).Select(node => node.Record!.Encoded.ToArray()));
                if (records.Count >= Discv5Message.MostRecords) break;
            }
        }
        var packets = records.Take(Discv5Message.MostRecords).Chunk(Discv5Message.MostRecordsInPacket).ToArray();
        if (packets.Length == 0) return [new Discv5Message.Nodes(find.Id, 1, [])];
        return [.. packets.Select(some => new Discv5Message.Nodes(find.Id, packets.Length, some))];
    }

    NodeRecord? RecordOf(Hash256 node)
    {
        lock (_lock) return _table.Find(node)?.Record;
    }

    // Whoever shook hands with us is known as soon as it answers where its record says it is.
    void Met(NodeRecord record, IPEndPoint from)
    {
        if (record.EndpointOver(_socket.Family) is not { } endpoint || !endpoint.Address.Equals(from.Address) || endpoint.UdpPort != from.Port) return;
        lock (_lock)
            if (_table.Find(record.Id.Hash) is { Record: { } known } && known.Sequence >= record.Sequence) return;
        Check(new FoundNode(record.Id, endpoint, record));
    }

    void Check(FoundNode node)
    {
        lock (_lock)
            if (_checking.Count >= MostChecks || !_checking.Add(node.Id.Hash)) return;
        _ = RunAsync();

        async Task RunAsync()
        {
            await Task.Yield();
            try
            {
                await CheckAsync(node).ConfigureAwait(false);
            }
            finally
            {
                lock (_lock) _checking.Remove(node.Id.Hash);
            }
        }
    }

    void Hear(Discv5Message.Pong pong, IPEndPoint from)
    {
        if (!_learnsEndpoint || pong.Seen.AddressFamily != _socket.Family) return;
        IPEndPoint? winner;
        lock (_lock)
        {
            _votes.Add(from, pong.Seen);
            winner = _votes.Winner;
        }
        if (winner is not null && _own.SetEndpoint(winner)) _log.SeenAt(winner);
    }

    void Keep(FoundNode node)
    {
        FoundNode? instead;
        lock (_lock)
        {
            _failures.Remove(node.Id.Hash);
            instead = _table.Seen(node);
            if (IsWorthDialling(node) && _candidates.Count < MostCandidates && _offered.Add(node.Id.Hash)) _candidates.Enqueue(node);
            if (_offered.Count > MostForeign) _offered.Clear();
        }
        if (instead is not null && !instead.Id.Equals(node.Id)) _ = ReplaceAsync(instead, node);
    }

    /// <summary>Whoever has been there longest stays, as long as it answers.</summary>
    async Task ReplaceAsync(FoundNode oldest, FoundNode newcomer)
    {
        if (await CheckAsync(oldest).ConfigureAwait(false)) return;
        lock (_lock)
        {
            _table.Remove(oldest.Id);
            _table.Seen(newcomer);
        }
    }

    bool IsWorthDialling(FoundNode node) => node.Endpoint.TcpPort > 0 && node.Record?.Eth is { } fork && _isCompatible(fork);

    async Task RefreshAllAsync(CancellationToken stop)
    {
        var pause = FirstRefreshPause;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await BootAsync(stop).ConfigureAwait(false);
                await LookUpAsync(_key.Id.Hash, stop).ConfigureAwait(false);
                await LookUpAsync(NodeKey.Random().Id.Hash, stop).ConfigureAwait(false);
                await Task.Delay(pause, stop).ConfigureAwait(false);
                pause = KnownCount == 0 ? FirstRefreshPause : RefreshPause;
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Asks, now and then, the node heard of least recently in some bucket whether it is still there.</summary>
    async Task RecheckAllAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(RecheckPause * (0.5 + Random.Shared.NextDouble()), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            FoundNode? node;
            lock (_lock) node = _table.Stalest(Random.Shared);
            if (node is null || stop.IsCancellationRequested || await CheckAsync(node).ConfigureAwait(false)) continue;
            lock (_lock)
            {
                // One packet may be lost.
                if ((_failures[node.Id.Hash] = _failures.GetValueOrDefault(node.Id.Hash) + 1) < FailuresBeforeGone) continue;
                _failures.Remove(node.Id.Hash);
                _table.Remove(node.Id);
            }
        }
    }

    async Task BootAsync(CancellationToken stop)
    {
        if (KnownCount > Alpha) return;
        foreach (var node in _bootnodes)
            foreach (var address in node.Id.Equals(_key.Id) ? [] : await node.ResolveAsync(stop).ConfigureAwait(false))
                if (address.AddressFamily == _socket.Family && await CheckAsync(new FoundNode(node.Id, new NodeEndpoint(address, node.UdpPort, node.TcpPort))).ConfigureAwait(false)) break;
    }

    /// <summary>Asks ever nearer nodes for those nearest to a target.</summary>
    async Task LookUpAsync(Hash256 target, CancellationToken stop)
    {
        IReadOnlyList<FoundNode> nearest;
        lock (_lock) nearest = _table.Nearest(target, NodeTable.BucketSize);
        var asked = new HashSet<NodeId>();
        var found = nearest.ToDictionary(node => node.Id);
        for (var round = 0; round < 16 && !stop.IsCancellationRequested; round++)
        {
            var next = found.Values.OrderBy(node => NodeTable.DistanceOf(node.Id.Hash, target)).Take(NodeTable.BucketSize).Where(node => asked.Add(node.Id)).Take(Alpha).ToArray();
            if (next.Length == 0) return;
            foreach (var nodes in await Task.WhenAll(next.Select(node => FindAsync(node, target))).ConfigureAwait(false))
                foreach (var node in nodes) found.TryAdd(node.Id, node);
        }
    }

    async Task<IReadOnlyList<FoundNode>> FindAsync(FoundNode node, Hash256 target)
    {
        var distances = DistancesTo(NodeTable.LogDistanceOf(node.Id.Hash, target));
        if (await _wire.AskAsync(node, id => new Discv5Message.FindNode(id, distances)).ConfigureAwait(false) is not { } answers) return [];
        Keep(node);
        var found = new List<FoundNode>();
        foreach (var encoded in answers.OfType<Discv5Message.Nodes>().SelectMany(nodes => nodes.Records).Take(Discv5Message.MostRecords))
        {
            // Who is named must be at a distance that was asked for: a liar cannot answer every question with friends of his.
            if (!NodeRecord.TryDecode(encoded, out var record) || record.Id.Equals(_key.Id) || !distances.Contains(NodeTable.LogDistanceOf(node.Id.Hash, record.Id.Hash))) continue;
            if (UsableEndpoint(record, node.Endpoint.Address) is { } endpoint && found.All(other => !other.Id.Equals(record.Id))) found.Add(new FoundNode(record.Id, endpoint, record));
        }
        return found;
    }

    NodeEndpoint? UsableEndpoint(NodeRecord record, IPAddress teller) =>
        record.EndpointOver(_socket.Family) is { } endpoint && NodeTable.MayRelay(teller, new FoundNode(record.Id, endpoint, record)) ? endpoint : null;

    /// <summary>The distance of the target, and those beside it, where few nodes are.</summary>
    internal static List<int> DistancesTo(int distance)
    {
        var distances = new List<int>();
        if (distance > 0) distances.Add(distance);
        for (var step = 1; distances.Count < DistancesAsked && step < HashBits; step++)
        {
            if (distance + step <= HashBits) distances.Add(distance + step);
            if (distances.Count < DistancesAsked && distance - step > 0) distances.Add(distance - step);
        }
        return distances;
    }
}
