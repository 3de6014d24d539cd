using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Chain;

/// <summary>A block that has run on its parent's state and came out as its header says, with all it left behind. Only execution makes one: imported as it is, never run again.</summary>
public sealed class ExecutedBlock
{
    internal ExecutedBlock(Block block, Header parent, StateTransition state, BlockExecution execution)
    {
        (Block, Parent, State) = (block, parent, state);
        (Receipts, Requests, Fees, AccessList) = (execution.Receipts, execution.Requests, execution.Fees, execution.AccessList);
    }

    /// <summary>The same block, with the edits under it.</summary>
    internal ExecutedBlock With(StateEdits edits) => new(this, Header) { Edits = edits };

    ExecutedBlock(ExecutedBlock original, Header header)
    {
        (Block, Parent, State) = (original.Block with { Header = header }, original.Parent, original.State);
        (Receipts, Requests, Fees, AccessList) = (original.Receipts, original.Requests, original.Fees, original.AccessList);
        (BendsRules, Edits) = (original.BendsRules, original.Edits);
    }

    public Block Block { get; }
    public Header Header => Block.Header;
    public Hash256 Hash => Block.Hash;
    public Header Parent { get; }
    public IReadOnlyList<Receipt> Receipts { get; }

    /// <summary>The requests of EIP-7685, each its type byte and data.</summary>
    public IReadOnlyList<byte[]> Requests { get; }

    /// <summary>What the beneficiary earned in fees, in Wei.</summary>
    public UInt256 Fees { get; }

    /// <summary>What the block met and left behind, to be sent beside it; null before EIP-7928.</summary>
    public BlockAccessList? AccessList { get; }

    /// <summary>Whether its header follows from no rule, as one of a development chain may.</summary>
    internal bool BendsRules { get; init; }

    /// <summary>Changes made by hand that the block holds beside its transactions' effects; null where there are none.</summary>
    internal StateEdits? Edits { get; init; }

    /// <summary>The state after the block, laid over its parent's, not yet kept.</summary>
    public StateTransition State { get; }

    /// <summary>The same block under a seal: extra data, mix hash and nonce are what a consensus adds after execution, and execution reads none of extra data and nonce.</summary>
    public ExecutedBlock Sealed(ReadOnlyMemory<byte> extraData, ulong nonce = 0) =>
        new(this, Header with { ExtraData = extraData, Nonce = nonce });

    /// <summary>The same block under a proof of work. Before the merge no instruction reads the mix hash.</summary>
    public ExecutedBlock SealedByWork(ulong nonce, Hash256 mixHash) => new(this, Header with { Nonce = nonce, PrevRandao = mixHash });
}
