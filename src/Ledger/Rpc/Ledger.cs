using Hufu.Chain;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>What the methods read: the chain, its committed blocks and states, and the pool.</summary>
public sealed class Ledger
{
    readonly Blockchain _chain;

    public Ledger(Blockchain chain, TransactionPool pool)
    {
        _chain = chain;
        (Queries, Pool) = (new ChainQueries(chain), pool);
        News = new SubscriptionFeed(this);
    }

    public Blockchain Chain => _chain;
    public ChainQueries Queries { get; }
    public TransactionPool Pool { get; }

    /// <summary>Tells subscribers what happens; somebody has to run it.</summary>
    public SubscriptionFeed News { get; }

    /// <summary>Whether the node is behind its network.</summary>
    public SyncStatus Sync { get; } = new();

    /// <summary>Shows what contracts of a development chain say; null elsewhere.</summary>
    public ConsoleWatch? Console { get; set; }

    /// <summary>Says more of failures on a development chain whose compiled contracts are known; null elsewhere.</summary>
    public FailureExplanation? Failures { get; set; }

    /// <summary>Makes the block that would come now with all that waits, for "pending", on a development chain; null elsewhere, where the head is the last that is settled.</summary>
    public Func<ExecutedBlock?>? Next { get; set; }

    /// <summary>
    /// What the next block would be asked to be if it came now, where this node makes blocks. Calls in "pending" see the head's state at that block's time then: where
    /// blocks wait for transactions, the head's own time stands still. Null where the head's time is all that is known.
    /// </summary>
    public Func<Header, BlockAttributes>? NextAttributes { get; set; }

    public ulong ChainId => _chain.Forks.ChainId;

    /// <summary>The header a caller names; "pending" is the head, since nothing after it is settled. Null where there is none.</summary>
    public Header? Find(in BlockReference reference) => Queries.HeaderOf(SelectorOf(reference));

    public Block? FindBlock(in BlockReference reference) => Queries.BlockOf(SelectorOf(reference));

    /// <summary>The block that a caller means by "pending", where there is one.</summary>
    internal Block? FindPending(in BlockReference reference) => reference.Kind == BlockReferenceKind.Pending ? Next?.Invoke()?.Block : null;

    /// <summary>The state after the block a caller names.</summary>
    public RpcError? TryFindState(in BlockReference reference, out Header header, out IStateView state)
    {
        if (reference.Kind == BlockReferenceKind.Pending && Next?.Invoke() is { } next)
        {
            (header, state) = (next.Header, next.State);
            return null;
        }
        state = null!;
        header = Find(reference)!;
        if (header is null) return RpcError.Server("header not found: no such block");
        state = _chain.StateAt(header.Hash)!;
        if (state is null) return RpcError.Server($"historical state of block {header.Number} is not available: it is not kept any more");
        if (reference.Kind == BlockReferenceKind.Pending && NextAttributes is { } asked) header = _chain.DraftAfter(header, asked(header));
        return null;
    }

    public ForkRules RulesOf(Header header) => _chain.Forks.RulesOf(header);

    static BlockSelector SelectorOf(in BlockReference reference) => reference.Kind switch
    {
        BlockReferenceKind.Hash => new BlockSelector.ByHash(reference.Hash, reference.RequireCanonical),
        BlockReferenceKind.Number => new BlockSelector.ByNumber(reference.Number),
        BlockReferenceKind.Earliest => BlockSelector.Earliest,
        BlockReferenceKind.Safe => BlockSelector.Safe,
        BlockReferenceKind.Finalized => BlockSelector.Finalised,
        _ => BlockSelector.Latest,
    };
}
