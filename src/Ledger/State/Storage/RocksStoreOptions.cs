namespace Hufu.State;

/// <summary>How much memory RocksDB may take.</summary>
public sealed record RocksStoreOptions
{
    /// <summary>Uncompressed blocks, indexes and filters of all tables share this.</summary>
    public long CacheBytes { get; init; } = 256L << 20;

    /// <summary>Writes gathered in memory, over all tables, before they go to sorted files. The log on disk holds them meanwhile.</summary>
    public long WriteBufferBytes { get; init; } = 256L << 20;

    /// <summary>The log is cut, and what it holds sorted into files, when it reaches this: it bounds how long opening after a crash takes.</summary>
    public long LogBytes { get; init; } = 512L << 20;

    /// <summary>Files kept open; more are opened and closed as needed.</summary>
    public int OpenFiles { get; init; } = 1024;

    /// <summary>Looks at the store as it stands when it is opened, also while another process has it open and goes on writing. Whoever commits gets an exception.</summary>
    public bool IsReadOnly { get; init; }
}
