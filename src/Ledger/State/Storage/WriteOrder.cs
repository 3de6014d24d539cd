using System.Buffers.Binary;
using Hufu.Primitives;

namespace Hufu.State;

/// <summary>
/// Puts the writes of a large batch nearly in the order of their keys: each then finds its place in the database's write buffer by the way that the one before
/// it has just gone, in half the time. Writes of one key stay in the order they were gathered in.
/// </summary>
sealed class WriteOrder
{
    // Smaller batches are not worth it.
    const int Least = 256;

    ulong[] _marks = [];
    int[] _places = [];

    /// <summary>The places of a batch's operations, in the order in which they are best carried out. Good until the next call.</summary>
    public ReadOnlySpan<int> Of(WriteBatch batch)
    {
        var operations = batch.Operations;
        if (_places.Length < operations.Length) (_marks, _places) = (new ulong[operations.Length * 2], new int[operations.Length * 2]);
        for (var i = 0; i < operations.Length; i++) _places[i] = i;
        if (operations.Length < Least) return _places.AsSpan(0, operations.Length);

        for (var i = 0; i < operations.Length; i++) _marks[i] = MarkOf(operations[i].Table, batch.Key(operations[i]));
        Array.Sort(_marks, _places, 0, operations.Length);
        for (var start = 0; start < operations.Length;)
        {
            var end = start + 1;
            while (end < operations.Length && _marks[end] == _marks[start]) end++;
            if (end - start > 1) Array.Sort(_places, start, end - start);
            start = end;
        }
        return _places.AsSpan(0, operations.Length);
    }

    // The table, then the beginning of the key: of one that is made of two hashes, of both.
    static ulong MarkOf(Table table, ReadOnlySpan<byte> key)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        bytes.Clear();
        if (key.Length < 2 * Hash256.Size) key[..Math.Min(key.Length, bytes.Length)].CopyTo(bytes);
        else
        {
            key[..4].CopyTo(bytes);
            key.Slice(Hash256.Size, 4).CopyTo(bytes[4..]);
        }
        return (ulong)table.Id << 58 | BinaryPrimitives.ReadUInt64BigEndian(bytes) >> 6;
    }
}
