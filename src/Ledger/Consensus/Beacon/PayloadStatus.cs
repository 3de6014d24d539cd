using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>What this node knows of a payload (execution-apis, PayloadStatusV1).</summary>
public enum PayloadValidity
{
    /// <summary>Executed, and every rule holds.</summary>
    Valid,

    /// <summary>It, or an ancestor, breaks a rule.</summary>
    Invalid,

    /// <summary>What is needed to judge it is not here.</summary>
    Syncing,

    /// <summary>A block of a branch that nobody chose, its ancestors here: it is run when the branch is.</summary>
    Accepted,
}

/// <summary>The answer about a payload.</summary>
/// <param name="LatestValidHash">The payload's closest valid ancestor (itself where it is valid); zero where that is a block of proof of work; null where unknown.</param>
/// <param name="Why">What is wrong with an invalid payload.</param>
public sealed record PayloadStatus(PayloadValidity Validity, Hash256? LatestValidHash = null, string? Why = null)
{
    public static readonly PayloadStatus Syncing = new(PayloadValidity.Syncing);
    public static readonly PayloadStatus Accepted = new(PayloadValidity.Accepted);

    public static PayloadStatus Valid(Hash256 block) => new(PayloadValidity.Valid, block);

    public static PayloadStatus Invalid(Hash256? latestValid, string why) => new(PayloadValidity.Invalid, latestValid, why);
}
