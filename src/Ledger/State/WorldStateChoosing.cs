using Hufu.Primitives;

namespace Hufu.State;

// How the head moves.
public sealed partial class WorldState
{
    // Since the trie last went to disk: places it no longer uses, and how much changed.
    readonly List<NodePlace> _vacated = [];
    long _changesSinceTrieWritten, _changesSinceTrieMeasured;
    TrieMark? _trieMark;

    /// <summary>
    /// Makes a known block the head: a child of the head, a block of another branch, or an earlier block of the chosen chain. The flat state, the
    /// history and the trie move together in one atomic write with what the batch already holds; the batch is then spent. Blocks left behind are
    /// kept as a branch while there is room for them.
    /// </summary>
    /// <returns>False where the block's state is not known; nothing is written then, not even what the batch held.</returns>
    public bool Choose(BlockId target, WriteBatch batch, bool sync)
    {
        var now = _current;
        if (Intake is not null || PathTo(now, target) is not { } path) return false;

        // Back to where the branches part, then forward block by block, each undone by what the state was before it.
        var net = new StateChanges();
        StateView view = new HeadView(now);
        List<KeptBlock> left = [];
        if (path.Fork is { } fork && fork < now.Head!.Value.Number)
        {
            net = StateHistory.Reverse(now, fork);
            view = new LayeredView(view, net);
            left = LeaveBranch(now, fork, batch);
        }
        foreach (var block in path.Blocks)
        {
            if (block.Parent is null) ChosenBlocks.Write(batch, block.Head);   // nothing before it to go back to
            else StateHistory.Write(batch, view, block.Changes, block.Head);
            view = new LayeredView(view, block.Changes);
            net = path.Blocks.Count == 1 && net.Accounts.Count == 0 ? block.Changes : Together(net, block.Changes);
        }

        var head = path.Blocks.Count > 0 ? path.Blocks[^1].Head : ChosenBlocks.Expect(now.Store, target.Number);
        var (trie, vacated) = NextTrie(now, path, net, head);
        var wiped = FlatState.Write(batch, new HeadView(now), net);
        var written = WriteTrieIfDue(batch, trie, [.. _vacated, .. vacated], head, path);
        var oldest = Prune(batch, now, head);
        StateMarks.Write(batch, head, written?.Mark ?? _trieMark, oldest);

        _store.Commit(batch, sync);

        // From here on nothing can fail: the store has the block, and memory follows.
        _vacated.AddRange(vacated);
        if (written is not null)
        {
            TrieWritten(written);
            trie = FitIfDue(trie, head);
        }
        Publish(now, head, trie, oldest, net, wiped);
        foreach (var block in path.Blocks) Forget(block.Head.Hash);
        foreach (var block in left) Remember(block);
        if (written is not null) ForgetOlderThan(head.Number);
        return true;
    }

    /// <summary>Where the way to the target leaves the chosen chain, and the kept blocks from there; null where the way is not known.</summary>
    Path? PathTo(WorldSnapshot now, BlockId target)
    {
        var blocks = new List<KeptBlock>();
        for (BlockId? at = target; at is { } block;)
        {
            if (IsChosen(now, block))
            {
                blocks.Reverse();
                return new Path(block.Number, blocks);
            }
            if (!_kept.TryGetValue(block.Hash, out var kept)) return null;
            blocks.Add(kept);
            at = kept.Parent;
        }
        if (now.Head is not null) return null;   // another genesis
        blocks.Reverse();
        return new Path(null, blocks);
    }

    // The blocks after the fork leave the history; as kept blocks they can be chosen again without being executed again.
    List<KeptBlock> LeaveBranch(WorldSnapshot now, ulong fork, WriteBatch batch)
    {
        var left = new List<KeptBlock>();
        var head = now.Head!.Value;
        var from = (ulong)_options.KeptBlocks < head.Number - fork ? head.Number - (ulong)_options.KeptBlocks : fork;
        for (var block = fork + 1; block <= head.Number; block++)
        {
            var record = StateHistory.RecordOf(now, block);
            if (block > from) left.Add(KeptFrom(now, block));
            StateHistory.Remove(batch, record, block);
        }
        return left;
    }

    static KeptBlock KeptFrom(WorldSnapshot now, ulong number)
    {
        var view = ChosenView(now, number)!;
        var changes = StateHistory.Forward(now, view, number);
        return new KeptBlock
        {
            Head = ChosenBlocks.Expect(now.Store, number),
            Parent = ChosenBlocks.Expect(now.Store, number - 1).Block,
            Changes = changes,
            View = view,
            Snapshot = now,
            Trie = new(() => number == now.Head!.Value.Number ? now.Trie : TrieAsOf(now, number)),
            ParentTrie = null,
            Vacated = [],
            SizeBytes = changes.SizeBytes,
        };
    }

    static StateChanges Together(StateChanges first, StateChanges second)
    {
        first.Append(second);
        return first;
    }

    // The trie of the last block where each block's trie grew from the one before it and the first from the head's; else the net difference laid over the head's.
    static (LiveNode? Trie, List<NodePlace> Vacated) NextTrie(WorldSnapshot now, Path path, StateChanges net, in StateHead head)
    {
        var vacated = new List<NodePlace>();
        var grown = now.Trie;
        var inLine = path.Fork is null || path.Fork == now.Head!.Value.Number;
        foreach (var block in path.Blocks)
        {
            inLine &= block.ParentTrie is { } before && ReferenceEquals(before.Value, grown);
            if (!inLine) break;
            grown = block.Trie.Value;
            vacated.AddRange(block.Vacated);
        }
        if (inLine) return (grown, vacated);

        vacated.Clear();
        var trie = Lay(now.Trie, now.Nodes, new HeadView(now), net, vacated);
        if (WorldTrie.RootHash(trie) != head.StateRoot)
            throw StoreFailure.Damaged(StateTables.Changes, head.Hash.Bytes, $"block {head.Block} should have the state root {head.StateRoot}, its differences lead to {WorldTrie.RootHash(trie)}");
        return (trie, vacated);
    }

