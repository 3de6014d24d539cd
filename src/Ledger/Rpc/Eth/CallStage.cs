using Hufu.Chain;
using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>A state and a block on which calls are tried out; nothing of them is kept.</summary>
sealed class CallStage
{
    readonly IStateView _state;
    readonly BlockContext _block;
    readonly ForkRules _rules;

    readonly PrecompileSet? _precompiles;

    public CallStage(IStateView state, BlockContext block, ForkRules rules, PrecompileSet? precompiles) =>
        (_state, _block, _rules, _precompiles) = (state, block, rules, precompiles);

    /// <summary>The same stage with another state on it.</summary>
    public CallStage On(IStateView state) => new(state, _block, _rules, _precompiles);

    public IStateView State => _state;
    public ForkRules Rules => _rules;
    public ulong BlockGasLimit => _block.GasLimit;

    /// <summary>Sets the stage after the block that the caller names, in its own context, with the caller's wishes laid over both.</summary>
    public static RpcError? TryPrepare(Ledger ledger, in BlockReference reference, StateOverrides? stateOverrides, BlockOverrides? blockOverrides, out CallStage stage)
    {
        stage = null!;
        if (ledger.TryFindState(reference, out var header, out var state) is { } error) return error;
        var rules = ledger.RulesOf(header);
        var block = BlockExecution.ContextOf(header, rules, ledger.ChainId, number => ledger.Chain.Blocks.CanonicalHash(number) ?? ledger.Chain.Blocks.Earlier?.Invoke(number) ?? Hash256.Zero);
        PrecompileSet? precompiles = null;
        if (stateOverrides?.TryMovePrecompiles(PrecompileSet.For(rules), out precompiles) is { } misplaced) return misplaced;
        stage = new CallStage(
            stateOverrides is { IsEmpty: false } ? stateOverrides.Over(state) : state,
            blockOverrides?.Over(block) ?? block,
            rules,
            precompiles);
        return null;
    }

    /// <summary>What keeps the call from beginning: a price below the base fee, funds that do not suffice, less gas than the call itself costs.</summary>
    public RpcError? Check(CallObject call, ulong gas)
    {
        var price = call.PriceAt(_block.BaseFeePerGas);
        if (!price.IsZero && (call.MaxFeePerGas ?? price) < _block.BaseFeePerGas)
            return RpcError.Server($"max fee per gas less than block base fee: address {AddressOf(call).ToChecksumString()}, maxFeePerGas: {call.MaxFeePerGas ?? price}, baseFee: {_block.BaseFeePerGas}");

        var balance = _state.TryGetAccount(AddressOf(call), out var account) ? account.Balance : UInt256.Zero;
        var cap = call.MaxFeePerGas ?? price;
        var fits = UInt256.TryMultiply(gas, cap, out var cost) & UInt256.TryMultiply(BlobGasOf(call), call.MaxFeePerBlobGas ?? UInt256.Zero, out var blobCost);
        if (!fits || !UInt256.TryAdd(cost, blobCost, out cost) || !UInt256.TryAdd(cost, call.Value, out cost) || cost > balance)
            return RpcError.Server($"insufficient funds for gas * price + value: address {AddressOf(call).ToChecksumString()} have {balance} want {cost}");
        if (!IsFreeOfBlobFee(call) && call.MaxFeePerBlobGas < _block.BlobBaseFee)
            return RpcError.Server($"max fee per blob gas less than block blob gas fee: address {AddressOf(call).ToChecksumString()}, blobGasFeeCap: {call.MaxFeePerBlobGas}, blobBaseFee: {_block.BlobBaseFee}");

        var intrinsic = IntrinsicGas.Of(call.To is null, call.Input, call.AccessList ?? [], call.AuthorizationList.Count, _rules, _block.GasLimit);
        return gas < intrinsic.Least ? RpcError.Server($"intrinsic gas too low: have {gas}, want {intrinsic.Least}") : null;
    }

    /// <summary>
    /// Runs a call that passed <see cref="Check"/>, for its outcome alone: the result's diff is empty. Who states a price pays it, and the called code sees the caller's
    /// balance without it.
    /// </summary>
    public ExecutionResult Run(CallObject call, ulong gas) => Machine(call).Call(Request(call, gas, null, tellsChanges: false));

    public ExecutionResult Run<TTracer>(CallObject call, ulong gas, IReadOnlyList<AccessListEntry>? accessList, ref TTracer tracer, bool pays = false) where TTracer : struct, ITracer =>
        Machine(call).Call(Request(call, gas, accessList) is var request && pays ? request with { Pays = true } : request, ref tracer);

    /// <summary>Null where the call succeeded.</summary>
    public static RpcError? ErrorOf(ExecutionResult result) =>
        result.Succeeded ? null
        : result.Halt == Halt.Revert ? RevertReason.ToError(result.Output)
        : RpcError.Server(result.Halt.Describe());

    TransactionExecution Machine(CallObject call)
    {
        // Who pays nothing shall not see a price either: contracts compare the two.
        var block = call.PriceAt(_block.BaseFeePerGas).IsZero ? _block with { BaseFeePerGas = UInt256.Zero } : _block;
        if (call.BlobVersionedHashes.Count > 0 && IsFreeOfBlobFee(call)) block = block with { BlobBaseFee = UInt256.Zero };
        return new TransactionExecution(_state, block, _rules, _precompiles);
    }

    CallRequest Request(CallObject call, ulong gas, IReadOnlyList<AccessListEntry>? accessList, bool tellsChanges = true) => new()
    {
        From = AddressOf(call),
        To = call.To,
        Value = call.Value,
        Input = call.Input,
        GasLimit = gas,
        GasPrice = call.PriceAt(_block.BaseFeePerGas),
        Pays = !call.PriceAt(_block.BaseFeePerGas).IsZero || !IsFreeOfBlobFee(call),
        AccessList = accessList ?? call.AccessList ?? [],
        BlobVersionedHashes = call.BlobVersionedHashes,
        AuthorizationList = call.AuthorizationList,
        TellsChanges = tellsChanges,
    };

    static bool IsFreeOfBlobFee(CallObject call) => call.BlobVersionedHashes.Count == 0 || (call.MaxFeePerBlobGas ?? UInt256.Zero).IsZero;

    static ulong BlobGasOf(CallObject call) => (ulong)call.BlobVersionedHashes.Count * BlobParameters.GasPerBlob;

    static Address AddressOf(CallObject call) => call.From ?? Address.Zero;
}
