using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>What whoever asks for a block decides about it (the Engine API's payload attributes, and what a miner sets).</summary>
public sealed record BlockAttributes
{
    /// <summary>Seconds since 1970; later than the parent's.</summary>
    public required ulong Timestamp { get; init; }
    public Address Beneficiary { get; init; }
    public Hash256 PrevRandao { get; init; }

    /// <summary>Null where the fork has none; none given where it has means an empty list.</summary>
    public IReadOnlyList<Withdrawal>? Withdrawals { get; init; }
    public Hash256 ParentBeaconBlockRoot { get; init; }
    public ReadOnlyMemory<byte> ExtraData { get; init; }

    /// <summary>Where the gas limit should go; each block moves it as far as its parent allows. Null keeps it.</summary>
    public ulong? GasLimitTarget { get; init; }

    /// <summary>No further transaction is taken once so much gas is used; null takes what there is room for.</summary>
    public ulong? GasBudget { get; init; }

    /// <summary>Bends the rules, for development chains: the base fee in the place of the one that follows from the parent.</summary>
    public UInt256? BaseFeePerGas { get; init; }

    /// <summary>Bends the rules, for development chains: the gas limit as it is, however far from the parent's.</summary>
    public ulong? GasLimit { get; init; }

    /// <summary>Since Amsterdam (EIP-7843); null takes the one after the parent's.</summary>
    public ulong? SlotNumber { get; init; }
}
