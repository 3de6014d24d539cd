namespace Hufu.State;

/// <summary>An executed block that is not of the chosen chain, with all it takes to choose it or to build on it.</summary>
sealed class KeptBlock
{
    public required StateHead Head { get; init; }
    public required BlockId? Parent { get; init; }
    public required StateChanges Changes { get; init; }
    public required StateView View { get; init; }

    /// <summary>What the view and the tries were read from.</summary>
    public required WorldSnapshot Snapshot { get; init; }

    public required Lazy<LiveNode?> Trie { get; init; }

    /// <summary>The trie that <see cref="Trie"/> grew from: where it is the chosen chain's, that one may go on with this block's. Null where it is not known.</summary>
    public required Lazy<LiveNode?>? ParentTrie { get; init; }

    /// <summary>What growing it left behind on disk.</summary>
    public required IReadOnlyList<NodePlace> Vacated { get; init; }

    public required long SizeBytes { get; init; }
}
