using Hufu.Primitives;

namespace Hufu.State;

/// <summary>
/// The state as of a recent block, in the order of its hashed keys and with proofs: what `snap` serves. The flat tables hold the head's state; the few keys
/// that changed since lie over it. Never changes; for any thread.
/// </summary>
public sealed class ServedState
{
    readonly WorldSnapshot _snapshot;
    readonly StateView _view;
    readonly LiveNode? _trie;
    readonly StateChanges? _since;
    readonly Hash256[] _changedAccounts = [];

    internal ServedState(WorldSnapshot snapshot, StateHead block, LiveNode? trie, StateChanges? since)
    {
        (_snapshot, Block, _trie, _since) = (snapshot, block, trie, since);
        var head = new HeadView(snapshot);
        _view = since is null ? head : new LayeredView(head, since);
        if (since is not null) _changedAccounts = Sorted(since.Accounts.Keys);
    }

    public StateHead Block { get; }

    public bool TryGetAccount(in Hash256 key, out Account account) => _view.TryGetAccount(key, out account);

    /// <summary>A code by its hash; null where it is not kept.</summary>
    public byte[]? CodeOf(in Hash256 hash) => _snapshot.Store.Get(StateTables.Codes, hash.Bytes);

    /// <summary>The accounts from a key on, in order.</summary>
    public IEnumerable<(Hash256 Key, Account Account)> Accounts(Hash256 from)
    {
        var changed = FirstOf(_changedAccounts, from);
        using var cursor = _snapshot.Store.Walk(StateTables.Accounts);
        for (var isFlat = cursor.Seek(from.Bytes); ;)
        {
            var flat = isFlat ? Hash256.FromBytes(cursor.Key) : default;
            if (changed < _changedAccounts.Length && (!isFlat || _changedAccounts[changed] <= flat))
            {
                var key = _changedAccounts[changed++];
                if (_since!.Accounts[key].Account is { } was) yield return (key, was);
                if (isFlat && flat == key) isFlat = cursor.MoveNext();
                continue;
            }
            if (!isFlat) yield break;
            yield return (flat, FlatValue.ReadAccount(cursor.Key, cursor.Value));
            isFlat = cursor.MoveNext();
        }
    }

    /// <summary>The slots of an account from a key on, in order, each as its storage trie commits to it.</summary>
    public IEnumerable<TrieEntry> Storage(Hash256 account, Hash256 from)
    {
        AccountChange? change = null;
        if (_since is not null && _since.Accounts.TryGetValue(account, out change) && change.Account is null) yield break;
        var slots = change?.Storage is { } written ? Sorted(written.Keys) : [];
        var changed = FirstOf(slots, from);
        using var cursor = _snapshot.Store.Walk(StateTables.Storage, account.Bytes);
        for (var isFlat = cursor.Seek([.. account.Bytes, .. from.Bytes]); ;)
        {
            var flat = isFlat ? Hash256.FromBytes(cursor.Key[Hash256.Size..]) : default;
            if (changed < slots.Length && (!isFlat || slots[changed] <= flat))
            {
                var key = slots[changed++];
                if (FlatValue.ToTrieValue(change!.Storage![key]) is { } was) yield return new TrieEntry(key, was);
                if (isFlat && flat == key) isFlat = cursor.MoveNext();
                continue;
            }
            if (!isFlat) yield break;
            yield return new TrieEntry(flat, FlatValue.ToTrieValue(FlatValue.ReadSlot(cursor.Key, cursor.Value))!);
            isFlat = cursor.MoveNext();
        }
    }

    /// <summary>The nodes on the way to an account, whether it is there or not, the root first.</summary>
    public IReadOnlyList<byte[]> Prove(Hash256 account) => ProofWalk.Walk(_trie, _snapshot.Nodes, TrieKey.NoOwner, account, out _);

    /// <summary>The nodes on the way to a slot of an account.</summary>
    public IReadOnlyList<byte[]> Prove(Hash256 account, Hash256 slot) => ProofWalk.Walk(StorageTrie(account), _snapshot.Nodes, account, slot, out _);

    /// <summary>The node at a path of the account trie; null where none stands there.</summary>
    /// <param name="path">Its first <paramref name="depth"/> nibbles count.</param>
    public byte[]? NodeAt(Hash256 path, int depth) => ProofWalk.NodeAt(_trie, _snapshot.Nodes, TrieKey.NoOwner, path, depth);

    /// <summary>The node at a path of an account's storage trie.</summary>
    public byte[]? NodeAt(Hash256 account, Hash256 path, int depth) => ProofWalk.NodeAt(StorageTrie(account), _snapshot.Nodes, account, path, depth);

    LiveNode? StorageTrie(Hash256 account)
    {
        if (!_view.TryGetAccount(account, out var held) || held.StorageRoot == Account.EmptyTrieRoot) return null;
        ProofWalk.Walk(_trie, _snapshot.Nodes, TrieKey.NoOwner, account, out var leaf);
        return leaf?.Storage ?? new StubNode(held.StorageRoot);
    }

    static Hash256[] Sorted(IReadOnlyCollection<Hash256> keys)
    {
        Hash256[] sorted = [.. keys];
        Array.Sort(sorted);
        return sorted;
    }

    static int FirstOf(Hash256[] sorted, in Hash256 from)
    {
        var at = Array.BinarySearch(sorted, from);
        return at < 0 ? ~at : at;
    }
}
