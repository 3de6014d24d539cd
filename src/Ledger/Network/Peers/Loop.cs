using Microsoft.Extensions.Logging;

namespace Hufu.Network;

/// <summary>What a node does until it stops: a fault of its own is told and the loop begins again, so that no part of the network falls silent behind the others' backs.</summary>
public static class Loop
{
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <param name="name">As the log calls it.</param>
    /// <param name="run">Ends when it is stopped, or when there is nothing left to do.</param>
    public static async Task RunAsync(string name, Func<CancellationToken, Task> run, ILogger log, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                await run(stop).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                log.LoopFault(name, fault);
                await Task.Delay(Pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (stop.IsCancellationRequested) return;
            }
        }
    }
}
