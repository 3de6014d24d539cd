using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>Which logs a question wants (eth_getLogs): any of the addresses, and at each topic position any of the topics; an empty list wants all.</summary>
public sealed record LogFilter(IReadOnlyList<Address> Addresses, IReadOnlyList<IReadOnlyList<Hash256>> Topics)
{
    public static readonly LogFilter Everything = new([], []);

    public bool Matches(Log log)
    {
        if (Addresses.Count > 0 && !Addresses.Contains(log.Address)) return false;
        if (Topics.Count > log.Topics.Count) return false;
        for (var i = 0; i < Topics.Count; i++)
            if (Topics[i].Count > 0 && !Topics[i].Contains(log.Topics[i])) return false;
        return true;
    }

    /// <summary>False: no log under this bloom can match.</summary>
    public bool MayMatch(in Bloom bloom)
    {
        if (Addresses.Count > 0 && !AnyIn(bloom, Addresses)) return false;
        foreach (var position in Topics)
            if (position.Count > 0 && !AnyIn(bloom, position)) return false;
        return true;
    }

    static bool AnyIn(in Bloom bloom, IReadOnlyList<Address> addresses)
    {
        foreach (var address in addresses)
            if (bloom.MayContain(address.Bytes)) return true;
        return false;
    }

    static bool AnyIn(in Bloom bloom, IReadOnlyList<Hash256> topics)
    {
        foreach (var topic in topics)
            if (bloom.MayContain(topic.Bytes)) return true;
        return false;
    }
}

/// <summary>A log with its place.</summary>
/// <param name="LogIndex">Among all logs of the block.</param>
public sealed record FoundLog(Log Log, Header Header, Hash256 TransactionHash, int TransactionIndex, int LogIndex);
