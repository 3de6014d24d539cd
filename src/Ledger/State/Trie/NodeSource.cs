using System.Diagnostics.CodeAnalysis;
using Hufu.Primitives;

namespace Hufu.State;

/// <summary>
/// Brings nodes back from disk: branches and extensions from the node tables, leaves from the flat tables, which hold the same values.
/// Every node is checked against the hash its parent holds, so a stale or damaged one is never taken.
/// </summary>
/// <param name="rewind">
/// Where the node tables are behind the flat ones (after a crash): what the flat values written since were at the block the nodes are at.
/// </param>
/// <param name="block">The number of the head as of which this reads.</param>
sealed class NodeSource(IKeyValueReader store, ulong block = 0, StateChanges? rewind = null)
{
    /// <summary>The number of the head as of which this reads.</summary>
    public ulong Block => block;

    readonly Dictionary<Hash256, Hash256[]>? _rewoundKeys = rewind is null ? null : [];

    /// <param name="key">Any key that passes through the node's place.</param>
    public LiveNode Load(in Hash256 owner, in Hash256 key, int depth, in Hash256 hash)
    {
        Span<byte> buffer = stackalloc byte[TrieKey.MaxNodeKey];
        var place = TrieKey.WriteNodeKey(buffer, owner, key, depth);
        var table = owner == TrieKey.NoOwner ? StateTables.AccountTrie : StateTables.StorageTrie;

        Span<byte> rlp = stackalloc byte[MaxNodeRlp];
        var length = store.Get(table, place, rlp);
        if (length >= 0 && length <= MaxNodeRlp && Keccak256.Hash(rlp[..length]) == hash)
        {
            if (!TrieNode.TryDecode(rlp[..length], out var decoded)) throw StoreFailure.Damaged(table, place, "not a trie node");
            return Used(Read(decoded, rlp[..length], key, depth, hash));
        }
        return Used(LoadLeaf(owner, key, depth, hash)
            ?? throw StoreFailure.Damaged(table, place, $"neither a node nor a flat value has the hash {hash} that the parent node holds here"));
    }

    LiveNode Used(LiveNode node)
    {
        node.UsedAt = block;
        return node;
    }

    // A branch of sixteen hashes has 3 + 16 × 33 + 1 bytes.
    const int MaxNodeRlp = 544;

    static LiveNode Read(TrieNode decoded, ReadOnlySpan<byte> rlp, in Hash256 key, int depth, in Hash256 hash)
    {
        LiveNode node;
        if (decoded.Kind == TrieNodeKind.Branch)
        {
            node = ReadBranch(decoded, rlp, key, depth);
        }
        else
        {
            var end = TrieKey.With(key, depth, decoded.Path);
            node = decoded.Kind == TrieNodeKind.Leaf
                ? new LeafNode(end, decoded.Value.ToArray())
                : new ExtensionNode(end, decoded.Path.Length, ReadChild(decoded.Next, end, depth + decoded.Path.Length)!);
        }
        node.SetHash(hash);
        node.IsOnDisk = true;
        return node;
    }

    static BranchNode ReadBranch(TrieNode decoded, ReadOnlySpan<byte> rlp, in Hash256 key, int depth)
    {
        var mask = 0;
        var holdsInline = false;
        for (var i = 0; i < 16; i++)
        {
            if (!decoded[i].IsEmpty) mask |= 1 << i;
            holdsInline |= decoded[i].IsInline;
        }
        if (!holdsInline) return new BranchNode(rlp.ToArray(), (ushort)mask);

        var branch = new BranchNode();
        for (var i = 0; i < 16; i++)
            if (ReadChild(decoded[i], TrieKey.With(key, depth, i), depth + 1) is { } child) branch.Set(i, child);
        branch.Keep(rlp.ToArray());
        return branch;
    }

