using System.Buffers.Binary;
using Hufu.State;

namespace Hufu.Chain;

/// <summary>The blocks in which any of some terms occurs, ascending. Asked with rising numbers. For one thread.</summary>
sealed class PostingList(IKeyValueCursor cursor, ulong[] terms) : IDisposable
{
    // Neighbours are often in the same piece of the store: a few steps are cheaper than a search.
    const int Steps = 8;

    // Where each term occurs next, as far as is known; null where it occurs no more.
    readonly ulong?[] _next = new ulong?[terms.Length];
    bool _hasBegun;

    /// <summary>The first of the blocks from this number on; null where there is none.</summary>
    public ulong? From(ulong number)
    {
        ulong? first = null;
        for (var i = 0; i < terms.Length; i++)
        {
            if (!_hasBegun || _next[i] < number) _next[i] = Find(terms[i], number);
            if (_next[i] is { } next && !(first <= next)) first = next;
        }
        _hasBegun = true;
        return first;
    }

    ulong? Find(ulong term, ulong number)
    {
        Span<byte> key = stackalloc byte[LogTerm.KeySize];
        if (_hasBegun && terms.Length == 1)
        {
            for (var step = 0; step < Steps; step++)
            {
                if (!cursor.MoveNext()) return null;
                if (Here(term) is not { } next) return null;
                if (next >= number) return next;
            }
        }
        LogTerm.WriteKey(key, term, number);
        return cursor.Seek(key) ? Here(term) : null;
    }

    ulong? Here(ulong term)
    {
        var key = cursor.Key;
        return BinaryPrimitives.ReadUInt64BigEndian(key) == term ? BinaryPrimitives.ReadUInt64BigEndian(key[sizeof(ulong)..]) : null;
    }

    public void Dispose() => cursor.Dispose();
}
