using Hufu.Primitives;

namespace Hufu.State;

/// <summary>How a <see cref="WorldState"/> trades memory and disk for speed.</summary>
public sealed record WorldStateOptions
{
    /// <summary>How many of the last blocks stay readable; null keeps all since genesis (an archive).</summary>
    public ulong? KeepBlocks { get; init; }

    /// <summary>Accounts, and as many storage values, kept for reading again; 0 for none. About 200 bytes each.</summary>
    public int CachedValues { get; init; } = 1 << 17;

    public long CachedCodeBytes { get; init; } = 16 << 20;

    /// <summary>
    /// How much of the trie stays in memory when it is measured; what was used longest ago is let go then and read again when it is needed. Until it is measured again
    /// the nodes that change or are read come on top. About 500 bytes for an account used, up to 3 kilobytes where nothing near it was used before.
    /// </summary>
    public long CachedTrieBytes { get; init; } = 256 << 20;

    /// <summary>The trie in memory is measured when so many accounts and slots have changed since, at the next writing: to measure it is to walk all of it.</summary>
    public int MeasureTrieEveryChanges { get; init; } = 25_000;

    /// <summary>Changed trie nodes go to disk once in so many blocks: the topmost change in every block and are written once for all of them. After a crash the blocks since are applied to the trie again.</summary>
    public ulong TrieToDiskEveryBlocks { get; init; } = 128;

    /// <summary>Or sooner, when so many accounts and slots have changed.</summary>
    public int TrieToDiskEveryChanges { get; init; } = 100_000;

    /// <summary>Blocks executed but not chosen whose differences are kept.</summary>
    public int KeptBlocks { get; init; } = 256;

    public long KeptBytes { get; init; } = 256 << 20;

    /// <summary>What another chain holds that this one forks, as of the block before its own first; null where it forks none. The state's root is then that of the difference.</summary>
    public IStateView? Origin { get; init; }

    /// <summary>For a store that ends with the process: the trie stays in memory only, nothing is cached in front of the store.</summary>
    public static WorldStateOptions InMemory { get; } = new() { CachedValues = 0, TrieToDiskEveryBlocks = ulong.MaxValue, TrieToDiskEveryChanges = int.MaxValue };
}
