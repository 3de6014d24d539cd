using System.Diagnostics.CodeAnalysis;
using Hufu.Primitives;
using RocksDbSharp;

namespace Hufu.State;

/// <summary>The store on disk: RocksDB, a column family for each table. Used after it was closed, it throws; it never touches freed memory.</summary>
public sealed class RocksStore : IKeyValueStore
{
    // What a batch beyond this needed is not kept for the small ones that follow.
    const int LargestKeptBatch = 16 << 20;

    readonly RocksDatabase _database;
    readonly RocksReader _now;
    readonly WriteOptions _synced = new WriteOptions().SetSync(true);
    readonly WriteOptions _unsynced = new WriteOptions().SetSync(false);
    RocksDbSharp.WriteBatch? _native = new();
    WriteOrder? _order;

    RocksStore(RocksDatabase database)
    {
        _database = database;
        _now = new RocksReader(database, IntPtr.Zero);
    }

    /// <summary>Opens or makes the store in a folder. One process at a time may have it open to write.</summary>
    /// <param name="tables">All tables that will be asked for; others found in the folder are left as they are.</param>
    public static bool TryOpen(string folder, IEnumerable<Table> tables, RocksStoreOptions? options,
        [NotNullWhen(true)] out RocksStore? store, [NotNullWhen(false)] out Refusal? refusal)
    {
        store = null;
        refusal = null;
        try
        {
            if (options?.IsReadOnly != true) Directory.CreateDirectory(folder);
            store = new RocksStore(RocksDatabase.Open(folder, [.. tables], options ?? new RocksStoreOptions()));
            return true;
        }
        catch (Exception problem) when (problem is RocksDbSharpException or IOException or UnauthorizedAccessException)
        {
            refusal = RefusalOf(problem.Message, folder);
            return false;
        }
        catch (Exception problem) when (problem is DllNotFoundException or TypeInitializationException or BadImageFormatException)
        {
            refusal = new Refusal("cannot open the data folder: RocksDB's native library does not load", problem.Message,
                "use a 64-bit Linux, macOS or Windows, or run with `--in-memory`");
            return false;
        }
    }

    public byte[]? Get(Table table, ReadOnlySpan<byte> key) => _now.Get(table, key);

    public int Get(Table table, ReadOnlySpan<byte> key, Span<byte> value) => _now.Get(table, key, value);

    public IKeyValueCursor Walk(Table table, ReadOnlySpan<byte> prefix = default) => _now.Walk(table, prefix);

    public IKeyValueReader Snapshot() => new RocksReader(_database, _database.TakeSnapshot());

    public void Commit(WriteBatch batch, bool sync)
    {
        using var use = _database.Use();
        // Rarely a second thread commits as well (what is derived behind the chain): it brings a batch of its own, and RocksDB lines them up.
        var native = Interlocked.Exchange(ref _native, null) ?? new RocksDbSharp.WriteBatch();
        var order = Interlocked.Exchange(ref _order, null) ?? new WriteOrder();
        native.Clear();
        foreach (var place in order.Of(batch))
        {
            ref readonly var operation = ref batch.Operations[place];
            var family = _database.Family(operation.Table);
            if (operation.IsDelete) native.Delete(batch.Key(operation), family);
            else native.Put(batch.Key(operation), batch.Value(operation), family);
        }
        if (batch.SizeBytes <= LargestKeptBatch) _order = order;
        try
        {
            _database.Db.Write(native, sync ? _synced : _unsynced);
        }
        catch (RocksDbSharpException problem)
        {
            throw new StoreFailure(RefusalOf(problem.Message, _database.Folder), problem);
        }
        if (batch.SizeBytes > LargestKeptBatch || Interlocked.CompareExchange(ref _native, native, null) is not null) native.Dispose();
    }

    /// <summary>Closes the store; cursors still open are finished first. Snapshots end with it.</summary>
    public void Dispose()
    {
        _database.Settle();
        _now.Dispose();
        _native?.Dispose();
        _database.Dispose();
    }

    internal static Refusal RefusalOf(string message, string folder)
    {
        if (message.Contains("lock hold by current process", StringComparison.Ordinal) || message.Contains("While lock file", StringComparison.Ordinal))
            return new Refusal($"the data folder is in use: {folder}", "another process has it open", "stop that process, or choose another folder with --data");
        if (message.Contains("No space left", StringComparison.Ordinal) || message.Contains("Disk quota", StringComparison.Ordinal))
            return new Refusal($"the disk is full: {folder}", message, "free some space and start again; no complete block was lost");
        if (message.StartsWith("Corruption", StringComparison.Ordinal))
            return new Refusal($"the data folder is damaged: {folder}", message, "restore it from a backup, or import the blocks into an empty folder");
        return new Refusal($"cannot use the data folder: {folder}", message, "check that the folder can be written and that the disk is healthy");
    }
}
