using System.Collections.Immutable;
using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>
/// QBFT (EEA QBFT Blockchain Consensus Protocol v1; Moniz, arXiv 2002.03613) as a function: what a validator knows, and what just happened, give what it knows next and what it
/// wants done. No clock, socket, disk or secret is inside. Four rules go beyond the specification, all for liveness or for speed, and none touches what may be signed: while no
/// block comes validators tell each other what they have, and ask for what they lack (to those who do not understand that, all is said again); a validator leaves a round above
/// 0 by its timer only when it has heard that a quorum reached it, so that rounds stay together while there is no quorum; a proposer known to be away is waited for an eighth of
/// the time; and what others said is passed on only when a block is late, since where all are joined it costs much and brings nothing.
/// </summary>
public static partial class QbftProtocol
{
    public static QbftStep Step(QbftState state, QbftEvent happened)
    {
        var turn = new Turn(state);
        switch (happened)
        {
            case NewHead head: turn.UponNewHead(head); break;
            case BlockTimeout timeout: turn.UponBlockTimeout(timeout); break;
            case RoundTimeout timeout: turn.UponRoundTimeout(timeout); break;
            case RepeatTimeout timeout: turn.UponRepeatTimeout(timeout); break;
            case Built built: turn.UponBuilt(built); break;
            case Validated validated: turn.UponValidated(validated); break;
            case PeerLost lost: turn.UponPeerLost(lost.Peer); break;
            case Told told: turn.UponTold(told.From, told.What); break;
            case Received received: turn.UponReceived(received.From, received.Message); break;
            default: throw new ArgumentException($"{happened.GetType().Name} is no event of QBFT", nameof(happened));
        }
        return new QbftStep(turn.State, turn.Effects);
    }

    // A block that was late may have been so because not all are joined: from then on votes are passed on at once, for so many heights.
    const int RelayingHeights = 20;

    /// <summary>One step being taken.</summary>
    sealed partial class Turn(QbftState state)
    {
        public QbftState State { get; private set; } = state;
        public List<QbftEffect> Effects { get; } = [];

        QbftHeight At => State.At!;

        public void UponNewHead(NewHead head)
        {
            if (State.At is { } known && head.Next.Height <= known.Height) return;
            State = new QbftState(State.Self, State.Limits)
            {
                At = head.Next,
                Evidence = State.Evidence,
                ChecksJustification = State.ChecksJustification,
                ChecksChangers = State.ChecksChangers,
                Future = State.Future,
                Absent = State.Absent,
                RelaysFor = Math.Max(0, State.RelaysFor - 1),
                Unjoined = State.Unjoined.RemoveRange(State.Unjoined.Where(entry => entry.Value.Until < head.Next.Height).Select(entry => entry.Key)),
            };
            if (At.Validators.Contains(State.Self) && head.Record.Caution(At, head.NowMilliseconds, head.Running) is var caution && caution > TimeSpan.Zero)
            {
                State = State with { IsCautious = true };
                Effects.Add(new StartBlockTimer(State.Height, caution));
            }
            else if (State.IsValidator)
            {
                var wait = TimeSpan.FromMilliseconds(Math.Max(0, At.Times.BlockDue(At.Parent) - head.NowMilliseconds));
                // A clock that was set back must not make us wait longer than a block ever takes.
                var most = At.Times.BlockPeriod + TimeSpan.FromSeconds(1);
                Effects.Add(new StartBlockTimer(State.Height, wait < most ? wait : most));
                Resume(head.Record);
            }
            Replay();
        }

        /// <summary>Goes on from what was signed before a crash.</summary>
        void Resume(SigningRecord record)
        {
            if (record.Height != State.Height) return;
            State = State with { Prepared = record.Prepared };
            if (record.Round == 0) return;
            EnterRound(record.Round);
            // A Prepare above round 0 answered a proposal that a quorum had asked for. Without this, those who committed in this round, and so have no round change for it, would wait for each other.
            State = State with { HasCompany = record.Prepare is not null };
            if (State.Prepared is null || State.Prepared.Round < State.Round) SayRoundChange();
        }

        /// <summary>What came too early for this height is taken up now.</summary>
        void Replay()
        {
            var (due, left) = State.Future.At(State.Height);
            State = State with { Future = left };
            foreach (var message in due) UponReceived(message.From, message.Message);
        }

