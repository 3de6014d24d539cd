namespace Hufu.Cli;

/// <summary>A node that runs until it is told to stop.</summary>
static class RunningNode
{
    /// <param name="ready">Tells the user that the node is ready.</param>
    /// <param name="beside">What runs on the node in the same process; disposed before it.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> UntilStoppedAsync(Node.Node node, bool json, Action ready, StopRequest stop, IAsyncDisposable? beside = null)
    {
        await using (node.ConfigureAwait(false))
        {
            ready();
            await stop.UntilAskedAsync(json, node.Running).ConfigureAwait(false);
            // What stands on the node stops before it.
            if (beside is not null) await beside.DisposeAsync().ConfigureAwait(false);
        }
        return node.Running.IsFaulted ? Outcome.Failure : Outcome.Success;
    }
}
