using CsCheck;
using Hufu.Chain;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests;

public class FeeTests
{
    [Theory]
    [InlineData(1_000_000_000, 20_000_000, 10_000_000, 1_000_000_000)]
    [InlineData(1_000_000_000, 20_000_000, 20_000_000, 1_125_000_000)]
    [InlineData(1_000_000_000, 20_000_000, 0, 875_000_000)]
    [InlineData(7, 20_000_000, 20_000_000, 8)]
    [InlineData(1, 20_000_000, 10_000_001, 2)]
    public void The_base_fee_moves_by_an_eighth_at_most_and_by_one_at_least_when_it_rises(ulong fee, ulong limit, ulong used, ulong expected) =>
        Assert.Equal((UInt256)expected, BaseFee.After(new Header { BaseFeePerGas = fee, GasLimit = limit, GasUsed = used }));

    [Fact]
    public void The_first_base_fee_is_one_gwei() => Assert.Equal(BaseFee.Initial, BaseFee.After(new Header { GasLimit = 5000 }));

    [Fact]
    public void The_base_fee_never_leaves_the_band_of_an_eighth() =>
        Gen.Select(Gen.ULong[0, 1_000_000_000_000], Gen.ULong[2500, 50_000_000], Gen.Double[0, 1]).Sample((fee, target, share) =>
        {
            var next = (ulong)BaseFee.After(new Header { BaseFeePerGas = fee, GasLimit = 2 * target, GasUsed = (ulong)(2 * target * share) });
            return next >= fee - fee / 8 - 1 && next <= fee + Math.Max(1, fee / 8) + 1;
        });

    // EIP-4844's own examples of the price: e times the minimum after one update fraction of excess.
    [Theory]
    [InlineData(0UL, 1UL)]
    [InlineData(2_314_057UL, 1UL)]
    [InlineData(2_314_058UL, 2UL)]
    [InlineData(10UL * 1024 * 1024, 23UL)]
    public void The_blob_base_fee_grows_exponentially_with_the_excess(ulong excess, ulong expected) =>
        Assert.Equal((UInt256)expected, BlobGas.BaseFee(excess, BlobParameters.Cancun));

    [Fact]
    public void An_absurd_excess_gives_the_largest_price_in_bounded_time() =>
        Assert.Equal(UInt256.MaxValue, BlobGas.BaseFee(ulong.MaxValue, BlobParameters.Cancun));

    [Fact]
    public void Excess_blob_gas_is_what_exceeds_the_target()
    {
        const ulong blob = BlobParameters.GasPerBlob;
        var cancun = ForkRules.Of(Fork.Cancun);
        Assert.Equal(0UL, BlobGas.ExcessAfter(new Header(), cancun));
        Assert.Equal(0UL, BlobGas.ExcessAfter(new Header { ExcessBlobGas = 0, BlobGasUsed = 3 * blob }, cancun));
        Assert.Equal(3 * blob, BlobGas.ExcessAfter(new Header { ExcessBlobGas = 0, BlobGasUsed = 6 * blob }, cancun));
        Assert.Equal(blob, BlobGas.ExcessAfter(new Header { ExcessBlobGas = 4 * blob, BlobGasUsed = 0 }, cancun));
    }

    [Fact]
    public void Where_execution_is_dear_blobs_do_not_get_cheaper_than_it()
    {
        const ulong blob = BlobParameters.GasPerBlob;
        var osaka = ForkRules.Of(Fork.Osaka);
        var parent = new Header { ExcessBlobGas = 20 * blob, BlobGasUsed = 6 * blob, BaseFeePerGas = 1_000_000_000 };
        // EIP-7918: the excess then grows by used * (max - target) / max instead of falling towards the target.
        Assert.Equal(20 * blob + 6 * blob * 3 / 9, BlobGas.ExcessAfter(parent, osaka));
        Assert.Equal(20 * blob, BlobGas.ExcessAfter(parent with { BaseFeePerGas = 1 }, osaka));
    }

    [Fact]
    public void A_built_gas_limit_goes_towards_its_target_within_the_bound() =>
        Gen.Select(Gen.ULong[5000, 1_000_000_000], Gen.ULong[0, 2_000_000_000]).Sample((parent, target) =>
        {
            var limit = BlockBuilder.GasLimit(parent, target);
            var change = limit > parent ? limit - parent : parent - limit;
            return (change == 0 || change < parent / 1024) && limit >= Math.Min(parent, 5000)
                && (target > parent ? limit >= parent && limit <= target : limit <= parent);
        });
}
