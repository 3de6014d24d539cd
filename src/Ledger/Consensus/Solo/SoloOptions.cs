using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>When a chain with a single sealer seals a block.</summary>
public enum SoloMode
{
    /// <summary>As soon as transactions wait, and as long as they do.</summary>
    Instant,

    /// <summary>Once in every interval.</summary>
    Interval,

    /// <summary>Only when asked to.</summary>
    Manual,
}

public sealed record SoloOptions
{
    public SoloMode Mode { get; init; } = SoloMode.Instant;

    /// <summary>Counts in <see cref="SoloMode.Interval"/> only; above zero.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether an interval in which nothing was sent still gets its block.</summary>
    public bool SealsEmptyBlocks { get; init; } = true;

    /// <summary>Who receives the fees.</summary>
    public Address Beneficiary { get; init; }

    /// <summary>The gas limit of every block, however far from the parent's: for development chains. Null leaves it to the rules.</summary>
    public ulong? GasLimit { get; init; }

    /// <summary>
    /// Blocks made faster than one a second are ahead of the clock, since each is later than its parent. True has the clock follow them, so that a development
    /// chain told to go ahead by an hour goes ahead by an hour from its last block.
    /// </summary>
    public bool ClockFollowsBlocks { get; init; }

    /// <summary>Every block is so many seconds after its parent, whatever the clock says: for development chains. Null follows the clock.</summary>
    public ulong? TimestampInterval { get; init; }

    /// <summary>Where the gas limit goes; null leaves it as genesis set it.</summary>
    public ulong? GasLimitTarget { get; init; }

    public ReadOnlyMemory<byte> ExtraData { get; init; }
}