        public void UponBlockTimeout(BlockTimeout timeout)
        {
            if (timeout.Height == State.Height) State = State with { IsCautious = false };
            if (timeout.Height != State.Height || !State.IsValidator || State.IsDecided || State.HasBegun) return;
            // An empty block is not due yet. Nobody starts the round timer meanwhile, else the others would leave the round of a proposer that waits.
            var rest = At.Times.EmptyBlockDue(At.Parent) - timeout.NowMilliseconds;
            if (!timeout.HasTransactions && At.Times.EmptyBlockPeriod > At.Times.BlockPeriod && rest > 0)
            {
                var wait = TimeSpan.FromMilliseconds(rest);
                Effects.Add(new StartBlockTimer(State.Height, wait < At.Times.BlockPeriod ? wait : At.Times.BlockPeriod));
                return;
            }
            Begin();
            if (State.IsProposer) Propose();
        }

        public void UponRoundTimeout(RoundTimeout timeout)
        {
            if (timeout.Height != State.Height || timeout.Round != State.Round || !State.IsValidator || State.IsDecided) return;
            if (State.Round > 0 && !State.HasCompany)
            {
                // Alone up here. Going on would only part us from those who are to come.
                StartRoundTimer();
                return;
            }
            if (At.Proposer(State.Round) is var proposer && State.Proposal is null && proposer != State.Self && !IsHeard(proposer)) State = State with { Absent = State.Absent.Add(proposer) };
            EnterRound(State.Round + 1);
            SayRoundChange();
            UponRoundChanges();
        }

        public void UponRepeatTimeout(RepeatTimeout timeout)
        {
            if (timeout.Height != State.Height || !State.IsValidator || State.IsDecided) return;
            foreach (var said in State.Said) PassOn(said, from: State.Self);
            foreach (var heard in State.Unrelayed) PassOn(heard, from: State.Self);
            // Where everybody that was asked brought nothing new, all of them are worth asking again.
            var tried = State.Expected is null ? [] : State.Tried;
            State = State with { Unrelayed = [], RelaysFor = RelayingHeights, Expected = null, Tried = tried, Answered = [] };
            Effects.Add(new Tell(HoldingsAt(State.Round), Asks: false, [.. At.Validators.Addresses.Where(validator => validator != State.Self)]));
            Effects.Add(new StartRepeatTimer(State.Height, At.Times.Repeat));
        }

        public void UponPeerLost(Address peer)
        {
            if (peer == State.Self) return;
            State = State with { Absent = State.Absent.Add(peer) };
            if (State.At is not null && State.IsValidator && State.HasBegun && !State.IsDecided && State.Proposal is null && At.Proposer(State.Round) == peer) StartRoundTimer();
        }

        public void UponBuilt(Built built)
        {
            if (built.Height != State.Height || built.Round != State.Round || State.IsDecided || !State.IsProposer || State.Proposal is not null) return;
            State = State with { ValidBlocks = State.ValidBlocks.Add(built.Block.Hash) };
            if (State.Round == 0) Effects.Add(new Say(new ProposalDraft(State.Height, 0, built.Block.InRound(0), [], [])));
            else if (RoundChangesOf(State.Round) is { } changes) SayProposal(changes, Justification.Highest(changes), built.Block);
        }

        public void UponValidated(Validated validated)
        {
            if (validated.Height != State.Height || State.IsDecided) return;
            if (!validated.IsValid) return;
            State = State with { ValidBlocks = State.ValidBlocks.Add(validated.Block) };
            if (State.Proposal is { } proposal && !State.IsAccepted && proposal.Block.Hash == validated.Block) Accept();
        }

        public void UponReceived(Address from, QbftMessage message)
        {
            if (State.At is null) return;
            if (message.Height != State.Height)
            {
                UponOtherHeight(from, message);
                return;
            }
            if (!State.IsValidator || State.IsDecided) return;
            if (message.Round < State.Round || IsTooFar(message) || message.Author is not { } author || !MaySay(author, message)) return;
            UponSign(author);
            var isNew = message switch
            {
                Proposal proposal => UponProposal(author, proposal),
                Prepare prepare => UponPrepare(author, prepare),
                Commit commit => UponCommit(author, commit),
                RoundChange change => UponRoundChange(author, change),
                _ => false,
            };
            if (!isNew) return;
            if (State.Tried.Contains(from)) State = State with { Tried = State.Tried.Remove(from) };
            PassOnToUnjoined(message, author, from);
            if (author == State.Self && message.Height == State.Height) State = State with { Said = State.Said.Add(message) };
            else if (author != State.Self && message.Height == State.Height)
            {
                // Others may not be joined to its author. Of round changes the latest counts, however many are sent.
                if (State.RelaysFor > 0 && message is Prepare or Commit) PassOn(message, from);
                else State = State with { Unrelayed = State.Unrelayed.RemoveAll(older => message is RoundChange && older is RoundChange && older.Author == author).Add(message) };
            }
            Progress();
        }

