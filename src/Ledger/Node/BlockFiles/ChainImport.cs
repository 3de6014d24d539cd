using Hufu.Chain;
using Hufu.Primitives;

namespace Hufu.Node;

/// <summary>How far an import has come.</summary>
public sealed record ImportProgress(ulong Imported, ulong Known, ulong Number, ulong GasUsed, long BytesRead, long BytesInAll);

/// <summary>Brings the blocks of a file into a chain. A block that is refused, or a damaged file, sets the chain back to the head it had before.</summary>
public sealed class ChainImport(Blockchain chain)
{
    /// <summary>The block that the file must end with, where somebody knows; without it nothing tells the last block's extra data or randomness from another's.</summary>
    public Hash256? ExpectedHead { get; init; }

    // Read and decoded, their senders known, before the one before them has run.
    const int BlocksAhead = 16;

    /// <returns>Null where every block of the file is part of the chain now, or where it was stopped: what was imported until then stays, and another import goes on from there.</returns>
    public Refusal? Run(BlockFile file, Action<ImportProgress> report, CancellationToken stop)
    {
        var before = chain.Head.Hash;
        var progress = new ImportProgress(0, 0, chain.Head.Number, 0, 0, file.Length);
        Hash256? last = null;
        using var ahead = new ReadAhead(file, BlocksAhead);
        while (!stop.IsCancellationRequested)
        {
            var (block, decoded, undecodable, damage, position) = ahead.Take();
            if (block is null)
            {
                if (damage is not null) return SetBack(before, new Refusal($"block {progress.Number + 1} refused: {BlockRule.Encoding}", $"{damage.What}: {damage.Why}", damage.Mend));
                if (ExpectedHead is { } expected && (last ?? before) != expected)
                    return SetBack(before, new Refusal($"block {progress.Number} refused: Head", $"the file ends with block {last ?? before}, expected is {expected}", "get the file anew"));
                break;
            }
            var result = decoded is null ? new ImportResult(ImportOutcome.Refused, default, undecodable) : chain.Import(decoded);
            if (result.IsRefused(out var refusal)) return SetBack(before, Explain(refusal, result, progress));
            var header = chain.Blocks.HeaderOf(result.Hash)!;
            var number = header.Number;
            // A parent may be known from elsewhere; the chain that this file tells would have a gap all the same.
            if (last is { } previous && header.ParentHash != previous)
                return SetBack(before, new Refusal($"block {number} refused: {BlockRule.Parent}", $"its parent is {header.ParentHash}, the block before it in the file is {previous}", "get the file anew"));
            if (block.TotalDifficulty is { } stated && chain.Blocks.TotalDifficultyOf(result.Hash) is { } actual && stated != actual)
                return SetBack(before, new Refusal($"block {number} refused: TotalDifficulty", $"the file states {stated}, the chain has {actual}", "get the file anew"));

            last = result.Hash;
            var isNew = result.Outcome == ImportOutcome.Accepted;
            progress = progress with
            {
                Imported = progress.Imported + (isNew ? 1UL : 0),
                Known = progress.Known + (isNew ? 0 : 1UL),
                Number = number,
                GasUsed = progress.GasUsed + (isNew ? header.GasUsed : 0),
                BytesRead = position,
            };
            report(progress);
        }
        return last is { } tip ? Follow(tip) : null;
    }

    /// <summary>Blocks that were kept before do not move the head when they come again; the best of them is chosen here.</summary>
    Refusal? Follow(in Hash256 tip)
    {
        var difficulty = chain.Blocks.TotalDifficultyOf(tip)!.Value;
        var head = chain.Head;
        var isBetter = difficulty > head.TotalDifficulty || (difficulty == head.TotalDifficulty && chain.Blocks.NumberOf(tip) > head.Number);
        return isBetter ? chain.Choose(tip) : null;
    }

    Refusal SetBack(in Hash256 before, Refusal refusal)
    {
        if (chain.Head.Hash != before && chain.Choose(before) is { } stuck) throw new InvalidOperationException($"the chain cannot go back to {before}: {stuck}");
        return refusal;
    }

    static Refusal Explain(BlockRefusal refusal, in ImportResult result, ImportProgress progress)
    {
        // A block that cannot be decoded does not tell its number; it would be the next.
        var number = result.Hash.IsZero ? progress.Number + 1 : refusal.Number;
        return new Refusal($"block {number} refused: {refusal.Rule}", refusal.Why, refusal.Rule == BlockRule.Parent ? "import the blocks before it first, with the right --genesis" : "get the file anew");
    }
}
