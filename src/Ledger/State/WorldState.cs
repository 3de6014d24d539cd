using System.Collections.Immutable;
using Hufu.Primitives;

namespace Hufu.State;

/// <summary>
/// What every account holds, at every block that is kept. The flat tables hold the state of the head; any other state is that one and a difference:
/// back along the chosen chain by its history, forward along a branch by the differences of its executed blocks.
///
/// One thread at a time calls <see cref="Keep"/>, <see cref="Choose"/> and <see cref="Commit"/>. Everything else may be called by any thread at
/// any time and answers from an immutable snapshot.
/// </summary>
public sealed partial class WorldState
{
    readonly IKeyValueStore _store;
    readonly WorldStateOptions _options;

    volatile WorldSnapshot _current;
    volatile ImmutableDictionary<Hash256, KeptBlock> _kept = ImmutableDictionary<Hash256, KeptBlock>.Empty;

    // Kept blocks, the first kept first: those go first when room is needed.
    readonly Queue<KeptBlock> _keptOrder = new();
    long _keptBytes;

    WorldState(IKeyValueStore store, WorldStateOptions options, WorldSnapshot current)
    {
        _store = store;
        _options = options;
        _current = current;
    }

    /// <summary>A state that begins empty and ends with the process.</summary>
    public static WorldState InMemory() => Open(new MemoryStore(), WorldStateOptions.InMemory);

    /// <summary>The block the state stands at; null before genesis is committed.</summary>
    public StateHead? Head => _current.Head;

    /// <summary>The head's trie as far as it is in memory.</summary>
    internal LiveNode? Trie => _current.Trie;

    /// <summary>The oldest block whose state can be read.</summary>
    public ulong OldestBlock => _current.Oldest;

    /// <summary>The state as of a block of the chosen chain; null where there is no such block or its history is no longer kept.</summary>
    public IStateView? At(ulong block) => OverOrigin(ChosenView(_current, block));

    /// <summary>The state as of a block, of the chosen chain or of a kept branch; null where it is neither.</summary>
    public IStateView? At(BlockId block)
    {
        var now = _current;
        if (IsChosen(now, block)) return OverOrigin(ChosenView(now, block.Number));
        return _kept.TryGetValue(block.Hash, out var kept) ? OverOrigin(kept.View) : null;
    }

    /// <summary>The state root of a block of the chosen chain or of a kept branch; null where its state is not kept.</summary>
    public Hash256? RootOf(BlockId block)
    {
        var now = _current;
        if (now.Head is { } head && head.Block == block) return head.StateRoot;
        if (IsChosen(now, block)) return ChosenBlocks.Expect(now.Store, block.Number).StateRoot;
        return _kept.TryGetValue(block.Hash, out var kept) ? kept.Head.StateRoot : null;
    }

    /// <summary>What an account and some of its slots are at a block, provably; null where the block's state is not known. The further back the block, the more history is undone to find its trie.</summary>
    public StateProof? Proof(BlockId block, Address address, IReadOnlyList<UInt256> slots)
    {
        var now = _current;
        if (now.Head is { } head && head.Block == block) return ProofWalk.Prove(now.Trie, now.Nodes, new HeadView(now), address, slots);
        if (IsChosen(now, block)) return ProofWalk.Prove(TrieAsOf(now, block.Number), now.Nodes, new HistoryView(now, block.Number), address, slots);
        return _kept.TryGetValue(block.Hash, out var kept) ? ProofWalk.Prove(kept.Trie.Value, kept.Snapshot.Nodes, kept.View, address, slots) : null;
    }

    /// <summary>The state with a root, to be served to others, where it is that of one of the last blocks of the chosen chain; null where it is not, or no longer kept.</summary>
    /// <param name="reach">How many blocks back are looked at.</param>
    public ServedState? Serve(Hash256 root, ulong reach)
    {
        var now = _current;
        if (now.Head is not { } head || _options.Origin is not null || Intake is not null) return null;
        if (head.StateRoot == root) return new ServedState(now, head, now.Trie, null);
        for (var back = 1UL; back <= reach && back <= head.Number - now.Oldest; back++)
        {
            if (ChosenBlocks.Read(now.Store, head.Number - back) is not { } block || block.StateRoot != root) continue;
            return new ServedState(now, block, TrieAsOf(now, block.Number), StateHistory.Reverse(now, block.Number));
        }
        return null;
    }

    /// <summary>Reads the whole flat state once and compares its root with the head's.</summary>
    /// <returns>What does not add up; null where everything does.</returns>
    /// <exception cref="StoreFailure">A value cannot even be read.</exception>
    public Refusal? VerifyRoot(IProgress<StateScanProgress>? progress = null, CancellationToken stop = default)
    {
        var now = _current;
        if (now.Head is not { } head) return null;
        var scan = new FlatScan(now.Store, keepNodes: false, progress, stop);
        scan.Run(head.StateRoot);
        progress?.Report(scan.Counted);
        return scan.Fault;
    }

    /// <summary>Whether a block can be built on, chosen and read.</summary>
    public bool Knows(BlockId block) => PathTo(_current, block) is not null;

    /// <summary>Whether one more block can be kept on this one: a branch that nobody chose stays in memory, and so its length has a bound. False where the block is not known.</summary>
    public bool HasRoomAfter(BlockId block) =>
        PathTo(_current, block) is { } path && path.Blocks.Count < _options.KeptBlocks && path.Blocks.Sum(static kept => kept.SizeBytes) < _options.KeptBytes;