    static LiveNode? ReadChild(TrieReference reference, in Hash256 key, int depth)
    {
        if (reference.IsEmpty) return null;
        if (reference.IsHash) return new StubNode(reference.Hash);
        // Short enough to stand in its parent; the parent's hash vouches for it.
        if (!TrieNode.TryDecode(reference.Item, out var decoded)) throw StoreFailure.Damaged(StateTables.StorageTrie, key.Bytes, "a short node inside another is malformed");
        var node = Read(decoded, reference.Item, key, depth, default);
        node.SetInline(reference.Item);
        return node;
    }

    LeafNode? LoadLeaf(in Hash256 owner, in Hash256 key, int depth, in Hash256 hash)
    {
        // Who passes here mostly comes for this very leaf; to look for another one is to walk.
        if (FlatValueAt(owner, key) is { } own && TryTake(key, own, depth, hash, out var wanted)) return wanted;

        var isAccount = owner == TrieKey.NoOwner;
        var table = isAccount ? StateTables.Accounts : StateTables.Storage;
        var skip = isAccount ? 0 : Hash256.Size;
        Span<byte> from = stackalloc byte[2 * Hash256.Size];
        owner.Bytes.CopyTo(from);
        TrieKey.With(key, depth, default(NibblePath)).Bytes.CopyTo(from[skip..]);
        from = from[..(skip + Hash256.Size)];

        using (var cursor = store.Walk(table, from[..(skip + depth / 2)]))
        {
            for (var found = cursor.Seek(from); found; found = cursor.MoveNext())
            {
                if (cursor.Key.Length != from.Length) throw StoreFailure.Damaged(table, cursor.Key, "the key has a wrong length");
                var candidate = Hash256.FromBytes(cursor.Key[skip..]);
                if (TrieKey.Shared(candidate, key, 0, depth) < depth) break;
                var value = isAccount
                    ? FlatValue.ReadAccount(candidate.Bytes, cursor.Value).ToRlp()
                    : FlatValue.ToTrieValue(FlatValue.ReadSlot(cursor.Key, cursor.Value));
                if (TryTake(candidate, value, depth, hash, out var leaf)) return leaf;
            }
        }
        return rewind is null ? null : LoadRewoundLeaf(owner, key, depth, hash);
    }

    byte[]? FlatValueAt(in Hash256 owner, in Hash256 key) =>
        owner != TrieKey.NoOwner ? FlatValue.ToTrieValue(FlatState.ReadSlot(store, owner, key))
        : FlatState.TryReadAccount(store, key, out var account) ? account.ToRlp() : null;

    LeafNode? LoadRewoundLeaf(in Hash256 owner, in Hash256 key, int depth, in Hash256 hash)
    {
        AccountChange? account = null;
        if (owner != TrieKey.NoOwner && (!rewind!.Accounts.TryGetValue(owner, out account) || account.Storage is null)) return null;

        Hash256[]? keys;
        lock (_rewoundKeys!)
        {
            if (!_rewoundKeys.TryGetValue(owner, out keys))
            {
                keys = account is null ? [.. rewind!.Accounts.Keys] : [.. account.Storage!.Keys];
                Array.Sort(keys);
                _rewoundKeys.Add(owner, keys);
            }
        }
        var at = Array.BinarySearch(keys, TrieKey.With(key, depth, default(NibblePath)));
        for (at = at < 0 ? ~at : at; at < keys.Length && TrieKey.Shared(keys[at], key, 0, depth) == depth; at++)
        {
            var value = account is null
                ? rewind!.Accounts[keys[at]].Account?.ToRlp()
                : FlatValue.ToTrieValue(account.Storage![keys[at]]);
            if (value is not null && TryTake(keys[at], value, depth, hash, out var leaf)) return leaf;
        }
        return null;
    }

    static bool TryTake(in Hash256 key, byte[]? value, int depth, in Hash256 hash, [NotNullWhen(true)] out LeafNode? leaf)
    {
        leaf = null;
        if (value is null) return false;
        using var writer = RlpWriter.Rent();
        TrieNode.WriteLeaf(writer, TrieKey.Path(key, depth, TrieKey.Nibbles - depth), value);
        if (Keccak256.Hash(writer.Written) != hash) return false;
        leaf = new LeafNode(key, value) { IsOnDisk = true };
        leaf.SetHash(hash);
        return true;
    }
}
