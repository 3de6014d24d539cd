using Hufu.Primitives;

namespace Hufu.State;

/// <summary>
/// Builds the whole state trie from the flat tables, by one walk through each in the order of their keys. Memory stays bounded when only the root
/// is wanted: a part of the trie that is finished shrinks to its hash.
/// </summary>
/// <param name="keepNodes">Keeps the trie in memory instead of its root only.</param>
sealed class FlatScan(IKeyValueReader store, bool keepNodes = true, IProgress<StateScanProgress>? progress = null, CancellationToken stop = default)
{
    readonly KeptNodes _kept = keepNodes ? KeptNodes.All : KeptNodes.Root;
    ulong _accounts;
    ulong _slots;

    /// <summary>The first thing that does not fit, or null.</summary>
    public Refusal? Fault { get; private set; }

    /// <summary>Takes what does not fit, where the scan is to find all of it.</summary>
    public StateGaps? Gaps { get; init; }

    /// <summary>Sees the nodes of each part of the trie once they are hashed: whose trie, the topmost of them, its path and depth.</summary>
    public Action<Hash256, LiveNode, Hash256, int>? Finished { get; init; }

    public StateScanProgress Counted => new(_accounts, _slots, 1);

    /// <summary>Builds the trie and compares its root.</summary>
    public LiveNode? Run(in Hash256 expectedRoot)
    {
        using var accounts = store.Walk(StateTables.Accounts);
        using var storage = store.Walk(StateTables.Storage);
        var slots = new LeafQueue(() => NextSlot(storage));
        var trie = Build(TrieKey.NoOwner, new LeafQueue(() => NextAccount(accounts, slots)));
        while (slots.Peek(out var orphan) && (Fault is null || Gaps is not null)) PassOver(slots, orphan.Owner);
        var root = WorldTrie.RootHash(trie);
        if (root != expectedRoot) Found($"the flat state has the root {root}", $"the head block says {expectedRoot}");
        return trie;
    }

    LiveNode? Build(Hash256 owner, LeafQueue leaves)
    {
        if (Finished is not { } finished) return new TrieBuilder(leaves, _kept, owner).Build();
        var trie = new TrieBuilder(leaves, _kept, owner, (node, path, depth) => finished(owner, node, path, depth)).Build();
        if (trie is not null and not FinishedNode) finished(owner, trie, default, 0);
        return trie;
    }

    TrieLeaf? NextAccount(IKeyValueCursor accounts, LeafQueue slots)
    {
        if (!accounts.MoveNext()) return null;
        stop.ThrowIfCancellationRequested();
        if (accounts.Key.Length != Hash256.Size) throw StoreFailure.Damaged(StateTables.Accounts, accounts.Key, "the key has a wrong length");
        var key = Hash256.FromBytes(accounts.Key);
        var account = FlatValue.ReadAccount(accounts.Key, accounts.Value);
        while (slots.Peek(out var slot) && slot.Owner < key) PassOver(slots, slot.Owner);
        var storage = slots.Peek(out var first) && first.Owner == key ? Build(key, slots) : null;
        var root = WorldTrie.RootHash(storage);
        if (root != account.StorageRoot)
        {
            Found($"the storage of account {key} has the root {root}", $"the account says {account.StorageRoot}");
            Gaps?.Storage.Add((key, account.StorageRoot));
        }
        if (account.HasCode && Gaps is not null && store.Get(StateTables.Codes, account.CodeHash.Bytes, []) < 0)
        {
            Found($"the code {account.CodeHash} of account {key} is missing", "the table of codes lacks it");
            Gaps.Codes.Add(account.CodeHash);
        }
        if (++_accounts % 4096 == 0) progress?.Report(new StateScanProgress(_accounts, _slots, Fraction(key)));
        return new TrieLeaf(TrieKey.NoOwner, new TrieChange(key, account.ToRlp()) { StorageChanged = true, Storage = keepNodes ? storage : null });
    }

    // A whole account's worth: it may be long.
    void PassOver(LeafQueue slots, Hash256 owner)
    {
        Found($"storage of {owner} belongs to no account", "the flat storage table holds it");
        Gaps?.Orphans.Add(owner);
        while (slots.Peek(out var slot) && slot.Owner == owner) slots.Take();
    }

    TrieLeaf? NextSlot(IKeyValueCursor storage)
    {
        if (!storage.MoveNext()) return null;
        if (storage.Key.Length != 2 * Hash256.Size) throw StoreFailure.Damaged(StateTables.Storage, storage.Key, "the key has a wrong length");
        if (++_slots % 65536 == 0) stop.ThrowIfCancellationRequested();
        var value = FlatValue.ToTrieValue(FlatValue.ReadSlot(storage.Key, storage.Value)) ?? throw StoreFailure.Damaged(StateTables.Storage, storage.Key, "a zero is stored");
        return new TrieLeaf(Hash256.FromBytes(storage.Key[..Hash256.Size]), new TrieChange(Hash256.FromBytes(storage.Key[Hash256.Size..]), value));
    }

    void Found(string what, string why) => Fault ??= new Refusal($"the state does not add up: {what}", why, "restore the data folder from a backup, or import the blocks into an empty folder");

    // Keys are hashes, so how far the first bytes have come is how much is done.
    static double Fraction(in Hash256 key) => (key.Bytes[0] * 256 + key.Bytes[1]) / 65536.0;
}

/// <summary>How far a walk over the whole state has come.</summary>
/// <param name="Fraction">From 0 to 1.</param>
public readonly record struct StateScanProgress(ulong Accounts, ulong Slots, double Fraction);

/// <summary>What a flat state lacks of the one its accounts speak of.</summary>
sealed class StateGaps
{
    /// <summary>Accounts whose slots do not have the root that the account states.</summary>
    public List<(Hash256 Account, Hash256 StorageRoot)> Storage { get; } = [];

    /// <summary>Slots of accounts that are not there.</summary>
    public List<Hash256> Orphans { get; } = [];

    public HashSet<Hash256> Codes { get; } = [];

    public bool IsEmpty => Storage.Count == 0 && Orphans.Count == 0 && Codes.Count == 0;
}
