using System.Threading.Channels;
using Hufu.Chain;
using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>
/// Seals the blocks of a chain that one node writes alone, by the three verbs: builds on the head, imports what it built and chooses it, the last two in one write.
/// <see cref="RunAsync"/> seals as the mode says; <see cref="SealAsync(ulong?, CancellationToken)"/> seals at once in any mode. Timestamps follow the clock and always rise.
/// </summary>
/// <param name="transactions">What waits for a block with this parent, best first.</param>
public sealed class SoloDriver(ChainWriter writer, Func<Header, BlockAttributes, ITransactionSource> transactions, SoloOptions options, TimeProvider clock)
{
    const long None = -1;

    // Holds at most one wake: whoever wakes the loop twice before it looks has woken it.
    readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    volatile SoloOptions _options = options;
    volatile TaskCompletionSource _round = NewRound();
    volatile bool _intervalIsOver;
    long _offsetSeconds;
    long _nextTimestamp = None;

    /// <summary>The options in force. Setting them takes effect at once.</summary>
    public SoloOptions Options
    {
        get => _options;
        set
        {
            _options = value;
            _wake.Writer.TryWrite(true);
        }
    }

    /// <summary>How far the chain's clock is ahead of the one given, for development chains that jump in time.</summary>
    public TimeSpan Offset
    {
        get => TimeSpan.FromSeconds(Interlocked.Read(ref _offsetSeconds));
        set => Interlocked.Exchange(ref _offsetSeconds, (long)value.TotalSeconds);
    }

    /// <summary>The timestamp of the next block, in seconds since 1970; null leaves it to the clock. The clock goes on from there once the block is sealed.</summary>
    public ulong? NextTimestamp
    {
        get => Interlocked.Read(ref _nextTimestamp) is var next && next == None ? null : (ulong)next;
        set => Interlocked.Exchange(ref _nextTimestamp, value is { } seconds ? (long)seconds : None);
    }

    /// <summary>What a block sealed now would state, were its parent long past.</summary>
    public ulong Now => Clock();

    /// <summary>Tells the driver that transactions wait. Cheap; never blocks.</summary>
    public void TransactionsArrived() => _wake.Writer.TryWrite(true);

    /// <summary>
    /// Wakes the loop, and completes when it has sealed what was waiting at the time of the call, as far as the mode has it do so. Many callers share one
    /// round: what they sent goes into one block. Completes at once where no loop runs any more.
    /// </summary>
    public Task SettledAsync()
    {
        // The round is taken before the wake: a loop that takes up this wake completes this round or a later one, never an earlier.
        var round = _round;
        _wake.Writer.TryWrite(true);
        return round.Task;
    }

    /// <summary>Seals one block now, empty or not.</summary>
    /// <param name="timestamp">Seconds since 1970; null takes the clock's. Not later than the head's: the next second is taken.</param>
    public async Task<Block> SealAsync(ulong? timestamp = null, CancellationToken stop = default) =>
        (await SealAsync(timestamp, isEmptyWelcome: true, stop).ConfigureAwait(false))!;

