using Hufu.Primitives;

namespace Hufu.State;

/// <summary>A node of a trie that is wanted to see where a state differs from what was taken in.</summary>
public sealed class WantedNode
{
    internal WantedNode(in Hash256 owner, in Hash256 path, int depth, in Hash256 hash, LiveNode? local) => (Owner, Path, Depth, Hash, Local) = (owner, path, depth, hash, local);

    /// <summary>The account whose storage trie it is of; zero for the account trie.</summary>
    public Hash256 Owner { get; }

    /// <summary>Its first <see cref="Depth"/> nibbles lead to the node.</summary>
    public Hash256 Path { get; }

    public int Depth { get; }

    public Hash256 Hash { get; }

    internal LiveNode? Local { get; }
}

/// <summary>
/// Makes one state of ranges that came from several. The tries that the flat tables give are compared with the wanted one from the root down; only where
/// the hashes differ is a node asked for, and what it says is done to the flat tables. Then all of it is counted through once, and the trie written.
/// The work is in the calls of whoever fetches: one thread at a time.
/// </summary>
public sealed class StateHealing
{
    readonly StateIntake _intake;
    readonly IKeyValueStore _store;
    readonly Hash256 _root;
    readonly WriteBatch _batch = new();
    readonly Stack<WantedNode> _wanted = [];
    readonly HashSet<Hash256> _codes = [];
    int _away;

    /// <param name="root">The root of the state wanted; all ranges have come, of this state or of others.</param>
    public StateHealing(StateIntake intake, Hash256 root)
    {
        (_intake, _store, _root) = (intake, intake.Store, root);
        Begin(TrieKey.NoOwner, root);
    }

    /// <summary>Whether the state is whole, down to the last slot and code, and has the root.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>How many nodes were taken.</summary>
    public int Taken { get; private set; }

    /// <summary>Codes that are wanted.</summary>
    public IReadOnlyCollection<Hash256> WantedCodes => _codes;

    /// <summary>The nodes to ask for next; each must come back by <see cref="TryTake"/> or <see cref="GiveBack"/>. None where others are away or where nothing is wanted.</summary>
    public IReadOnlyList<WantedNode> Next(int most)
    {
        while (_wanted.Count == 0 && _away == 0 && _codes.Count == 0 && !IsComplete) Count();
        var next = new List<WantedNode>();
        // Those of one account together: its path goes into a request once.
        while (next.Count < most && _wanted.TryPop(out var node)) next.Add(node);
        _away += next.Count;
        return next;
    }

    /// <returns>False where the bytes are not the node: it is wanted as before, and has not come back.</returns>
    public bool TryTake(WantedNode wanted, ReadOnlySpan<byte> rlp)
    {
        if (Keccak256.Hash(rlp) != wanted.Hash || !TrieNode.TryDecode(rlp, out var node)) return false;
        _away--;
        Taken++;
        Process(wanted.Owner, wanted.Path, wanted.Depth, node, wanted.Local);
        return true;
    }

    public void GiveBack(WantedNode wanted)
    {
        _away--;
        _wanted.Push(wanted);
    }

    /// <summary>Takes a code that was wanted; false for any other.</summary>
    public bool TryTakeCode(byte[] code)
    {
        if (!_codes.Remove(Keccak256.Hash(code))) return false;
        _intake.TakeCodes([code]);
        return true;
    }

    // Counts through all there is: what does not fit is wanted next, and where all fits the trie is written by the way.
    void Count()
    {
        Flush();
        WipeTrie();
        var gaps = new StateGaps();
        var scan = new FlatScan(_store, keepNodes: false)
        {
            Gaps = gaps,
            Finished = (owner, node, path, depth) =>
            {
                TrieWrite.WritePart(_batch, node, owner, path, depth);
                StateIntake.FlushIfLarge(_batch, _store);
            },
        };
        scan.Run(_root);
        foreach (var orphan in gaps.Orphans) StateIntake.DeleteStorage(_batch, _store, orphan);
        Flush();
        if (scan.Fault is null)
        {
            _intake.WrittenRoot = _root;
            IsComplete = true;
            return;
        }
        // Accounts were made the same before: what is left must be theirs to name.
        if (gaps.IsEmpty) throw new StoreFailure(scan.Fault);
        foreach (var (account, storageRoot) in gaps.Storage) Begin(account, storageRoot);
        _codes.UnionWith(gaps.Codes);
    }

    void Begin(in Hash256 owner, in Hash256 root)
    {
        var local = new TrieBuilder(Leaves(owner, default, 0), KeptNodes.Top, owner).Build();
        if (root == Account.EmptyTrieRoot) Clear(owner, default, 0, default, -1);
        else if (WorldTrie.RootHash(local) != root) _wanted.Push(new WantedNode(owner, default, 0, root, local));
    }

