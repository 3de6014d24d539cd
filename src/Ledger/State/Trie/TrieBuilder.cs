using System.Runtime.InteropServices;
using Hufu.Primitives;

namespace Hufu.State;

/// <summary>A leaf on its way into a trie.</summary>
/// <param name="Owner">The account whose storage it belongs to, or <see cref="TrieKey.NoOwner"/>.</param>
readonly record struct TrieLeaf(Hash256 Owner, TrieChange Change);

/// <summary>Leaves in order, the next one seen before it is taken.</summary>
sealed class LeafQueue(Func<TrieLeaf?> next)
{
    TrieLeaf? _next;
    bool _seen;

    public bool Peek(out TrieLeaf leaf)
    {
        if (!_seen) (_next, _seen) = (next(), true);
        leaf = _next.GetValueOrDefault();
        return _next.HasValue;
    }

    public void Take() => _seen = false;
}

/// <summary>What stays in memory of a trie that is built from its leaves.</summary>
enum KeptNodes
{
    /// <summary>Its topmost node.</summary>
    Root,

    /// <summary>The branches above its parts; of each part the hash.</summary>
    Top,

    All,
}

/// <summary>Builds one trie from its leaves, in parts small enough for memory.</summary>
/// <param name="finished">Sees each branch, with all below it in memory, before that shrinks to its hash: its path, and how many nibbles of that count.</param>
sealed class TrieBuilder(LeafQueue leaves, KeptNodes kept, Hash256 owner = default, Action<LiveNode, Hash256, int>? finished = null)
{
    // How many leaves are built into a part at once: enough for four-way hashing, few enough to stay in memory.
    public const int PartSize = 1 << 14;

    // Parts are built from leaves alone: there is nothing to load.
    static readonly NodeSource NoNodes = new(new MemoryStore());

    readonly TrieUpdate _update = new(NoNodes, owner);
    readonly List<TrieChange> _part = [];

    public LiveNode? Build()
    {
        Fill();
        return Build(0, default);
    }

    /// <summary>The trie of leaves that are all in memory, as it stands below a path of that many nibbles; hashed.</summary>
    /// <param name="leaves">Sorted, no key twice, all sharing those nibbles.</param>
    public static LiveNode? Of(ReadOnlySpan<TrieChange> leaves, int depth)
    {
        var built = new TrieUpdate(NoNodes, TrieKey.NoOwner).Apply(null, depth, leaves);
        TrieHasher.Hash(built, depth);
        return built;
    }

    // The part of the trie under a path: built at once where its leaves fit, else from its sixteen parts.
    LiveNode? Build(int depth, in Hash256 path)
    {
        var here = CountUnder(depth, path);
        if (here < _part.Count || _part.Count < PartSize)
        {
            var built = _update.Apply(null, depth, CollectionsMarshal.AsSpan(_part)[..here]);
            _part.RemoveRange(0, here);
            TrieHasher.Hash(built, depth);
            return kept == KeptNodes.All ? built : Shrink(built, path, depth);
        }
        var branch = new BranchNode();
        for (var nibble = 0; nibble < 16; nibble++)
        {
            Fill();
            if (Build(depth + 1, TrieKey.With(path, depth, nibble)) is { } part) branch.Set(nibble, part);
        }
        var node = _update.Collapse(branch, path, depth);
        TrieHasher.Hash(node, depth);
        return kept == KeptNodes.Root ? Shrink(node, path, depth) : node;
    }

    LiveNode? Shrink(LiveNode? node, in Hash256 path, int depth)
    {
        // A leaf or an extension may yet have to move up into a branch's place, and is small.
        if (node is not BranchNode || node.IsInline) return node;
        finished?.Invoke(node, path, depth);
        return new FinishedNode(node);
    }

    void Fill()
    {
        while (_part.Count < PartSize && leaves.Peek(out var leaf) && leaf.Owner == owner)
        {
            _part.Add(leaf.Change);
            leaves.Take();
        }
    }

    int CountUnder(int depth, in Hash256 path)
    {
        var count = 0;
        while (count < _part.Count && TrieKey.Shared(_part[count].Key, path, 0, depth) == depth) count++;
        return count;
    }
}
