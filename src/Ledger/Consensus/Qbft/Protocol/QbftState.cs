using System.Collections.Immutable;
using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>Two messages of one author that no honest validator signs both.</summary>
public sealed record Equivocation(Address Author, QbftMessage First, QbftMessage Second);

/// <summary>The Prepares and Commits of one round, the first of each author.</summary>
public sealed record RoundVotes(ImmutableDictionary<Address, Prepare> Prepares, ImmutableDictionary<Address, Commit> Commits)
{
    public static readonly RoundVotes None = new(ImmutableDictionary<Address, Prepare>.Empty, ImmutableDictionary<Address, Commit>.Empty);
}

/// <summary>Validators whose messages are passed on at once, up to a height.</summary>
public sealed record PassingOn(ImmutableHashSet<Address> Authors, ulong Until);

/// <summary>All that a validator knows of the height being decided. Immutable: <see cref="QbftProtocol.Step"/> gives the next.</summary>
public sealed record QbftState
{
    public QbftState(Address self, QbftLimits limits) => (Self, Limits) = (self, limits);

    public Address Self { get; init; }
    public QbftLimits Limits { get; init; }

    /// <summary>Null until the first head is known.</summary>
    public QbftHeight? At { get; init; }
    public ulong Height => At?.Height ?? 0;
    public uint Round { get; init; }

    /// <summary>Whether the block is due, so that the round timer runs.</summary>
    public bool HasBegun { get; init; }

    /// <summary>Whether the head is about to move to a block decided here.</summary>
    public bool IsDecided { get; init; }

    /// <summary>The first justified proposal of this round, whether its block has been found valid or not.</summary>
    public Proposal? Proposal { get; init; }

    /// <summary>Whether the proposal's block is valid, so that this validator prepared it.</summary>
    public bool IsAccepted { get; init; }
    public bool HasCommitted { get; init; }

    /// <summary>Whether this validator asked for, or made, its proposal of this round.</summary>
    public bool HasProposed { get; init; }

    /// <summary>Whether a quorum is known to stand in this round or a later one: only then is it time for the next.</summary>
    public bool HasCompany { get; init; }
    public PreparedCertificate? Prepared { get; init; }
    public ImmutableSortedDictionary<uint, RoundVotes> Votes { get; init; } = ImmutableSortedDictionary<uint, RoundVotes>.Empty;

    /// <summary>The latest of each author.</summary>
    public ImmutableDictionary<Address, RoundChange> RoundChanges { get; init; } = ImmutableDictionary<Address, RoundChange>.Empty;
    public ImmutableHashSet<Hash256> ValidBlocks { get; init; } = [];

    /// <summary>What this validator said in this round, to be said again.</summary>
    public ImmutableList<QbftMessage> Said { get; init; } = [];

    /// <summary>What others said at this height and was not passed on yet.</summary>
    public ImmutableList<QbftMessage> Unrelayed { get; init; } = [];

    /// <summary>For how many more heights votes are passed on at once: some of the last needed it.</summary>
    public int RelaysFor { get; init; }

    /// <summary>Who has asked for the messages of whom, and until which height: it is not joined to them.</summary>
    public ImmutableDictionary<Address, PassingOn> Unjoined { get; init; } = ImmutableDictionary<Address, PassingOn>.Empty;

    /// <summary>What is here or was asked for since the repeat timer last ran; null where nothing was.</summary>
    public QbftHoldings? Expected { get; init; }

    /// <summary>Whom we asked for what it has, and who has not sent anything new since: others come first.</summary>
    public ImmutableHashSet<Address> Tried { get; init; } = [];

    /// <summary>Who asked us since the repeat timer last ran, and got an answer.</summary>
    public ImmutableHashSet<Address> Answered { get; init; } = [];

    /// <summary>Validators known to be away: whose connection ended, or whose turn passed without a word, and who have said nothing since.</summary>
    public ImmutableHashSet<Address> Absent { get; init; } = [];
    public FutureMessages Future { get; init; } = FutureMessages.None;
    public ImmutableList<Equivocation> Evidence { get; init; } = [];

    /// <summary>Whether this validator says nothing at this height: it may have signed for it what it does not know any more.</summary>
    public bool IsCautious { get; init; }

    /// <summary>False only where the simulator proves that it would notice.</summary>
    internal bool ChecksJustification { get; init; } = true;

    /// <summary>False only where the simulator proves that it would notice round changes of strangers.</summary>
    internal bool ChecksChangers { get; init; } = true;

    public bool IsValidator => At is not null && !IsCautious && At.Validators.Contains(Self);
    public bool IsProposer => At is not null && At.Proposer(Round) == Self;
}

/// <summary>What follows from an event.</summary>
public readonly record struct QbftStep(QbftState State, IReadOnlyList<QbftEffect> Effects);
