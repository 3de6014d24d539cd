using Hufu.Client;
using Hufu.Consensus;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests.Client;

public sealed class SendingTests
{
    static readonly Address Shop = Address.FromNumber(0x50fa);

    static readonly SendOptions Quick = new() { PollEvery = TimeSpan.FromMilliseconds(20), RaiseAfter = TimeSpan.FromMilliseconds(100), GiveUpAfter = TimeSpan.FromSeconds(30) };

    [Fact]
    public async Task A_payment_arrives_and_its_receipt_tells()
    {
        await using var chain = await ClientChain.StartAsync();
        using var alice = new TransactionSender(chain.Client, ClientChain.Alice);

        var receipt = await alice.ExecuteAsync(new TransactionRequest { To = Shop, Value = 300 });

        Assert.Equal(ClientChain.Alice.Address, receipt.From);
        Assert.Equal(300, await chain.Client.GetBalanceAsync(Shop));
        var block = await chain.Client.GetBlockAsync(receipt.BlockHash, withTransactions: true);
        Assert.True(block!.IsHeaderWhole);
        Assert.Equal([receipt.TransactionHash], block.Transactions.Select(transaction => transaction.Hash));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task However_many_messages_are_lost_every_payment_is_made_once(int seed)
    {
        await using var chain = await ClientChain.StartAsync();
        var lossy = new ChainClient(new LossyTransport(chain.Client.Transport, seed, loss: 0.25));
        using var alice = new TransactionSender(lossy, ClientChain.Alice, Quick);
        const int Payments = 25;
        var made = 0;
        while (made < Payments)
        {
            SentTransaction sent;
            try
            {
                sent = await alice.SendAsync(new TransactionRequest { To = Shop, Value = 1, GasLimit = 21_000 });
            }
            catch (ChainException lost) when (lost.Code is null)
            {
                continue;   // promised: nothing was sent
            }
            await sent.WaitAsync();
            made++;
        }

        Assert.Equal(Payments, await chain.Client.GetBalanceAsync(Shop));
        Assert.Equal((ulong)Payments, await chain.Client.GetNonceAsync(alice.Address));
    }

    [Fact]
    public async Task Many_at_once_through_one_sender_take_one_nonce_each()
    {
        await using var chain = await ClientChain.StartAsync();
        using var alice = new TransactionSender(chain.Client, ClientChain.Alice, Quick);

        var receipts = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => alice.ExecuteAsync(new TransactionRequest { To = Shop, Value = 1 })));

        Assert.Equal(40, receipts.Select(receipt => receipt.TransactionHash).Distinct().Count());
        Assert.Equal(40, await chain.Client.GetBalanceAsync(Shop));
    }

    [Fact]
    public async Task Two_programs_with_one_key_each_pay_once()
    {
        await using var chain = await ClientChain.StartAsync();
        using var one = new TransactionSender(chain.Client, ClientChain.Alice, Quick);
        using var other = new TransactionSender(chain.Client, ClientChain.Alice, Quick);
        await one.ExecuteAsync(new TransactionRequest { To = Shop, Value = 1 });
        await other.ExecuteAsync(new TransactionRequest { To = Shop, Value = 10 });

        await one.ExecuteAsync(new TransactionRequest { To = Shop, Value = 100 });

        Assert.Equal(111, await chain.Client.GetBalanceAsync(Shop));
    }

    [Fact]
    public async Task A_transaction_that_waits_is_offered_for_more_under_the_same_nonce_and_counts_once()
    {
        await using var chain = await ClientChain.StartAsync(SoloMode.Manual);
        using var alice = new TransactionSender(chain.Client, ClientChain.Alice, Quick);
        var sent = await alice.SendAsync(new TransactionRequest { To = Shop, Value = 7 });
        var waiting = sent.WaitAsync();
        while (sent.Forms.Count < 3) await Task.Delay(20);

        await chain.Mine();
        var receipt = await waiting;

        Assert.Contains(receipt.TransactionHash, sent.Forms.Select(form => form.Hash));
        Assert.Single(sent.Forms.Select(form => form.Nonce).Distinct());
        Assert.Equal(7, await chain.Client.GetBalanceAsync(Shop));
    }

    [Fact]
    public async Task Confirmations_are_waited_for_and_a_block_left_behind_does_not_count()
    {
        await using var chain = await ClientChain.StartAsync(SoloMode.Manual);
        using var alice = new TransactionSender(chain.Client, ClientChain.Alice, Quick with { RaiseAfter = TimeSpan.FromMinutes(1) });
        var snapshot = (await chain.Client.AskAsync("evm_snapshot", [])).GetString();
        var sent = await alice.SendAsync(new TransactionRequest { To = Shop, Value = 7 });
        await chain.Mine();
        var waiting = sent.WaitAsync(confirmations: 3);
        await Task.Delay(150);
        Assert.False(waiting.IsCompleted);

        // The block is taken away again, and two empty ones would not bring the payment back.
        await chain.Client.AskAsync("evm_revert", [snapshot]);
        await Task.Delay(150);
        await chain.Client.SendRawAsync(sent.Forms[0].Encoded);
        for (var i = 0; i < 3; i++) await chain.Mine();

        var receipt = await waiting;
        Assert.Equal(receipt.BlockHash, (await chain.Client.GetBlockAsync(receipt.BlockNumber))!.Hash);
    }

    [Fact]
    public async Task A_follower_hears_of_blocks_left_behind_before_those_in_their_place()
    {
        await using var chain = await ClientChain.StartAsync(SoloMode.Manual);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var steps = new BlockFollower(chain.Client, new BlockFollowerOptions { PollEvery = TimeSpan.FromMilliseconds(10) }).FollowAsync(1, stop: patience.Token).GetAsyncEnumerator();
        await chain.Mine();
        var snapshot = (await chain.Client.AskAsync("evm_snapshot", [])).GetString();
        await chain.Mine();
        Assert.Equal((1ul, false), await Next());
        Assert.Equal((2ul, false), await Next());

        await chain.Client.AskAsync("evm_revert", [snapshot]);
        await chain.Client.AskAsync("evm_increaseTime", ["0x100"]);
        await chain.Mine();

        Assert.Equal((2ul, true), await Next());
        Assert.Equal((2ul, false), await Next());
        await steps.DisposeAsync();

        async Task<(ulong, bool)> Next() => await steps.MoveNextAsync() ? (steps.Current.Block.Header.Number, steps.Current.IsRemoved) : default;
    }

    [Fact]
    public async Task A_node_that_is_not_there_is_told_with_what_to_do()
    {
        await using var client = new ChainClient(new HttpTransport(new Uri("http://user:secret@127.0.0.1:1/"), new HttpTransportOptions { Retries = 1, FirstPause = TimeSpan.FromMilliseconds(1) }));

        var error = await Assert.ThrowsAsync<ChainException>(() => client.GetBlockNumberAsync());

        Assert.Contains("cannot be reached", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }
}