    /// <summary>A state that starts with nothing at all: for genesis, and for tests of single transactions.</summary>
    public static StateTransition BeginEmpty() => new(null, Nothing, new HeadView(Nothing), null, NoTrie);

    /// <summary>A state that starts as of a block; null where that block's state is not known.</summary>
    public StateTransition? Begin(BlockId parent)
    {
        var now = _current;
        if (now.Head is { } head && head.Block == parent) return new StateTransition(_options.Origin, now, new HeadView(now), parent, new(now.Trie));
        if (_kept.TryGetValue(parent.Hash, out var kept)) return new StateTransition(_options.Origin, kept.Snapshot, kept.View, parent, kept.Trie);
        if (!IsChosen(now, parent)) return null;
        return new StateTransition(_options.Origin, now, new HistoryView(now, parent.Number), parent, new(() => TrieAsOf(now, parent.Number)));
    }

    IStateView? OverOrigin(IStateView? here) => here is null || _options.Origin is not { } origin ? here : new OriginView(here, origin);

    /// <summary>Remembers an executed block, so that others can be built on it and it can be chosen. Nothing is written to the store.</summary>
    public void Keep(StateTransition transition, BlockId block)
    {
        if (Knows(block)) return;
        var changes = transition.ToChanges();
        Remember(new KeptBlock
        {
            Head = new StateHead(block, transition.Root()),
            Parent = transition.Parent,
            Changes = changes,
            View = new LayeredView(transition.Below, changes),
            Snapshot = transition.Snapshot,
            ParentTrie = transition.ParentTrie,
            Trie = new(transition.Trie),
            Vacated = transition.Vacated,
            SizeBytes = changes.SizeBytes,
        });
    }

    /// <summary>Makes an executed block the head: keeps it and chooses it. Everything lands in one atomic write together with what the batch already holds.</summary>
    /// <returns>False where the parent is not known any more; nothing is written then.</returns>
    public bool Commit(StateTransition transition, BlockId block, WriteBatch batch, bool sync)
    {
        Keep(transition, block);
        return Choose(block, batch, sync);
    }

    void Remember(KeptBlock block)
    {
        if (_kept.ContainsKey(block.Head.Hash)) return;
        _kept = _kept.Add(block.Head.Hash, block);
        _keptBytes += block.SizeBytes;
        MakeRoomFor(block);
        // What was chosen meanwhile is held by nothing else.
        while (_keptOrder.TryPeek(out var first) && !IsKept(first)) _keptOrder.Dequeue();
        _keptOrder.Enqueue(block);
    }

    bool IsKept(KeptBlock block) => _kept.TryGetValue(block.Head.Hash, out var kept) && ReferenceEquals(kept, block);

    /// <summary>Forgets the oldest blocks, those last that the new one stands on.</summary>
    void MakeRoomFor(KeptBlock newest)
    {
        var line = new HashSet<KeptBlock>();
        for (var at = newest; at.Parent is { } parent && _kept.TryGetValue(parent.Hash, out var kept); at = kept) line.Add(kept);
        for (var left = _keptOrder.Count; left > 0 && (_kept.Count > _options.KeptBlocks || _keptBytes > _options.KeptBytes); left--)
        {
            var oldest = _keptOrder.Dequeue();
            // One that was chosen meanwhile, or forgotten and kept anew, has another entry or none.
            if (!IsKept(oldest)) continue;
            if (line.Contains(oldest) && line.Count < _options.KeptBlocks) _keptOrder.Enqueue(oldest);
            else ForgetBranch(oldest.Head.Hash);
        }
    }

    /// <summary>Forgets branches that ended long before the head: each holds on to the whole trie as it was then.</summary>
    void ForgetOlderThan(ulong head)
    {
        var reach = (ulong)_options.KeptBlocks;
        foreach (var (hash, block) in _kept)
            if (block.Head.Number + reach < head) ForgetBranch(hash);
    }

    // A block whose parent is forgotten can no longer be chosen.
    void ForgetBranch(Hash256 hash)
    {
        if (!_kept.TryGetValue(hash, out var forgotten)) return;
        Forget(hash);
        if (IsChosen(_current, forgotten.Head.Block)) return;
        foreach (var (child, block) in _kept)
            if (block.Parent?.Hash == hash) ForgetBranch(child);
    }

    void Forget(Hash256 hash)
    {
        if (!_kept.TryGetValue(hash, out var block)) return;
        _keptBytes -= block.SizeBytes;
        _kept = _kept.Remove(hash);
    }

    static StateView? ChosenView(WorldSnapshot snapshot, ulong block)
    {
        if (snapshot.Head is not { } head || block > head.Number || block < snapshot.Oldest) return null;
        return block == head.Number ? new HeadView(snapshot) : new HistoryView(snapshot, block);
    }

    static bool IsChosen(WorldSnapshot snapshot, BlockId block)
    {
        if (snapshot.Head is not { } head || block.Number > head.Number || block.Number < snapshot.Oldest) return false;
        return block.Number == head.Number ? block.Hash == head.Hash : ChosenBlocks.Read(snapshot.Store, block.Number)?.Hash == block.Hash;
    }

    static readonly Lazy<LiveNode?> NoTrie = new((LiveNode?)null);
    static readonly WorldSnapshot Nothing = new(new MemoryStore(), null, null, 0, 0, null, new CodeCache(0));
}
