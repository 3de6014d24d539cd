using System.Runtime.InteropServices;
using RocksDbSharp;

namespace Hufu.State;

/// <summary>Reads the database as it is, or as of a snapshot.</summary>
sealed unsafe class RocksReader : IKeyValueReader
{
    readonly RocksDatabase _database;
    readonly ReadOptions _any;
    readonly ReadOptions _withinPrefix;
    IntPtr _snapshot;

    /// <param name="snapshot">Zero for the database as it is.</param>
    public RocksReader(RocksDatabase database, IntPtr snapshot)
    {
        _database = database;
        _snapshot = snapshot;
        _any = new ReadOptions().SetTotalOrderSeek(true);
        _withinPrefix = new ReadOptions().SetPrefixSameAsStart(true);
        if (snapshot == IntPtr.Zero)
        {
            GC.SuppressFinalize(this);
            return;
        }
        Native.Instance.rocksdb_readoptions_set_snapshot(_any.Handle, snapshot);
        Native.Instance.rocksdb_readoptions_set_snapshot(_withinPrefix.Handle, snapshot);
    }

    // Readers hold a snapshot for as long as they please and do not say when they are done.
    ~RocksReader() => Release();

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    public byte[]? Get(Table table, ReadOnlySpan<byte> key)
    {
        Span<byte> small = stackalloc byte[256];
        var length = GetWhole(table, key, small);
        if (length < 0) return null;
        if (length <= small.Length) return small[..length].ToArray();
        while (true)
        {
            var value = new byte[length];
            length = GetWhole(table, key, value);
            if (length < 0) return null;
            // Without a snapshot the value may have grown between the two looks.
            if (length <= value.Length) return length == value.Length ? value : value[..length];
        }
    }

    public int Get(Table table, ReadOnlySpan<byte> key, Span<byte> value)
    {
        var length = GetWhole(table, key, value);
        if (length <= value.Length || value.IsEmpty) return length;
        var whole = Get(table, key);
        if (whole is null) return -1;
        whole.AsSpan(0, Math.Min(whole.Length, value.Length)).CopyTo(value);
        return whole.Length;
    }

    // RocksDB copies nothing where the buffer is too short for the whole value.
    int GetWhole(Table table, ReadOnlySpan<byte> key, Span<byte> value)
    {
        using var use = _database.Use();
        fixed (byte* keyBytes = key)
        fixed (byte* valueBytes = value)
        {
            Native.Instance.rocksdb_get_into_buffer_cf(_database.Db.Handle, _any.Handle, _database.Family(table).Handle,
                keyBytes, (UIntPtr)key.Length, (IntPtr)valueBytes, (UIntPtr)value.Length, out var length, out var found, out var error);
            GC.KeepAlive(this);   // and with it the snapshot
            if (error != IntPtr.Zero) throw Failure(error);
            return found == 0 ? -1 : checked((int)length);
        }
    }

    public IKeyValueCursor Walk(Table table, ReadOnlySpan<byte> prefix = default)
    {
        var use = _database.Use();
        var options = table.Prefix > 0 && prefix.Length >= table.Prefix ? _withinPrefix : _any;
        return new Cursor(this, use, Native.Instance.rocksdb_create_iterator_cf(_database.Db.Handle, options.Handle, _database.Family(table).Handle), prefix.ToArray());
    }

    void Release()
    {
        var snapshot = Interlocked.Exchange(ref _snapshot, IntPtr.Zero);
        if (snapshot != IntPtr.Zero) _database.ReleaseSnapshot(snapshot);
    }

    StoreFailure Failure(IntPtr error)
    {
        var message = Marshal.PtrToStringUTF8(error) ?? "unknown";
        Native.Instance.rocksdb_free(error);
        return new StoreFailure(RocksStore.RefusalOf(message, _database.Folder));
    }

    sealed class Cursor(RocksReader reader, RocksDatabase.InUse use, IntPtr iterator, byte[] prefix) : IKeyValueCursor
    {
        IntPtr _iterator = iterator;
        bool _moved;

        // A cursor that was never disposed would hold the database open; that is a bug of its user, not worth a finalizer.
        public void Dispose()
        {
            if (_iterator == IntPtr.Zero) return;
            Native.Instance.rocksdb_iter_destroy(_iterator);
            _iterator = IntPtr.Zero;
            use.Dispose();
            GC.KeepAlive(reader);   // its snapshot, until here
        }

        public ReadOnlySpan<byte> Key
        {
            get
            {
                var bytes = Native.Instance.rocksdb_iter_key(_iterator, out var length);
                return new ReadOnlySpan<byte>((void*)bytes, checked((int)length));
            }
        }

        public ReadOnlySpan<byte> Value
        {
            get
            {
                var bytes = Native.Instance.rocksdb_iter_value(_iterator, out var length);
                return new ReadOnlySpan<byte>((void*)bytes, checked((int)length));
            }
        }

        public bool Seek(ReadOnlySpan<byte> from)
        {
            _moved = true;
            if (from.SequenceCompareTo(prefix) < 0) from = prefix;
            if (from.IsEmpty) Native.Instance.rocksdb_iter_seek_to_first(_iterator);
            else fixed (byte* bytes = from) Native.Instance.rocksdb_iter_seek(_iterator, bytes, (UIntPtr)from.Length);
            return IsHere();
        }

        public bool MoveNext()
        {
            if (!_moved) return Seek(prefix);
            if (Native.Instance.rocksdb_iter_valid(_iterator) == 0) return false;
            Native.Instance.rocksdb_iter_next(_iterator);
            return IsHere();
        }

        bool IsHere()
        {
            if (Native.Instance.rocksdb_iter_valid(_iterator) != 0) return Key.StartsWith(prefix);
            Native.Instance.rocksdb_iter_get_error(_iterator, out var error);
            return error == IntPtr.Zero ? false : throw reader.Failure(error);
        }
    }
}
