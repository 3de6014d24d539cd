namespace Hufu.State;

/// <summary>All that belongs to one moment of the chosen chain. Never changes: readers keep it for as long as they like.</summary>
/// <param name="version">Counts commits, so that a cached value can tell whether it is older than a snapshot.</param>
/// <param name="oldest">The oldest block whose state the history still gives.</param>
sealed class WorldSnapshot(IKeyValueReader store, StateHead? head, LiveNode? trie, long version, ulong oldest, ReadCache? cache, CodeCache codes)
{
    public IKeyValueReader Store => store;
    public StateHead? Head => head;
    public LiveNode? Trie => trie;
    public long Version => version;
    public ulong Oldest => oldest;
    public ReadCache? Cache => cache;
    public CodeCache Codes => codes;
    public NodeSource Nodes { get; } = new(store, head?.Number ?? 0);
}
