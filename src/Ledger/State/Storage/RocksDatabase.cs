using System.Runtime.InteropServices;
using RocksDbSharp;

namespace Hufu.State;

/// <summary>The open database, closed when the last user has left it: a reader that comes later gets an exception, one that is inside is waited for.</summary>
sealed class RocksDatabase : SafeHandle
{
    // A log of so many bytes is read in a quarter of a second.
    const long MuchToRead = 32 << 20;

    readonly RocksDb _db;
    readonly ColumnFamilyHandle?[] _families = new ColumnFamilyHandle?[Table.MaxCount];
    readonly HashSet<IntPtr> _snapshots = [];
    readonly bool _isReadOnly;

    RocksDatabase(RocksDb db, string folder, IReadOnlyList<Table> tables, bool isReadOnly) : base(IntPtr.Zero, ownsHandle: true)
    {
        _db = db;
        _isReadOnly = isReadOnly;
        Folder = folder;
        // Closing is up to this class alone; the wrapper's own finalizer might run while a snapshot still waits for its turn.
#pragma warning disable CA1816 // of another object, on purpose
        GC.SuppressFinalize(db);
#pragma warning restore CA1816
        foreach (var table in tables) _families[table.Id] = db.GetColumnFamily(table.Name);
        SetHandle(db.Handle);
    }

    public string Folder { get; }

    public RocksDb Db => _db;

    public override bool IsInvalid => handle == IntPtr.Zero;

    public ColumnFamilyHandle Family(Table table) =>
        _families[table.Id] ?? throw new ArgumentException($"the table {table.Name} was not named when the store was opened", nameof(table));

    public static RocksDatabase Open(string folder, IReadOnlyList<Table> tables, RocksStoreOptions options)
    {
        if (tables.DistinctBy(table => table.Id).Count() != tables.Count) throw new ArgumentException("two tables have one id", nameof(tables));

        var cache = Cache.CreateLru((ulong)options.CacheBytes);
        var db = new DbOptions()
            .SetCreateIfMissing(true)
            .SetCreateMissingColumnFamilies(true)
            .SetMaxOpenFiles(options.OpenFiles)
            // Memory for writes is bounded over all tables, so that a quiet table holds none.
            .SetDbWriteBufferSize((ulong)options.WriteBufferBytes)
            .SetMaxTotalWalSize((ulong)options.LogBytes)
            // After a loss of power the log may end in half a batch. Everything before it is taken, it and what follows is not: the last complete block.
            .SetWalRecoveryMode(Recovery.PointInTime)
            .IncreaseParallelism(Math.Clamp(Environment.ProcessorCount, 2, 8))
            // Sorted files trickle to the disk while they are written instead of in one stall at the end.
            .SetBytesPerSync(1 << 20)
            .SetKeepLogFileNum(3)
            .SetInfoLogLevel(InfoLogLevel.Warn);

        var families = new ColumnFamilies(new ColumnFamilyOptions());
        foreach (var table in tables) families.Add(table.Name, OptionsOf(table, cache));
        foreach (var name in FamiliesIn(folder, db))
            if (name != "default" && tables.All(table => table.Name != name)) families.Add(name, new ColumnFamilyOptions());
        if (!options.IsReadOnly) return new RocksDatabase(RocksDb.Open(db, folder, families), folder, tables, isReadOnly: false);
        // All files are opened at once: those that the process that writes lets go of meanwhile can still be read.
        db.SetMaxOpenFiles(-1).SetCreateIfMissing(false).SetCreateMissingColumnFamilies(false);
        return new RocksDatabase(RocksDb.OpenReadOnly(db, folder, families, false), folder, tables, isReadOnly: true);
    }

    static IEnumerable<string> FamiliesIn(string folder, DbOptions options) =>
        File.Exists(Path.Combine(folder, "CURRENT")) ? RocksDb.ListColumnFamilies(options, folder) : [];

