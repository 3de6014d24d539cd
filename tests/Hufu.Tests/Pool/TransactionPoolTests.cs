using Hufu.Chain;
using Hufu.Crypto;
using Hufu.Primitives;
using Hufu.State;
using Xunit;

namespace Hufu.Tests.Pool;

public class TransactionPoolTests
{
    const ulong ChainId = 31337;

    static readonly byte[][] Secrets = [.. Enumerable.Range(1, 8).Select(number => (byte[])[.. new byte[31], (byte)number])];
    static readonly UInt256 Gwei = 1_000_000_000;

    static PoolHead Head(ulong number = 0, params (byte[] Secret, ulong Nonce)[] used)
    {
        var state = WorldState.BeginEmpty();
        var diff = new StateDiff();
        foreach (var secret in Secrets)
            diff.Accounts[TransactionSigning.AddressOf(secret)] = new AccountDiff
            {
                Nonce = used.FirstOrDefault(entry => entry.Secret == secret).Nonce,
                Balance = UInt256.Parse("1000000000000000000"),
            };
        state.Apply(diff);
        var header = new Header { Number = number, GasLimit = 30_000_000, BaseFeePerGas = Gwei, Timestamp = 12 * number };
        return new PoolHead(header, state, ForkRules.Of(Fork.Osaka));
    }

    static Transaction Transfer(byte[] secret, ulong nonce, ulong tip = 1, ulong cap = 100, ulong value = 1) => TransactionSigning.Sign(new DynamicFeeTransaction
    {
        ChainId = ChainId,
        Nonce = nonce,
        GasLimit = 21_000,
        To = Address.FromNumber(0x1000),
        Value = value,
        MaxFeePerGas = Gwei * cap,
        MaxPriorityFeePerGas = Gwei * tip,
    }, secret);

    static List<Transaction> Take(TransactionPool pool)
    {
        var best = pool.Best(Gwei, UInt256.One);
        var taken = new List<Transaction>();
        while (best.TryTake(out var transaction, out _)) taken.Add(transaction);
        return taken;
    }

    [Fact]
    public void A_block_learns_who_sent_what_has_waited_here_and_nothing_of_the_rest()
    {
        using var pool = new TransactionPool(new PoolOptions(), ChainId, Head());
        var (waiting, unknown) = (Transfer(Secrets[0], 0), Transfer(Secrets[1], 0));
        Assert.Null(pool.Add(Decoded(waiting)).Refusal);
        var block = new Block(new Header(), [Decoded(waiting), Decoded(unknown)], [], []);
        pool.RecallSenders(block);

        Assert.Equal(TransactionSigning.AddressOf(Secrets[0]), block.Transactions[0].RecoveredSender?.Value);
        Assert.Null(block.Transactions[1].RecoveredSender);

        // As it comes from another: without what its signing has left behind.
        static Transaction Decoded(Transaction transaction) => NetworkForm.TryDecode(transaction.Encoded.Span, out var decoded, out _, out var refusal) ? decoded : throw new InvalidOperationException(refusal.ToString());
    }

    [Fact]
    public void The_best_paying_comes_first_and_each_sender_by_nonce()
    {
        using var pool = new TransactionPool(new PoolOptions(), ChainId, Head());
        Transaction[] sent = [Transfer(Secrets[0], 0, tip: 1), Transfer(Secrets[0], 1, tip: 9), Transfer(Secrets[1], 0, tip: 5)];
        foreach (var transaction in sent) Assert.Null(pool.Add(transaction).Refusal);
        Assert.Equal([sent[2].Hash, sent[0].Hash, sent[1].Hash], Take(pool).Select(transaction => transaction.Hash));
    }

    [Fact]
    public void What_waits_for_a_nonce_is_ready_when_the_nonce_comes()
    {
        using var pool = new TransactionPool(new PoolOptions(), ChainId, Head());
        Assert.False(pool.Add(Transfer(Secrets[0], 1)).IsReady);
        Assert.Equal((0, 1), pool.Count);
        Assert.True(pool.Add(Transfer(Secrets[0], 0)).IsReady);
        Assert.Equal((2, 0), pool.Count);
        Assert.Equal(2UL, pool.NextNonce(TransactionSigning.AddressOf(Secrets[0])));
    }