    void Process(in Hash256 owner, in Hash256 path, int depth, TrieNode node, LiveNode? local)
    {
        // The root may be short; what stands for a part of the trie elsewhere is known by its hash only, and looked at closer now.
        if (local is FinishedNode) local = Build(owner, path, depth);
        if (node.Kind == TrieNodeKind.Branch)
        {
            for (var nibble = 0; nibble < 16; nibble++)
            {
                var below = TrieKey.With(path, depth, nibble);
                var child = local is BranchNode branch ? branch.Loaded(nibble) : local is null ? null : Build(owner, below, depth + 1);
                Compare(owner, below, depth + 1, node[nibble], child);
            }
            return;
        }
        var end = TrieKey.With(path, depth, node.Path);
        var at = Math.Min(depth + node.Path.Length, TrieKey.Nibbles);
        if (local is not null) Clear(owner, path, depth, end, at);
        if (node.Kind == TrieNodeKind.Leaf) Put(owner, end, node.Value);
        else Compare(owner, end, at, node.Next, local is null ? null : Build(owner, end, at));
    }

    void Compare(in Hash256 owner, in Hash256 path, int depth, TrieReference reference, LiveNode? local)
    {
        if (reference.IsEmpty)
        {
            if (local is not null) Clear(owner, path, depth, default, -1);
            return;
        }
        if (reference.IsHash)
        {
            if (local is null || local.IsInline || !local.Reference.SequenceEqual(reference.Hash.Bytes)) _wanted.Push(new WantedNode(owner, path, depth, reference.Hash, local));
            return;
        }
        if (local is { IsInline: true } && local.Reference.SequenceEqual(reference.Item)) return;
        // Its parent's hash vouches for it.
        if (TrieNode.TryDecode(reference.Item, out var node)) Process(owner, path, depth, node, local);
    }

    LiveNode? Build(in Hash256 owner, in Hash256 path, int depth)
    {
        var leaves = new List<TrieChange>();
        for (var queue = Leaves(owner, path, depth); queue.Peek(out var leaf); queue.Take()) leaves.Add(leaf.Change);
        return leaves.Count == 0 ? null : TrieBuilder.Of(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(leaves), depth);
    }

    LeafQueue Leaves(Hash256 owner, Hash256 path, int depth)
    {
        var keys = Under(owner, path, depth).GetEnumerator();
        return new LeafQueue(() =>
        {
            if (keys.MoveNext()) return new TrieLeaf(owner, keys.Current);
            keys.Dispose();
            return null;
        });
    }

    // The leaves that the flat tables hold under a path.
    IEnumerable<TrieChange> Under(Hash256 owner, Hash256 path, int depth)
    {
        var isAccount = owner == TrieKey.NoOwner;
        var (table, skip) = isAccount ? (StateTables.Accounts, 0) : (StateTables.Storage, Hash256.Size);
        byte[] prefix = isAccount ? [.. path.Bytes[..(depth / 2)]] : [.. owner.Bytes, .. path.Bytes[..(depth / 2)]];
        using var cursor = _store.Walk(table, prefix);
        while (cursor.MoveNext())
        {
            var key = Hash256.FromBytes(cursor.Key[skip..]);
            if (TrieKey.Shared(key, path, 0, depth) < depth) continue;
            yield return new TrieChange(key, isAccount ? FlatValue.ReadAccount(cursor.Key, cursor.Value).ToRlp() : FlatValue.ToTrieValue(FlatValue.ReadSlot(cursor.Key, cursor.Value)));
        }
    }

    /// <summary>Deletes what lies under a path and not under another, longer one, of which <paramref name="keptDepth"/> nibbles count; all of it where that is negative.</summary>
    void Clear(in Hash256 owner, in Hash256 path, int depth, in Hash256 kept, int keptDepth)
    {
        foreach (var leaf in Under(owner, path, depth))
        {
            if (keptDepth >= 0 && TrieKey.Shared(leaf.Key, kept, 0, keptDepth) == keptDepth) continue;
            if (owner == TrieKey.NoOwner) _batch.Delete(StateTables.Accounts, leaf.Key.Bytes);
            else _batch.Delete(StateTables.Storage, [.. owner.Bytes, .. leaf.Key.Bytes]);
        }
        StateIntake.FlushIfLarge(_batch, _store);
    }

    void Put(in Hash256 owner, in Hash256 key, ReadOnlySpan<byte> value)
    {
        if (owner != TrieKey.NoOwner)
        {
            StateIntake.TryPutSlot(_batch, owner, key, value);
            return;
        }
        var reader = new RlpReader(value);
        var account = Account.Read(ref reader);
        reader.ExpectEnd();
        if (!reader.Failed) _batch.Put(StateTables.Accounts, key.Bytes, SlimAccount.Encode(account));
    }

    void WipeTrie()
    {
        foreach (var table in new[] { StateTables.AccountTrie, StateTables.StorageTrie })
        {
            using var cursor = _store.Walk(table);
            while (cursor.MoveNext())
            {
                _batch.Delete(table, cursor.Key);
                StateIntake.FlushIfLarge(_batch, _store);
            }
        }
        Flush();
    }

    void Flush()
    {
        if (_batch.Count == 0) return;
        _store.Commit(_batch, sync: false);
        _batch.Clear();
    }
}
