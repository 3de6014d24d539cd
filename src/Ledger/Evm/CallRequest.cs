using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>A call that asks what would happen (eth_call, eth_estimateGas): nothing is signed, and nothing need be paid unless a price is given.</summary>
public sealed record CallRequest
{
    public Address From { get; init; }

    /// <summary>Null creates a contract.</summary>
    public Address? To { get; init; }
    public UInt256 Value { get; init; }
    public ReadOnlyMemory<byte> Input { get; init; }
    public ulong GasLimit { get; init; } = 50_000_000;

    /// <summary>What GASPRICE answers; where <see cref="Pays"/> is set, what one gas costs the caller.</summary>
    public UInt256 GasPrice { get; init; }

    /// <summary>Whether the caller buys its gas and the beneficiary gets the tip, as in a transaction (eth_simulateV1). The caller must be able to afford it.</summary>
    public bool Pays { get; init; }

    public IReadOnlyList<AccessListEntry> AccessList { get; init; } = [];
    public IReadOnlyList<Hash256> BlobVersionedHashes { get; init; } = [];
    public IReadOnlyList<Authorization> AuthorizationList { get; init; } = [];

    /// <summary>Whether the gas that the transaction itself costs (yellow paper, g0) is charged, as eth_call and eth_estimateGas do.</summary>
    public bool ChargesIntrinsicGas { get; init; } = true;

    /// <summary>Whether the result tells what would change; else its diff is empty and names no accesses, for those who ask for the output alone.</summary>
    public bool TellsChanges { get; init; } = true;
}