        /// <summary>A validator shows that it is there.</summary>
        void UponSign(Address author)
        {
            if (!State.Absent.Contains(author)) return;
            State = State with { Absent = State.Absent.Remove(author) };
            // Its time was cut short. Now it is given the whole of it.
            if (State.IsValidator && State.HasBegun && !State.IsDecided && At.Proposer(State.Round) == author) StartRoundTimer();
        }

        bool MaySay(Address author, QbftMessage message) => At.Validators.Contains(author) || (!State.ChecksChangers && message is RoundChange);

        bool IsHeard(Address validator) =>
            State.RoundChanges.ContainsKey(validator) || State.Votes.Values.Any(votes => votes.Prepares.ContainsKey(validator) || votes.Commits.ContainsKey(validator));

        /// <summary>A quorum has reached this round: it begins for all of them now, also for whoever has waited here alone and would else leave at any moment.</summary>
        void FindCompany()
        {
            if (State.HasCompany) return;
            State = State with { HasCompany = true };
            StartRoundTimer();
        }

        void StartRoundTimer()
        {
            var isAway = State.Absent.Contains(At.Proposer(State.Round));
            Effects.Add(new StartRoundTimer(State.Height, State.Round, isAway ? At.Times.Absence : At.Times.RoundTimeout(State.Round)));
        }

        bool IsTooFar(QbftMessage message) => message is Prepare or Commit && message.Round - State.Round > State.Limits.FutureRounds;

        void UponOtherHeight(Address from, QbftMessage message)
        {
            if (message.Height < State.Height)
            {
                // Only one that is stuck asks for another round.
                if (message is RoundChange && from != State.Self) Effects.Add(new Help(from, message.Height));
                return;
            }
            if (message.Author is not { } author || !At.Validators.Contains(author)) return;
            UponSign(author);
            Effects.Add(new CatchUp(from, message.Height - 1));
            if (message.Height - State.Height > State.Limits.FutureHeights || !State.IsValidator) return;
            State = State with { Future = State.Future.With(new FutureMessage(from, author, message), State.Limits, At.Validators.Count) };
        }

        bool UponProposal(Address author, Proposal proposal)
        {
            if (author != At.Proposer(proposal.Round)) return false;
            if (proposal.Round == State.Round && State.Proposal is { } first)
            {
                if (first.SigningHash != proposal.SigningHash && first.Block.Digest != proposal.Block.Digest) Convict(author, first, proposal);
                return false;
            }
            if (State.ChecksJustification && !Justification.IsValid(At, proposal, author)) return false;

            // Its certificate proves that a quorum asked for that round.
            if (proposal.Round > State.Round) EnterRound(proposal.Round);
            else Begin();
            State = State with { Proposal = proposal };
            if (proposal.Round > 0) FindCompany();
            if (State.ValidBlocks.Contains(proposal.Block.Hash)) Accept();
            else Effects.Add(new Validate(At, proposal.Block, IsPrepared: proposal.Prepares.Count > 0));
            return true;
        }

        void Accept()
        {
            State = State with { IsAccepted = true };
            Effects.Add(new Say(new PrepareDraft(State.Height, State.Round, State.Proposal!.Block.Digest)));
            Progress();
        }

        bool UponPrepare(Address author, Prepare prepare)
        {
            var votes = VotesOf(prepare.Round);
            if (votes.Prepares.TryGetValue(author, out var first))
            {
                if (first.Digest != prepare.Digest) Convict(author, first, prepare);
                return false;
            }
            Put(prepare.Round, votes with { Prepares = votes.Prepares.Add(author, prepare) });
            return true;
        }

        bool UponCommit(Address author, Commit commit)
        {
            var votes = VotesOf(commit.Round);
            if (votes.Commits.TryGetValue(author, out var first))
            {
                if (first.Digest != commit.Digest) Convict(author, first, commit);
                return false;
            }
            if (!commit.HasOwnSeal) return false;
            Put(commit.Round, votes with { Commits = votes.Commits.Add(author, commit) });
            return true;
        }

        bool UponRoundChange(Address author, RoundChange change)
        {
            if (State.RoundChanges.TryGetValue(author, out var latest))
            {
                if (latest.Round == change.Round && latest.SigningHash != change.SigningHash) Convict(author, latest, change);
                if (latest.Round >= change.Round) return false;
            }
            if (State.ChecksJustification && !Justification.IsValid(At, change)) return false;
            State = State with { RoundChanges = State.RoundChanges.SetItem(author, change) };
            UponRoundChanges();
            return true;
        }

