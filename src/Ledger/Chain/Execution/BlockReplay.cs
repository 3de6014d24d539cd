using System.Diagnostics.CodeAnalysis;
using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Chain;

/// <summary>Takes a block from verified to executed: runs it and compares what came out with what its header says.</summary>
public sealed class BlockReplay(ForkSchedule forks, IConsensusRules consensus)
{
    public bool TryExecute(VerifiedBlock verified, StateTransition state, Func<ulong, Hash256> ancestor,
        [NotNullWhen(true)] out ExecutedBlock? executed, [NotNullWhen(false)] out BlockRefusal? refusal)
    {
        if (ParallelExecution.Suits(verified) && TryExecuteSideBySide(verified, state.Afresh(), ancestor, out executed))
        {
            refusal = null;
            return true;
        }
        executed = null;
        var block = verified.Block;
        var execution = new BlockExecution(forks, consensus, block.Header, state, ancestor);
        refusal = Run(execution, verified) ?? Compare(execution, block.Header, stateRoot: null) ?? CheckAccessList(execution.AccessList, block.Header);
        if (refusal is not null) return false;
        executed = new ExecutedBlock(block, verified.Parent, state, execution);
        return true;
    }

    /// <summary>False where anything does not fit: what is wrong with the block, if anything, only the run one after the other tells.</summary>
    bool TryExecuteSideBySide(VerifiedBlock verified, StateTransition state, Func<ulong, Hash256> ancestor, [NotNullWhen(true)] out ExecutedBlock? executed)
    {
        executed = null;
        var block = verified.Block;
        var foreseen = new ForeseenState(state, verified.AccessList!);
        // The state after the block is in the list, so that its root is computed while the transactions run.
        var after = state.Afresh();
        var rooting = Task.Run(() =>
        {
            if (foreseen.Difference() is not { } difference) return default(Hash256?);
            after.Apply(difference);
            return after.Root();
        });
        var running = state.Afresh();
        var execution = new BlockExecution(forks, consensus, block.Header, running, ancestor);
        try
        {
            if (ParallelExecution.Run(verified, execution.Context, foreseen) is not { } results) return false;
            execution.Begin();
            for (var i = 0; i < results.Length; i++)
                if (execution.TryInclude(block.Transactions[i], results[i]) is not null) return false;
            if (execution.Finish(block.Withdrawals, block.Ommers) is not null) return false;
        }
        finally
        {
            // It reads what belongs to this attempt: nobody goes on before it has ended.
            Task.WaitAny(rooting);
        }
        // This makes the list true, and with it all that was read from it.
        if (execution.AccessList!.Hash != verified.AccessList!.Hash) return false;
        if (rooting.GetAwaiter().GetResult() is not { } root || (Compare(execution, block.Header, root) ?? CheckAccessList(execution.AccessList, block.Header)) is not null) return false;
        executed = new ExecutedBlock(block, verified.Parent, after, execution);
        Interlocked.Increment(ref ParallelExecution.Blocks);
        return true;
    }

    /// <summary>A block's execution before its first step, for who wants to watch it run again (<see cref="BlockExecution.Begin"/> is still to be called).</summary>
    public BlockExecution Prepare(Header header, StateTransition state, Func<ulong, Hash256> ancestor) => new(forks, consensus, header, state, ancestor);

    static BlockRefusal? Run(BlockExecution execution, VerifiedBlock verified)
    {
        var block = verified.Block;
        execution.Begin();
        for (var i = 0; i < block.Transactions.Count; i++)
            if (execution.TryInclude(block.Transactions[i], verified.Senders[i]) is { } refusal) return refusal;
        return execution.Finish(block.Withdrawals, block.Ommers);
    }

    // EIP-7928: the list is what execution says it is, and not longer than the gas limit allows.
    static BlockRefusal? CheckAccessList(BlockAccessList? accessList, Header header)
    {
        if (accessList is null) return null;
        if (header.BlockAccessListHash is { } stated && stated != accessList.Hash)
            return BlockRefusal.Mismatch(BlockRule.BlockAccessList, header, "block access list hash", stated, accessList.Hash);
        return BlockVerification.CheckAccessListSize(accessList, header);
    }

    /// <param name="stateRoot">Null where it is still to be computed.</param>
    static BlockRefusal? Compare(BlockExecution execution, Header header, Hash256? stateRoot)
    {
        if (header.GasUsed != execution.GasUsed)
            return BlockRefusal.Mismatch(BlockRule.GasUsed, header, "gas used", header.GasUsed, execution.GasUsed);
        if (header.BlobGasUsed is { } blobGas && blobGas != execution.BlobGasUsed)
            return BlockRefusal.Mismatch(BlockRule.BlobGasUsed, header, "blob gas used", blobGas, execution.BlobGasUsed);
        if (header.LogsBloom != execution.LogsBloom)
            return new BlockRefusal(BlockRule.LogsBloom, header.Number, "the header's bloom is not that of the block's logs");
        var receiptsRoot = TrieRoot.OfReceipts(execution.Receipts);
        if (header.ReceiptsRoot != receiptsRoot)
            return BlockRefusal.Mismatch(BlockRule.ReceiptsRoot, header, "receipts root", header.ReceiptsRoot, receiptsRoot);
        if (header.RequestsHash is { } stated && Requests.Hash(execution.Requests) is var requestsHash && stated != requestsHash)
            return BlockRefusal.Mismatch(BlockRule.RequestsHash, header, "requests hash", stated, requestsHash);
        var root = stateRoot ?? execution.State.Root();
        return header.StateRoot == root ? null
            : BlockRefusal.Mismatch(BlockRule.StateRoot, header, "state root", header.StateRoot, root);
    }
}
