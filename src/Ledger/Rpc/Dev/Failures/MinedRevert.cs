using Hufu.Crypto;
using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Why a transaction failed in its block, found by running the block again up to it: a receipt does not keep the reason.</summary>
static class MinedRevert
{
    /// <returns>Null where the transaction did not fail, or is in no block.</returns>
    public static RpcError? ErrorOf(Ledger ledger, in Hash256 hash)
    {
        if (ledger.Queries.OutcomeOf(hash) is not { Receipt.Succeeded: false } outcome) return null;
        if (Rerun(ledger, outcome.Block, outcome.Index, default(NoTracer)) is not { } result || CallStage.ErrorOf(result) is not { } error) return null;
        return ledger.Failures?.Explain(error, tracer => Rerun(ledger, outcome.Block, outcome.Index, tracer)) ?? error;
    }

    /// <param name="last">Hears the last transaction run; those before it run unheard.</param>
    static ExecutionResult? Rerun<TTracer>(Ledger ledger, Block block, int index, TTracer last) where TTracer : struct, ITracer
    {
        if (ledger.Chain.Replay(block.Header) is not { } execution) return null;
        execution.Begin();
        ExecutionResult? result = null;
        for (var i = 0; i <= index; i++)
        {
            var none = default(NoTracer);
            if (!SenderRecovery.TryRecover(block.Transactions[i], execution.Rules, out var sender)) return null;
            var refused = i < index ? execution.TryInclude(block.Transactions[i], sender, ref none, out result) : execution.TryInclude(block.Transactions[i], sender, ref last, out result);
            if (refused is not null) return null;
        }
        return result;
    }
}
