using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>A transaction of which the caller stated some, the rest filled in: the type that fits what was stated, and fees that last for some blocks.</summary>
static class FilledTransaction
{
    /// <param name="usualTip">In Wei per gas, where the caller states none.</param>
    public static Transaction Of(CallObject call, Ledger ledger, ulong nonce, ulong gas, in UInt256 usualTip)
    {
        var head = ledger.Pool.Head;
        var tip = call.MaxPriorityFeePerGas ?? (call.MaxFeePerGas is { } least && least < usualTip ? least : usualTip);
        // Twice the base fee outlives six full blocks.
        var cap = call.MaxFeePerGas ?? head.NextBaseFee * 2 + tip;
        if (call.AuthorizationList.Count > 0) return new SetCodeTransaction
        {
            ChainId = ledger.ChainId,
            Nonce = nonce,
            GasLimit = gas,
            To = call.To,
            Value = call.Value,
            Data = call.Input,
            MaxFeePerGas = cap,
            MaxPriorityFeePerGas = tip,
            AccessList = call.AccessList ?? [],
            AuthorizationList = call.AuthorizationList,
        };
        if (call.GasPrice is null && head.NextRules.Has(Eip.BaseFee)) return new DynamicFeeTransaction
        {
            ChainId = ledger.ChainId,
            Nonce = nonce,
            GasLimit = gas,
            To = call.To,
            Value = call.Value,
            Data = call.Input,
            MaxFeePerGas = cap,
            MaxPriorityFeePerGas = tip,
            AccessList = call.AccessList ?? [],
        };
        var price = call.GasPrice ?? usualTip;
        if (call.AccessList is { } accessList) return new AccessListTransaction
        {
            ChainId = ledger.ChainId,
            Nonce = nonce,
            GasLimit = gas,
            To = call.To,
            Value = call.Value,
            Data = call.Input,
            GasPrice = price,
            AccessList = accessList,
        };
        return new LegacyTransaction
        {
            Nonce = nonce,
            GasLimit = gas,
            To = call.To,
            Value = call.Value,
            Data = call.Input,
            GasPrice = price,
            V = ledger.ChainId * 2 + 35,
        };
    }
}