    /// <summary>Seals blocks as the mode says, until stopped. The block at hand is finished first.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var running = _options;
        using var timer = clock.CreateTimer(_ => IntervalOver(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        SetTimer(timer, running);
        // What was sent before the loop began waits already.
        _wake.Writer.TryWrite(true);
        try
        {
            await foreach (var _ in _wake.Reader.ReadAllAsync(stop).ConfigureAwait(false))
            {
                if (_options is var wanted && wanted != running) SetTimer(timer, running = wanted);
                try
                {
                    await SealDueAsync(running, stop).ConfigureAwait(false);
                }
                catch (OriginUnavailable)
                {
                    // What waits goes on waiting: the next transaction, interval or request tries again.
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The way to stop.
        }
        finally
        {
            _round.TrySetResult();
        }
    }

    static TaskCompletionSource NewRound() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    async Task SealDueAsync(SoloOptions running, CancellationToken stop)
    {
        var round = TakeRound();
        try
        {
            switch (running.Mode)
            {
                case SoloMode.Instant:
                    // A full block leaves some behind: go on until nothing that can run is left. Each block answers those who waited for it.
                    while (await SealAsync(null, isEmptyWelcome: false, stop).ConfigureAwait(false) is not null)
                    {
                        round.SetResult();
                        round = TakeRound();
                    }
                    break;
                case SoloMode.Interval when _intervalIsOver:
                    _intervalIsOver = false;
                    await SealAsync(null, running.SealsEmptyBlocks, stop).ConfigureAwait(false);
                    break;
            }
        }
        finally
        {
            round.TrySetResult();
        }
    }

    TaskCompletionSource TakeRound()
    {
        var round = _round;
        _round = NewRound();
        return round;
    }

    /// <summary>Seals blocks one after the other, empty or not, with nothing between them.</summary>
    /// <param name="timestamp">Of the first; null takes the clock's.</param>
    /// <param name="interval">Seconds from each to the next; null takes the clock's times.</param>
    /// <returns>The last.</returns>
    public Task<Block> SealRunAsync(int count, ulong? timestamp, ulong? interval, CancellationToken stop = default) => writer.Ask(chain =>
    {
        var last = Seal(chain, timestamp, isEmptyWelcome: true)!;
        for (var i = 1; i < count; i++) last = Seal(chain, interval is { } step ? last.Header.Timestamp + step : null, isEmptyWelcome: true)!;
        return last;
    }, stop);

    Task<Block?> SealAsync(ulong? timestamp, bool isEmptyWelcome, CancellationToken stop) => writer.Ask(chain => Seal(chain, timestamp, isEmptyWelcome), stop);

    /// <summary>Build, import and choose are one act of the writer: nothing comes between them.</summary>
    Block? Seal(Blockchain chain, ulong? timestamp, bool isEmptyWelcome)
    {
        var parent = chain.Head.Head;
        var wanted = timestamp ?? NextTimestamp;
        var attributes = Attributes(parent, wanted);
        var waiting = transactions(parent, attributes);
        // By the clock, not by the block's own time: one block a second ahead of it must not call for the next.
        if (waiting.IsEmpty && !isEmptyWelcome && !(chain.Jobs?.NextDue(chain, parent) <= Clock())) return null;
        var built = chain.Build(parent.Hash, attributes, waiting);
        if (built.Block.Transactions.Count == 0 && !isEmptyWelcome) return null;

        var result = chain.Import(built, isChosen: true);
        if (result.Refusal is { } refusal) throw new InvalidOperationException($"the block sealed here is refused: {refusal}");
        if (wanted is not null || (_options.ClockFollowsBlocks && attributes.Timestamp > Clock())) GoOnFrom(attributes.Timestamp);
        return built.Block;
    }

    /// <summary>What a block sealed on this parent now would be asked to be.</summary>
    public BlockAttributes NextAttributes(Header parent) => Attributes(parent, NextTimestamp);

    BlockAttributes Attributes(Header parent, ulong? timestamp)
    {
        var now = _options;
        return new BlockAttributes
        {
            Timestamp = Math.Max(timestamp ?? (now.TimestampInterval is { } step ? parent.Timestamp + step : Clock()), parent.Timestamp + 1),
            Beneficiary = now.Beneficiary,
            // Nobody else contributes randomness to a chain with one sealer: a value that differs in every block is all there is to have.
            PrevRandao = Keccak256.Hash(parent.Hash.Bytes),
            ExtraData = now.ExtraData,
            GasLimitTarget = now.GasLimitTarget,
            GasLimit = now.GasLimit,
        };
    }

    // Development chains that were sent into the future, or into the past, stay there.
    void GoOnFrom(ulong timestamp)
    {
        NextTimestamp = null;
        Offset += TimeSpan.FromSeconds((long)timestamp - (long)Clock());
    }

    ulong Clock() => (ulong)Math.Max(0, clock.GetUtcNow().ToUnixTimeSeconds() + Interlocked.Read(ref _offsetSeconds));

    static void SetTimer(ITimer timer, SoloOptions options)
    {
        var period = options.Mode == SoloMode.Interval ? options.Interval : Timeout.InfiniteTimeSpan;
        timer.Change(period, period);
    }

    void IntervalOver()
    {
        _intervalIsOver = true;
        _wake.Writer.TryWrite(true);
    }
}
