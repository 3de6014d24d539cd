using Hufu.Primitives;

namespace Hufu.State;

/// <summary>The changed nodes of the trie on their way to disk; they count as being there once the batch is committed.</summary>
sealed class TrieWrite
{
    readonly List<LiveNode> _nodes = [];

    TrieWrite(TrieMark mark) => Mark = mark;

    public TrieMark Mark { get; }

    /// <summary>Adds to a batch the branches and extensions that the disk lacks and the removal of those that have gone.</summary>
    public static TrieWrite Write(WriteBatch batch, IKeyValueReader store, LiveNode? root, List<NodePlace> vacated, TrieMark mark)
    {
        var write = new TrieWrite(mark);
        // Removals first: a place left and taken again is written after, and the later write counts.
        foreach (var place in vacated) Remove(batch, store, place);
        using var writer = RlpWriter.Rent();
        if (root is not null) write.Add(batch, writer, root, TrieKey.NoOwner, default, 0);
        return write;
    }

    /// <summary>Adds to a batch the branches and extensions of one trie, from a node down.</summary>
    /// <param name="path">Its first <paramref name="depth"/> nibbles are the node's path.</param>
    public static void WritePart(WriteBatch batch, LiveNode node, in Hash256 owner, in Hash256 path, int depth)
    {
        using var writer = RlpWriter.Rent();
        new TrieWrite(new TrieMark(0, default)).Add(batch, writer, node, owner, path, depth);
    }

    public void Finish()
    {
        foreach (var node in _nodes) (node.IsOnDisk, node.UsedAt) = (true, Mark.Block);
    }

    static void Remove(WriteBatch batch, IKeyValueReader store, in NodePlace place)
    {
        if (place.Depth == NodePlace.WholeTrie)
        {
            // All tries, where there is no owner.
            var isAll = place.Owner == TrieKey.NoOwner;
            RemoveAll(batch, store, StateTables.StorageTrie, isAll ? default : place.Owner.Bytes);
            if (isAll) RemoveAll(batch, store, StateTables.AccountTrie, default);
            return;
        }
        Span<byte> buffer = stackalloc byte[TrieKey.MaxNodeKey];
        batch.Delete(TableOf(place.Owner), TrieKey.WriteNodeKey(buffer, place.Owner, place.Key, place.Depth));
    }

    static void RemoveAll(WriteBatch batch, IKeyValueReader store, Table table, ReadOnlySpan<byte> prefix)
    {
        using var cursor = store.Walk(table, prefix);
        while (cursor.MoveNext()) batch.Delete(table, cursor.Key);
    }

    /// <param name="key">A key whose first <paramref name="depth"/> nibbles are the node's path.</param>
    void Add(WriteBatch batch, RlpWriter writer, LiveNode node, in Hash256 owner, Hash256 key, int depth)
    {
        if (node is LeafNode leaf)
        {
            // A leaf is not written, but the storage trie below an account's leaf may be new even where the leaf was looked at before.
            if (leaf.Storage is { } storage) Add(batch, writer, storage, leaf.Key, default, 0);
            if (!leaf.IsOnDisk) _nodes.Add(leaf);
            return;
        }
        if (node.IsOnDisk) return;

        _nodes.Add(node);
        Span<byte> buffer = stackalloc byte[TrieKey.MaxNodeKey];
        var place = TrieKey.WriteNodeKey(buffer, owner, key, depth);
        if (node.IsInline && depth > 0)
        {
            // Stands in its parent now; a longer one may have been here before.
            batch.Delete(TableOf(owner), place);
        }
        else
        {
            writer.Clear();
            TrieHasher.Write(writer, node, depth);
            batch.Put(TableOf(owner), place, writer.Written);
        }
        if (node is BranchNode branch)
        {
            for (var i = 0; i < 16; i++)
                if (branch.Loaded(i) is { } child) Add(batch, writer, child, owner, TrieKey.With(key, depth, i), depth + 1);
        }
        else if (node is ExtensionNode extension)
        {
            Add(batch, writer, extension.Child, owner, extension.Key, depth + extension.Length);
        }
    }

    static Table TableOf(in Hash256 owner) => owner == TrieKey.NoOwner ? StateTables.AccountTrie : StateTables.StorageTrie;
}
