using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>What a consensus client calls the head, safe and finalised (execution-apis, ForkchoiceStateV1). Safe and finalised may be zero: not yet known.</summary>
public readonly record struct ForkchoiceState(Hash256 Head, Hash256 Safe, Hash256 Finalised);

/// <summary>Why a fork choice, or the build that it asked for, was not taken up.</summary>
public enum ForkchoiceFault
{
    None,

    /// <summary>The safe or the finalised block is not on the chain to the head; nothing has changed.</summary>
    InvalidState,

    /// <summary>The head was taken, but no block can have these attributes.</summary>
    InvalidAttributes,

    /// <summary>The way to the head goes back further than this node can; nothing has changed.</summary>
    TooDeepReorg,
}

/// <summary>The answer to a fork choice.</summary>
/// <param name="PayloadId">Names the build that began, or was running already; null where there is none.</param>
/// <param name="Why">What the fault is about.</param>
public sealed record ForkchoiceOutcome(PayloadStatus Status, ulong? PayloadId = null, ForkchoiceFault Fault = ForkchoiceFault.None, string? Why = null);
