using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>
/// What the issuer owes, provable to each holder: a Merkle sum tree over all accounts. Every node is the hash and the sum of what is below it, so a holder who
/// finds its balance under the root knows that it was counted, and whoever compares the root's sum with the supply knows that nobody was left out.
/// </summary>
public sealed class Liabilities
{
    readonly List<Sum[]> _levels = [];
    readonly IReadOnlyList<(Address Account, UInt256 Balance)> _holders;

    /// <param name="holders">In the order of their addresses.</param>
    public Liabilities(IReadOnlyList<(Address Account, UInt256 Balance)> holders)
    {
        _holders = holders;
        var level = holders.Select(one => Leaf(one.Account, one.Balance)).ToArray();
        _levels.Add(level);
        while (level.Length > 1)
        {
            // A node without a partner goes up as it is.
            var above = new Sum[(level.Length + 1) / 2];
            for (var i = 0; i < above.Length; i++) above[i] = 2 * i + 1 < level.Length ? Join(level[2 * i], level[2 * i + 1]) : level[2 * i];
            _levels.Add(level = above);
        }
    }

    public Sum Root => _levels[^1] is [var root] ? root : new Sum(default, UInt256.Zero);

    /// <summary>The way from an account to the root; null where it holds nothing.</summary>
    public LiabilityProof? Prove(Address account)
    {
        var place = -1;
        for (var i = 0; i < _holders.Count; i++)
            if (_holders[i].Account == account) place = i;
        if (place < 0) return null;
        var steps = new List<LiabilityStep>();
        for (var (depth, at) = (0, place); depth < _levels.Count - 1; depth++, at /= 2)
            if ((at ^ 1) < _levels[depth].Length) steps.Add(new LiabilityStep((at & 1) == 1, _levels[depth][at ^ 1].Hash, _levels[depth][at ^ 1].Amount));
        return new LiabilityProof(account, _holders[place].Balance, steps);
    }

    /// <summary>Whether a proof leads to a root. Needs nothing but the two.</summary>
    public static bool Holds(LiabilityProof proof, Sum root)
    {
        var sum = Leaf(proof.Account, proof.Balance);
        foreach (var step in proof.Steps) sum = step.IsLeft ? Join(new Sum(step.Hash, step.Amount), sum) : Join(sum, new Sum(step.Hash, step.Amount));
        return sum == root;
    }

    // One byte in front tells leaves from nodes, so that none can be shown as the other.
    static Sum Leaf(Address account, UInt256 balance) => new(Keccak256.Hash([0, .. account.Bytes, .. Hash256.FromUInt256(balance).Bytes]), balance);

    static Sum Join(Sum left, Sum right) =>
        new(Keccak256.Hash([1, .. left.Hash.Bytes, .. Hash256.FromUInt256(left.Amount).Bytes, .. right.Hash.Bytes, .. Hash256.FromUInt256(right.Amount).Bytes]), left.Amount + right.Amount);
}

/// <summary>A node of the tree: the hash of what is below it, and its sum.</summary>
public readonly record struct Sum(Hash256 Hash, UInt256 Amount);

/// <param name="IsLeft">Whether the neighbour stands on the left.</param>
public sealed record LiabilityStep(bool IsLeft, Hash256 Hash, UInt256 Amount);

public sealed record LiabilityProof(Address Account, UInt256 Balance, IReadOnlyList<LiabilityStep> Steps);
