using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Chain;

/// <summary>A block and what it left behind, as others tell it.</summary>
public sealed record HistoricBlock(Block Block, IReadOnlyList<Receipt> Receipts);

/// <summary>
/// A chain that comes without being executed: its blocks up to one, and the state of that block. Every header is checked as at any import, seals and all,
/// every body and receipt against the header's roots; what is taken from others is that the states follow from each other, and for the last block's state
/// its root, which the header carries. From there on blocks are executed as ever. For the thread of the chain's other verbs; <see cref="State"/> is for any.
/// </summary>
public sealed class ChainIntake
{
    readonly Blockchain _chain;
    readonly IKeyValueStore _store;
    readonly HeaderRules _headers;
    volatile Header _reached;

    internal ChainIntake(Blockchain chain, IKeyValueStore store, HeaderRules headers, StateIntake state)
    {
        (_chain, _store, _headers, State) = (chain, store, headers, state);
        _reached = chain.Blocks.Mark(ChainMark.Intake) is { } hash && chain.Blocks.HeaderOf(hash) is { } header ? header : chain.Genesis;
    }

    public StateIntake State { get; }

    /// <summary>The last block taken; genesis before the first.</summary>
    public Header Reached => _reached;

    /// <summary>The hash of the block that the chain must end with, where its operator has it from elsewhere. Seals need no check then: that hash vouches for all before it.</summary>
    public Hash256? TrustedEnd { get; init; }

    /// <summary>Takes the blocks that follow on the last one taken. All before the one refused stay.</summary>
    public BlockRefusal? Take(IReadOnlyList<HistoricBlock> blocks)
    {
        var batch = new WriteBatch();
        var parent = _reached;
        var difficulty = _chain.Blocks.TotalDifficultyOf(parent.Hash)!.Value;
        BlockRefusal? refusal = null;
        foreach (var (block, receipts) in blocks)
        {
            // Rules that look at ancestors find them in the store.
            if (!ReferenceEquals(_reached, parent)) Write();
            refusal = Check(block, receipts, parent, difficulty);
            if (refusal is not null) break;
            difficulty = UInt256.TryAdd(difficulty, block.Header.Difficulty, out var sum) ? sum : UInt256.MaxValue;
            BlockStore.Put(batch, block, receipts, difficulty);
            BlockStore.PutCanonical(batch, block);
            BlockStore.PutMark(batch, ChainMark.Intake, block.Hash);
            parent = block.Header;
        }
        if (!ReferenceEquals(_reached, parent)) Write();
        return refusal;

        void Write()
        {
            _store.Commit(batch, sync: false);
            batch.Clear();
            _reached = parent;
        }
    }

    /// <summary>Lets the last blocks go: whoever they came from has left them.</summary>
    public void StepBack(ulong blocks)
    {
        var batch = new WriteBatch();
        var at = _reached;
        for (var i = 0UL; i < blocks && at.Number > 0; i++)
        {
            if (_chain.Blocks.BlockOf(at.Hash) is { } block) BlockStore.DeleteCanonical(batch, block);
            batch.Delete(ChainTables.Blocks, at.Hash.Bytes);
            at = _chain.Blocks.HeaderOf(at.ParentHash)!;
        }
        BlockStore.PutMark(batch, ChainMark.Intake, at.Hash);
        _store.Commit(batch, sync: false);
        _chain.Blocks.Forget();
        _reached = at;
    }

    /// <summary>Makes the last block the head; its state is whole.</summary>
    public Refusal? Finish()
    {
        if (TrustedEnd is { } trusted && _reached.Hash != trusted)
            return new Refusal($"the chain ends with another block than the trusted one: {_reached.Number} ({_reached.Hash})", $"{trusted} was to be its last", "get the chain anew, or correct the hash");
        _chain.Adopt(_reached);
        return null;
    }

    BlockRefusal? Check(Block block, IReadOnlyList<Receipt> receipts, Header parent, in UInt256 difficulty)
    {
        var header = block.Header;
        var rules = _headers.Forks.RulesOf(header);
        if ((TrustedEnd is null ? _headers.Check(header, parent) : CheckLineage(header, parent)) is { } refusal) return refusal;
        if (_headers.Forks.TerminalTotalDifficulty is { } terminal && rules.Has(Eip.ProofOfStake) != difficulty >= terminal)
            return new BlockRefusal(BlockRule.TerminalTotalDifficulty, header.Number, $"total difficulty is {difficulty}, terminal is {terminal}");
        return BlockVerification.CheckBody(block, rules) ?? CheckReceipts(block, receipts);
    }

    static BlockRefusal? CheckLineage(Header header, Header parent) =>
        header.ParentHash != parent.Hash ? BlockRefusal.Mismatch(BlockRule.Parent, header, "parent", header.ParentHash, parent.Hash)
        : header.Number != parent.Number + 1 ? BlockRefusal.Mismatch(BlockRule.Number, header, "number", header.Number, parent.Number + 1)
        : null;

    static BlockRefusal? CheckReceipts(Block block, IReadOnlyList<Receipt> receipts)
    {
        var header = block.Header;
        if (receipts.Count != block.Transactions.Count)
            return new BlockRefusal(BlockRule.ReceiptsRoot, header.Number, $"{receipts.Count} receipts came with {block.Transactions.Count} transactions");
        var root = TrieRoot.OfReceipts(receipts);
        return root == header.ReceiptsRoot ? null : BlockRefusal.Mismatch(BlockRule.ReceiptsRoot, header, "receipts root", header.ReceiptsRoot, root);
    }
}
