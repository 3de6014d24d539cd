using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>A block as a node tells of it.</summary>
/// <param name="Hash">As the node says; <see cref="IsHeaderWhole"/> tells whether the header hashes to it.</param>
public sealed record ChainBlock(Hash256 Hash, Header Header)
{
    public IReadOnlyList<Hash256> TransactionHashes { get; init; } = [];

    internal IReadOnlyList<JsonElement> TransactionForms { get; init; } = [];

    /// <summary>Whether the header, as read, hashes to the block's hash. Not so on chains that hash another form of it (QBFT) or add fields of their own.</summary>
    public bool IsHeaderWhole => Header.Hash == Hash;

    /// <summary>The transactions, where they were asked for.</summary>
    /// <exception cref="FormatException">One is of a type that Ethereum does not have, or does not hash to what the node says.</exception>
    public IReadOnlyList<Transaction> Transactions => [.. TransactionForms.Select((form, i) =>
        ChainJson.Transaction(form) is var transaction && transaction.Hash == TransactionHashes[i] ? transaction : throw new FormatException($"the transaction at {i} is not the one with the hash {TransactionHashes[i]}"))];
}

/// <summary>What came of a transaction.</summary>
public sealed record TransactionReceipt
{
    public Hash256 TransactionHash { get; init; }
    public Hash256 BlockHash { get; init; }
    public ulong BlockNumber { get; init; }
    public int TransactionIndex { get; init; }
    public Address From { get; init; }
    public Address? To { get; init; }

    /// <summary>The contract it made.</summary>
    public Address? ContractAddress { get; init; }
    public ulong GasUsed { get; init; }
    public UInt256 EffectiveGasPrice { get; init; }
    public IReadOnlyList<ChainLog> Logs { get; init; } = [];

    /// <summary>As the receipts root commits to it.</summary>
    public Receipt Receipt { get; init; } = new();
    public bool Succeeded => Receipt.Succeeded;
}

/// <summary>An event with its place on the chain.</summary>
/// <param name="LogIndex">Counted through the whole block.</param>
public sealed record ChainLog(Log Log, Hash256 BlockHash, ulong BlockNumber, Hash256 TransactionHash, int TransactionIndex, int LogIndex)
{
    /// <summary>Its block was left behind by a reorganisation; only subscriptions tell of such logs.</summary>
    public bool IsRemoved { get; init; }
}

/// <summary>An account with its Merkle Patricia proof (EIP-1186). Not yet checked: <see cref="MerkleProof"/> does.</summary>
public sealed record AccountProof(Address Address, UInt256 Balance, ulong Nonce, Hash256 CodeHash, Hash256 StorageHash, IReadOnlyList<byte[]> Nodes, IReadOnlyList<StorageProof> Storage);

public sealed record StorageProof(UInt256 Slot, UInt256 Value, IReadOnlyList<byte[]> Nodes);

/// <summary>What a call is made of, and what a transaction is made from.</summary>
public sealed record TransactionRequest
{
    /// <summary>Null creates a contract.</summary>
    public Address? To { get; init; }
    public ReadOnlyMemory<byte> Data { get; init; }
    public UInt256 Value { get; init; }

    /// <summary>Null: estimated, with a margin.</summary>
    public ulong? GasLimit { get; init; }

    /// <summary>Null: suggested by the chain's last blocks.</summary>
    public Fees? Fees { get; init; }
    public IReadOnlyList<AccessListEntry> AccessList { get; init; } = [];

    /// <summary>What the contract can revert with, so that a refusal has words.</summary>
    public IReadOnlyList<AbiError> Errors { get; init; } = [];
}

/// <summary>What a transaction offers for its gas, in Wei.</summary>
/// <param name="MaxFeePerGas">The most for one gas, base fee and tip together; the gas price on a chain without a base fee.</param>
/// <param name="IsLegacy">The chain has no base fee (before London).</param>
public readonly record struct Fees(UInt256 MaxFeePerGas, UInt256 MaxPriorityFeePerGas, bool IsLegacy = false)
{
    /// <summary>What a replacement must offer at least: nodes ask for a tenth more of both, here it is an eighth and one Wei.</summary>
    public Fees Raised() => this with { MaxFeePerGas = MaxFeePerGas + MaxFeePerGas / 8 + 1, MaxPriorityFeePerGas = MaxPriorityFeePerGas + MaxPriorityFeePerGas / 8 + 1 };
}

/// <summary>Which logs are wanted. Addresses and topics left empty stand for any.</summary>
public sealed record LogQuery
{
    public BlockId From { get; init; } = BlockId.Latest;
    public BlockId To { get; init; } = BlockId.Latest;

    /// <summary>The logs of one block, in place of a range.</summary>
    public Hash256? BlockHash { get; init; }
    public IReadOnlyList<Address> Addresses { get; init; } = [];

    /// <summary>By place; null stands for any. <see cref="AbiEvent.Filter"/> makes them.</summary>
    public IReadOnlyList<Hash256?> Topics { get; init; } = [];
}
