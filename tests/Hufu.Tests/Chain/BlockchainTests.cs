using CsCheck;
using Hufu.Chain;
using Hufu.Primitives;
using Hufu.State;
using Xunit;

namespace Hufu.Tests;

public class BlockchainTests
{
    [Theory]
    [InlineData(Fork.Frontier)]
    [InlineData(Fork.Byzantium)]
    [InlineData(Fork.London)]
    [InlineData(Fork.Paris)]
    [InlineData(Fork.Shanghai)]
    [InlineData(Fork.Cancun)]
    [InlineData(Fork.Osaka)]
    [InlineData(Fork.Amsterdam)]
    public void What_is_built_is_what_is_imported(Fork fork)
    {
        using var built = new TestChain(fork);
        using var imported = new TestChain(fork);
        var transfer = fork >= Fork.SpuriousDragon ? built.Transfer(TestChain.AliceSecret, 0, TestChain.Carol, 5) : Unprotected();
        var block = built.Build(built.Chain.Head.Hash, beneficiary: TestChain.Bob, transactions: transfer);

        // The builder's own chain takes it without running it again; the other knows only the bytes.
        Assert.Equal(ImportOutcome.Accepted, built.Chain.Import(block).Outcome);
        var result = imported.Chain.Import(block.Block.Encode());
        Assert.Null(result.Refusal);
        Assert.Equal(block.Hash, imported.Chain.Head.Hash);
        Assert.Equal((UInt256)5, built.BalanceOf(TestChain.Carol));
        Assert.Equal((UInt256)5, imported.BalanceOf(TestChain.Carol));
        Assert.Single(imported.Chain.Blocks.ReceiptsOf(block.Hash)!);

        static Transaction Unprotected() => Hufu.Crypto.TransactionSigning.Sign(
            new LegacyTransaction { GasPrice = 1, GasLimit = 21_000, To = TestChain.Carol, Value = 5, V = 27 }, TestChain.AliceSecret);
    }

    [Fact]
    public void A_refused_block_leaves_no_trace()
    {
        using var chain = new TestChain();
        var head = chain.Chain.Head;
        var good = chain.Build(head.Hash, transactions: chain.Transfer(TestChain.AliceSecret, 0, TestChain.Carol, 5)).Block;
        (BlockRule, Header)[] bad =
        [
            (BlockRule.StateRoot, good.Header with { StateRoot = Hash256.Zero }),
            (BlockRule.ReceiptsRoot, good.Header with { ReceiptsRoot = Hash256.Zero }),
            (BlockRule.GasUsed, good.Header with { GasUsed = 21_001 }),
            (BlockRule.TransactionsRoot, good.Header with { TransactionsRoot = Hash256.Zero }),
            (BlockRule.WithdrawalsRoot, good.Header with { WithdrawalsRoot = Hash256.Zero }),
            (BlockRule.LogsBloom, good.Header with { LogsBloom = Full() }),
            (BlockRule.OmmersHash, good.Header with { OmmersHash = Hash256.Zero }),
        ];
        foreach (var (rule, header) in bad)
        {
            var result = chain.Chain.Import((good with { Header = header }).Encode());
            Assert.Equal(ImportOutcome.Refused, result.Outcome);
            Assert.Equal(rule, result.Refusal!.Rule);
            Assert.Same(head, chain.Chain.Head);
            Assert.False(chain.Chain.Blocks.Contains(header.Hash));
        }
        Assert.Equal(ImportOutcome.Accepted, chain.Chain.Import(good).Outcome);

        static Bloom Full()
        {
            var bloom = default(Bloom);
            bloom.Add("anything"u8);
            return bloom;
        }
    }

    [Fact]
    public void Transactions_that_may_not_run_refuse_the_block()
    {
        using var chain = new TestChain();
        var good = chain.Build(chain.Chain.Head.Hash, transactions: chain.Transfer(TestChain.AliceSecret, 0, TestChain.Carol, 5)).Block;
        foreach (var transaction in (Transaction[])[
            chain.Transfer(TestChain.AliceSecret, 1, TestChain.Carol, 5),
            chain.Transfer(TestChain.AliceSecret, 0, TestChain.Carol, TestChain.Ether * 5000UL),
            chain.Transfer(TestChain.AliceSecret, 0, TestChain.Carol, 5, gasPrice: 1)])
        {
            var block = good with { Transactions = [transaction], Header = good.Header with { TransactionsRoot = TrieRoot.OfTransactions([transaction]) } };
            var refusal = chain.Chain.Import(block.Encode()).Refusal;
            Assert.Equal(BlockRule.Transaction, refusal!.Rule);
            Assert.NotNull(refusal.Admission);
        }
    }

