using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Hufu.Network;

/// <summary>Why there is no connection with a node.</summary>
public sealed record PeerTrouble(string Why, DateTimeOffset At)
{
    /// <summary>The last other reason before this one; null where there was none.</summary>
    public string? Before { get; init; }

    /// <summary>The reason with these words in it, be it this one or the one before; null where neither has them.</summary>
    public string? Naming(string words) => Why.Contains(words, StringComparison.Ordinal) ? Why : Before?.Contains(words, StringComparison.Ordinal) == true ? Before : null;
}

/// <summary>
/// Why there is no connection with this node or that. Of static nodes an operator is told: the first time, when the reason is another, and then at growing pauses, so that a
/// machine that is away for a week does not fill the log. For any thread.
/// </summary>
sealed class PeerTroubles(ILogger log)
{
    const int Most = 1024;
    static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(1), LongestPause = TimeSpan.FromHours(1), LeastPause = TimeSpan.FromSeconds(10);

    /// <summary>What was told of a static node that cannot be reached.</summary>
    sealed record Told(string Why, long At, TimeSpan Pause, int Attempts);

    readonly Lock _lock = new();
    readonly Dictionary<NodeId, PeerTrouble> _latest = [];
    readonly Dictionary<NodeId, Told> _told = [];

    public PeerTrouble? Of(NodeId id)
    {
        lock (_lock) return _latest.GetValueOrDefault(id);
    }

    public void Note(NodeId id, string why)
    {
        var now = DateTimeOffset.UtcNow;
        lock (_lock)
        {
            var earlier = _latest.GetValueOrDefault(id);
            // Strangers come under as many names as they like: what is known of the nodes that matter outlives them.
            if (earlier is null && _latest.Count >= Most) _latest.Remove((_latest.Keys.FirstOrDefault(known => !_told.ContainsKey(known)) ?? _latest.Keys.First()));
            _latest[id] = new PeerTrouble(why, now) { Before = earlier is null ? null : earlier.Why == why ? earlier.Before : earlier.Why };
        }
    }

    /// <summary>Notes that a static node was dialled for nothing.</summary>
    public void NoteUnreached(Enode node, string why)
    {
        Note(node.Id, why);
        int attempts;
        lock (_lock)
        {
            var told = _told.GetValueOrDefault(node.Id);
            attempts = (told?.Attempts ?? 0) + 1;
            var since = told is null ? TimeSpan.MaxValue : Stopwatch.GetElapsedTime(told.At);
            if (told is not null && since < (told.Why == why ? told.Pause : LeastPause))
            {
                _told[node.Id] = told with { Attempts = attempts };
                return;
            }
            var pause = told is null ? FirstPause : told.Pause * 2 < LongestPause ? told.Pause * 2 : LongestPause;
            _told[node.Id] = new Told(why, Stopwatch.GetTimestamp(), pause, attempts);
        }
        log.StaticPeerAway(node, why, attempts);
    }

    /// <summary>Notes that a node is a peer, whoever began.</summary>
    public void NoteJoined(NodeId id, string name)
    {
        Told? told;
        lock (_lock)
            if (!_told.Remove(id, out told)) return;
        log.StaticPeerBack(name, told.Attempts);
    }

    /// <summary>Forgets what was told of a node that need not be connected any more.</summary>
    public void Forget(NodeId id)
    {
        lock (_lock) _told.Remove(id);
    }
}
