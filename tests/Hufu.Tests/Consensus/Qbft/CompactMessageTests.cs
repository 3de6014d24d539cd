using System.Buffers.Binary;
using System.Security.Cryptography;
using Hufu.Consensus;
using Hufu.Crypto;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests.Consensus;

/// <summary>What validators send each other without what both have.</summary>
public sealed class CompactMessageTests
{
    static readonly QbftKey[] Keys = [.. Enumerable.Range(1, 4).Select(i => new QbftKey(SHA256.HashData([(byte)i])))];
    static readonly Transaction[] Waiting = [.. Enumerable.Range(0, 40).Select(Transfer)];

    static QbftHeight At => new(Parent, new ValidatorSet(Keys.Select(key => key.Address)), new QbftTimes());

    static Header Parent { get; } = new() { Number = 6, Beneficiary = Keys[0].Address, GasLimit = 30_000_000, Difficulty = UInt256.One };

    [Theory]
    [InlineData(QbftDialect.Legacy)]
    [InlineData(QbftDialect.WithAccessList)]
    public void A_proposal_is_put_together_again_byte_for_byte(QbftDialect dialect)
    {
        var proposer = Proposer(round: 2);
        var block = BlockOf([.. Waiting, Transfer(99)], withdrawals: []);
        var prepares = Keys.Select(key => Prepare.Sign(key, 7, 1, block.InRound(1).Digest)).ToList();
        var changes = Keys.Select(key => RoundChange.Sign(key, 7, 2, new PreparedCertificate(block.InRound(1), prepares), dialect)).ToList();
        var proposal = Proposal.Sign(proposer, 7, 2, block.InRound(2), changes, prepares, dialect);

        // The last transaction has not come by itself: it travels whole.
        var (code, compact) = Sender(dialect).Of(proposal)!.Value;
        var read = Receiver().Read(proposer.Address, code, compact, At, 0, out var question, out var refusal);

        Assert.Null(question);
        Assert.Null(refusal);
        Assert.Equal(proposal.Encoded.ToArray(), read!.Encoded.ToArray());
        Assert.Equal(proposer.Address, read.Author);
        Assert.True(compact.Length < proposal.Encoded.Length - 40 * 100, $"{compact.Length} of {proposal.Encoded.Length} bytes");
    }

    [Fact]
    public void Whoever_lacks_a_transaction_asks_for_the_whole_once_and_gets_it()
    {
        var proposer = Proposer(round: 0);
        var proposal = Proposal.Sign(proposer, 7, 0, BlockOf(Waiting), [], [], QbftDialect.Legacy);
        var sender = Sender(QbftDialect.Legacy);
        var (code, compact) = sender.Of(proposal)!.Value;
        var receiver = new CompactMessages(new QbftKnowledge { Find = prefixes => [.. Find(prefixes).SkipLast(1), null] }, QbftDialect.Legacy);

        Assert.Null(receiver.Read(proposer.Address, code, compact, At, 0, out var question, out _));

        Assert.Same(proposal, sender.Whole(Keys[3].Address, question));
        Assert.Null(sender.Whole(Keys[3].Address, question));
        Assert.Same(proposal, sender.Whole(Keys[2].Address, question));
        // The same again makes no work.
        Assert.Null(receiver.Read(proposer.Address, code, compact, At, 0, out question, out _));
        Assert.Null(question);
    }

    [Fact]
    public void Another_transaction_with_the_same_beginning_of_its_hash_does_not_pass()
    {
        var proposer = Proposer(round: 0);
        var proposal = Proposal.Sign(proposer, 7, 0, BlockOf(Waiting), [], [], QbftDialect.Legacy);
        var (code, compact) = Sender(QbftDialect.Legacy).Of(proposal)!.Value;
        var receiver = new CompactMessages(new QbftKnowledge { Find = prefixes => [Transfer(77), .. Find(prefixes).Skip(1)] }, QbftDialect.Legacy);

        Assert.Null(receiver.Read(proposer.Address, code, compact, At, 0, out var question, out _));
        Assert.NotNull(question);
    }

    [Fact]
    public void A_round_change_names_the_block_that_the_others_have()
    {
        var block = BlockOf(Waiting).InRound(3);
        var change = RoundChange.Sign(Keys[1], 7, 5, new PreparedCertificate(block, [.. Keys.Select(key => Prepare.Sign(key, 7, 3, block.Digest))]), QbftDialect.Legacy);
        var (code, compact) = Sender(QbftDialect.Legacy).Of(change)!.Value;
        Assert.True(compact.Length < 1000, $"{compact.Length} bytes");

        var receiver = Receiver();
        Assert.Null(receiver.Read(Keys[1].Address, code, compact, At, 0, out var question, out _));
        Assert.NotNull(question);

        receiver.Note(block.InRound(0).Block);
        var read = Assert.IsType<RoundChange>(receiver.Read(Keys[1].Address, code, compact, At, 0, out question, out _));
        Assert.Null(question);
        Assert.Equal(change.Encoded.ToArray(), read.Encoded.ToArray());
        Assert.True(Justification.IsValid(At, read));
    }

