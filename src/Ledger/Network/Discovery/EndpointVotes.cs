using System.Diagnostics;
using System.Net;

namespace Hufu.Network;

/// <summary>
/// Where other nodes say our packets come from: the only way to learn the address that a router gives us. One node can say what it likes, so several must say the
/// same, from different networks where they are public ones, and more than half of all. For one thread.
/// </summary>
sealed class EndpointVotes
{
    const int MostVoters = 256, LeastVotes = 3;
    static readonly TimeSpan Validity = TimeSpan.FromMinutes(10);

    readonly Dictionary<string, (IPEndPoint Seen, bool IsPublic, long At)> _votes = [];

    /// <summary>Notes what a node said that we had asked; a network of public addresses, or a private address, has one vote, the last.</summary>
    public void Add(IPEndPoint voter, IPEndPoint seen)
    {
        var isPublic = !ConnectionGate.IsPrivate(voter.Address);
        var name = isPublic ? ConnectionGate.SubnetOf(voter.Address) : voter.ToString();
        if (_votes.Count >= MostVoters && !_votes.ContainsKey(name)) _votes.Remove(_votes.MinBy(vote => vote.Value.At).Key);
        _votes[name] = (seen, isPublic, Stopwatch.GetTimestamp());
    }

    /// <summary>What they agree on; null where they do not, or are too few. Who sees us from the public network knows better than our neighbours.</summary>
    public IPEndPoint? Winner
    {
        get
        {
            foreach (var (voter, _) in _votes.Where(vote => Stopwatch.GetElapsedTime(vote.Value.At) > Validity).ToArray()) _votes.Remove(voter);
            var asked = _votes.Values.Any(vote => vote.IsPublic) ? _votes.Values.Where(vote => vote.IsPublic).ToList() : [.. _votes.Values];
            var most = asked.GroupBy(vote => vote.Seen).MaxBy(group => group.Count());
            return most is not null && most.Count() >= LeastVotes && 2 * most.Count() > asked.Count ? most.Key : null;
        }
    }
}
