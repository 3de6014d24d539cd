using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>What all services share, each once. A service takes from here what it needs, and knows nothing else of the platform.</summary>
public sealed record Rooms
{
    /// <summary>The chain, by JSON-RPC.</summary>
    public required ChainClient Chain { get; init; }
    public required Database Database { get; init; }

    /// <summary>Accounts whose secrets are kept here.</summary>
    public required Custody Custody { get; init; }

    /// <summary>Does things on the chain, each once.</summary>
    public required CommandDesk Commands { get; init; }

    /// <summary>Which contracts stand where; deploys them at their first use.</summary>
    public required ContractRegistry Registry { get; init; }

    /// <summary>Proofs of anything on the chain.</summary>
    public required TallyMaker Tallies { get; init; }
    public required Tokens Tokens { get; init; }

    /// <summary>Who may do what to whom.</summary>
    public required PolicyBook Policy { get; init; }

    /// <summary>Who asked for what.</summary>
    public required AuditLog Audit { get; init; }

    /// <summary>Calls addresses that others have named.</summary>
    public required Courier Courier { get; init; }

    /// <summary>How often and how long subscribers are called that do not answer.</summary>
    public WebhookOptions Delivery { get; init; } = new();

    /// <summary>Follows the events; set once the services are known.</summary>
    public EventIndex Index { get; internal set; } = null!;

    /// <summary>The platform's own account: it deploys, relays what others signed and pays the fees.</summary>
    public required Address Operator { get; init; }
}
