namespace Hufu.EndToEnd;

/// <summary>Transfers to every node but those that rest, each from an account of its own, until stopped.</summary>
sealed class ValidatorLoad : IAsyncDisposable
{
    readonly ValidatorNetwork _network;
    readonly CancellationTokenSource _stop = new();
    readonly List<string> _acknowledged = [];
    readonly Task _sending;

    public ValidatorLoad(ValidatorNetwork network)
    {
        _network = network;
        _sending = Task.WhenAll(Enumerable.Range(0, network.Count).Select(SendAsync));
    }

    /// <summary>Nodes that are being killed or started.</summary>
    public SynchronizedSet Rests { get; } = new();

    public async Task<IReadOnlyList<string>> Stop()
    {
        await _stop.CancelAsync();
        await _sending;
        return _acknowledged;
    }

    public async ValueTask DisposeAsync() => await Stop();

    async Task SendAsync(int node)
    {
        ulong nonce = 0;
        while (!_stop.IsCancellationRequested)
        {
            await Task.Delay(100);
            if (Rests.Contains(node)) continue;
            try
            {
                var hash = await _network.Send(node, account: node, nonce);
                lock (_acknowledged) _acknowledged.Add(hash);
                nonce++;
            }
            catch (Exception away) when (away is HttpRequestException or InvalidOperationException or TaskCanceledException)
            {
                // Not acknowledged. Whether it was taken all the same, the next nonce tells.
                try
                {
                    nonce = Math.Max(nonce, Convert.ToUInt64((await _network.Call(node, "eth_getTransactionCount", ValidatorNetwork.AccountOf(node), "pending")).GetString(), 16));
                }
                catch (Exception still) when (still is HttpRequestException or InvalidOperationException or TaskCanceledException)
                {
                    // Away still.
                }
            }
        }
    }
}

sealed class SynchronizedSet
{
    readonly HashSet<int> _items = [];

    public void Add(int item)
    {
        lock (_items) _items.Add(item);
    }

    public void Remove(int item)
    {
        lock (_items) _items.Remove(item);
    }

    public void Clear()
    {
        lock (_items) _items.Clear();
    }

    public bool Contains(int item)
    {
        lock (_items) return _items.Contains(item);
    }
}
