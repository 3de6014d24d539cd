using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>A transaction of which the caller stated some, the rest filled in: the type that fits what was stated, and fees that last for some blocks.</summary>
static class FilledTransaction
{
    /// <param name="usualTip">In Wei per gas, where the caller states none.</param>
    public static Transaction Of(CallObject call, Ledger ledger, ulong nonce, ulong gas, in UInt256 usualTip)
    {
        var head = ledger.Pool.Head;
        var type = call.AuthorizationList.Count > 0 ? TransactionType.SetCode
            : call.GasPrice is null && head.NextRules.Has(Eip.BaseFee) ? TransactionType.DynamicFee
            : call.AccessList is not null ? TransactionType.AccessList : TransactionType.Legacy;
        if (type is TransactionType.Legacy or TransactionType.AccessList)
            return UnsignedTransaction.Of(call, type, ledger.ChainId, nonce, gas, call.GasPrice ?? usualTip, UInt256.Zero, LegacyTransaction.UnsignedV(ledger.ChainId));
        var tip = call.MaxPriorityFeePerGas ?? (call.MaxFeePerGas is { } least && least < usualTip ? least : usualTip);
        // Twice the base fee outlives six full blocks.
        return UnsignedTransaction.Of(call, type, ledger.ChainId, nonce, gas, call.MaxFeePerGas ?? head.NextBaseFee * 2 + tip, tip);
    }
}