    [Fact]
    public void A_replacement_bids_ten_per_cent_more_on_both_fees()
    {
        using var pool = new TransactionPool(new PoolOptions(), ChainId, Head());
        Assert.Null(pool.Add(Transfer(Secrets[0], 0, tip: 10, cap: 100)).Refusal);
        Assert.StartsWith("replacement transaction underpriced", pool.Add(Transfer(Secrets[0], 0, tip: 11, cap: 109)).Refusal!.What, StringComparison.Ordinal);
        Assert.Null(pool.Add(Transfer(Secrets[0], 0, tip: 11, cap: 110)).Refusal);
        Assert.Equal((1, 0), pool.Count);
    }

    [Theory]
    [InlineData("already known")]
    [InlineData("nonce too low")]
    [InlineData("insufficient funds for gas * price + value")]
    [InlineData("exceeds block gas limit")]
    public void A_refusal_opens_with_the_words_that_wallets_match_on(string words)
    {
        using var pool = new TransactionPool(new PoolOptions(), ChainId, Head(0, (Secrets[0], 5)));
        pool.Add(Transfer(Secrets[1], 0));
        var refused = words switch
        {
            "already known" => Transfer(Secrets[1], 0),
            "nonce too low" => Transfer(Secrets[0], 4),
            "exceeds block gas limit" => TransactionSigning.Sign(new LegacyTransaction { GasLimit = 30_000_001, GasPrice = Gwei, To = default(Address), V = 2 * ChainId + 35 }, Secrets[2]),
            _ => Transfer(Secrets[2], 0, value: 999_999_999_999_999_999),
        };
        var head = words == "exceeds block gas limit" ? ForkRules.Of(Fork.Prague) : null;
        if (head is not null) pool.MoveTo(Head() with { NextRules = head });
        Assert.StartsWith(words, pool.Add(refused).Refusal!.What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_pool_lets_the_greediest_sender_wait_outside_and_then_the_lowest_tip()
    {
        using var pool = new TransactionPool(new PoolOptions { MaxTransactions = 4, FairShare = 2 }, ChainId, Head());
        for (var nonce = 0UL; nonce < 4; nonce++) Assert.Null(pool.Add(Transfer(Secrets[0], nonce, tip: 9)).Refusal);
        Assert.Null(pool.Add(Transfer(Secrets[1], 0, tip: 2)).Refusal);
        Assert.Null(pool.Add(Transfer(Secrets[2], 0, tip: 3)).Refusal);
        Assert.Equal(2UL, pool.NextNonce(TransactionSigning.AddressOf(Secrets[0])));
        Assert.StartsWith("txpool is full", pool.Add(Transfer(Secrets[3], 0, tip: 1)).Refusal!.What, StringComparison.Ordinal);
        Assert.Null(pool.Add(Transfer(Secrets[3], 0, tip: 4)).Refusal);
        Assert.Equal(0UL, pool.NextNonce(TransactionSigning.AddressOf(Secrets[1])));
    }

    [Fact]
    public void A_new_head_takes_out_what_it_included_and_a_reorganisation_brings_it_back()
    {
        using var pool = new TransactionPool(new PoolOptions(), ChainId, Head());
        Transaction[] sent = [Transfer(Secrets[0], 0), Transfer(Secrets[0], 1)];
        foreach (var transaction in sent) pool.Add(transaction);
        pool.MoveTo(Head(1, (Secrets[0], 1)));
        Assert.Equal([sent[1].Hash], Take(pool).Select(transaction => transaction.Hash));
        pool.MoveTo(Head(), [sent[0]]);
        Assert.Equal([sent[0].Hash, sent[1].Hash], Take(pool).Select(transaction => transaction.Hash));
    }

    [Fact]
    public void The_journal_carries_the_pool_over_a_restart_and_survives_a_torn_end()
    {
        var file = Path.Combine(Path.GetTempPath(), $"pool-{Guid.NewGuid():N}.journal");
        try
        {
            var options = new PoolOptions { JournalFile = file };
            using (var pool = new TransactionPool(options, ChainId, Head()))
                for (var nonce = 0UL; nonce < 3; nonce++) pool.Add(Transfer(Secrets[0], nonce));
            using (var torn = new FileStream(file, FileMode.Open)) torn.SetLength(torn.Length - 5);
            using (var pool = new TransactionPool(options, ChainId, Head())) Assert.Equal((2, 0), pool.Count);
            using (var pool = new TransactionPool(options, ChainId, Head())) Assert.Equal((2, 0), pool.Count);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void What_the_journal_cannot_take_does_not_wait_and_hides_nothing_before_it()
    {
        if (!File.Exists("/dev/full")) Assert.Skip("needs the always full device /dev/full");
        var file = Path.Combine(Path.GetTempPath(), $"pool-{Guid.NewGuid():N}.journal");
        File.CreateSymbolicLink(file, "/dev/full");
        try
        {
            using var pool = new TransactionPool(new PoolOptions { JournalFile = file }, ChainId, Head());
            var refusal = pool.Add(Transfer(Secrets[0], 0)).Refusal;
            Assert.StartsWith("the transaction cannot be kept", refusal!.What, StringComparison.Ordinal);
            Assert.Equal((0, 0), pool.Count);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Of_an_account_that_runs_anothers_code_one_transaction_waits_at_a_time()
    {
        using var pool = new TransactionPool(new PoolOptions(), ChainId, Head());
        // The first authorizes itself, and so limits what it sends after.
        Assert.Null(pool.Add(SetCode(Secrets[0], 0, Secrets[0])).Refusal);
        Assert.StartsWith("in-flight transaction limit reached", pool.Add(Transfer(Secrets[0], 1)).Refusal!.What, StringComparison.Ordinal);
        // A replacement is welcome as ever.
        Assert.Null(pool.Add(Transfer(Secrets[0], 0, tip: 2, cap: 200)).Refusal);
        Assert.Null(pool.Add(Transfer(Secrets[0], 1)).Refusal);
    }

    [Fact]
    public void An_account_that_others_may_empty_leaves_no_gap_and_authorizes_with_little_waiting()
    {
        using var pool = new TransactionPool(new PoolOptions(), ChainId, Head());
        Assert.Null(pool.Add(SetCode(Secrets[0], 0, Secrets[1])).Refusal);
        Assert.StartsWith("gapped-nonce tx from delegated accounts", pool.Add(Transfer(Secrets[1], 1)).Refusal!.What, StringComparison.Ordinal);
        Assert.Null(pool.Add(Transfer(Secrets[1], 0)).Refusal);

        for (var nonce = 0UL; nonce < 2; nonce++) Assert.Null(pool.Add(Transfer(Secrets[2], nonce)).Refusal);
        Assert.StartsWith("authority already reserved", pool.Add(SetCode(Secrets[3], 0, Secrets[2])).Refusal!.What, StringComparison.Ordinal);
    }

    static Transaction SetCode(byte[] secret, ulong nonce, byte[] authority) => TransactionSigning.Sign(new SetCodeTransaction
    {
        ChainId = ChainId,
        Nonce = nonce,
        GasLimit = 100_000,
        To = Address.FromNumber(0x1000),
        MaxFeePerGas = Gwei * 100,
        MaxPriorityFeePerGas = Gwei,
        AuthorizationList = [TransactionSigning.Sign(new Authorization(ChainId, Address.FromNumber(0x2000), nonce + 1, 0, UInt256.Zero, UInt256.Zero), authority)],
    }, secret);

    [Fact]
    public void Many_offered_at_once_are_answered_in_order()
    {
        using var pool = new TransactionPool(new PoolOptions(), ChainId, Head());
        var forms = Enumerable.Range(0, 20).Select(nonce => Transfer(Secrets[nonce % 4], (ulong)nonce / 4).Encoded).Append(new byte[] { 0x02, 0xff }).ToList();
        var answers = pool.AddMany(forms);
        Assert.All(answers[..20], answer => Assert.Null(answer.Refusal));
        Assert.StartsWith("rlp", answers[20].Refusal!.What, StringComparison.Ordinal);
        Assert.Equal((20, 0), pool.Count);
    }
}
