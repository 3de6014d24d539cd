using System.Runtime.InteropServices;
using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>What one sender has waiting, by nonce. The ready ones follow on the account's nonce without a gap; the others wait for the gap to be filled.</summary>
sealed class SenderQueue(Address sender, in Account account)
{
    readonly List<PooledTransaction> _byNonce = [];
    PooledTransaction[]? _ready;

    public Address Sender => sender;

    /// <summary>The sender's account at the pool's head.</summary>
    public Account Account { get; private set; } = account;
    public int Count => _byNonce.Count;
    public int ReadyCount { get; private set; }
    public ulong NextNonce => Account.Nonce + (ulong)ReadyCount;

    /// <summary>What all of them may cost together, in Wei.</summary>
    public UInt256 Cost { get; private set; }
    public PooledTransaction Last => _byNonce[^1];
    public bool IsLastReady => ReadyCount == Count;
    public IReadOnlyList<PooledTransaction> All => _byNonce;

    /// <summary>The ready ones as of now; the array is not changed later.</summary>
    public PooledTransaction[] Ready => _ready ??= CollectionsMarshal.AsSpan(_byNonce)[..ReadyCount].ToArray();

    /// <summary>Where this queue stands in the order of eviction.</summary>
    public EvictionOrder.Place? Place { get; set; }

    public PooledTransaction? Find(ulong nonce)
    {
        var at = IndexOf(nonce);
        return at >= 0 ? _byNonce[at] : null;
    }

    /// <summary>Whether a transaction with this nonce would be one gapped transaction too many.</summary>
    public bool IsFullOfGapped(ulong nonce, int most) => nonce > NextNonce && Count - ReadyCount >= most;

    /// <summary>Puts a transaction in its place and returns the one it takes the place of.</summary>
    public PooledTransaction? Put(PooledTransaction transaction)
    {
        var at = IndexOf(transaction.Nonce);
        PooledTransaction? replaced = null;
        if (at >= 0)
        {
            replaced = _byNonce[at];
            Cost -= replaced.Cost;
            _byNonce[at] = transaction;
        }
        else _byNonce.Insert(~at, transaction);
        Cost += transaction.Cost;
        Recount();
        return replaced;
    }

    public PooledTransaction RemoveLast()
    {
        var last = Last;
        _byNonce.RemoveAt(Count - 1);
        Cost -= last.Cost;
        Recount();
        return last;
    }

    /// <summary>Takes out what cannot run any more after the account changed: nonces used up, and what is not affordable beside those before it.</summary>
    /// <param name="isStale">Whether a transaction has to go for another reason; told whether it waited for a missing nonce until now.</param>
    public void MoveTo(in Account account, Func<PooledTransaction, bool, bool> isStale, List<PooledTransaction> removed)
    {
        Account = account;
        var spent = UInt256.Zero;
        var kept = 0;
        for (var i = 0; i < _byNonce.Count; i++)
        {
            var transaction = _byNonce[i];
            if (transaction.Nonce < account.Nonce || isStale(transaction, i >= ReadyCount)
                || !UInt256.TryAdd(spent, transaction.Cost, out var sum) || sum > account.Balance)
            {
                removed.Add(transaction);
                continue;
            }
            spent = sum;
            _byNonce[kept++] = transaction;
        }
        _byNonce.RemoveRange(kept, _byNonce.Count - kept);
        Cost = spent;
        Recount();
    }

    void Recount()
    {
        // The nonces rise, so a run without gap ends where the nonce and the place part: nearly always at the end.
        int low = 0, high = _byNonce.Count;
        if (high > 0 && Last.Nonce == Account.Nonce + (ulong)(high - 1)) low = high;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_byNonce[middle].Nonce == Account.Nonce + (ulong)middle) low = middle + 1;
            else high = middle;
        }
        ReadyCount = low;
        _ready = null;
    }

    int IndexOf(ulong nonce)
    {
        // Nearly always the next one.
        if (Count == 0 || nonce > Last.Nonce) return ~Count;
        int low = 0, high = _byNonce.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var found = _byNonce[middle].Nonce;
            if (found == nonce) return middle;
            if (found < nonce) low = middle + 1;
            else high = middle - 1;
        }
        return ~low;
    }
}
