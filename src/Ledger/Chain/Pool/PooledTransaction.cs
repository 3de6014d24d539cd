using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>A transaction that waits, with what the pool found out about it once.</summary>
public sealed class PooledTransaction
{
    internal PooledTransaction(Transaction transaction, in Address sender, BlobSidecar? sidecar, IReadOnlyList<Address> authorities, long arrival, DateTimeOffset arrivedAt)
    {
        Authorities = authorities;
        (Transaction, Sender, Sidecar, Arrival, ArrivedAt) = (transaction, sender, sidecar, arrival, arrivedAt);
        SizeBytes = transaction.Encoded.Length + (sidecar?.SizeBytes ?? 0);
        Cost = CostOf(transaction) ?? UInt256.MaxValue;
    }

    public Transaction Transaction { get; }
    public Address Sender { get; }

    /// <summary>The blobs that travel beside the transaction; null where it has none.</summary>
    public BlobSidecar? Sidecar { get; }

    /// <summary>Who signed its authorizations (EIP-7702), each once.</summary>
    internal IReadOnlyList<Address> Authorities { get; }

    /// <summary>Counts up: of two transactions the one with the lower number came first.</summary>
    public long Arrival { get; }
    public DateTimeOffset ArrivedAt { get; }
    public int SizeBytes { get; }

    /// <summary>The most Wei the sender may have to pay: value and all fees at their caps.</summary>
    public UInt256 Cost { get; }

    public ulong Nonce => Transaction.Nonce;
    public Hash256 Hash => Transaction.Hash;

    /// <summary>Null where the sum does not fit 256 bits.</summary>
    internal static UInt256? CostOf(Transaction transaction) =>
        UInt256.TryMultiply(transaction.GasLimit, transaction.MaxFeePerGas, out var gas)
        & UInt256.TryMultiply(transaction.BlobGas, transaction.MaxFeePerBlobGas, out var blobGas)
        && UInt256.TryAdd(gas, blobGas, out var fees) && UInt256.TryAdd(fees, transaction.Value, out var cost)
            ? cost : null;
}