    static ColumnFamilyOptions OptionsOf(Table table, Cache cache)
    {
        var blocks = new BlockBasedTableOptions()
            .SetFormatVersion(5)
            .SetBlockCache(cache)
            // Bulk values are read whole and rarely; larger blocks compress better.
            .SetBlockSize(table.Bulk ? 32u << 10 : 4u << 10)
            // Ten bits a key: one lookup in a hundred for an absent key touches a data block. An absent get then costs 0.6 us instead of 4.
            .SetFilterPolicy(BloomFilterPolicy.Create(10, false))
            .SetWholeKeyFiltering(true)
            // Indexes and filters count against the cache, so that memory stays bounded as the state grows; those asked first stay.
            .SetCacheIndexAndFilterBlocks(true)
            .SetPinL0FilterAndIndexBlocksInCache(true);

        var options = new ColumnFamilyOptions()
            .SetBlockBasedTableFactory(blocks)
            .SetWriteBufferSize(table.Bulk ? 32u << 20 : 64u << 20)
            .SetMaxWriteBufferNumber(3)
            // Level sizes follow the last level: about a tenth of the space is stale at most.
            .SetLevelCompactionDynamicLevelBytes(true)
            // Keys and most values are hashes, which do not compress; blocks and receipts do.
            .SetCompression(table.Bulk ? Compression.Lz4 : Compression.No);

        // A search within a prefix (the history of one account) skips every file whose filter does not know the prefix.
        if (table.Prefix > 0) options.SetPrefixExtractor(SliceTransform.CreateFixedPrefix((ulong)table.Prefix));
        // Write buffers know their prefixes and keys as well: most accounts and slots that a block makes were never there.
        if (!table.Bulk)
        {
            options.SetMemtablePrefixBloomSizeRatio(0.02);
            Native.Instance.rocksdb_options_set_memtable_whole_key_filtering(options.Handle, 1);
        }
        return options;
    }

    /// <summary>Keeps the database open until disposed.</summary>
    /// <exception cref="ObjectDisposedException">The store was closed.</exception>
    public InUse Use()
    {
        var added = false;
        DangerousAddRef(ref added);
        return new InUse(this);
    }

    public IntPtr TakeSnapshot()
    {
        using var use = Use();
        var snapshot = Native.Instance.rocksdb_create_snapshot(handle);
        lock (_snapshots) _snapshots.Add(snapshot);
        return snapshot;
    }

    /// <summary>Called by a snapshot's owner, at the latest by its finalizer; closing the database releases those that are left.</summary>
    public void ReleaseSnapshot(IntPtr snapshot)
    {
        lock (_snapshots)
            if (_snapshots.Remove(snapshot)) Native.Instance.rocksdb_release_snapshot(handle, snapshot);
    }

    /// <summary>
    /// Sorts what only the log and the write buffers hold into files, where it is much: the next opening then has no long log to read. What goes wrong here (a full
    /// disk, say) costs that time and nothing else.
    /// </summary>
    public void Settle()
    {
        if (_isReadOnly || IsClosed) return;
        using var use = Use();
        var open = _families.OfType<ColumnFamilyHandle>().ToList();
        var held = open.Sum(family => ulong.TryParse(_db.GetProperty("rocksdb.cur-size-all-mem-tables", family), out var bytes) ? (long)bytes : 0);
        if (held < MuchToRead) return;
        var flush = new FlushOptions().SetWaitForFlush(true);
        foreach (var family in open)
        {
            Native.Instance.rocksdb_flush_cf(handle, flush.Handle, family.Handle, out var problem);
            if (problem == IntPtr.Zero) continue;
            Native.Instance.rocksdb_free(problem);
            return;
        }
    }

    protected override bool ReleaseHandle()
    {
        lock (_snapshots)
        {
            foreach (var snapshot in _snapshots) Native.Instance.rocksdb_release_snapshot(handle, snapshot);
            _snapshots.Clear();
        }
        _db.Dispose();
        return true;
    }

    public readonly struct InUse(RocksDatabase database) : IDisposable
    {
        public void Dispose() => database.DangerousRelease();
    }
}
