using System.Runtime.InteropServices;

namespace Hufu.Cli;

/// <summary>Waits until somebody stops the process: SIGTERM from a service manager, Ctrl-C from a person.</summary>
static class UntilStopped
{
    public static async Task WaitAsync(CancellationToken stop)
    {
        using var asked = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, asked));
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, asked));
        await Task.WhenAny(Task.Delay(Timeout.Infinite, asked.Token)).ConfigureAwait(false);
    }

    static void Stop(PosixSignalContext context, CancellationTokenSource asked)
    {
        context.Cancel = true;
        asked.Cancel();
    }
}
