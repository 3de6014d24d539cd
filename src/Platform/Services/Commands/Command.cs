using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>How far a command has come. It only ever goes forward, but for a signed one whose nonce another program took before anybody had it.</summary>
public enum CommandState
{
    /// <summary>Kept, and will be sent whatever happens to this process.</summary>
    Accepted,

    /// <summary>Its transaction is signed and kept, and may be out.</summary>
    Signed,

    /// <summary>Its transaction is in a block, deep enough, and did what it says.</summary>
    Final,

    /// <summary>It will never happen; the refusal tells why.</summary>
    Failed,
}

/// <summary>Something to be done on the chain, once.</summary>
public sealed record NewCommand
{
    /// <summary>What the caller calls it: the same caller with the same key means the same command, however often it is sent.</summary>
    public required string Key { get; init; }

    /// <summary>Whose keys they are: two callers do not meet in one key.</summary>
    public required string Caller { get; init; }

    /// <summary>What it does, in the words of its service: payments.pay.</summary>
    public required string Kind { get; init; }

    /// <summary>What of the service it concerns (a payment's id); empty for nothing.</summary>
    public string Subject { get; init; } = "";

    /// <summary>The hash of what was asked: the same key for something else is refused.</summary>
    public required Hash256 Fingerprint { get; init; }

    /// <summary>Who signs; its secret is in <see cref="Custody"/>.</summary>
    public required Address From { get; init; }
    public required TransactionRequest Request { get; init; }
}

/// <summary>A command as it is kept.</summary>
public sealed record Command
{
    public required string Id { get; init; }
    public required string Key { get; init; }
    public required string Caller { get; init; }
    public required string Kind { get; init; }
    public string Subject { get; init; } = "";
    public required Hash256 Fingerprint { get; init; }
    public required Address From { get; init; }
    public required CommandState State { get; init; }
    public ulong? Nonce { get; init; }

    /// <summary>The form of the transaction that is in a block, or was offered last.</summary>
    public Hash256? Transaction { get; init; }
    public ulong? Block { get; init; }

    /// <summary>The contract it made.</summary>
    public Address? Created { get; init; }

    /// <summary>Why it failed, or what it waits for.</summary>
    public Refusal? Refusal { get; init; }
    public required DateTimeOffset AcceptedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }

    public bool IsOver => State is CommandState.Final or CommandState.Failed;
}
