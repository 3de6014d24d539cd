using System.Diagnostics;

namespace Hufu.Network;

/// <summary>Whom to dial when: static nodes again and again with growing pauses, others once in a while. For any thread.</summary>
sealed class DialSchedule(TimeSpan longestBackoff)
{
    const int MostRemembered = 8192;
    static readonly TimeSpan FirstBackoff = TimeSpan.FromSeconds(1), OtherBackoff = TimeSpan.FromMinutes(5);

    sealed record StaticNode(Enode Node, int Failures, long NotBefore);

    readonly Lock _lock = new();
    readonly Dictionary<NodeId, StaticNode> _static = [];
    readonly Dictionary<NodeId, long> _others = [];
    readonly HashSet<NodeId> _underWay = [];

    public int UnderWay
    {
        get
        {
            lock (_lock) return _underWay.Count;
        }
    }

    public IReadOnlyList<Enode> Static
    {
        get
        {
            lock (_lock) return [.. _static.Values.Select(entry => entry.Node)];
        }
    }

    public void AddStatic(Enode node)
    {
        lock (_lock) _static[node.Id] = new StaticNode(node, 0, 0);
    }

    public bool Remove(NodeId id)
    {
        lock (_lock) return _static.Remove(id);
    }

    public bool IsStatic(NodeId id)
    {
        lock (_lock) return _static.ContainsKey(id);
    }

    /// <summary>The static nodes to dial now; each counts as being dialled until <see cref="Ended"/>.</summary>
    public IReadOnlyList<Enode> Due(Func<NodeId, bool> isConnected)
    {
        var now = Stopwatch.GetTimestamp();
        lock (_lock)
        {
            var due = _static.Values.Where(entry => entry.NotBefore <= now && !_underWay.Contains(entry.Node.Id) && !isConnected(entry.Node.Id)).Select(entry => entry.Node).ToList();
            foreach (var node in due) _underWay.Add(node.Id);
            return due;
        }
    }

    /// <summary>Whether another node may be dialled now; it then counts as being dialled.</summary>
    public bool TryBegin(Enode node)
    {
        lock (_lock)
        {
            if (_static.ContainsKey(node.Id) || _others.TryGetValue(node.Id, out var last) && Stopwatch.GetElapsedTime(last) < OtherBackoff) return false;
            if (_others.Count >= MostRemembered) _others.Clear();
            _others[node.Id] = Stopwatch.GetTimestamp();
            return _underWay.Add(node.Id);
        }
    }

    /// <summary>A dialled node is connected: it counts as being dialled no more.</summary>
    public void Reached(NodeId id)
    {
        lock (_lock) _underWay.Remove(id);
    }

    /// <summary>A node was a peer for a while, whoever had begun: the next attempt is the first.</summary>
    public void Settled(NodeId id)
    {
        lock (_lock)
            if (_static.TryGetValue(id, out var entry)) _static[id] = entry with { Failures = 0 };
    }

    /// <summary>The dialling of a node is over, or the connection that came of it.</summary>
    /// <param name="wasPeer">Whether it was a peer for a while: one that lets us in and goes at once is not dialled at once again.</param>
    public void Ended(NodeId id, bool wasPeer)
    {
        lock (_lock)
        {
            _underWay.Remove(id);
            if (!_static.TryGetValue(id, out var entry)) return;
            var failures = wasPeer ? 0 : Math.Min(entry.Failures + 1, 16);
            var seconds = Math.Min(longestBackoff.TotalSeconds, FirstBackoff.TotalSeconds * Math.Pow(2, failures - 1));
            // Not all at the same moment: two nodes that dial each other in step would refuse each other for ever.
            var pause = seconds * (0.75 + 0.5 * System.Security.Cryptography.RandomNumberGenerator.GetInt32(1000) / 1000.0);
            _static[id] = entry with { Failures = failures, NotBefore = Stopwatch.GetTimestamp() + (long)(pause * Stopwatch.Frequency) };
        }
    }

    /// <summary>Whoever was cut off from all, and is not any more, tries all the others at once: what kept them away is likely over.</summary>
    public void TryAllNow()
    {
        lock (_lock)
            foreach (var (id, entry) in _static.ToArray()) _static[id] = entry with { NotBefore = 0 };
    }
}
