using System.Runtime.InteropServices;

namespace Hufu.Cli;

/// <summary>A node that runs until it is told to stop. A service manager stops with SIGTERM, a person with Ctrl-C; both mean the same clean end.</summary>
static class RunningNode
{
    /// <param name="ready">Tells the user that the node is ready.</param>
    /// <param name="beside">What runs on the node in the same process; disposed before it.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> UntilStoppedAsync(Node.Node node, bool json, Action ready, CancellationToken stop, IAsyncDisposable? beside = null)
    {
        await using (node.ConfigureAwait(false))
        {
            ready();
            await UntilAskedAsync(json, node.Running, stop).ConfigureAwait(false);
            // What stands on the node stops before it.
            if (beside is not null) await beside.DisposeAsync().ConfigureAwait(false);
        }
        return node.Running.IsFaulted ? Outcome.Failure : Outcome.Success;
    }

    /// <summary>Waits for the end of what runs, or until somebody asks for it.</summary>
    public static async Task UntilAskedAsync(bool json, Task running, CancellationToken stop)
    {
        // Never disposed: a second signal may arrive while the first is answered.
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var told = stop.Register(() => asked.TrySetResult());
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, asked));
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, asked));
        await Task.WhenAny(running, asked.Task).ConfigureAwait(false);
        if (!json) Console.WriteLine("stopping");
    }

    static void Stop(PosixSignalContext context, TaskCompletionSource asked)
    {
        context.Cancel = true;
        asked.TrySetResult();
    }
}
