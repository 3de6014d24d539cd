using Hufu.Chain;
using Hufu.Evm;
using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Rpc;

/// <summary>Calls tried out one after the other under tracers, each on what the one before left; nothing of it is kept.</summary>
sealed class CallTracing
{
    readonly StateTransition _state;
    readonly BlockContext _block;
    readonly ForkRules _rules;
    readonly CallStage _stage;

    CallTracing(StateTransition state, BlockContext block, ForkRules rules, PrecompileSet? precompiles)
    {
        (_state, _block, _rules) = (state, block, rules);
        _stage = new CallStage(state, block, rules, precompiles);
    }

    /// <param name="transactionIndex">How many of the block's own transactions have run; null for all.</param>
    public static RpcError? TryBegin(Ledger ledger, in BlockReference reference, StateOverrides state, BlockOverrides block, ulong? transactionIndex, TraceBudget budget, out CallTracing tracing)
    {
        tracing = null!;
        if (ledger.Find(reference) is not { } header) return RpcError.Server("header not found: no such block");
        if (TryFindState(ledger, header, transactionIndex, budget, out var begun) is { } error) return error;

        var rules = ledger.RulesOf(header);
        if (state.TryMovePrecompiles(PrecompileSet.For(rules), out var precompiles) is { } misplaced) return misplaced;
        begun.Apply(state.ToDiff(begun));
        var ancestors = ledger.Chain.AncestorsFrom(header);
        tracing = new CallTracing(begun, block.Over(BlockExecution.ContextOf(header, rules, ledger.ChainId, ancestors)), rules, precompiles);
        return null;
    }

    static RpcError? TryFindState(Ledger ledger, Header header, ulong? transactionIndex, TraceBudget budget, out StateTransition state)
    {
        state = null!;
        if (transactionIndex is { } index && header.Number > 0)
        {
            var block = ledger.Chain.Blocks.BlockOf(header.Hash)!;
            if (index > (ulong)block.Transactions.Count) return RpcError.InvalidParams($"txIndex {index} is beyond the block's {block.Transactions.Count} transactions");
            if (BlockTracing.TryBegin(ledger, block, out var replay) is { } error) return error;
            if (replay.RunTo((int)index, budget) is { } failed) return failed;
            state = replay.State;
            return null;
        }
        if (ledger.Chain.BeginOn(header) is not { } begun) return RpcError.Server($"historical state of block {header.Number} is not available: it is not kept any more");
        state = begun;
        return null;
    }

    public RpcError? Trace(CallObject call, ulong gas, TransactionTracer tracer, TraceBudget budget, out ExecutionResult result)
    {
        result = null!;
        budget.CheckTime();
        if (_stage.Check(call, gas) is { } refused) return refused;
        var relay = new TracerRelay(tracer, Describe(call, gas), budget);
        result = _stage.Run(call, gas, null, ref relay, pays: true);
        _state.Apply(result.Diff);
        tracer.Ended(result, _state);
        return null;
    }

    TracedTransaction Describe(CallObject call, ulong gas)
    {
        var from = call.From ?? Address.Zero;
        var nonce = _state.TryGetAccount(from, out var account) ? account.Nonce : 0;
        return new TracedTransaction
        {
            Block = _block,
            Rules = _rules,
            Before = _state,
            From = from,
            To = call.To,
            Callee = call.To ?? Address.ForCreate(from, nonce),
            Value = call.Value,
            Gas = gas,
            GasPrice = call.PriceAt(_block.BaseFeePerGas),
            Input = call.Input,
            Authorizations = call.AuthorizationList,
            IntrinsicGas = IntrinsicGas.Of(call.To is null, call.Input, call.AccessList ?? [], call.AuthorizationList.Count, _rules, _block.GasLimit),
        };
    }
}
