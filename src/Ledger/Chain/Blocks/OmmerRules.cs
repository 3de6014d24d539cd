using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>Which ommers a proof-of-work block may include (yellow paper, section 11.1): at most two, siblings of its ancestors up to the sixth generation, each included once.</summary>
/// <param name="ancestorOf">The block with the given hash, kept here, or null.</param>
public sealed class OmmerRules(HeaderRules headers, Func<Hash256, Block?> ancestorOf)
{
    public const int MaxOmmers = 2;
    const int Generations = 7;

    public BlockRefusal? Check(Block block, ForkRules rules)
    {
        if (block.Ommers.Count == 0) return null;
        if (rules.Has(Eip.ProofOfStake)) return Fault(block, "with proof of stake a block has no ommers");
        if (block.Ommers.Count > MaxOmmers) return Fault(block, $"{block.Ommers.Count} ommers, at most {MaxOmmers} are allowed");

        var ancestors = new Dictionary<Hash256, Header>();
        var included = new HashSet<Hash256> { block.Hash };
        var at = block.Header.ParentHash;
        for (var generation = 0; generation < Generations && ancestorOf(at) is { } ancestor; generation++)
        {
            ancestors.Add(at, ancestor.Header);
            foreach (var ommer in ancestor.Ommers) included.Add(ommer.Hash);
            at = ancestor.Header.ParentHash;
        }

        foreach (var ommer in block.Ommers)
        {
            if (!included.Add(ommer.Hash)) return Fault(block, $"ommer {ommer.Hash} was included before");
            if (ancestors.ContainsKey(ommer.Hash)) return Fault(block, $"ommer {ommer.Hash} is an ancestor of the block");
            if (ommer.ParentHash == block.Header.ParentHash) return Fault(block, $"ommer {ommer.Hash} is a sibling of the block itself");
            if (!ancestors.TryGetValue(ommer.ParentHash, out var parent)) return Fault(block, $"ommer {ommer.Hash} has no parent among the block's {Generations} last ancestors");
            if (headers.Check(ommer, parent) is { } refusal) return Fault(block, $"ommer {ommer.Hash}: {refusal.Rule}: {refusal.Why}") with { OmmerRule = refusal.Rule };
        }
        return null;
    }

    static BlockRefusal Fault(Block block, string why) => new(BlockRule.Ommers, block.Number, why);
}
