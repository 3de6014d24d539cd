using System.Diagnostics.CodeAnalysis;
using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>
/// The transactions that could run now, the best for the beneficiary first: by tip, then by arrival, each sender's by nonce.
/// A snapshot: what the pool does meanwhile is not seen. One thread at a time.
/// </summary>
public sealed class BestTransactions : ITransactionSource
{
    readonly PriorityQueue<Cursor, (UInt256 Tip, long Arrival)> _heads = new(Comparer<(UInt256 Tip, long Arrival)>.Create(static (left, right) =>
    {
        var order = right.Tip.CompareTo(left.Tip);
        return order != 0 ? order : left.Arrival.CompareTo(right.Arrival);
    }));

    readonly UInt256 _baseFee, _blobBaseFee;
    Cursor? _current;

    sealed class Cursor(PooledTransaction[] ready)
    {
        public PooledTransaction[] Ready => ready;
        public int At { get; set; }
    }

    internal BestTransactions(IEnumerable<PooledTransaction[]> readyOfEachSender, in UInt256 baseFee, in UInt256 blobBaseFee)
    {
        (_baseFee, _blobBaseFee) = (baseFee, blobBaseFee);
        foreach (var ready in readyOfEachSender) Enqueue(new Cursor(ready));
    }

    public bool IsEmpty => _heads.Count == 0 && (_current is null || _current.At + 1 >= _current.Ready.Length);

    public bool TryTake([NotNullWhen(true)] out Transaction? transaction, out Address sender)
    {
        if (_current is { } passed)
        {
            passed.At++;
            Enqueue(passed);
        }
        (transaction, sender) = (null, default);
        if (!_heads.TryDequeue(out _current, out _)) return false;
        var next = _current.Ready[_current.At];
        (transaction, sender) = (next.Transaction, next.Sender);
        return true;
    }

    public void SkipSender() => _current = null;

    void Enqueue(Cursor cursor)
    {
        if (cursor.At >= cursor.Ready.Length) return;
        var next = cursor.Ready[cursor.At];
        var transaction = next.Transaction;
        // What the fees do not allow holds up all that follow it.
        if (transaction.MaxFeePerGas < _baseFee || (transaction.BlobVersionedHashes.Count > 0 && transaction.MaxFeePerBlobGas < _blobBaseFee)) return;
        _heads.Enqueue(cursor, (transaction.EffectiveGasPrice(_baseFee) - _baseFee, next.Arrival));
    }
}
