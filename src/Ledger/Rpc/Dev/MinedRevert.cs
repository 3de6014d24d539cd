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
        return Rerun(ledger, outcome.Block, outcome.Index) is { } result ? CallStage.ErrorOf(result) : null;
    }

    static ExecutionResult? Rerun(Ledger ledger, Block block, int index)
    {
        if (ledger.Chain.Replay(block.Header) is not { } execution) return null;
        execution.Begin();
        ExecutionResult? result = null;
        for (var i = 0; i <= index; i++)
        {
            var tracer = default(NoTracer);
            if (!SenderRecovery.TryRecover(block.Transactions[i], execution.Rules, out var sender)
                || execution.TryInclude(block.Transactions[i], sender, ref tracer, out result) is not null) return null;
        }
        return result;
    }
}
