using System.Collections.Immutable;
using Hufu.Primitives;

namespace Hufu.Consensus;

// While a block is late validators tell each other what they have, and ask for what they lack.
public static partial class QbftProtocol
{
    sealed partial class Turn
    {
        /// <summary>A validator tells what it has: what we lack of it is asked for, and what it asks for is sent.</summary>
        public void UponTold(Address from, QbftExchange told)
        {
            var theirs = told.Holdings;
            if (State.At is null || from == State.Self) return;
            // It may have been a validator until then.
            if (theirs.Height < State.Height) Effects.Add(new Help(from, theirs.Height));
            if (!At.Validators.Contains(from)) return;
            if (theirs.Height > State.Height) Effects.Add(new CatchUp(from, theirs.Height - 1));
            if (theirs.Height != State.Height || theirs.RoundChanges.Count != At.Validators.Count || !State.IsValidator || State.IsDecided) return;
            if (told.Asks) Answer(from, told);
            else Ask(from, theirs);
        }

        /// <summary>Once between two of our repeats: whoever asks again and again makes no work.</summary>
        void Answer(Address from, QbftExchange asked)
        {
            if (State.Answered.Contains(from)) return;
            var (theirs, unjoined) = (asked.Holdings, At.Validators.Addresses.Where((_, i) => asked.Unjoined[i]).ToImmutableHashSet());
            State = State with { Answered = State.Answered.Add(from), Unjoined = unjoined.IsEmpty ? State.Unjoined.Remove(from) : State.Unjoined.SetItem(from, new PassingOn(unjoined, State.Height + RelayingHeights)) };
            if (State.Proposal is { } proposal && (proposal.Round > theirs.Round || (proposal.Round == theirs.Round && QbftHoldings.Differs(theirs.Proposal, QbftHoldings.NameOf(proposal))))) Give(proposal);
            for (var i = 0; i < At.Validators.Count; i++)
            {
                var validator = At.Validators.Addresses[i];
                foreach (var (round, votes) in State.Votes)
                {
                    if (round < theirs.Round || (round > theirs.Round && round != State.Round)) continue;
                    GiveVote(votes.Prepares.GetValueOrDefault(validator), round == theirs.Round ? theirs.Prepares[i] : (byte)0);
                    GiveVote(votes.Commits.GetValueOrDefault(validator), round == theirs.Round ? theirs.Commits[i] : (byte)0);
                }
                if (State.RoundChanges.TryGetValue(validator, out var change) && theirs.RoundChanges[i].IsBehind(new HeldRoundChange(change.Round, QbftHoldings.NameOf(change)))) Give(change);
            }

            void GiveVote(QbftMessage? vote, byte held)
            {
                if (QbftHoldings.Differs(held, QbftHoldings.NameOf(vote))) Give(vote!);
            }

            // Also its own: who was killed has forgotten what it said, but for its record.
            void Give(QbftMessage message) => Effects.Add(new SendAgain(message, [from], IsUnasked: false));
        }

        void Ask(Address from, QbftHoldings theirs)
        {
            if (State.Tried.Contains(from)) return;
            // Of an earlier round only the round changes can be of use, and votes far ahead are not kept.
            if (theirs.Round < State.Round || theirs.Round - State.Round > State.Limits.FutureRounds)
                theirs = HoldingsAt(State.Round) with { RoundChanges = theirs.RoundChanges };
            var mine = HoldingsAt(theirs.Round);
            if (State.Expected is { } expected && expected.Round == theirs.Round) mine = mine.With(expected);
            if (!mine.Lacks(theirs, Math.Max(1, State.Round))) return;
            State = State with { Expected = mine.With(theirs), Tried = State.Tried.Add(from) };
            Effects.Add(new Tell(mine, Asks: true, [from]));
        }

        QbftHoldings HoldingsAt(uint round)
        {
            var (validators, votes) = (At.Validators.Addresses, VotesOf(round));
            return new QbftHoldings(State.Height, round, QbftHoldings.NameOf(State.Proposal?.Round == round ? State.Proposal : null), [.. validators.Select(validator => QbftHoldings.NameOf(votes.Prepares.GetValueOrDefault(validator)))],
                [.. validators.Select(validator => QbftHoldings.NameOf(votes.Commits.GetValueOrDefault(validator)))],
                [.. validators.Select(validator => State.RoundChanges.TryGetValue(validator, out var change) ? new HeldRoundChange(change.Round, QbftHoldings.NameOf(change)) : default)]);
        }

        void PassOn(QbftMessage message, Address from)
        {
            var author = message.Author!.Value;
            // Whoever votes on a proposal has it.
            var voters = message is Proposal ? VotesOf(message.Round) : RoundVotes.None;
            var to = At.Validators.Addresses.Where(validator => validator != State.Self && validator != from && validator != author
                && !voters.Prepares.ContainsKey(validator) && !voters.Commits.ContainsKey(validator)).ToList();
            if (to.Count > 0) Effects.Add(new SendAgain(message, to, IsUnasked: true));
        }

        /// <summary>Those who are not joined to the author have asked to get its messages from here.</summary>
        void PassOnToUnjoined(QbftMessage message, Address author, Address from)
        {
            if (State.Unjoined.IsEmpty || author == State.Self) return;
            var to = State.Unjoined.Where(entry => entry.Key != from && entry.Key != author && entry.Value.Authors.Contains(author)).Select(entry => entry.Key).Order().ToList();
            if (to.Count > 0) Effects.Add(new SendAgain(message, to, IsUnasked: false));
        }
    }
}
