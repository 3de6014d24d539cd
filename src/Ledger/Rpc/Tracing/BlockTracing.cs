using Hufu.Chain;
using Hufu.Crypto;
using Hufu.Evm;
using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Rpc;

/// <summary>A block that runs again, transaction by transaction, some of them watched.</summary>
sealed class BlockTracing
{
    readonly Block _block;
    readonly BlockExecution _execution;
    int _next;
    int _logs;

    BlockTracing(Block block, BlockExecution execution) => (_block, _execution) = (block, execution);

    public Block Block => _block;
    public ForkRules Rules => _execution.Rules;
    public BlockContext Context => _execution.Context;

    /// <summary>The state after what has run so far.</summary>
    public StateTransition State => _execution.State;

    public static RpcError? TryBegin(Ledger ledger, Block block, out BlockTracing tracing)
    {
        tracing = null!;
        if (block.Number == 0) return RpcError.Server("genesis is not traceable");
        if (ledger.Chain.Blocks.HeaderOf(block.Header.ParentHash) is not { } parent) return RpcError.Server($"parent {block.Header.ParentHash} not found");
        if (ledger.Chain.Replay(block.Header) is not { } execution) return RpcError.Server($"historical state of block {parent.Number} is not available: it is not kept any more");
        execution.Begin();
        tracing = new BlockTracing(block, execution);
        return null;
    }

    /// <summary>Runs the transactions before that index unwatched.</summary>
    public RpcError? RunTo(int index, TraceBudget budget)
    {
        while (_next < index)
        {
            budget.CheckTime();
            var tracer = default(NoTracer);
            if (TryRun(ref tracer, out _) is { } error) return error;
        }
        return null;
    }

    /// <summary>Runs the next transaction under a tracer.</summary>
    public RpcError? Trace(TransactionTracer tracer, TraceBudget budget, out ExecutionResult? result)
    {
        result = null;
        budget.CheckTime();
        if (TryFindSender(out var sender) is { } unsigned) return unsigned;
        var transaction = _block.Transactions[_next];
        var relay = new TracerRelay(tracer, Describe(transaction, sender), budget);
        if (TryRun(ref relay, out result) is { } error) return error;
        tracer.Ended(result!, State);
        return null;
    }

    RpcError? TryRun<TTracer>(ref TTracer tracer, out ExecutionResult? result) where TTracer : struct, ITracer
    {
        result = null;
        if (TryFindSender(out var sender) is { } unsigned) return unsigned;
        if (_execution.TryInclude(_block.Transactions[_next], sender, ref tracer, out result) is { } refusal) return RpcError.Server($"tracing failed: {refusal.Why}");
        _logs += result!.Logs.Count;
        _next++;
        return null;
    }

    RpcError? TryFindSender(out Address sender) => SenderRecovery.TryRecover(_block.Transactions[_next], Rules, out sender) ? null
        : RpcError.Server($"tracing failed: transaction {_next} has a signature that is nobody's");

    TracedTransaction Describe(Transaction transaction, in Address sender) => new()
    {
        Hash = transaction.Hash,
        Index = _next,
        BlockHash = _block.Hash,
        Block = Context,
        Rules = Rules,
        Before = State,
        From = sender,
        To = transaction.To,
        Callee = transaction.To ?? Address.ForCreate(sender, transaction.Nonce),
        Value = transaction.Value,
        Gas = transaction.GasLimit,
        GasPrice = transaction.EffectiveGasPrice(Context.BaseFeePerGas),
        Input = transaction.Data,
        Authorizations = transaction.AuthorizationList,
        IntrinsicGas = IntrinsicGas.Of(transaction, Rules, Context.GasLimit),
        FirstLogIndex = _logs,
    };
}
