using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>What is fixed about a height before its first message: its parent, who decides it, and the times.</summary>
public sealed record QbftHeight(Header Parent, ValidatorSet Validators, QbftTimes Times)
{
    public ulong Height => Parent.Number + 1;
    public Address Proposer(uint round) => Validators.Proposer(Parent.Beneficiary, round);
}

/// <summary>How long a validator waits.</summary>
public sealed record QbftTimes
{
    // A block from a clock that runs ahead may be this far in our future.
    const long MostAheadMilliseconds = 1000;

    public TimeSpan BlockPeriod { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long after its parent an empty block is due; zero asks for none other than the block period.</summary>
    public TimeSpan EmptyBlockPeriod { get; init; }

    /// <summary>Round 0; each further round has twice as long, up to <see cref="LongestRound"/>.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Timers that grow without bound leave validators at rounds that never meet again.</summary>
    public TimeSpan LongestRound { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What was said is said again while no block comes, for those whom it did not reach.</summary>
    public TimeSpan Repeat => RequestTimeout / 2;

    /// <summary>How long a proposer is waited for that is known to be away.</summary>
    public TimeSpan Absence => RequestTimeout / 8;

    public TimeSpan RoundTimeout(uint round)
    {
        var most = LongestRound > RequestTimeout ? LongestRound : RequestTimeout;
        var times = Math.Pow(2, Math.Min(round, 60));
        return RequestTimeout.TotalMilliseconds * times >= most.TotalMilliseconds ? most : RequestTimeout * times;
    }

    /// <summary>When the block after <paramref name="parent"/> is due, in milliseconds since 1970.</summary>
    public long BlockDue(Header parent) => (long)parent.Timestamp * 1000 + (long)BlockPeriod.TotalMilliseconds;

    /// <summary>
    /// Whether a block is too far in the future of a clock. The earliest that can follow its parent never is: clocks that ran ahead and were set right must not stop the chain
    /// until the time has come that they once showed.
    /// </summary>
    public bool IsInFuture(Header block, Header parent, long nowMilliseconds) =>
        (long)block.Timestamp * 1000 > nowMilliseconds + MostAheadMilliseconds && (long)block.Timestamp * 1000 > Math.Max(BlockDue(parent), ((long)parent.Timestamp + 1) * 1000);

    public long EmptyBlockDue(Header parent) => (long)parent.Timestamp * 1000 + (long)(EmptyBlockPeriod > BlockPeriod ? EmptyBlockPeriod : BlockPeriod).TotalMilliseconds;
}

/// <summary>How much of what cannot be used yet is kept.</summary>
public sealed record QbftLimits
{
    /// <summary>How many heights ahead of ours a message may be.</summary>
    public ulong FutureHeights { get; init; } = 10;

    /// <summary>How many rounds ahead of ours a Prepare or Commit may be.</summary>
    public uint FutureRounds { get; init; } = 10;
    public int FutureMessages { get; init; } = 1000;
    public long FutureBytes { get; init; } = 64 << 20;
    public int Evidence { get; init; } = 100;
}
