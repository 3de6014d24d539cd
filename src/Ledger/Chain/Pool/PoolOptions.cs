using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>What the pool keeps, and how much of it.</summary>
public sealed record PoolOptions
{
    public int MaxTransactions { get; init; } = 50_000;

    /// <summary>The bytes of all transactions together, blobs with them.</summary>
    public long MaxBytes { get; init; } = 256L << 20;

    /// <summary>How many transactions of one sender may wait for a nonce that is missing.</summary>
    public int MaxGappedPerSender { get; init; } = 64;

    /// <summary>
    /// How many transactions may wait of an account whose code is a delegation, or that one waiting makes so (EIP-7702), and how many of an account that
    /// signs an authorization: anybody may then move what it would pay with, so that one transaction in a block can make all of them worthless.
    /// </summary>
    public int MaxPerDelegatedSender { get; init; } = 1;

    /// <summary>How far ahead of the sender's next nonce a transaction may be.</summary>
    public ulong MaxNonceGap { get; init; } = 16_384;

    /// <summary>A transaction without blobs, in bytes as sent.</summary>
    public int MaxTransactionBytes { get; init; } = 128 << 10;

    /// <summary>A transaction that waits for a missing nonce longer than this is dropped.</summary>
    public TimeSpan GappedLifetime { get; init; } = TimeSpan.FromHours(3);

    /// <summary>The least tip per gas, in Wei.</summary>
    public UInt256 MinTip { get; init; } = UInt256.Zero;

    /// <summary>
    /// Refuses what the next block would not take for its base fee, instead of letting it wait. For chains that make a block only when there is a
    /// transaction for it: there nothing would ever lower the base fee again.
    /// </summary>
    public bool RefusesBelowBaseFee { get; init; }

    /// <summary>Whether transactions that nobody signed may wait here, as on a development chain.</summary>
    public bool HasImpersonation { get; init; }

    /// <summary>By how many per cent both fees of a replacement must exceed those of what it replaces.</summary>
    public int PriceBumpPercent { get; init; } = 10;

    /// <summary>The same where either of the two carries blobs; then all three fees.</summary>
    public int BlobPriceBumpPercent { get; init; } = 100;

    /// <summary>A sender with no more transactions than this is never made to leave because another one wants more room.</summary>
    public int FairShare { get; init; } = 64;

    /// <summary>Why a transaction of this sender is not welcome here; null for one that is. For any thread.</summary>
    public Func<Transaction, Address, Refusal?>? Permission { get; init; }

    /// <summary>The file that carries the pool over a restart; null keeps it in memory only.</summary>
    public string? JournalFile { get; init; }
}
