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
        if (StateMarks.Read(store) is not { } marks)
            return new WorldState(store, options, new WorldSnapshot(store.Snapshot(), null, null, 0, 0, cache, codes));

        var snapshot = new WorldSnapshot(store.Snapshot(), marks.Head, null, 0, marks.Oldest, cache, codes);
        var vacated = new List<NodePlace>();
        var trie = FindTrie(snapshot, marks, vacated);
        var world = new WorldState(store, options, new WorldSnapshot(snapshot.Store, marks.Head, trie, 0, marks.Oldest, cache, codes)) { _trieMark = marks.Trie };
        world._vacated.AddRange(vacated);
        return world;
    }

    static LiveNode? FindTrie(WorldSnapshot snapshot, StateMarks marks, List<NodePlace> vacated)
    {
        if (marks.Trie is { } mark && mark.Block <= marks.Head.Number)
        {
            try
            {
                var trie = BringForward(snapshot, mark, vacated);
                if (WorldTrie.RootHash(trie) == marks.Head.StateRoot) return trie;
            }
            catch (StoreFailure)
            {
                // A node is damaged, or history between the trie and the head: the flat state below is what counts.
            }
        }
        vacated.Clear();
        throw new NotImplementedException();
    }

    static LiveNode? BringForward(WorldSnapshot snapshot, TrieMark mark, List<NodePlace> vacated)
    {
        var back = StateHistory.Reverse(snapshot, mark.Block);
        var nodes = new NodeSource(snapshot.Store, back);
        var root = mark.Root == Account.EmptyTrieRoot ? null : nodes.Load(TrieKey.NoOwner, default, 0, new StubNode(mark.Root));

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
