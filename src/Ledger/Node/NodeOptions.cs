using Hufu.Chain;
using Hufu.Consensus;
using Hufu.Primitives;
using Hufu.Rpc;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hufu.Node;

/// <summary>Everything a node is told when it starts.</summary>
public sealed record NodeOptions
{
    /// <summary>Where the chain is kept. Null keeps it in memory, and it ends with the process.</summary>
    public string? DataFolder { get; init; }

    /// <summary>How much memory the chain's data may take, and how much of the past is kept.</summary>
    public ChainKeeping Keeping { get; init; } = new();

    /// <summary>Where the chain begins. A data folder that holds a chain already must hold one with this genesis.</summary>
    public required Genesis Genesis { get; init; }

    public SoloOptions Sealing { get; init; } = new();

    /// <summary>A consensus client leads the chain, through this port; null: the node seals its own blocks.</summary>
    public BeaconOptions? Beacon { get; init; }

    /// <summary>The node follows the chain of its peers: verifies and executes every block, and seals none.</summary>
    public bool IsFollower { get; init; }

    /// <summary>The node is one of the validators of a QBFT network, or follows them where its key is none of theirs.</summary>
    public QbftDriverOptions? Qbft { get; init; }

    /// <summary>The node mines blocks of a private network of proof of work; null: it does not.</summary>
    public MiningOptions? Mining { get; init; }

    /// <summary>How the node speaks with others; null: it stands alone.</summary>
    public NetworkOptions? Network { get; init; }

    /// <summary>Hears what the node does that an operator may want to know; by component: p2p, sync, qbft.</summary>
    public ILoggerFactory Logs { get; init; } = NullLoggerFactory.Instance;
    public PoolOptions Pool { get; init; } = new();
    public RpcServerOptions Rpc { get; init; } = new();

    /// <summary>The file of accounts and nodes that this node has to do with; null: with all that the network allows.</summary>
    public string? PermissionsFile { get; init; }

    /// <summary>Secrets of accounts that whoever reaches the port can sign with: for development only.</summary>
    public IReadOnlyList<byte[]> UnlockedSecrets { get; init; } = [];

    /// <summary>Whether the methods that bend the rules (snapshots, time travel, accounts changed by hand) are there: for development only.</summary>
    public bool HasDevMethods { get; init; }

    /// <summary>Where a development chain leaves another one; null where it forks none. Such a chain is kept in memory.</summary>
    public ForkPoint? Fork { get; init; }

    /// <summary>Where what was read of the other chain is kept for the next start; null keeps it in memory.</summary>
    public string? ForkCache { get; init; }

    /// <summary>A folder of compiled contracts whose custom errors a development chain tells by name; null where none are known.</summary>
    public string? Artifacts { get; init; }

    /// <summary>Takes what contracts of a development chain say by console.log, a line at a time; null where nobody listens.</summary>
    public Action<string>? ShowConsole { get; init; }

    /// <summary>The most gas an eth_call or an estimate may use.</summary>
    public ulong RpcGasCap { get; init; } = 50_000_000;

    /// <summary>Hears of faults of the node itself.</summary>
    public Action<Exception> ReportFault { get; init; } = _ => { };
}
