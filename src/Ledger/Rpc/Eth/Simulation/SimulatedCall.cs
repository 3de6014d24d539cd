using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>A call of a simulation made whole: what its caller left out is filled in, and it has the form of a transaction.</summary>
sealed class SimulatedCall
{
    readonly CallObject _call;
    readonly UInt256 _cap, _tip;

    /// <param name="gas">What the call may use, after all limits.</param>
    public SimulatedCall(CallObject call, ulong nonce, ulong gas, UInt256? baseFee, ulong chainId)
    {
        (_call, Nonce, Gas) = (call, nonce, gas);
        _cap = call.GasPrice ?? call.MaxFeePerGas ?? UInt256.Zero;
        _tip = call.GasPrice ?? call.MaxPriorityFeePerGas ?? UInt256.Zero;
        Price = call.PriceAt(baseFee ?? UInt256.Zero);
        Transaction = UnsignedTransaction.Of(call, TypeOf(baseFee is not null), chainId, nonce, gas, _cap, _tip);
    }

    public ulong Nonce { get; }
    public ulong Gas { get; }
    public UInt256 Price { get; }
    public Address From => _call.From ?? Address.Zero;

    /// <summary>What stands for the call in the simulated block; nobody signed it.</summary>
    public Transaction Transaction { get; }

    public CallRequest ToRequest() => new()
    {
        From = From,
        To = _call.To,
        Value = _call.Value,
        Input = _call.Input,
        GasLimit = Gas,
        GasPrice = Price,
        Pays = true,
        AccessList = _call.AccessList ?? [],
        BlobVersionedHashes = _call.BlobVersionedHashes,
        AuthorizationList = _call.AuthorizationList,
    };

    /// <summary>What keeps the call out of its block: the same rules as for a transaction, but who signed is never asked, and without validation neither nonce nor base fee.</summary>
    public RpcError? Check(IStateView state, BlockContext block, ForkRules rules, bool validates)
    {
        if (!state.TryGetAccount(From, out var account)) account = Account.Empty;
        return (validates ? NonceError(account) : null)
            ?? FeeError(block, rules, validates)
            ?? FormError(block, rules, validates)
            ?? FundsError(account)
            ?? GasError(block, rules);
    }

    RpcError? NonceError(in Account account)
    {
        if (Nonce > account.Nonce) return Error(RpcError.NonceTooHighCode, $"nonce too high: address {From.ToChecksumString()}, tx: {Nonce} state: {account.Nonce}");
        if (Nonce < account.Nonce) return Error(RpcError.NonceTooLowCode, $"nonce too low: address {From.ToChecksumString()}, tx: {Nonce} state: {account.Nonce}");
        return Nonce > Transaction.MaxNonce ? Error(RpcError.InternalErrorCode, $"nonce has max value: address {From.ToChecksumString()}, nonce: {Nonce}") : null;
    }

    RpcError? FeeError(BlockContext block, ForkRules rules, bool validates)
    {
        if (!rules.Has(Eip.BaseFee) || (!validates && _cap.IsZero && _tip.IsZero)) return null;
        if (_tip > _cap)
            return Error(RpcError.InvalidParamsCode, $"max priority fee per gas higher than max fee per gas: address {From.ToChecksumString()}, maxPriorityFeePerGas: {_tip}, maxFeePerGas: {_cap}");
        return _cap < block.BaseFeePerGas
            ? Error(RpcError.FeeCapTooLowCode, $"max fee per gas less than block base fee: address {From.ToChecksumString()}, maxFeePerGas: {_cap}, baseFee: {block.BaseFeePerGas}") : null;
    }

    RpcError? FormError(BlockContext block, ForkRules rules, bool validates)
    {
        if (Transaction.Type == TransactionType.Blob && rules.Has(Eip.BlobTransactions))
        {
            if (TransactionForm.BlobRefusal(Transaction, rules) is { } refusal) return Error(RpcError.InternalErrorCode, refusal.Refusal.What);
            var cap = Transaction.MaxFeePerBlobGas;
            if ((validates || !cap.IsZero) && cap < block.BlobBaseFee)
                return Error(RpcError.InternalErrorCode, $"max fee per blob gas less than block blob gas fee: address {From.ToChecksumString()} blobGasFeeCap: {cap}, blobBaseFee: {block.BlobBaseFee}");
        }
        return Transaction.Type == TransactionType.SetCode && TransactionForm.SetCodeRefusal(Transaction) is { } setCode
            ? Error(RpcError.InternalErrorCode, setCode.Refusal.What) : null;
    }

    RpcError? FundsError(in Account account)
    {
        var fits = UInt256.TryMultiply(Gas, _cap, out var cost) & UInt256.TryMultiply(Transaction.BlobGas, _call.MaxFeePerBlobGas ?? UInt256.Zero, out var blobCost);
        fits = fits && UInt256.TryAdd(cost, blobCost, out cost) && UInt256.TryAdd(cost, _call.Value, out cost);
        if (fits && cost <= account.Balance) return null;
        return Error(RpcError.InsufficientFundsCode,
            $"insufficient funds for gas * price + value: address {From.ToChecksumString()} have {account.Balance} want {(fits ? cost.ToString() : "more than 256 bits")}");
    }

    RpcError? GasError(BlockContext block, ForkRules rules)
    {
        var intrinsic = IntrinsicGas.Of(Transaction, rules, block.GasLimit);
        if (Gas < intrinsic.Gas) return Error(RpcError.IntrinsicGasCode, $"intrinsic gas too low: have {Gas}, want {intrinsic.Gas}");
        if (Gas < intrinsic.Floor) return Error(RpcError.IntrinsicGasCode, $"insufficient gas for floor data gas cost: have {Gas}, want {intrinsic.Floor}");
        var most = CodeLimits.Of(rules).MaxInitCodeSize;
        return _call.To is null && rules.Has(Eip.InitCodeLimit) && _call.Input.Length > most
            ? Error(RpcError.InitCodeTooLargeCode, $"max initcode size exceeded: code size {_call.Input.Length} limit {most}") : null;
    }

    RpcError Error(int code, string what) => new(code, $"err: {what} (supplied gas {Gas})");

    // A gas price asks for a transaction of the first form; all else is of the newest that it needs.
    TransactionType TypeOf(bool hasBaseFee) =>
        _call.GasPrice is not null ? TransactionType.Legacy
        : _call.AuthorizationList.Count > 0 ? TransactionType.SetCode
        : _call.BlobVersionedHashes.Count > 0 ? TransactionType.Blob
        : hasBaseFee ? TransactionType.DynamicFee : TransactionType.Legacy;
}