    [Fact]
    public void Whatever_bits_are_flipped_the_import_answers_and_the_chain_stays()
    {
        using var chain = new TestChain();
        var rlp = chain.Build(chain.Chain.Head.Hash, transactions: chain.Transfer(TestChain.AliceSecret, 0, TestChain.Carol, 5)).Block.Encode();
        var head = chain.Chain.Head;
        Gen.Select(Gen.Int[0, rlp.Length - 1], Gen.Int[0, 7]).Sample((at, bit) =>
        {
            var damaged = (byte[])rlp.Clone();
            damaged[at] ^= (byte)(1 << bit);
            var result = chain.Chain.Import(damaged);
            // Extra data, beneficiary, beacon root and randomness may be anything a block wants them to be: those make another block, not a damaged one.
            return result.Outcome is ImportOutcome.Refused or ImportOutcome.UnknownParent && ReferenceEquals(head, chain.Chain.Head)
                || result.Outcome is ImportOutcome.Accepted or ImportOutcome.AlreadyKnown && Restart();
        }, threads: 1, iter: 500);

        bool Restart()
        {
            chain.Chain.Choose(head.Hash);
            head = chain.Chain.Head;
            return true;
        }
    }

    [Fact]
    public void A_block_without_its_parent_is_neither_good_nor_bad()
    {
        using var chain = new TestChain();
        using var ahead = new TestChain();
        var first = ahead.Extend(ahead.Chain.Head.Hash);
        var second = ahead.Extend(first.Hash);
        Assert.Equal(ImportOutcome.UnknownParent, chain.Chain.Import(second).Outcome);
        Assert.Equal(ImportOutcome.Accepted, chain.Chain.Import(first).Outcome);
        Assert.Equal(ImportOutcome.Accepted, chain.Chain.Import(second).Outcome);
        Assert.Equal(ImportOutcome.AlreadyKnown, chain.Chain.Import(first).Outcome);
        Assert.Equal(second.Hash, chain.Chain.Head.Hash);
    }

    [Fact]
    public void Choosing_another_branch_takes_its_state_its_heights_and_its_transactions()
    {
        using var chain = new TestChain(followsImports: false);
        var genesis = chain.Chain.Head.Hash;
        var toCarol = chain.Transfer(TestChain.AliceSecret, 0, TestChain.Carol, 5);
        var left = chain.Extend(genesis, transactions: toCarol);
        var right = chain.Extend(genesis, 13, transactions: chain.Transfer(TestChain.BobSecret, 0, TestChain.Carol, 7));
        var rightTop = chain.Extend(right.Hash, 12);
        Assert.Equal(genesis, chain.Chain.Head.Hash);

        Assert.Null(chain.Chain.Choose(left.Hash));
        Assert.Equal((UInt256)5, chain.BalanceOf(TestChain.Carol));
        Assert.Equal(new TransactionLocation(1, 0), chain.Chain.Blocks.LocationOf(toCarol.Hash));

        using var feed = chain.Chain.Feed.Subscribe();
        Assert.Null(chain.Chain.Choose(rightTop.Hash, safe: right.Hash, finalised: genesis));
        Assert.Equal((UInt256)7, chain.BalanceOf(TestChain.Carol));
        Assert.Null(chain.Chain.Blocks.LocationOf(toCarol.Hash));
        Assert.Equal(right.Hash, chain.Chain.Blocks.CanonicalHash(1));
        Assert.Equal(right.Hash, chain.Chain.Head.Safe.Hash);
        Assert.True(feed.Moves.TryRead(out var move));
        Assert.Equal([left.Hash], move.Reverted.Select(block => block.Hash));
        Assert.Equal([right.Hash, rightTop.Hash], move.Committed.Select(block => block.Hash));

        Assert.Null(chain.Chain.Choose(left.Hash));
        Assert.Null(chain.Chain.Blocks.CanonicalHash(2));
        Assert.Equal((UInt256)5, chain.BalanceOf(TestChain.Carol));
        Assert.NotNull(chain.Chain.Choose(Hash256.Zero));
        Assert.NotNull(chain.Chain.Choose(left.Hash, safe: right.Hash));
    }