        /// <summary>The f + 1 rule, the quorum rule, and the proposer's part in the latter.</summary>
        void UponRoundChanges()
        {
            // The greatest round that f + 1 others have reached: one of them at least is honest.
            var others = State.RoundChanges.Where(entry => entry.Key != State.Self).Select(entry => entry.Value.Round).OrderDescending().ToList();
            if (others.Count > At.Validators.Faulty && others[At.Validators.Faulty] is var together && together > State.Round)
            {
                EnterRound(together);
                SayRoundChange();
            }
            var reached = State.RoundChanges.Values.Count(change => change.Round >= Math.Max(1, State.Round));
            if (State.Round > 0 && reached >= At.Validators.Quorum) FindCompany();
            // A quorum in one round opens it for those below as well.
            foreach (var round in State.RoundChanges.Values.Select(change => change.Round).Where(round => round >= State.Round).Distinct().OrderDescending().ToList())
            {
                if (RoundChangesOf(round) is null) continue;
                if (round > State.Round) EnterRound(round);
                FindCompany();
                break;
            }
            if (State.Round > 0 && State.IsProposer) Propose();
        }

        void Propose()
        {
            if (State.HasProposed || State.Proposal is not null) return;
            if (State.Round == 0)
            {
                State = State with { HasProposed = true };
                Effects.Add(new Build(At, 0));
                return;
            }
            if (RoundChangesOf(State.Round) is not { } changes) return;
            State = State with { HasProposed = true };
            if (Justification.Highest(changes) is { } prepared) SayProposal(changes, prepared, null);
            else Effects.Add(new Build(At, State.Round));
        }

        void SayProposal(IReadOnlyList<RoundChange> changes, PreparedCertificate? prepared, QbftBlock? fresh) => Effects.Add(new Say(prepared is null
            ? new ProposalDraft(State.Height, State.Round, fresh!.InRound(State.Round), changes, [])
            : new ProposalDraft(State.Height, State.Round, prepared.Block.InRound(State.Round), changes, prepared.Prepares)));

        /// <summary>A quorum of round changes for exactly this round, or null.</summary>
        List<RoundChange>? RoundChangesOf(uint round)
        {
            var changes = State.RoundChanges.Values.Where(change => change.Round == round).OrderBy(change => change.Author).ToList();
            return changes.Count >= At.Validators.Quorum ? changes : null;
        }

        /// <summary>Prepared and committed, as soon as the votes suffice.</summary>
        void Progress()
        {
            if (State.Proposal is not { } proposal || !State.IsAccepted || State.IsDecided) return;
            var (votes, digest, quorum) = (VotesOf(State.Round), proposal.Block.Digest, At.Validators.Quorum);
            if (!State.HasCommitted)
            {
                var prepares = votes.Prepares.Values.Where(prepare => prepare.Digest == digest).OrderBy(prepare => prepare.Author).ToList();
                if (prepares.Count >= quorum)
                {
                    var certificate = new PreparedCertificate(proposal.Block, prepares);
                    State = State with { HasCommitted = true, Prepared = certificate };
                    Effects.Add(new Say(new CommitDraft(State.Height, State.Round, certificate)));
                }
            }
            var commits = votes.Commits.Values.Where(commit => commit.Digest == digest).OrderBy(commit => commit.Author).ToList();
            if (commits.Count < quorum) return;
            State = State with { IsDecided = true };
            Effects.Add(new Decide(proposal.Block.WithSeals([.. commits.Select(commit => commit.Seal)])));
        }

        void Begin()
        {
            if (State.HasBegun) return;
            State = State with { HasBegun = true };
            StartRoundTimer();
            Effects.Add(new StartRepeatTimer(State.Height, At.Times.Repeat));
        }

        void EnterRound(uint round)
        {
            State = State with
            {
                Round = round,
                Proposal = null,
                IsAccepted = false,
                HasCommitted = false,
                HasProposed = false,
                HasCompany = false,
                Said = [],
                Unrelayed = State.Unrelayed.RemoveAll(message => message.Round < round),
                Votes = State.Votes.RemoveRange(State.Votes.Keys.Where(old => old < round)),
            };
            if (!State.HasBegun) Begin();
            else StartRoundTimer();
        }

        void SayRoundChange() => Effects.Add(new Say(new RoundChangeDraft(State.Height, State.Round, State.Prepared)));

        RoundVotes VotesOf(uint round) => State.Votes.GetValueOrDefault(round) ?? RoundVotes.None;

        void Put(uint round, RoundVotes votes) => State = State with { Votes = State.Votes.SetItem(round, votes) };

        void Convict(Address author, QbftMessage first, QbftMessage second)
        {
            var isKnown = State.Evidence.Any(known => known.Author == author && known.First.Height == first.Height && known.First.Round == first.Round && known.First.Code == first.Code);
            if (isKnown || State.Evidence.Count >= State.Limits.Evidence) return;
            State = State with { Evidence = State.Evidence.Add(new Equivocation(author, first, second)) };
        }
    }
}
