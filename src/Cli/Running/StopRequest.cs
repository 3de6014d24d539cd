using System.Runtime.InteropServices;

namespace Hufu.Cli;

/// <summary>
/// Somebody's wish that the program end: a service manager says SIGTERM, a person presses Ctrl-C, and both mean the same clean end. Heard from the
/// moment it is made, so that one who stops a program that is still starting gets a clean end too; said twice it means the same.
/// </summary>
sealed class StopRequest : IDisposable
{
    readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly IDisposable[] _listeners;

    /// <param name="stop">Another way to ask.</param>
    public StopRequest(CancellationToken stop) => _listeners =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Heard),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Heard),
        stop.Register(() => _asked.TrySetResult()),
    ];

    /// <summary>Waits until somebody asks, or until what runs has ended by itself.</summary>
    public async Task UntilAskedAsync(bool json, Task? running = null)
    {
        await Task.WhenAny(_asked.Task, running ?? _asked.Task).ConfigureAwait(false);
        if (!json) Console.WriteLine("stopping");
    }

    public void Dispose()
    {
        foreach (var listener in _listeners) listener.Dispose();
    }

    void Heard(PosixSignalContext context)
    {
        context.Cancel = true;
        _asked.TrySetResult();
    }
}
