using Hufu.Primitives;

namespace Hufu.State;

// How a state is found again after the process ended, however it ended.
public sealed partial class WorldState
{
    /// <summary>
    /// Opens the state in a store, as of the last commit. The trie on disk may be some blocks behind: what changed since is applied to it again;
    /// where it cannot be brought to the head's root it is built anew from the flat state.
    /// </summary>
    /// <exception cref="StoreFailure">The store is damaged beyond that.</exception>
    public static WorldState Open(IKeyValueStore store, WorldStateOptions? options = null)
    {
        options ??= new WorldStateOptions();
        var cache = options.CachedValues > 0 ? new ReadCache(options.CachedValues) : null;
        var codes = new CodeCache(options.CachedCodeBytes);
        if (StateIntake.Resume(store) is { } intake) return new WorldState(store, options, new WorldSnapshot(store.Snapshot(), null, null, 0, 0, cache, codes)) { Intake = intake };
        if (StateMarks.Read(store) is not { } marks)
        {
            using var accounts = store.Walk(StateTables.Accounts);
            if (accounts.MoveNext()) throw StoreFailure.Damaged(StateTables.Marks, default, "there are accounts, but no mark says as of which block");
            return new WorldState(store, options, new WorldSnapshot(store.Snapshot(), null, null, 0, 0, cache, codes));
        }

        var snapshot = new WorldSnapshot(store.Snapshot(), marks.Head, null, 0, marks.Oldest, cache, codes);
        if (ChosenBlocks.Expect(store, marks.Head.Number) != marks.Head)
            throw StoreFailure.Damaged(StateTables.Marks, default, $"the mark of the head, {marks.Head.Block}, is not the block of that number");
        var vacated = new List<NodePlace>();
        var mark = marks.Trie;
        if (!TryBringForward(snapshot, mark, vacated, out var trie))
        {
            vacated.Clear();
            (trie, mark) = (Rebuild(snapshot, vacated), null);
        }
        var world = new WorldState(store, options, new WorldSnapshot(snapshot.Store, marks.Head, trie, 0, marks.Oldest, cache, codes)) { _trieMark = mark };
        world._vacated.AddRange(vacated);
        return world;
    }

    static bool TryBringForward(WorldSnapshot snapshot, TrieMark? mark, List<NodePlace> vacated, out LiveNode? trie)
    {
        trie = null;
        var head = snapshot.Head!.Value;
        if (mark is null || mark.Block > head.Number) return false;
        try
        {
            trie = BringForward(snapshot, mark, vacated);
            return WorldTrie.RootHash(trie) == head.StateRoot;
        }
        catch (StoreFailure)
        {
            // A node is damaged, or the history between the trie and the head. The flat state is what counts, and the trie can be had from it.
            return false;
        }
    }

    static LiveNode? Rebuild(WorldSnapshot snapshot, List<NodePlace> vacated)
    {
        var scan = new FlatScan(snapshot.Store);
        var trie = scan.Run(snapshot.Head!.Value.StateRoot);
        if (scan.Fault is { } fault) throw new StoreFailure(fault);
        // The next writing of the trie writes it whole; what lies there now goes first.
        vacated.Add(new NodePlace(TrieKey.NoOwner, default, NodePlace.WholeTrie));
        return trie;
    }

    static LiveNode? BringForward(WorldSnapshot snapshot, TrieMark mark, List<NodePlace> vacated)
    {
        var back = StateHistory.Reverse(snapshot, mark.Block);
        var nodes = new NodeSource(snapshot.Store, snapshot.Head!.Value.Number, back);
        var root = mark.Root == Account.EmptyTrieRoot ? null : nodes.Load(TrieKey.NoOwner, default, 0, mark.Root);

        // Whatever changed since has its newest value in the flat tables.
        var head = new HeadView(snapshot);
        var forward = new StateChanges();
        foreach (var (key, change) in back.Accounts)
        {
            var now = new AccountChange { Account = head.TryGetAccount(key, out var account) ? account : null };
            if (change.Storage is not null) now.Storage = change.Storage.Keys.ToDictionary(slot => slot, slot => head.GetStorage(key, slot));
            forward.Accounts.Add(key, now);
        }
        return Lay(root, nodes, new LayeredView(head, back), forward, vacated);
    }
}
