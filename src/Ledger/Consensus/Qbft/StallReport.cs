using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>Why there is no block, as far as this node can tell.</summary>
/// <param name="Unreachable">Validators that are not connected.</param>
/// <param name="Silent">Validators that are connected and have said nothing of use at this height.</param>
public sealed record StallReport(ulong Height, uint Round, bool IsValidator, Address Proposer, int Validators, int Quorum, TimeSpan SinceBlock, bool IsStalled,
    IReadOnlyList<Address> Unreachable, IReadOnlyList<Address> Silent, string Cause)
{
    public static StallReport Of(QbftDriver driver, DateTimeOffset now)
    {
        var state = driver.State;
        if (state.At is not { } at) return new StallReport(0, 0, false, default, 0, 0, TimeSpan.Zero, false, [], [], "the node is starting");
        var unreachable = at.Validators.Addresses.Where(validator => !driver.IsConnected(validator)).ToList();
        var heard = state.RoundChanges.Keys.Concat(state.Votes.Values.SelectMany(votes => votes.Prepares.Keys.Concat(votes.Commits.Keys))).ToHashSet();
        var silent = state.Round == 0 ? [] : at.Validators.Addresses.Where(validator => validator != driver.Address && !heard.Contains(validator) && !unreachable.Contains(validator)).ToList();
        var since = now - driver.LastBlock;
        var patience = at.Times.BlockPeriod + at.Times.EmptyBlockPeriod + 2 * at.Times.RequestTimeout + TimeSpan.FromSeconds(1);
        var isStalled = since > patience;
        return new StallReport(at.Height, state.Round, state.IsValidator, at.Proposer(state.Round), at.Validators.Count, at.Validators.Quorum, since, isStalled, unreachable, silent,
            isStalled ? CauseOf(state, at, unreachable, silent) : "blocks come as they should");
    }

    static string CauseOf(QbftState state, QbftHeight at, List<Address> unreachable, List<Address> silent)
    {
        var present = at.Validators.Count - unreachable.Count;
        if (present < at.Validators.Quorum) return $"only {present} of {at.Validators.Count} validators are connected and {at.Validators.Quorum} are needed: start or reconnect {Names(unreachable)}";
        if (present - silent.Count < at.Validators.Quorum) return $"{Names(silent)} are connected and silent: they are out of sync, run another version or genesis, or cannot write to their disk; look at their logs";
        if (state.IsCautious) return "this validator does not know what it signed before (its disk is new) and waits some seconds before it signs anything";
        if (!state.IsValidator) return "this node is no validator and waits for blocks of the others";
        if (state.Proposal is null) return $"proposer {at.Proposer(state.Round)} of round {state.Round} has proposed nothing; the round ends by itself and another proposes";
        if (!state.IsAccepted) return $"the block proposed by {at.Proposer(state.Round)} is refused here: compare versions, and clocks (a block may be one second in the future at most)";
        return "validators are agreeing on a block; where this lasts, messages are lost between them";
    }

    static string Names(List<Address> addresses) => string.Join(", ", addresses);
}
