using Hufu.Primitives;

namespace Hufu.State;

// How a whole state comes from others instead of from blocks.
public sealed partial class WorldState
{
    /// <summary>The state that is being taken in; null where none is. Until it is whole readers see genesis, and no block can become the head.</summary>
    public StateIntake? Intake { get; private set; }

    /// <summary>Begins to take in a state, or goes on with it. Only a chain that stands at its genesis can.</summary>
    public StateIntake BeginIntake()
    {
        if (Intake is not null) return Intake;
        if (_current.Head is not { Number: 0 }) throw new InvalidOperationException("a state is taken in only where nothing but genesis is");
        // Readers keep the snapshot of before: what is written from here on they do not see.
        return Intake = StateIntake.Begin(_store);
    }

    /// <summary>What readers see after a start in the middle of an intake: the tables hold parts of another state by then.</summary>
    public void ShowMeanwhile(StateTransition genesis, BlockId block)
    {
        var aside = InMemory();
        aside.Commit(genesis, block, new WriteBatch(), sync: false);
        _current = aside._current;
    }

    /// <summary>Makes a state that was taken in whole that of the head, in one atomic write with what the batch already holds. States before it cannot be read.</summary>
    public void FinishIntake(in StateHead head, WriteBatch batch)
    {
        if (Intake?.WrittenRoot != head.StateRoot) throw new InvalidOperationException("the state is not whole, or has another root");
        var mark = new TrieMark(head.Number, head.StateRoot);
        StateMarks.Write(batch, head, mark, oldest: head.Number);
        ChosenBlocks.Remove(batch, 0);
        ChosenBlocks.Write(batch, head);
        StateIntake.End(batch);
        _store.Commit(batch, sync: true);

        (Intake, _trieMark) = (null, mark);
        _vacated.Clear();
        _changesSinceTrieWritten = 0;
        _kept = _kept.Clear();
        _keptOrder.Clear();
        _keptBytes = 0;
        // What the caches hold was read from genesis.
        var snapshot = new WorldSnapshot(_store.Snapshot(), head, null, _current.Version + 1, head.Number, _options.CachedValues > 0 ? new ReadCache(_options.CachedValues) : null, _current.Codes);
        var trie = head.StateRoot == Account.EmptyTrieRoot ? null : snapshot.Nodes.Load(TrieKey.NoOwner, default, 0, head.StateRoot);
        _current = new WorldSnapshot(snapshot.Store, head, trie, snapshot.Version, head.Number, snapshot.Cache, snapshot.Codes);
    }
}
