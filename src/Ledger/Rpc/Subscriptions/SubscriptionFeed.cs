using System.Collections.Immutable;
using System.Threading.Channels;
using Hufu.Chain;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>
/// Tells subscribers what happens on the chain and in the pool. Each piece of news is written as JSON once and handed to every peer's own queue; neither the
/// chain nor the pool nor another peer waits for a peer.
/// </summary>
public sealed class SubscriptionFeed
{
    // Arrivals that may wait here to be told. One is a batch of transactions.
    const int PoolBacklog = 8192;

    readonly Ledger _ledger;
    readonly Channel<IReadOnlyList<PooledTransaction>> _arrivals = Channel.CreateBounded<IReadOnlyList<PooledTransaction>>(new BoundedChannelOptions(PoolBacklog) { SingleReader = true });
    readonly ImmutableArray<Subscription>[] _byKind = [[], [], [], []];
    Header _seen;

    internal SubscriptionFeed(Ledger ledger)
    {
        _ledger = ledger;
        _seen = ledger.Chain.Head.Head;
        ledger.Pool.Arrived += Arrived;
        ledger.Sync.Changed += TellSync;
    }

    /// <summary>How many subscriptions there are now.</summary>
    public int Count => _byKind.Sum(kind => kind.Length);

    internal void Add(Subscription subscription) => ImmutableInterlocked.Update(ref Of(subscription.Kind), (all, one) => all.Add(one), subscription);
    internal void Remove(Subscription subscription) => ImmutableInterlocked.Update(ref Of(subscription.Kind), (all, one) => all.Remove(one), subscription);

    /// <summary>Tells the news until stopped.</summary>
    public Task RunAsync(CancellationToken stop) => Task.WhenAll(FollowHeadAsync(stop), FollowPoolAsync(stop));

    async Task FollowHeadAsync(CancellationToken stop)
    {
        var moves = _ledger.Chain.Feed.Subscribe();
        try
        {
            while (true)
            {
                try
                {
                    if (!await moves.Moves.WaitToReadAsync(stop).ConfigureAwait(false)) return;
                }
                catch (FeedOverrun)
                {
                    moves = _ledger.Chain.Feed.Subscribe();
                }
                // That something moved is enough: what moved is read off the chain, from the block told last.
                while (moves.Moves.TryRead(out _)) { }
                TellHead();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The way to stop.
        }
        finally
        {
            moves.Dispose();
        }
    }

    void TellHead()
    {
        var (heads, logs) = (Of(SubscriptionKind.NewHeads), Of(SubscriptionKind.Logs));
        if (heads.IsEmpty && logs.IsEmpty)
        {
            _seen = _ledger.Chain.Head.Head;
            return;
        }
        var path = _ledger.Queries.PathFrom(_seen);
        if (!logs.IsEmpty)
            foreach (var header in path.Reverted) TellLogs(logs, header, isRemoved: true);
        foreach (var header in path.Committed)
        {
            if (!heads.IsEmpty)
            {
                var payload = News.OfHead(header);
                foreach (var subscription in heads) subscription.Tell(payload);
            }
            if (!logs.IsEmpty) TellLogs(logs, header, isRemoved: false);
        }
        _seen = path.Head;
    }

    void TellLogs(ImmutableArray<Subscription> subscriptions, Header header, bool isRemoved)
    {
        // Bloom first: most blocks hold nothing for most questions, and then neither block nor receipts are touched.
        if (!subscriptions.Any(subscription => subscription.Filter.MayMatch(header.LogsBloom))) return;
        var logs = _ledger.Queries.LogsOf(header, LogFilter.Everything);
        for (var i = 0; i < logs.Count; i++)
        {
            // What comes last goes first.
            var log = isRemoved ? logs[logs.Count - 1 - i] : logs[i];
            ReadOnlyMemory<byte> payload = default;
            foreach (var subscription in subscriptions)
            {
                if (!subscription.Filter.Matches(log.Log)) continue;
                if (payload.IsEmpty) payload = News.OfLog(log, isRemoved);
                subscription.Tell(payload);
            }
        }
    }

    /// <summary>On the thread that offered the transactions, which must not be held up.</summary>
    void Arrived(IReadOnlyList<PooledTransaction> transactions)
    {
        var pending = Of(SubscriptionKind.NewPendingTransactions);
        if (pending.IsEmpty || _arrivals.Writer.TryWrite(transactions)) return;
        // More came than can be told: rather no stream than one with holes that nobody sees.
        foreach (var subscription in pending) subscription.Drop(CloseReason.TooSlow);
    }

    async Task FollowPoolAsync(CancellationToken stop)
    {
        try
        {
            await foreach (var transactions in _arrivals.Reader.ReadAllAsync(stop).ConfigureAwait(false))
            {
                var pending = Of(SubscriptionKind.NewPendingTransactions);
                foreach (var transaction in transactions) TellArrival(pending, transaction);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The way to stop.
        }
    }

    void TellArrival(ImmutableArray<Subscription> subscriptions, PooledTransaction transaction)
    {
        ReadOnlyMemory<byte> hash = default, body = default;
        foreach (var subscription in subscriptions)
        {
            if (subscription.WantsBodies)
            {
                if (body.IsEmpty) body = News.OfTransaction(transaction);
                subscription.Tell(body);
            }
            else
            {
                if (hash.IsEmpty) hash = News.OfHash(transaction.Hash);
                subscription.Tell(hash);
            }
        }
    }

    void TellSync(SyncProgress? progress)
    {
        var subscriptions = Of(SubscriptionKind.Syncing);
        if (subscriptions.IsEmpty) return;
        var payload = News.OfSync(progress);
        foreach (var subscription in subscriptions) subscription.Tell(payload);
    }

    ref ImmutableArray<Subscription> Of(SubscriptionKind kind) => ref _byKind[(int)kind];
}
