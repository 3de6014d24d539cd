using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>A call in the form of a transaction that nobody has signed.</summary>
static class UnsignedTransaction
{
    /// <param name="cap">The most that a gas may cost, in Wei; the price where the type has no other.</param>
    /// <param name="tip">In Wei per gas.</param>
    /// <param name="v">Of a transaction of the first form: with it the signature will hold on one chain alone (EIP-155).</param>
    public static Transaction Of(CallObject call, TransactionType type, ulong chainId, ulong nonce, ulong gas, in UInt256 cap, in UInt256 tip, ulong v = 0) => type switch
    {
        TransactionType.SetCode => new SetCodeTransaction
        {
            ChainId = chainId,
            Nonce = nonce,
            GasLimit = gas,
            To = call.To,
            Value = call.Value,
            Data = call.Input,
            AccessList = call.AccessList ?? [],
            MaxFeePerGas = cap,
            MaxPriorityFeePerGas = tip,
            AuthorizationList = call.AuthorizationList,
        },
        TransactionType.Blob => new BlobTransaction
        {
            ChainId = chainId,
            Nonce = nonce,
            GasLimit = gas,
            To = call.To,
            Value = call.Value,
            Data = call.Input,
            AccessList = call.AccessList ?? [],
            MaxFeePerGas = cap,
            MaxPriorityFeePerGas = tip,
            MaxFeePerBlobGas = call.MaxFeePerBlobGas ?? UInt256.Zero,
            BlobVersionedHashes = call.BlobVersionedHashes,
        },
        TransactionType.DynamicFee => new DynamicFeeTransaction
        {
            ChainId = chainId,
            Nonce = nonce,
            GasLimit = gas,
            To = call.To,
            Value = call.Value,
            Data = call.Input,
            AccessList = call.AccessList ?? [],
            MaxFeePerGas = cap,
            MaxPriorityFeePerGas = tip,
        },
        TransactionType.AccessList => new AccessListTransaction
        {
            ChainId = chainId,
            Nonce = nonce,
            GasLimit = gas,
            To = call.To,
            Value = call.Value,
            Data = call.Input,
            AccessList = call.AccessList ?? [],
            GasPrice = cap,
        },
        _ => new LegacyTransaction { Nonce = nonce, GasLimit = gas, GasPrice = cap, To = call.To, Value = call.Value, Data = call.Input, V = v },
    };
}
