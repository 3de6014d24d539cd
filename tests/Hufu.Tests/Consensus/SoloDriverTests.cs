using Hufu.Chain;
using Hufu.Consensus;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests;

public sealed class SoloDriverTests : IAsyncDisposable
{
    static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    readonly WatchedStore _store = new();
    readonly TestChain _chain;
    readonly ManualClock _clock = new(Start);
    readonly CancellationTokenSource _stop = new();
    readonly List<(Transaction, Address)> _waiting = [];
    readonly List<Task> _loops = [];

    public SoloDriverTests() => _chain = new TestChain(followsImports: false, store: _store);

    [Fact]
    public async Task A_sealed_block_takes_one_write_that_waits_for_the_disk()
    {
        var driver = Run(new SoloOptions { Mode = SoloMode.Instant });
        await driver.SettledAsync();
        var before = (_store.Commits, _store.SyncedCommits);
        Send(0);
        await driver.SettledAsync();
        await driver.SettledAsync();
        Assert.Equal(1UL, _chain.Chain.Head.Number);
        Assert.Equal(_chain.Chain.Head.Hash, _chain.Chain.Head.Safe.Hash);
        Assert.Equal((before.Commits + 1, before.SyncedCommits + 1), (_store.Commits, _store.SyncedCommits));
    }

    [Fact]
    public async Task A_block_sealed_again_after_the_chain_was_set_back_is_chosen_again()
    {
        var driver = Run(new SoloOptions { Mode = SoloMode.Manual });
        var genesis = _chain.Chain.Head.Hash;
        var first = await driver.SealAsync(stop: _stop.Token);
        Assert.Null(_chain.Chain.Choose(genesis, genesis, genesis));
        var again = await driver.SealAsync(stop: _stop.Token);
        Assert.Equal(first.Hash, again.Hash);
        Assert.Equal(first.Hash, _chain.Chain.Head.Hash);
    }

    [Fact]
    public async Task Instant_sealing_takes_what_arrives_and_makes_no_empty_blocks()
    {
        var driver = Run(new SoloOptions { Mode = SoloMode.Instant, Beneficiary = TestChain.Bob });
        await driver.SettledAsync();
        Assert.Equal(0UL, _chain.Chain.Head.Number);

        Send(0);
        Send(1);
        await driver.SettledAsync();
        await driver.SettledAsync();
        Assert.Equal(1UL, _chain.Chain.Head.Number);
        Assert.Equal((UInt256)2, _chain.BalanceOf(TestChain.Carol));
        Assert.Equal(1_700_000_000UL, _chain.Chain.Head.Head.Timestamp);
        Assert.Equal(TestChain.Bob, _chain.Chain.Head.Head.Beneficiary);
        Assert.Equal(_chain.Chain.Head.Hash, _chain.Chain.Head.Finalised.Hash);
    }

    [Fact]
    public async Task Timestamps_rise_even_where_the_clock_stands_still_or_goes_back()
    {
        var driver = Run(new SoloOptions { Mode = SoloMode.Manual });
        var first = await driver.SealAsync(stop: _stop.Token);
        var second = await driver.SealAsync(stop: _stop.Token);
        driver.Offset = TimeSpan.FromHours(-1);
        var third = await driver.SealAsync(stop: _stop.Token);
        driver.Offset = TimeSpan.FromHours(1);
        var fourth = await driver.SealAsync(stop: _stop.Token);
        var fifth = await driver.SealAsync(timestamp: 1_800_000_000, _stop.Token);
        Assert.Equal([1_700_000_000UL, 1_700_000_001, 1_700_000_002, 1_700_003_600, 1_800_000_000],
            new[] { first, second, third, fourth, fifth }.Select(block => block.Header.Timestamp));
        Assert.NotEqual(first.Header.PrevRandao, second.Header.PrevRandao);
    }

    [Fact]
    public async Task Interval_sealing_follows_the_clock_and_the_options_as_they_change()
    {
        var driver = Run(new SoloOptions { Mode = SoloMode.Interval, Interval = TimeSpan.FromSeconds(5) });
        await driver.SettledAsync();
        Assert.Equal(0UL, _chain.Chain.Head.Number);
        await AdvanceTo(1);
        await AdvanceTo(2);
        Assert.Equal(1_700_000_010UL, _chain.Chain.Head.Head.Timestamp);

        driver.Options = driver.Options with { SealsEmptyBlocks = false };
        await driver.SettledAsync();
        _clock.Advance(TimeSpan.FromSeconds(5));
        await driver.SettledAsync();
        Assert.Equal(2UL, _chain.Chain.Head.Number);
        Send(0);
        await AdvanceTo(3);

        driver.Options = driver.Options with { Mode = SoloMode.Manual };
        await driver.SettledAsync();
        _clock.Advance(TimeSpan.FromSeconds(50));
        await driver.SettledAsync();
        Assert.Equal(3UL, _chain.Chain.Head.Number);

        async Task AdvanceTo(ulong number)
        {
            _clock.Advance(TimeSpan.FromSeconds(5));
            await driver.SettledAsync();
            await driver.SettledAsync();
            Assert.Equal(number, _chain.Chain.Head.Number);
        }
    }

    [Fact]
    public async Task Stopping_ends_the_loop_and_frees_who_waits()
    {
        var driver = Run(new SoloOptions());
        await driver.SettledAsync();
        await _stop.CancelAsync();
        await Task.WhenAll(_loops);
        await driver.SettledAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => driver.SealAsync(stop: TestContext.Current.CancellationToken));
    }

    SoloDriver Run(SoloOptions options)
    {
        var writer = new ChainWriter(_chain.Chain);
        var driver = new SoloDriver(writer, (_, _) => Waiting(), options, _clock);
        _loops.Add(writer.RunAsync(_stop.Token));
        _loops.Add(driver.RunAsync(_stop.Token));
        return driver;
    }

    void Send(ulong nonce)
    {
        lock (_waiting) _waiting.Add((_chain.Transfer(TestChain.AliceSecret, nonce, TestChain.Carol, 1), TestChain.Alice));
    }

    // What is in the chain already fails its nonce and is skipped, as a pool would have dropped it.
    TransactionList Waiting()
    {
        lock (_waiting)
        {
            var taken = _waiting.ToList();
            _waiting.Clear();
            return new TransactionList(taken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_loops);
        _stop.Dispose();
        _chain.Dispose();
    }
}
