using Hufu.Consensus;
using Hufu.Primitives;

namespace Hufu.Simulation;

/// <summary>What Byzantine validators say in place of the truth.</summary>
static class Liar
{
    /// <summary>Lies about what an honest validator would say now; false says the truth as well.</summary>
    public static bool Say(SimulatedNetwork network, int liar, Lie lie, QbftState state, QbftDraft draft, QbftMessage truth)
    {
        var (key, random) = (network.Keys[liar], network.Random);
        switch (lie)
        {
            case Lie.Silent:
                return true;

            case Lie.Equivocates:
                var half = random.Next(2);
                network.Broadcast(liar, truth, to => to % 2 == half);
                network.Broadcast(liar, Other(network, liar, state, draft), to => to % 2 != half);
                return true;

            case Lie.WithholdsSeals when draft is CommitDraft commit:
                network.Broadcast(liar, Commit.Sign(key, commit.Height, commit.Round, commit.Certificate.Digest, key.Sign(Keccak256.Hash([(byte)random.Next(256)]))));
                return true;

            case Lie.Garbage:
                var bytes = truth.Encoded.ToArray();
                for (var flips = 1 + random.Next(4); flips > 0; flips--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                for (var to = 0; to < network.Validators.Count; to++) if (to != liar) network.Send(liar, to, truth.Code, bytes);
                return random.Next(2) == 0;

            case Lie.FalseRoundChanges:
                network.Broadcast(liar, RoundChange.Sign(key, draft.Height, state.Round + 1 + (uint)random.Next(50), null, QbftDialect.Legacy));
                if (state.Proposal is { } proposal)
                {
                    var forged = new PreparedCertificate(proposal.Block, [Prepare.Sign(key, draft.Height, proposal.Round, proposal.Block.Digest)]);
                    network.Broadcast(liar, RoundChange.Sign(key, draft.Height, proposal.Round + 1, forged, QbftDialect.Legacy));
                }
                // Hides what it prepared.
                if (draft is RoundChangeDraft) network.Broadcast(liar, RoundChange.Sign(key, draft.Height, draft.Round, null, QbftDialect.Legacy));
                return draft is RoundChangeDraft;

            case Lie.IgnoresCertificates:
                if (state.At is { } at)
                    for (var round = state.Round; round < state.Round + 4; round++)
                        if (round > 0 && at.Proposer(round) == key.Address)
                            network.Broadcast(liar, Proposal.Sign(key, at.Height, round, network.Validators[liar].Make(at, (byte)(100 + round)).InRound(round),
                                [.. state.RoundChanges.Values.Where(change => change.PreparedRound is null)], [], QbftDialect.Legacy));
                return draft is ProposalDraft;

            case Lie.Impersonates:
                for (var i = 0; i < 5; i++)
                {
                    var stranger = new QbftKey(System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(network.Seed * 64 + 1_000_000 + (ulong)i)));
                    network.Broadcast(liar, RoundChange.Sign(stranger, draft.Height, state.Round + 1 + (uint)random.Next(3), null, QbftDialect.Legacy));
                }
                return false;

            case Lie.Spams:
                for (var i = 0; i < 20; i++)
                {
                    var digest = Keccak256.Hash(BitConverter.GetBytes(random.NextInt64()));
                    network.Broadcast(liar, random.Next(3) switch
                    {
                        0 => Prepare.Sign(key, draft.Height + (ulong)random.Next(12), (uint)random.Next(1000), digest),
                        1 => Commit.Sign(key, draft.Height + (ulong)random.Next(12), (uint)random.Next(1000), digest),
                        _ => RoundChange.Sign(key, draft.Height + (ulong)random.Next(3), 1 + (uint)random.Next(100_000), null, QbftDialect.Legacy),
                    });
                }
                return false;

            default:
                return false;
        }
    }

    /// <summary>What a liar says it has: everything, or nothing, or what it likes.</summary>
    public static QbftHoldings Holdings(SimulatedNetwork network, Lie lie, QbftHoldings truth)
    {
        if (lie == Lie.Forgets || network.Random.Next(3) == 0) return truth;
        var has = network.Random.Next(2) == 0;
        return truth with
        {
            Round = truth.Round + (uint)network.Random.Next(3),
            Proposal = has ? (byte)9 : (byte)0,
            Prepares = [.. truth.Prepares.Select(_ => has ? (byte)network.Random.Next(256) : (byte)0)],
            Commits = [.. truth.Commits.Select(_ => has ? (byte)network.Random.Next(256) : (byte)0)],
            RoundChanges = [.. truth.RoundChanges.Select(_ => has ? new HeldRoundChange((uint)network.Random.Next(100), 7) : default)],
        };
    }

    /// <summary>Another message for the same height, round and kind.</summary>
    static QbftMessage Other(SimulatedNetwork network, int liar, QbftState state, QbftDraft draft)
    {
        var key = network.Keys[liar];
        var digest = state.At is { } at ? network.Validators[liar].Make(at, vanity: 77).InRound(draft.Round).Digest : default;
        return draft switch
        {
            ProposalDraft proposal => Proposal.Sign(key, draft.Height, draft.Round, network.Validators[liar].Make(state.At!, vanity: 77).InRound(draft.Round), proposal.RoundChanges, [], QbftDialect.Legacy),
            PrepareDraft => Prepare.Sign(key, draft.Height, draft.Round, digest),
            CommitDraft => Commit.Sign(key, draft.Height, draft.Round, digest),
            _ => RoundChange.Sign(key, draft.Height, draft.Round, null, QbftDialect.Legacy),
        };
    }
}
