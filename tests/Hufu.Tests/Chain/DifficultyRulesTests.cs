using CsCheck;
using Hufu.Chain;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests;

public class DifficultyRulesTests
{
    [Fact]
    public void Difficulty_never_falls_below_its_minimum_nor_wraps_around() =>
        Gen.Select(Gen.Int[0, (int)Fork.GrayGlacier], Gen.ULong, Gen.ULong[1, 1UL << 40], Gen.ULong, Gen.Bool).Sample((fork, number, elapsed, low, ommers) =>
        {
            var parent = (UInt256)low;
            var next = Difficulty.Of(ForkRules.Of((Fork)fork), number, elapsed, 0, parent, ommers);
            return next >= Difficulty.Minimum && next >= parent - parent / 2048UL * 99UL;
        });

    [Fact]
    public void Even_the_largest_difficulty_is_answered_without_wrapping() =>
        Assert.Equal(UInt256.MaxValue, Difficulty.Of(ForkRules.Of(Fork.Frontier), ulong.MaxValue, 1, 0, UInt256.MaxValue, false));

    [Fact]
    public void Each_delay_defuses_the_bomb_for_its_blocks()
    {
        foreach (var (fork, delay) in new (Fork, ulong)[] { (Fork.Byzantium, 3_000_000), (Fork.Constantinople, 5_000_000), (Fork.MuirGlacier, 9_000_000), (Fork.London, 9_700_000), (Fork.ArrowGlacier, 10_700_000), (Fork.GrayGlacier, 11_400_000) })
        {
            UInt256 parent = 1UL << 40;
            var rules = ForkRules.Of(fork);
            Assert.Equal(parent, Difficulty.Of(rules, delay + 199_999, 9, 0, parent, false));
            Assert.Equal(parent + UInt256.One, Difficulty.Of(rules, delay + 200_000, 9, 0, parent, false));
        }
    }
}
