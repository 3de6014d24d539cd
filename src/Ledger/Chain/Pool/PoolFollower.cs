using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>Keeps a pool at the head of a chain. A builder calls <see cref="CatchUp"/> before it takes transactions, so that it is never offered what is in a block already; for everyone else the loop suffices.</summary>
public sealed class PoolFollower : IDisposable
{
    readonly Blockchain _chain;
    readonly TransactionPool _pool;
    readonly Lock _lock = new();
    ChainFeed.Subscription _feed;

    public PoolFollower(Blockchain chain, TransactionPool pool)
    {
        (_chain, _pool) = (chain, pool);
        _feed = chain.Feed.Subscribe();
        // Between the pool's making and this subscription the head may have moved.
        _pool.MoveTo(HeadOf(chain, chain.Head.Head));
    }

    /// <summary>What a pool must know of a chain whose head is this block.</summary>
    public static PoolHead HeadOf(Blockchain chain, Header head) =>
        HeadOf(chain, head, chain.StateAt(head.Hash) ?? throw new InvalidDataException($"the state of the head {head.Number} ({head.Hash}) is not kept"));

    static PoolHead HeadOf(Blockchain chain, Header head, IStateView state)
    {
        var rules = new ChainQueries(chain).RulesAfter(head);
        return new PoolHead(head, state, rules) { NextBaseFee = chain.BaseFeeAfter(head, rules) };
    }

    /// <summary>Takes in all moves of the head so far.</summary>
    public void CatchUp()
    {
        lock (_lock)
        {
            ChainHead? head = null;
            var setFree = new Dictionary<Hash256, Transaction>();
            while (_feed.Moves.TryRead(out var move))
            {
                head = move.Head;
                foreach (var block in move.Reverted)
                    foreach (var transaction in block.Transactions) setFree[transaction.Hash] = transaction;
                if (setFree.Count == 0) continue;
                foreach (var block in move.Committed)
                    foreach (var transaction in block.Transactions) setFree.Remove(transaction.Hash);
            }
            if (head is null) return;
            var state = _chain.StateAt(head.Hash);
            // Where the head has moved on already and its state went with it, the next move is on its way.
            if (state is not null) _pool.MoveTo(HeadOf(_chain, head.Head, state), setFree.Values);
        }
    }

    /// <summary>Catches up whenever the head moves, until stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                if (await WaitAsync(stop).ConfigureAwait(false)) CatchUp();
                else return;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The way to stop.
        }
    }

    async Task<bool> WaitAsync(CancellationToken stop)
    {
        try
        {
            return await _feed.Moves.WaitToReadAsync(stop).ConfigureAwait(false);
        }
        catch (FeedOverrun)
        {
            lock (_lock) _feed = _chain.Feed.Subscribe();
            _pool.MoveTo(HeadOf(_chain, _chain.Head.Head));
            return true;
        }
    }

    public void Dispose() => _feed.Dispose();
}
