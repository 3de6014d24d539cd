using System.Diagnostics;
using System.Globalization;
using Hufu.Client;
using Hufu.Crypto;
using Hufu.Primitives;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>The client library against a chain that is not ours.</summary>
public sealed class AnvilTests : IAsyncLifetime
{
    static readonly Address Shop = Address.FromNumber(0x50fa);

    Process? _anvil;
    int _port;

    public async ValueTask InitializeAsync()
    {
        var program = NodeClients.Package("@foundry-rs/anvil-linux-amd64/bin/anvil");
        _port = HufuProcess.FreePort();
        _anvil = Process.Start(new ProcessStartInfo(program, ["--port", _port.ToString(CultureInfo.InvariantCulture), "--silent"]));
        await using var chain = await ConnectAsync("http");
        // The transport waits and asks again while the port is not open yet.
        for (var i = 0; i < 10; i++)
        {
            try
            {
                await chain.GetBlockNumberAsync();
                return;
            }
            catch (ChainException) when (i < 9)
            {
                await Task.Delay(200);
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _anvil?.Kill();
        _anvil?.Dispose();
        return ValueTask.CompletedTask;
    }

    Task<ChainClient> ConnectAsync(string scheme) => ChainClient.ConnectAsync(new Uri($"{scheme}://127.0.0.1:{_port}"));

    static Signer Account(uint index) => Mnemonic.TryParse("test test test test test test test test test test test junk", out var words, out _) ? Signer.FromMnemonic(words, index) : throw new InvalidOperationException();

    [Theory]
    [InlineData("http")]
    [InlineData("ws")]
    public async Task Payments_receipts_errors_and_tallies_are_the_same_there(string scheme)
    {
        await using var chain = await ConnectAsync(scheme);
        using var alice = new TransactionSender(chain, Account(0));

        var receipts = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => alice.ExecuteAsync(new TransactionRequest { To = Shop, Value = 7 })));
        Assert.Equal(70, await chain.GetBalanceAsync(Shop));
        var block = await chain.GetBlockAsync(receipts[3].BlockHash, withTransactions: true);
        Assert.True(block!.IsHeaderWhole);
        Assert.Contains(receipts[3].TransactionHash, block.Transactions.Select(transaction => transaction.Hash));

        var maker = new TallyMaker(chain);
        foreach (var file in new[] { await maker.OfTransactionAsync(receipts[3].TransactionHash), await maker.OfAccountAsync(Shop) })
            Assert.True(TallyFile.TryVerify(file, null, out _, out var refusal), refusal?.ToString());

        var refused = await Assert.ThrowsAsync<ChainException>(() => alice.ExecuteAsync(new TransactionRequest { To = Shop, Value = UInt256.MaxValue }));
        Assert.NotEmpty(refused.Refusal.What);
    }

    [Fact]
    public async Task Heads_are_told_over_a_WebSocket_as_they_come()
    {
        await using var chain = await ConnectAsync("ws");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var alice = new TransactionSender(chain, Account(0));
        var numbers = new List<ulong>();
        var listening = Task.Run(async () =>
        {
            await foreach (var head in chain.HeadsAsync(patience.Token))
            {
                numbers.Add(head.Number);
                if (numbers.Count == 3) return;
            }
        });
        // Anvil tells of nothing before it has answered the subscription.
        await Task.Delay(500);
        for (var i = 0; i < 3; i++) await alice.ExecuteAsync(new TransactionRequest { To = Shop, Value = 1 });

        await listening;
        Assert.Equal([numbers[0], numbers[0] + 1, numbers[0] + 2], numbers);
    }

    [Fact]
    public async Task A_connection_that_ends_is_told_to_whoever_waits()
    {
        await using var chain = await ConnectAsync("ws");
        var listening = Task.Run(async () =>
        {
            await foreach (var _ in chain.HeadsAsync()) { }
        });
        await Task.Delay(300);
        _anvil!.Kill();

        await Assert.ThrowsAsync<ChainException>(() => listening);
        await Assert.ThrowsAsync<ChainException>(() => chain.GetBlockNumberAsync());
    }
}