    [Fact]
    public void A_branch_whose_states_were_forgotten_is_executed_again_when_it_is_chosen()
    {
        using var chain = new TestChain();
        var genesis = chain.Chain.Head.Hash;
        var left = chain.Extend(genesis, transactions: chain.Transfer(TestChain.AliceSecret, 0, TestChain.Carol, 5));
        var leftTop = chain.Extend(left.Hash, transactions: chain.Transfer(TestChain.AliceSecret, 1, TestChain.Carol, 5));
        chain.Chain.Choose(genesis);
        chain.Extend(genesis, 13);

        chain.Reopen();
        Assert.Null(chain.Chain.Choose(leftTop.Hash));
        Assert.Equal((UInt256)10, chain.BalanceOf(TestChain.Carol));
        Assert.Equal(leftTop.Header.StateRoot, chain.Chain.Head.Head.StateRoot);
    }

    [Fact]
    public void With_proof_of_work_the_heaviest_chain_wins_and_of_equals_the_first()
    {
        using var chain = new TestChain(Fork.Berlin, followsImports: false);
        var genesis = chain.Chain.Head.Hash;
        var first = chain.Extend(genesis, 15, TestChain.Alice);
        var equal = chain.Extend(genesis, 15, TestChain.Bob);
        Assert.Equal(first.Hash, chain.Chain.Head.Hash);

        var heavier = chain.Extend(equal.Hash, 5);
        Assert.Equal(heavier.Hash, chain.Chain.Head.Hash);
        Assert.Equal(chain.Chain.Blocks.TotalDifficultyOf(heavier.Hash), chain.Chain.Head.TotalDifficulty);
        Assert.Equal(TestChain.Ether * 1002UL, chain.BalanceOf(TestChain.Bob));
    }

    [Fact]
    public void Proof_of_stake_begins_at_the_terminal_total_difficulty_and_not_before()
    {
        var forks = new ForkSchedule([(Fork.London, 0)], []) { ChainId = 1337, TerminalTotalDifficulty = Difficulty.Minimum * 2UL };
        using var chain = new TestChain(forks);
        var genesis = chain.Chain.Head.Hash;
        var stakeTooEarly = new Block(chain.Build(genesis).Header with { Difficulty = 0, BaseFeePerGas = BaseFee.After(chain.Chain.Genesis) }, [], [], null);
        Assert.Equal(BlockRule.TerminalTotalDifficulty, chain.Chain.Import(stakeTooEarly).Refusal!.Rule);

        var terminal = chain.Extend(genesis);
        var stake = chain.Extend(terminal.Hash);
        Assert.True(stake.Header.Difficulty.IsZero);
        Assert.Equal(stake.Hash, chain.Chain.Head.Hash);
        // The reward ends with proof of work.
        Assert.Equal(chain.Chain.Blocks.TotalDifficultyOf(terminal.Hash), chain.Chain.Blocks.TotalDifficultyOf(stake.Hash));
    }

    [Fact]
    public void What_was_acknowledged_is_there_after_opening_again()
    {
        using var chain = new TestChain();
        var transfer = chain.Transfer(TestChain.AliceSecret, 0, TestChain.Carol, 5);
        var block = chain.Extend(chain.Chain.Head.Hash, transactions: transfer);
        chain.Chain.Choose(block.Hash, block.Hash, block.Hash);

        chain.Reopen();
        Assert.Equal(block.Hash, chain.Chain.Head.Hash);
        Assert.Equal(block.Hash, chain.Chain.Head.Finalised.Hash);
        Assert.Equal((UInt256)5, chain.BalanceOf(TestChain.Carol));
        Assert.Equal(block.Encode(), chain.Chain.Blocks.BlockOf(block.Hash)!.Encode());
        var outcome = new ChainQueries(chain.Chain).OutcomeOf(transfer.Hash);
        Assert.Equal(21_000UL, outcome!.GasUsed);
        Assert.True(outcome.Receipt.Succeeded);
    }

