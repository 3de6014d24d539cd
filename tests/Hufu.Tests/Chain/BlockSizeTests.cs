using Hufu.Chain;
using Hufu.Crypto;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests;

/// <summary>The largest block there may be (EIP-7934): the official fixtures of it are too large to have at hand.</summary>
public class BlockSizeTests
{
    const int Most = 8_388_608;

    [Theory]
    [InlineData(Fork.Osaka, Most, false)]
    [InlineData(Fork.Osaka, Most + 1, true)]
    [InlineData(Fork.Prague, Most + 1, false)]
    public void A_block_of_one_byte_too_many_is_refused_for_its_size_from_Osaka_on(Fork fork, int size, bool isTooLarge)
    {
        using var chain = new TestChain(fork);
        var empty = chain.Build(chain.Chain.Head.Hash).Block;
        // First a guess, then the guess less what it was too long.
        var block = With(empty, size);
        block = With(empty, size - (block.Encode().Length - size));
        Assert.Equal(size, block.Encode().Length);

        // Its header was not made for the transaction: a block that is not too large goes on to that fault.
        Assert.Equal(isTooLarge ? BlockRule.Size : BlockRule.TransactionsRoot, chain.Chain.Import(block.Encode()).Refusal!.Rule);
    }

    [Fact]
    public void A_builder_leaves_out_what_does_not_fit_any_more()
    {
        using var chain = new TestChain(Fork.Osaka);
        var head = chain.Chain.Head;
        var waiting = Enumerable.Range(0, 6).Select(nonce => (Data(chain, (ulong)nonce, 1_500_000), TestChain.Alice)).ToList();
        var attributes = new BlockAttributes { Timestamp = head.Head.Timestamp + 12, GasLimit = 400_000_000 };

        var built = chain.Chain.Build(head.Hash, attributes, new TransactionList(waiting));
        Assert.Equal(5, built.Block.Transactions.Count);
        Assert.InRange(built.Block.Encode().Length, 7_500_000, Most);
    }

    static Block With(Block block, int dataSize) =>
        block with { Transactions = [new LegacyTransaction { GasLimit = 21_000, To = TestChain.Bob, Data = new byte[dataSize], V = 27, R = 1, S = 1 }] };

    static Transaction Data(TestChain chain, ulong nonce, int size) => TransactionSigning.Sign(new LegacyTransaction
    {
        Nonce = nonce,
        GasPrice = 10_000_000_000,
        GasLimit = 16_000_000,
        To = TestChain.Bob,
        Data = new byte[size],
        V = chain.Forks.ChainId * 2 + 35,
    }, TestChain.AliceSecret);
}
