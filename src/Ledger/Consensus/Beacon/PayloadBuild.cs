using Hufu.Chain;

namespace Hufu.Consensus;

/// <summary>A built block with the blobs to publish beside it.</summary>
public sealed record BuiltPayload(ExecutedBlock Block, BlobsBundle Blobs);

/// <summary>
/// One block in the making (execution-apis, "Payload building"): empty at first, and built anew while better transactions come, until it is taken or its
/// slot is over. It runs beside the writer and changes nothing.
/// </summary>
sealed class PayloadBuild
{
    // Two builds are at least so far apart, and longer where one takes long: building shall not eat the machine.
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    // SECONDS_PER_SLOT of the main network: nobody takes the block after that.
    static readonly TimeSpan Slot = TimeSpan.FromSeconds(12);

    readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource _improved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    volatile TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Func<BuiltPayload?> _build;
    readonly TimeProvider _clock;
    volatile BuiltPayload _best;

    /// <param name="empty">The block without transactions, there to be taken at once.</param>
    /// <param name="build">Builds the block from what waits now; null where it cannot be had.</param>
    public PayloadBuild(ExecutedBlock empty, Func<BuiltPayload?> build, TimeProvider clock) =>
        (_best, _build, _clock) = (new BuiltPayload(empty, BlobsBundle.Empty), build, clock);

    public ulong Timestamp => _best.Block.Header.Timestamp;

    /// <summary>Builds until stopped, taken or overdue.</summary>
    public async Task RunAsync()
    {
        var overdue = Task.Delay(LifeTime, _clock);
        while (!_ended.Task.IsCompleted && !overdue.IsCompleted)
        {
            var begun = _clock.GetTimestamp();
            _arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_build() is { } built && IsBetter(built.Block, _best.Block)) _best = built;
            _improved.TrySetResult();
            await Task.WhenAny(_ended.Task, Task.Delay(Pause + _clock.GetElapsedTime(begun), _clock)).ConfigureAwait(false);
            await Task.WhenAny(_ended.Task, overdue, _arrived.Task).ConfigureAwait(false);
        }
        _improved.TrySetResult();
    }

    /// <summary>Tells that there are transactions that the last build could not know of.</summary>
    public void TransactionsArrived() => _arrived.TrySetResult();

    /// <summary>The best block so far. Nothing but the empty one is there before the first build is done, so that one is waited for a little.</summary>
    public async Task<BuiltPayload> TakeAsync(TimeSpan patience)
    {
        await Task.WhenAny(_improved.Task, Task.Delay(patience, _clock)).ConfigureAwait(false);
        Stop();
        return _best;
    }

    public void Stop() => _ended.TrySetResult();

    /// <summary>To the end of the block's slot, and at least for the length of one.</summary>
    TimeSpan LifeTime
    {
        get
        {
            var aheadSeconds = (double)Timestamp - _clock.GetUtcNow().ToUnixTimeSeconds();
            return Slot + TimeSpan.FromSeconds(Math.Clamp(aheadSeconds, 0, Slot.TotalSeconds * 10));
        }
    }

    static bool IsBetter(ExecutedBlock block, ExecutedBlock than) =>
        block.Fees > than.Fees || (block.Fees == than.Fees && block.Block.Transactions.Count > than.Block.Transactions.Count);
}