    [Fact]
    public void A_store_of_another_genesis_is_refused()
    {
        var store = new MemoryStore();
        using (new TestChain(Fork.Cancun, store: store)) { }
        var forks = ForkSchedule.Always(Fork.London);
        Assert.False(Blockchain.TryOpen(store, TestChain.GenesisFor(forks), forks, new ProofOfWork(null), false, null, out _, out var refusal));
        Assert.Contains("another genesis", refusal.What);
    }

    [Fact]
    public void Ommers_pay_their_miners_and_may_be_included_once()
    {
        using var chain = new TestChain(Fork.Berlin);
        var genesis = chain.Chain.Head.Hash;
        var first = chain.Extend(genesis, 15, TestChain.Alice);
        var ommer = chain.Extend(genesis, 16, TestChain.Carol).Header;
        var built = chain.Build(first.Hash, 15, TestChain.Bob).Block;
        var twice = WithOmmers(built, ommer, ommer);
        Assert.Equal(BlockRule.Ommers, chain.Chain.Import(twice).Refusal!.Rule);
        Assert.Equal(BlockRule.Ommers, chain.Chain.Import(WithOmmers(built, first.Header)).Refusal!.Rule);
        Assert.Equal(BlockRule.Ommers, chain.Chain.Import(WithOmmers(built, ommer with { GasLimit = 1 })).Refusal!.Rule);

        // The state root that the ommer's reward leads to is not known before: the refusal tells it, and with it the block stands.
        var unrewarded = WithOmmers(built, ommer);
        Assert.Equal(BlockRule.StateRoot, chain.Chain.Import(unrewarded).Refusal!.Rule);
        var root = Hash256.Parse(chain.Chain.Import(unrewarded).Refusal!.Why[^66..]);
        var block = unrewarded with { Header = unrewarded.Header with { StateRoot = root } };
        Assert.Null(chain.Chain.Import(block).Refusal);
        Assert.Equal(TestChain.Ether * 2UL * 7UL / 8UL, chain.BalanceOf(TestChain.Carol));
        Assert.Equal(TestChain.Ether * 1002UL + TestChain.Ether * 2UL / 32UL, chain.BalanceOf(TestChain.Bob));

        var next = chain.Build(block.Hash, 15).Block;
        Assert.Equal(BlockRule.Ommers, chain.Chain.Import(WithOmmers(next, ommer)).Refusal!.Rule);

        static Block WithOmmers(Block block, params Header[] ommers) =>
            block with { Ommers = ommers, Header = block.Header with { OmmersHash = Block.OmmersHashOf(ommers) } };
    }

    [Fact]
    public async Task The_writer_runs_requests_in_turn_and_hands_faults_to_who_asked()
    {
        using var chain = new TestChain();
        using var stop = new CancellationTokenSource();
        var writer = new ChainWriter(chain.Chain);
        var loop = writer.RunAsync(stop.Token);
        var numbers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => writer.Ask(inner =>
        {
            chain.Extend(inner.Head.Hash);
            return inner.Head.Number;
        }, stop.Token)));
        Assert.Equal(Enumerable.Range(1, 20).Select(number => (ulong)number), numbers.Order());
        await Assert.ThrowsAsync<ArgumentException>(() => writer.Ask(inner => inner.Build(Hash256.Zero, new BlockAttributes { Timestamp = 1 }, new TransactionList([])), stop.Token));
        await stop.CancelAsync();
        await loop;
    }

    [Fact]
    public void Any_branch_can_be_chosen_again_however_few_states_stay_in_memory()
    {
        using var test = new TestChain(followsImports: false, options: WorldStateOptions.InMemory with { KeptBlocks = 4 });
        var random = new Random(7);
        List<Block> blocks = [];
        for (var i = 0; i < 60; i++)
        {
            // Branches of up to four blocks, from genesis, apart by their times.
            var parent = i % 4 == 0 ? test.Chain.Genesis.Hash : blocks[^1].Hash;
            blocks.Add(test.Extend(parent, secondsLater: 12 + (ulong)i));
        }
        for (var i = 0; i < 200; i++)
        {
            var target = blocks[random.Next(blocks.Count)];
            Assert.Null(test.Chain.Choose(target.Hash));
            Assert.Equal(target.Hash, test.Chain.Head.Hash);
        }
        Assert.Null(test.Chain.VerifyState());
    }
}
