using CsCheck;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests.Primitives.Blocks;

public class BloomTests
{
    [Fact]
    public void A_receipts_filter_is_that_of_its_items_one_by_one() => GenPrimitives.Receipt.Array[0, 8].Sample(receipts =>
    {
        var logs = receipts.SelectMany(receipt => receipt.Logs).ToList();
        var expected = default(Bloom);
        foreach (var log in logs)
        {
            expected.Add(log.Address.Bytes);
            foreach (var topic in log.Topics) expected.Add(topic.Bytes);
        }
        var bloom = Bloom.Of(logs);
        Assert.Equal(expected, bloom);
        Assert.All(logs, log => Assert.True(bloom.MayContain(log.Address.Bytes)));
        Assert.All(logs.SelectMany(log => log.Topics), topic => Assert.True(bloom.Contains(Bloom.OfItem(topic.Bytes))));
    });

    [Fact]
    public void An_item_that_was_not_added_is_not_contained()
    {
        var bloom = Bloom.OfItem([1]);
        Assert.True(bloom.MayContain([1]));
        Assert.False(bloom.MayContain([2]));
        Assert.False(default(Bloom).Contains(bloom));
        bloom.Add(Bloom.OfItem([2]));
        Assert.True(bloom.MayContain([1]) && bloom.MayContain([2]));
    }
}
