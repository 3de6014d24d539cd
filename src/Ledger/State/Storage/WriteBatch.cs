using System.Runtime.InteropServices;

namespace Hufu.State;

/// <summary>Writes gathered to be committed as one. Where a key is written twice the later write counts. May be cleared and used again.</summary>
public sealed class WriteBatch
{
    readonly List<WriteOperation> _operations = [];
    byte[] _bytes = new byte[1024];
    int _length;

    public int Count => _operations.Count;

    /// <summary>The keys and values gathered, in bytes.</summary>
    public int SizeBytes => _length;

    public void Put(Table table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => Add(table, key, value, isDelete: false);

    /// <summary>Deleting what is absent is no fault.</summary>
    public void Delete(Table table, ReadOnlySpan<byte> key) => Add(table, key, default, isDelete: true);

    public void Clear()
    {
        _operations.Clear();
        _length = 0;
    }

    /// <summary>The writes in the order they were gathered, for a store to carry out.</summary>
    public ReadOnlySpan<WriteOperation> Operations => CollectionsMarshal.AsSpan(_operations);

    public ReadOnlySpan<byte> Key(in WriteOperation operation) => _bytes.AsSpan(operation.Start, operation.KeyLength);

    public ReadOnlySpan<byte> Value(in WriteOperation operation) => _bytes.AsSpan(operation.Start + operation.KeyLength, operation.ValueLength);

    void Add(Table table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isDelete)
    {
        var needed = checked(_length + key.Length + value.Length);
        if (needed > _bytes.Length) Array.Resize(ref _bytes, (int)Math.Min(Math.Max((long)needed, _bytes.Length * 2L), Array.MaxLength));
        key.CopyTo(_bytes.AsSpan(_length));
        value.CopyTo(_bytes.AsSpan(_length + key.Length));
        _operations.Add(new WriteOperation(table, isDelete, _length, key.Length, value.Length));
        _length = needed;
    }
}

/// <summary>One write of a batch; its bytes are in the batch.</summary>
public readonly record struct WriteOperation(Table Table, bool IsDelete, int Start, int KeyLength, int ValueLength);
