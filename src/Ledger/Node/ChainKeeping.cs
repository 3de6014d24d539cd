using Hufu.State;

namespace Hufu.Node;

/// <summary>What the chain of a data folder may take of memory, and how far back its states can be read.</summary>
public sealed record ChainKeeping
{
    /// <summary>The least cache that a node can work with.</summary>
    public const long LeastCacheBytes = 48 << 20;

    /// <summary>The fewest states kept: peers ask for those of the last blocks, and a branch may leave the chain as far back.</summary>
    public const ulong FewestStates = 128;

    // One value for so many bytes of cache: with the usual size 131,072 accounts and as many slots, which take another 50 megabytes.
    const long BytesForValue = 6 << 10;

    /// <summary>A third each for what the database reads again, for writes that are not yet sorted into files, and for the state trie.</summary>
    public long CacheBytes { get; init; } = 768 << 20;

    /// <summary>How many of the last blocks' states can be read; null keeps all since genesis.</summary>
    public ulong? States { get; init; }

    internal RocksStoreOptions Store => new() { CacheBytes = CacheBytes / 3, WriteBufferBytes = CacheBytes / 3, LogBytes = Math.Max(64 << 20, CacheBytes / 3 * 2) };

    internal WorldStateOptions State => new() { CachedTrieBytes = CacheBytes / 3, CachedValues = (int)Math.Min(CacheBytes / BytesForValue, 1 << 26), KeepBlocks = States };
}
