using Microsoft.Extensions.Hosting;

namespace Hufu.Services;

/// <summary>The program that starts the web host says when it ends. By itself the host would listen for signals too, and one that is stopped while it starts would fail.</summary>
public sealed class OwnersLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
