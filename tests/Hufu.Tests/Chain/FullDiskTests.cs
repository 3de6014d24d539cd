using Hufu.Primitives;
using Hufu.State;
using Xunit;

namespace Hufu.Tests;

/// <summary>A write that fails leaves nothing half done: not on the disk, not in memory, not for the next process.</summary>
public class FullDiskTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_chain_whose_disk_is_full_now_and_then_ends_where_one_with_room_ends(int seed)
    {
        var random = new Random(seed);
        var store = new WatchedStore();
        // The trie goes to disk every other block, so that its writes fail too.
        var options = new WorldStateOptions { TrieToDiskEveryBlocks = 2, KeptBlocks = 8 };
        using var roomy = new TestChain(Fork.Cancun, options: options);
        using var tight = new TestChain(Fork.Cancun, store: store, options: options);
        var tips = new List<Hash256> { roomy.Chain.Head.Hash };
        for (var step = 0; step < 60; step++)
        {
            // Mostly on the head, sometimes beside it: a reorganisation of a few blocks.
            var parent = random.Next(4) > 0 ? tips[^1] : tips[Math.Max(0, tips.Count - 1 - random.Next(4))];
            var state = roomy.Chain.StateAt(parent)!;
            var nonce = state.TryGetAccount(TestChain.Alice, out var alice) ? alice.Nonce : 0;
            var block = roomy.Extend(parent, 12 + (ulong)random.Next(5), transactions: roomy.Transfer(TestChain.AliceSecret, nonce, TestChain.Carol, (UInt256)(ulong)random.Next(1, 1000)));
            if (block.Hash != tips[^1]) tips.Add(block.Hash);

            store.IsFull = random.Next(3) == 0;
            if (store.IsFull)
            {
                var (head, root) = (tight.Chain.Head, tight.Chain.StateAt(tight.Chain.Head.Hash)!);
                var failure = Assert.Throws<StoreFailure>(() => tight.Chain.Import(block.Encode()));
                Assert.Contains("disk is full", failure.Refusal.What, StringComparison.Ordinal);
                Assert.Equal(head, tight.Chain.Head);
                Assert.False(tight.Chain.Blocks.Contains(block.Hash));
                Assert.Null(tight.Chain.VerifyState());
                store.IsFull = false;
                // Half the time another process goes on.
                if (random.Next(2) == 0) tight.Reopen();
                Assert.Equal(head.Hash, tight.Chain.Head.Hash);
            }
            var result = tight.Chain.Import(block.Encode());
            Assert.True(result.IsAccepted, result.Refusal?.ToString());
            Assert.Equal(roomy.Chain.Head.Hash, tight.Chain.Head.Hash);
            Assert.Equal(roomy.BalanceOf(TestChain.Carol), tight.BalanceOf(TestChain.Carol));
        }
        Assert.Null(tight.Chain.VerifyState());
    }

    [Fact]
    public void A_block_sealed_here_that_could_not_be_written_is_sealed_when_there_is_room()
    {
        var store = new WatchedStore();
        using var chain = new TestChain(store: store);
        var before = chain.Chain.Head;
        var built = chain.Build(before.Hash, transactions: chain.Transfer(TestChain.AliceSecret, 0, TestChain.Carol, 7));

        store.IsFull = true;
        Assert.Throws<StoreFailure>(() => chain.Chain.Import(built, isChosen: true));
        Assert.Equal(before, chain.Chain.Head);
        Assert.Equal(UInt256.Zero, chain.BalanceOf(TestChain.Carol));

        store.IsFull = false;
        Assert.True(chain.Chain.Import(built, isChosen: true).HeadMoved);
        Assert.Equal((UInt256)7, chain.BalanceOf(TestChain.Carol));
        chain.Reopen();
        Assert.Equal(built.Hash, chain.Chain.Head.Hash);
        Assert.Null(chain.Chain.VerifyState());
    }
}
