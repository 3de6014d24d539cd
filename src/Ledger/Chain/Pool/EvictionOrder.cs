using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>
/// Which transaction leaves first when the pool is full. Always the last of some sender's, so that no gap is torn: of a sender who waits for a
/// missing nonce before any other, then of the sender who takes the most room beyond the fair share, then the one with the lowest tip.
/// </summary>
sealed class EvictionOrder(int fairShare)
{
    const int MostChanged = 1024;

    readonly SortedSet<Place> _byWorth = new(Comparer<Place>.Create(Place.CompareWorth));
    readonly SortedSet<Place> _byCount = new(Comparer<Place>.Create(Place.CompareCount));

    // Queues whose place is no longer right. Nobody asks for the order before the pool is full, and a queue changes many times till then.
    readonly HashSet<SenderQueue> _changed = [];

    /// <summary>A queue's place; a new one where its last transaction or its length has changed.</summary>
    public sealed record Place(SenderQueue Queue, bool IsReady, UInt256 Tip, UInt256 FeeCap, long Arrival, int Count)
    {
        public static int CompareWorth(Place left, Place right)
        {
            var order = left.IsReady.CompareTo(right.IsReady);
            if (order == 0) order = left.Tip.CompareTo(right.Tip);
            if (order == 0) order = left.FeeCap.CompareTo(right.FeeCap);
            return order != 0 ? order : right.Arrival.CompareTo(left.Arrival);
        }

        public static int CompareCount(Place left, Place right)
        {
            var order = right.Count.CompareTo(left.Count);
            return order != 0 ? order : right.Arrival.CompareTo(left.Arrival);
        }
    }

    public SenderQueue? First
    {
        get
        {
            PlaceChanged();
            if (_byWorth.Min is not { } cheapest) return null;
            if (!cheapest.IsReady) return cheapest.Queue;
            var largest = _byCount.Min!;
            return largest.Count > fairShare ? largest.Queue : cheapest.Queue;
        }
    }

    /// <summary>To be called whenever the queue has changed.</summary>
    public void Update(SenderQueue queue)
    {
        // Queues come and go: those that are gone are not held on to for long.
        if (_changed.Add(queue) && _changed.Count > MostChanged) PlaceChanged();
    }

    void PlaceChanged()
    {
        foreach (var queue in _changed) PutInPlace(queue);
        _changed.Clear();
    }

    void PutInPlace(SenderQueue queue)
    {
        if (queue.Place is { } before)
        {
            _byWorth.Remove(before);
            _byCount.Remove(before);
        }
        queue.Place = null;
        if (queue.Count == 0) return;
        var last = queue.Last;
        queue.Place = new Place(queue, queue.IsLastReady, last.Transaction.MaxPriorityFeePerGas, last.Transaction.MaxFeePerGas, last.Arrival, queue.Count);
        _byWorth.Add(queue.Place);
        _byCount.Add(queue.Place);
    }
}
