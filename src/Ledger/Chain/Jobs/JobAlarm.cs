using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>Wakes whoever makes blocks when a job falls due, where no block may be on its way: on a chain that makes one only when a transaction waits, a job waits for nobody.</summary>
/// <param name="now">The time that the next block would state, in seconds since 1970.</param>
/// <param name="wake">Cheap, and never blocks.</param>
public sealed class JobAlarm(Blockchain chain, InBlockJobs jobs, Func<ulong> now, Action wake)
{
    // Due times are whole seconds.
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    // A block that could not be made is not asked for in vain all the time.
    static readonly TimeSpan Again = TimeSpan.FromSeconds(5);

    Header? _head;
    ulong? _next;

    /// <summary>Whether a block made now would run jobs.</summary>
    public bool IsDue => jobs.NextDue(chain, chain.Head.Head) <= now();

    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Look);
        var wokenAt = long.MinValue;
        try
        {
            while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false))
            {
                var head = chain.Head.Head;
                if (!ReferenceEquals(head, _head)) (_head, _next, wokenAt) = (head, jobs.NextDue(chain, head), long.MinValue);
                if (!(_next <= now()) || (wokenAt != long.MinValue && Environment.TickCount64 - wokenAt < Again.TotalMilliseconds)) continue;
                wokenAt = Environment.TickCount64;
                wake();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The way to stop.
        }
    }
}
