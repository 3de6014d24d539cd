using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>What makes a proposal or a round change rightful (EEA QBFT, justification; the Dafny model's isProposalJustification and isValidRoundChange).</summary>
static class Justification
{
    /// <summary>Whether a quorum of distinct validators prepared this digest at this height and round.</summary>
    public static bool IsPrepared(QbftHeight at, IReadOnlyList<Prepare> prepares, uint round, in Hash256 digest)
    {
        if (prepares.Count > at.Validators.Count) return false;
        var authors = new HashSet<Address>();
        foreach (var prepare in prepares)
        {
            if (prepare.Height != at.Height || prepare.Round != round || prepare.Digest != digest) return false;
            if (prepare.Author is not { } author || !at.Validators.Contains(author) || !authors.Add(author)) return false;
        }
        return authors.Count >= at.Validators.Quorum;
    }

    public static bool IsValid(QbftHeight at, RoundChange change)
    {
        if (change.Height != at.Height || change.Round == 0) return false;
        if (change.PreparedRound is not { } round) return change.Block is null && change.Prepares.Count == 0;
        return round < change.Round && change.Block is { } block && block.Height == at.Height
            && block.InRound(round).Digest == change.PreparedDigest && IsPrepared(at, change.Prepares, round, change.PreparedDigest);
    }

    /// <summary>Everything about a proposal that needs no state of accounts. Its author is known to be the proposer of its round.</summary>
    public static bool IsValid(QbftHeight at, Proposal proposal, Address author)
    {
        var block = proposal.Block;
        if (block.Height != at.Height || block.Round != proposal.Round || block.ExtraData.Seals.Count > 0 || block.Header.ParentHash != at.Parent.Hash) return false;
        if (proposal.Round == 0) return proposal.RoundChanges.Count == 0 && proposal.Prepares.Count == 0 && block.Header.Beneficiary == author;

        if (proposal.RoundChanges.Count > at.Validators.Count) return false;
        var authors = new HashSet<Address>();
        RoundChange? highest = null;
        foreach (var change in proposal.RoundChanges)
        {
            if (change.Height != at.Height || change.Round != proposal.Round || change.PreparedRound >= proposal.Round) return false;
            if (change.Author is not { } changer || !at.Validators.Contains(changer) || !authors.Add(changer)) return false;
            if (change.PreparedRound is null) continue;
            // Two digests prepared in one round would be two quorums that contradict each other.
            if (highest is not null && change.PreparedRound == highest.PreparedRound && change.PreparedDigest != highest.PreparedDigest) return false;
            if (highest is null || change.PreparedRound > highest.PreparedRound) highest = change;
        }
        if (authors.Count < at.Validators.Quorum) return false;
        if (highest is null) return proposal.Prepares.Count == 0 && block.Header.Beneficiary == author;
        var preparedRound = highest.PreparedRound!.Value;
        // The digest names the round, so the block is looked at as it was in the round in which it was prepared.
        return block.InRound(preparedRound).Digest == highest.PreparedDigest && IsPrepared(at, proposal.Prepares, preparedRound, highest.PreparedDigest);
    }

    /// <summary>The proposal that these round changes ask for: the block of the highest certificate among them, or any block (null).</summary>
    public static PreparedCertificate? Highest(IEnumerable<RoundChange> changes)
    {
        RoundChange? highest = null;
        foreach (var change in changes)
            if (change.PreparedRound is not null && (highest is null || change.PreparedRound > highest.PreparedRound)) highest = change;
        return highest is null ? null : new PreparedCertificate(highest.Block!.InRound(highest.PreparedRound!.Value), highest.Prepares);
    }
}
