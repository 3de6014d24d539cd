using System.Diagnostics.CodeAnalysis;
using Hufu.Primitives;

namespace Hufu.Chain;

public enum ImportOutcome
{
    /// <summary>Verified, executed and kept. Whether it is the head is another question.</summary>
    Accepted,

    /// <summary>The block was kept before; nothing was done.</summary>
    AlreadyKnown,

    /// <summary>The block may be good, but its parent is not here.</summary>
    UnknownParent,

    /// <summary>The block breaks a rule; the chain is where it was.</summary>
    Refused,
}

/// <summary>The answer to an import.</summary>
/// <param name="Hash">The block's hash; zero where it could not be decoded.</param>
/// <param name="HeadMoved">Whether the block, or a chain that it completes, became the head.</param>
public readonly record struct ImportResult(ImportOutcome Outcome, Hash256 Hash, BlockRefusal? Refusal = null, bool HeadMoved = false)
{
    public bool IsAccepted => Outcome is ImportOutcome.Accepted or ImportOutcome.AlreadyKnown;

    /// <summary>True where the block is not (and not already) part of what is kept; says why.</summary>
    public bool IsRefused([NotNullWhen(true)] out BlockRefusal? refusal)
    {
        refusal = Refusal;
        return refusal is not null;
    }
}
