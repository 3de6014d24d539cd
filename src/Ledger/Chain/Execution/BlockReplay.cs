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
        executed = null;
        var block = verified.Block;
        var execution = new BlockExecution(forks, consensus, block.Header, state, ancestor);
        refusal = Run(execution, verified) ?? Compare(execution, block.Header) ?? CheckAccessList(execution.AccessList, block.Header);
        if (refusal is not null) return false;
        executed = new ExecutedBlock(block, verified.Parent, state, execution);
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

    static BlockRefusal? Compare(BlockExecution execution, Header header)
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
        var stateRoot = execution.State.Root();
        return header.StateRoot == stateRoot ? null
            : BlockRefusal.Mismatch(BlockRule.StateRoot, header, "state root", header.StateRoot, stateRoot);
    }
}
