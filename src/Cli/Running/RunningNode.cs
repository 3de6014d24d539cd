using System.Runtime.InteropServices;

namespace Hufu.Cli;

/// <summary>A node that runs until it is told to stop. A service manager stops with SIGTERM, a person with Ctrl-C; both mean the same clean end.</summary>
static class RunningNode
{
    /// <param name="ready">Tells the user that the node is ready.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> UntilStoppedAsync(Node.Node node, bool json, Action ready, CancellationToken stop)
    {
        using var asked = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, asked));
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, asked));
        await using (node.ConfigureAwait(false))
        {
            ready();
            await Task.WhenAny(node.Running, Task.Delay(Timeout.Infinite, asked.Token)).ConfigureAwait(false);
            if (!json) Console.WriteLine("stopping");
        }
        return node.Running.IsFaulted ? Outcome.Failure : Outcome.Success;
    }

    static void Stop(PosixSignalContext context, CancellationTokenSource asked)
    {
        context.Cancel = true;
        asked.Cancel();
    }
}