    [Fact]
    public void Nobody_makes_more_work_than_a_look_at_each_place_near_by()
    {
        var looked = 0;
        var receiver = new CompactMessages(new QbftKnowledge { Find = prefixes => { looked++; return new Transaction?[prefixes.Count]; } }, QbftDialect.Legacy);
        for (uint round = 0; round < 200; round++)
            foreach (var key in Keys)
            {
                var (code, compact) = Sender(QbftDialect.Legacy).Of(Proposal.Sign(key, 7, round, BlockOf(Waiting).InRound(round), [], [], QbftDialect.Legacy))!.Value;
                for (var again = 0; again < 3; again++) receiver.Read(key.Address, code, compact, At, 90, out _, out _);
            }
        Assert.Equal(11 * Keys.Length, looked);
    }

    [Fact]
    public void Damaged_ones_get_a_refusal_or_are_put_together_to_nothing()
    {
        var random = new Random(5);
        var proposer = Proposer(round: 0);
        var (code, compact) = Sender(QbftDialect.Legacy).Of(Proposal.Sign(proposer, 7, 0, BlockOf(Waiting), [], [], QbftDialect.Legacy))!.Value;
        var told = new QbftExchange(new QbftHoldings(7, 1, 5, [1, 0, 255, 4], [0, 0, 0, 1], [default, new(3, 1), new(2, 9), default]), true, [false, true, false, false]).Encode();
        for (var i = 0; i < 5000; i++)
        {
            var bytes = compact.ToArray();
            for (var flips = 1 + random.Next(4); flips > 0; flips--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (Receiver().Read(proposer.Address, code, bytes, At, 0, out _, out _) is { } read) Assert.Equal(proposer.Address, read.Author);
            Receiver().Read(proposer.Address, BesideCode.CompactRoundChange, bytes, At, 0, out _, out _);
            bytes = told.ToArray();
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (QbftExchange.TryRead(bytes) is { } exchange) Assert.Equal(exchange.Holdings.RoundChanges.Count, exchange.Unjoined.Count);
        }
    }

    [Fact]
    public void What_a_validator_has_is_read_as_it_was_written()
    {
        var holdings = new QbftHoldings(1 << 20, 300, 200, [.. Enumerable.Range(0, 13).Select(i => (byte)(i % 3))], [.. Enumerable.Range(0, 13).Select(i => (byte)(i % 5))], [.. Enumerable.Range(0, 13).Select(i => new HeldRoundChange((uint)i * 40, (byte)i))]);
        bool[] unjoined = [.. Enumerable.Range(0, 13).Select(i => i == 12)];

        var bytes = new QbftExchange(holdings, true, unjoined).Encode();
        var read = QbftExchange.TryRead(bytes)!;

        Assert.Equivalent(holdings, read.Holdings, strict: true);
        Assert.True(read.Asks);
        Assert.Equal(unjoined, read.Unjoined);
        Assert.InRange(bytes.Length, 60, 100);
        Assert.False(holdings.Lacks(read.Holdings, 0));
        Assert.True((holdings with { Proposal = 0 }).Lacks(holdings, 0));
        // Two messages for one place are known by their names.
        Assert.True((holdings with { Proposal = 7 }).Lacks(holdings, 0));
        Assert.False((holdings with { Proposal = 7 }).With(holdings).Lacks(holdings, 0));
        Assert.True((holdings with { RoundChanges = new HeldRoundChange[13] }).Lacks(holdings, 480));
        Assert.False((holdings with { RoundChanges = new HeldRoundChange[13] }).Lacks(holdings, 481));
    }

    static QbftKey Proposer(uint round) => Keys.Single(key => key.Address == At.Proposer(round));

    static CompactMessages Sender(QbftDialect dialect) => new(new QbftKnowledge { Waits = hash => Waiting.Any(transaction => transaction.Hash == hash) }, dialect);

    static CompactMessages Receiver() => new(new QbftKnowledge { Find = Find }, QbftDialect.Legacy);

    static IReadOnlyList<Transaction?> Find(IReadOnlyList<ulong> prefixes) =>
        [.. prefixes.Select(prefix => Waiting.FirstOrDefault(transaction => BinaryPrimitives.ReadUInt64BigEndian(transaction.Hash.Bytes) == prefix))];

    static QbftBlock BlockOf(IReadOnlyList<Transaction> transactions, IReadOnlyList<Withdrawal>? withdrawals = null)
    {
        var header = Parent with { Number = 7, ParentHash = Parent.Hash, ExtraData = new QbftExtraData { Validators = [.. Keys.Select(key => key.Address).Order()] }.Encode(), PrevRandao = QbftExtraData.MixHash };
        Assert.True(QbftBlock.TryMake(new Block(header, transactions, [], withdrawals), out var block));
        return block;
    }

    static Transaction Transfer(int nonce) => TransactionSigning.Sign(new DynamicFeeTransaction
    {
        ChainId = 1981,
        Nonce = (ulong)nonce,
        GasLimit = 21_000,
        MaxFeePerGas = 10_000_000_000,
        MaxPriorityFeePerGas = 1_000_000_000,
        To = Address.FromNumber(0xaa),
        Value = UInt256.One,
    }, SHA256.HashData([9]));
}