    /// <summary>The trie of an earlier block of the snapshot's chain.</summary>
    static LiveNode? TrieAsOf(WorldSnapshot snapshot, ulong block)
    {
        var trie = Lay(snapshot.Trie, snapshot.Nodes, new HeadView(snapshot), StateHistory.Reverse(snapshot, block), []);
        var expected = ChosenBlocks.Expect(snapshot.Store, block).StateRoot;
        if (WorldTrie.RootHash(trie) == expected) return trie;
        throw StoreFailure.Damaged(StateTables.AccountHistory, expected.Bytes, $"the history leads back to the state root {WorldTrie.RootHash(trie)} at block {block}, not to this one");
    }

    /// <summary>A difference laid over a trie.</summary>
    /// <param name="before">The state the trie is of.</param>
    static LiveNode? Lay(LiveNode? trie, NodeSource nodes, StateView before, StateChanges changes, List<NodePlace> vacated)
    {
        var updates = new List<AccountUpdate>(changes.Accounts.Count);
        foreach (var (key, change) in changes.Accounts)
        {
            var slots = new TrieChange[change.Storage?.Count ?? 0];
            var i = 0;
            if (change.Storage is not null)
                foreach (var (slot, value) in change.Storage) slots[i++] = new TrieChange(slot, FlatValue.ToTrieValue(value));
            TrieKey.Sort(slots);
            updates.Add(new AccountUpdate
            {
                Key = key,
                Account = change.Account,
                StorageRootBefore = before.TryGetAccount(key, out var old) ? old.StorageRoot : Account.EmptyTrieRoot,
                StorageCleared = change.StorageCleared || change.Account is null,
                Slots = change.Account is null ? [] : slots,
            });
        }
        return updates.Count == 0 ? trie : WorldTrie.Apply(trie, nodes, updates, vacated);
    }

    TrieWrite? WriteTrieIfDue(WriteBatch batch, LiveNode? trie, List<NodePlace> vacated, in StateHead head, Path path)
    {
        foreach (var block in path.Blocks)
            foreach (var (_, change) in block.Changes.Accounts) _changesSinceTrieWritten += 1 + (change.Storage?.Count ?? 0);

        if (_options.TrieToDiskEveryBlocks == ulong.MaxValue) return null;
        // A trie on disk that belongs to a block left behind could not be brought forward after a crash: the history that leads from it is gone.
        var isLeftBehind = _trieMark is { } mark && path.Fork < mark.Block;
        var due = isLeftBehind || _trieMark is null || head.Number - _trieMark.Block >= _options.TrieToDiskEveryBlocks
            || _changesSinceTrieWritten >= _options.TrieToDiskEveryChanges;
        return due ? TrieWrite.Write(batch, _store, trie, vacated, new TrieMark(head.Number, WorldTrie.RootHash(trie))) : null;
    }

    void TrieWritten(TrieWrite written)
    {
        written.Finish();
        _trieMark = written.Mark;
        _vacated.Clear();
        _changesSinceTrieMeasured += _changesSinceTrieWritten;
        _changesSinceTrieWritten = 0;
    }

    LiveNode? FitIfDue(LiveNode? trie, in StateHead head)
    {
        if (_changesSinceTrieMeasured < _options.MeasureTrieEveryChanges) return trie;
        _changesSinceTrieMeasured = 0;
        return TrieMemory.Fit(trie, _options.CachedTrieBytes, head.Number);
    }

    // Removes the history of the block that falls out of the kept ones. What the trie on disk still needs to be brought forward stays.
    ulong Prune(WriteBatch batch, WorldSnapshot now, in StateHead head)
    {
        var oldest = now.Oldest;
        if (_options.KeepBlocks is not { } keep) return oldest;
        var wanted = head.Number > keep ? head.Number - keep : 0;
        if (_trieMark is { } mark && _options.TrieToDiskEveryBlocks != ulong.MaxValue) wanted = Math.Min(wanted, mark.Block);

        // At most a few a commit, so that switching pruning on does not hold up one block for hours.
        for (var removed = 0; oldest < wanted && removed < 64; oldest++, removed++)
        {
            if (BlockChanges.Read(now.Store, oldest) is { } record) StateHistory.Remove(batch, record, oldest);
            else ChosenBlocks.Remove(batch, oldest);   // genesis, which changed nothing
        }
        return oldest;
    }

    void Publish(WorldSnapshot now, in StateHead head, LiveNode? trie, ulong oldest, StateChanges net, List<(Hash256 Account, Hash256 Slot)> wiped)
    {
        var version = now.Version + 1;
        if (now.Cache is { } cache)
        {
            foreach (var (account, slot) in wiped) cache.Changed(account, slot, UInt256.Zero, version);
            foreach (var (key, change) in net.Accounts)
            {
                cache.Changed(key, change.Account, version);
                if (change.Storage is null) continue;
                foreach (var (slot, value) in change.Storage) cache.Changed(key, slot, value, version);
            }
        }
        _current = new WorldSnapshot(_store.Snapshot(), head, trie, version, oldest, now.Cache, now.Codes);
    }

    /// <param name="Fork">The block of the chosen chain where the way begins; null where it begins with nothing.</param>
    sealed record Path(ulong? Fork, List<KeptBlock> Blocks);
}
