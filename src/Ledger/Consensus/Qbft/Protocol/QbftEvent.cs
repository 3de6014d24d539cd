using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>What happened to a validator.</summary>
public abstract record QbftEvent;

/// <summary>The chain has a new head, decided here or learnt from others; or the node has just begun.</summary>
/// <param name="Record">What this validator signed before, as its disk tells.</param>
/// <param name="Running">For how long the validator has been running.</param>
public sealed record NewHead(QbftHeight Next, SigningRecord Record, long NowMilliseconds, TimeSpan Running) : QbftEvent;

/// <summary>The block timer is over, or transactions arrived where a block waited for some.</summary>
public sealed record BlockTimeout(ulong Height, bool HasTransactions, long NowMilliseconds) : QbftEvent;
public sealed record RoundTimeout(ulong Height, uint Round) : QbftEvent;
public sealed record RepeatTimeout(ulong Height) : QbftEvent;

/// <summary>The block that was asked for by <see cref="Build"/>.</summary>
public sealed record Built(ulong Height, uint Round, QbftBlock Block) : QbftEvent;

/// <summary>The answer to <see cref="Validate"/>.</summary>
public sealed record Validated(ulong Height, Hash256 Block, bool IsValid) : QbftEvent;

/// <summary>Something came from a peer.</summary>
/// <param name="From">Proven by its connection; our own address for what we signed.</param>
public abstract record Heard(Address From) : QbftEvent
{
    /// <summary>How much memory it takes, about.</summary>
    public abstract int SizeBytes { get; }
}

/// <param name="From">The peer that brought it, which need not be its author.</param>
public sealed record Received(Address From, QbftMessage Message) : Heard(From)
{
    public override int SizeBytes => Message.Encoded.Length;
}

/// <summary>A validator tells what it has.</summary>
public sealed record Told(Address From, QbftExchange What) : Heard(From)
{
    public override int SizeBytes => 256 + 6 * What.Holdings.RoundChanges.Count;
}

/// <summary>The connection with a validator has ended.</summary>
public sealed record PeerLost(Address Peer) : QbftEvent;

/// <summary>What a validator wants done.</summary>
public abstract record QbftEffect;

/// <summary>Write down, sign, send to all, and hand back as <see cref="Received"/>. Whoever signs refuses what the record forbids.</summary>
public sealed record Say(QbftDraft Draft) : QbftEffect;

/// <summary>Send to these what may not have reached them: signed before, here or by another.</summary>
/// <param name="IsUnasked">Whether they have not asked for it: then only those need it that cannot ask.</param>
public sealed record SendAgain(QbftMessage Message, IReadOnlyList<Address> To, bool IsUnasked) : QbftEffect;

/// <summary>Tell these, as far as they understand it, which messages are here.</summary>
/// <param name="Asks">Whether they shall send what is not among it.</param>
public sealed record Tell(QbftHoldings Holdings, bool Asks, IReadOnlyList<Address> To) : QbftEffect;

/// <param name="After">From now on.</param>
public sealed record StartBlockTimer(ulong Height, TimeSpan After) : QbftEffect;
public sealed record StartRoundTimer(ulong Height, uint Round, TimeSpan After) : QbftEffect;
public sealed record StartRepeatTimer(ulong Height, TimeSpan After) : QbftEffect;
public sealed record Build(QbftHeight On, uint Round) : QbftEffect;

/// <summary>Run the block on its parent's state, and look at its timestamp where nobody has yet.</summary>
/// <param name="IsPrepared">
/// Whether a quorum has prepared it in an earlier round. Then honest clocks have agreed to its time, and it must be decided whatever ours shows: clocks that ran ahead and were
/// set right would else refuse, for as long as they ran ahead, the one block that may be proposed.
/// </param>
public sealed record Validate(QbftHeight On, QbftBlock Block, bool IsPrepared) : QbftEffect;

/// <summary>A quorum has sealed the block: it is final.</summary>
public sealed record Decide(QbftBlock Sealed) : QbftEffect;

/// <summary>The peer stands at a greater height: ask it for blocks.</summary>
public sealed record CatchUp(Address From, ulong Height) : QbftEffect;

/// <summary>The peer is stuck at a height that is decided: give it the blocks.</summary>
public sealed record Help(Address From, ulong Height) : QbftEffect;

/// <summary>What is to be signed.</summary>
public abstract record QbftDraft(QbftCode Code, ulong Height, uint Round)
{
    /// <summary>What two drafts for the same height, round and kind must not differ in.</summary>
    public abstract Hash256 Content { get; }

    public abstract QbftMessage Sign(QbftKey key, QbftDialect dialect);
}

public sealed record ProposalDraft(ulong Height, uint Round, QbftBlock Block, IReadOnlyList<RoundChange> RoundChanges, IReadOnlyList<Prepare> Prepares)
    : QbftDraft(QbftCode.Proposal, Height, Round)
{
    public override Hash256 Content => Block.Digest;
    public override QbftMessage Sign(QbftKey key, QbftDialect dialect) => Proposal.Sign(key, Height, Round, Block, RoundChanges, Prepares, dialect);
}

public sealed record PrepareDraft(ulong Height, uint Round, Hash256 Digest) : QbftDraft(QbftCode.Prepare, Height, Round)
{
    public override Hash256 Content => Digest;
    public override QbftMessage Sign(QbftKey key, QbftDialect dialect) => Prepare.Sign(key, Height, Round, Digest);
}

/// <param name="Certificate">What makes it right to commit; it must outlive a crash from here on.</param>
public sealed record CommitDraft(ulong Height, uint Round, PreparedCertificate Certificate) : QbftDraft(QbftCode.Commit, Height, Round)
{
    public override Hash256 Content => Certificate.Digest;
    public override QbftMessage Sign(QbftKey key, QbftDialect dialect) => Commit.Sign(key, Height, Round, Certificate.Digest);
}

public sealed record RoundChangeDraft(ulong Height, uint Round, PreparedCertificate? Prepared) : QbftDraft(QbftCode.RoundChange, Height, Round)
{
    public override Hash256 Content => Keccak256.Hash(RoundChange.PayloadOf(Height, Round, Prepared));
    public override QbftMessage Sign(QbftKey key, QbftDialect dialect) => RoundChange.Sign(key, Height, Round, Prepared, dialect);
}
