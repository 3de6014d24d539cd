namespace Hufu.Rpc;

/// <summary>How far a node is that fetches a chain from others.</summary>
public sealed record SyncProgress(ulong StartingBlock, ulong CurrentBlock, ulong HighestBlock);

/// <summary>Whether the node is behind its network. Whoever syncs reports here; eth_syncing and its subscription tell it on.</summary>
public sealed class SyncStatus
{
    volatile SyncProgress? _progress;

    /// <summary>Null where the node is up to date, as far as it knows.</summary>
    public SyncProgress? Progress => _progress;

    /// <summary>Told when syncing begins (with its progress) and when it ends (null).</summary>
    internal event Action<SyncProgress?>? Changed;

    public void Report(SyncProgress? progress)
    {
        var before = Interlocked.Exchange(ref _progress, progress);
        if (before is null != progress is null) Changed?.Invoke(progress);
    }
}
