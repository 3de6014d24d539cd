using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>The accounts a transaction met. Their objects are kept for the next transaction.</summary>
sealed class AccountTable
{
    const int LargestKept = 1 << 14;

    int[] _buckets = new int[64];
    JournalAccount[] _accounts = new JournalAccount[64];
    JournalAccount? _last; // the same account is asked for again and again

    public int Count { get; private set; }

    public JournalAccount this[int index] => _accounts[index];

    /// <summary>The account's entry; <paramref name="isNew"/> where it is met for the first time.</summary>
    public JournalAccount Find(in Address address, out bool isNew)
    {
        if (_last is { } last && last.Address == address)
        {
            isNew = false;
            return last;
        }
        var hash = address.GetHashCode();
        for (var at = _buckets[hash & (_buckets.Length - 1)] - 1; at >= 0;)
        {
            var account = _accounts[at];
            if (account.BucketHash == hash && account.Address == address)
            {
                isNew = false;
                return _last = account;
            }
            at = account.Next;
        }
        isNew = true;
        return _last = Add(address, hash);
    }

    public void Clear()
    {
        if (_accounts.Length > LargestKept)
        {
            _buckets = new int[64];
            _accounts = new JournalAccount[64];
        }
        else for (var i = 0; i < Count; i++) _buckets[_accounts[i].BucketHash & (_buckets.Length - 1)] = 0;
        Count = 0;
        _last = null;
    }

    JournalAccount Add(in Address address, int hash)
    {
        if (Count == _accounts.Length) Grow();
        ref var bucket = ref _buckets[hash & (_buckets.Length - 1)];
        var account = _accounts[Count] ??= new JournalAccount();
        account.Reset(address, Count, hash, bucket - 1);
        bucket = ++Count;
        return account;
    }

    void Grow()
    {
        Array.Resize(ref _accounts, 2 * _accounts.Length);
        _buckets = new int[_accounts.Length];
        for (var i = 0; i < Count; i++)
        {
            ref var bucket = ref _buckets[_accounts[i].BucketHash & (_buckets.Length - 1)];
            _accounts[i].Next = bucket - 1;
            bucket = i + 1;
        }
    }
}
