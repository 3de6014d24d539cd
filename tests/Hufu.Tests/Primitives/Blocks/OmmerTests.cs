using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests;

public sealed class OmmerTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_block_with_ommers_of_the_shortest_header_decodes_to_itself(int ommers)
    {
        var block = new Block(new Header { Number = 2 }, [], [.. Enumerable.Range(0, ommers).Select(number => new Header { Number = (ulong)number })], null);

        Assert.True(Block.TryDecode(block.Encode(), out var decoded, out var refusal), refusal?.ToString());
        Assert.Equal(block.Ommers, decoded.Ommers);
        Assert.Equal(block.Hash, decoded.Hash);
    }
}
