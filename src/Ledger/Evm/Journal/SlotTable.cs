using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>A storage slot of one account, persistent or transient, in one transaction.</summary>
public struct Slot
{
    internal UInt256 Key;
    internal int Account, Next, Hash;

    /// <summary>Before the transaction ("original value" in EIP-2200).</summary>
    public UInt256 Original;
    public UInt256 Current;

    /// <summary>Accessed before in this transaction (EIP-2929).</summary>
    public bool IsWarm;

    /// <summary>Looked at, not only named in an access list: the values above are what the state holds.</summary>
    public bool IsLoaded;
}

/// <summary>The slots a transaction met, by account and key. Cleared at the cost of what was in it, not of what it could hold.</summary>
sealed class SlotTable
{
    const int LargestKept = 1 << 16;

    int[] _buckets = new int[64];
    Slot[] _slots = new Slot[64];
    int _last; // a slot is read, and then written

    public int Count { get; private set; }

    public ref Slot this[int index] => ref _slots[index];

    /// <summary>The index of the slot; <paramref name="isNew"/> where it is met for the first time and all but its name is blank.</summary>
    public int Find(int account, in UInt256 key, out bool isNew)
    {
        var index = IndexOf(account, key, out var hash);
        isNew = index < 0;
        return _last = isNew ? Add(account, key, hash) : index;
    }

    /// <summary>The index of the slot; -1 where it was not met.</summary>
    public int IndexOf(int account, in UInt256 key) => Count == 0 ? -1 : IndexOf(account, key, out _);

    // The hash is told only where the slot was not the last one.
    int IndexOf(int account, in UInt256 key, out int hash)
    {
        hash = 0;
        if (_last < Count && _slots[_last].Account == account && _slots[_last].Key == key) return _last;
        hash = key.GetHashCode() ^ (account * unchecked((int)0x9E3779B9));
        for (var at = _buckets[hash & (_buckets.Length - 1)] - 1; at >= 0; at = _slots[at].Next)
        {
            ref var slot = ref _slots[at];
            if (slot.Hash == hash && slot.Account == account && slot.Key == key) return at;
        }
        return -1;
    }

    public void Clear()
    {
        if (_slots.Length > LargestKept)
        {
            _buckets = new int[64];
            _slots = new Slot[64];
        }
        else for (var i = 0; i < Count; i++) _buckets[_slots[i].Hash & (_buckets.Length - 1)] = 0;
        Count = 0;
    }

    int Add(int account, in UInt256 key, int hash)
    {
        if (Count == _slots.Length) Grow();
        ref var bucket = ref _buckets[hash & (_buckets.Length - 1)];
        _slots[Count] = new Slot { Key = key, Account = account, Hash = hash, Next = bucket - 1 };
        bucket = ++Count;
        return Count - 1;
    }

    void Grow()
    {
        Array.Resize(ref _slots, 2 * _slots.Length);
        _buckets = new int[_slots.Length];
        for (var i = 0; i < Count; i++)
        {
            ref var bucket = ref _buckets[_slots[i].Hash & (_buckets.Length - 1)];
            _slots[i].Next = bucket - 1;
            bucket = i + 1;
        }
    }
}
