using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>The difficulty of a proof-of-work block under the rules of each fork (yellow paper, section 4.3.4; EIP-2, EIP-100; the bomb's delays).</summary>
public static class Difficulty
{
    public static readonly UInt256 Minimum = 131_072;

    const ulong BombPeriod = 100_000;

    // The latest delay in force counts, so later EIPs stand first.
    static readonly (int Eip, ulong Blocks)[] BombDelays =
    [
        (Eip.BombDelayGrayGlacier, 11_400_000),
        (Eip.BombDelayArrowGlacier, 10_700_000),
        (Eip.BombDelayLondon, 9_700_000),
        (Eip.BombDelayMuirGlacier, 9_000_000),
        (Eip.BombDelayConstantinople, 5_000_000),
        (Eip.BombDelayByzantium, 3_000_000),
    ];

    /// <param name="number">The block's own number, not its parent's.</param>
    /// <param name="timestamp">The block's own, later than its parent's.</param>
    public static UInt256 Of(ForkRules rules, ulong number, ulong timestamp, ulong parentTimestamp, in UInt256 parentDifficulty, bool parentHasOmmers)
    {
        var elapsed = timestamp - parentTimestamp;
        var step = parentDifficulty / 2048;
        var difficulty = Adjusted(rules, elapsed, step, parentDifficulty, parentHasOmmers);

        var period = (number - Math.Min(number, BombDelay(rules))) / BombPeriod;
        if (period > 1) difficulty = Sum(difficulty, PowerOfTwo(period - 2));
        return difficulty < Minimum ? Minimum : difficulty;
    }

    static UInt256 Adjusted(ForkRules rules, ulong elapsed, in UInt256 step, in UInt256 parent, bool parentHasOmmers)
    {
        // The steps up (positive) or down that the time since the parent asks for.
        long steps;
        if (rules.Has(Eip.DifficultyCountsOmmers)) steps = (parentHasOmmers ? 2L : 1L) - (long)Math.Min(elapsed / 9, 1000);
        else if (rules.Has(Eip.HomesteadRules)) steps = 1L - (long)Math.Min(elapsed / 10, 1000);
        else steps = elapsed < 13 ? 1 : -1;
        steps = Math.Max(steps, -99);

        if (steps >= 0) return Sum(parent, step * (ulong)steps);
        // step is at most a 2048th of the parent, so that 99 steps never reach below zero.
        return parent - step * (ulong)-steps;
    }

    static ulong BombDelay(ForkRules rules)
    {
        foreach (var (eip, blocks) in BombDelays)
            if (rules.Has(eip)) return blocks;
        return 0;
    }

    // Beyond 256 bits no chain can follow; the largest value keeps the comparison honest instead of wrapping round.
    static UInt256 Sum(in UInt256 left, in UInt256 right)
    {
        var sum = left + right;
        return sum < left ? UInt256.MaxValue : sum;
    }

    static UInt256 PowerOfTwo(ulong exponent) => exponent > 255 ? UInt256.MaxValue : UInt256.One << (int)exponent;
}
