using System.Collections.Immutable;
using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>A vote as it stands: who says what about whom.</summary>
public readonly record struct StandingVote(Address Voter, Address Recipient);

/// <summary>
/// The validators after a block, and the votes about them that have not passed yet. A vote passes with more than half of the validators; then it counts from the next block on.
/// </summary>
public sealed record VoteTally(ImmutableSortedSet<Address> Validators, ImmutableDictionary<StandingVote, bool> Votes)
{
    public static VoteTally Of(IEnumerable<Address> validators) => new([.. validators], ImmutableDictionary<StandingVote, bool>.Empty);

    /// <summary>The tally after one more block.</summary>
    public VoteTally After(Header header, QbftExtraData extraData, ulong epochLength)
    {
        // An epoch begins with a clean table: no vote in its first block counts, and all older ones go.
        if (header.Number % epochLength == 0) return this with { Votes = ImmutableDictionary<StandingVote, bool>.Empty };
        if (extraData.Vote is not { } vote || !Validators.Contains(header.Beneficiary)) return this;

        var voter = new StandingVote(header.Beneficiary, vote.Recipient);
        // To add who is in, or drop who is out, only takes back what one said before.
        var votes = Validators.Contains(vote.Recipient) == vote.Adds ? Votes.Remove(voter) : Votes.SetItem(voter, vote.Adds);
        if (votes.Count(standing => standing.Key.Recipient == vote.Recipient) <= Validators.Count / 2) return this with { Votes = votes };

        votes = votes.RemoveRange(votes.Keys.Where(standing => standing.Recipient == vote.Recipient || (!vote.Adds && standing.Voter == vote.Recipient)));
        return new VoteTally(vote.Adds ? Validators.Add(vote.Recipient) : Validators.Remove(vote.Recipient), votes);
    }
}
