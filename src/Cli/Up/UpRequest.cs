using Hufu.Node;
using Hufu.Rpc;

namespace Hufu.Cli;

/// <summary>What the user asked `hufu up` for, not yet checked.</summary>
sealed record UpRequest
{
    /// <summary>Null: in memory.</summary>
    public string? DataFolder { get; init; }
    public string? GenesisFile { get; init; }
    public ulong ChainId { get; init; }
    public int Accounts { get; init; }
    public decimal BalanceEther { get; init; }

    /// <summary>0: a block as soon as there is a transaction.</summary>
    public double BlockTimeSeconds { get; init; }
    public bool IsMining { get; init; }
    public bool HasDevMethods { get; init; }
    public ForkPoint? Fork { get; init; }
    public string? Artifacts { get; init; }
    public string? ForkCache { get; init; }
    public ulong? GasLimit { get; init; }
    public string? Beneficiary { get; init; }
    public int PoolLimit { get; init; }
    public ChainKeeping Keeping { get; init; } = new();

    /// <summary>How others reach the chain; null: it stands alone.</summary>
    public NetworkOptions? Network { get; init; }
    public required RpcServerOptions Rpc { get; init; }
}
