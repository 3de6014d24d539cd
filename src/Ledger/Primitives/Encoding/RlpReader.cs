namespace Hufu.Primitives;

/// <summary>
/// Reads RLP (yellow paper, appendix B) in its one canonical form. A fault is sticky: the reader moves to its end, every later read
/// returns a default, and <see cref="Error"/> tells the first fault, so that a decoder reads all its fields and asks once.
/// </summary>
public ref struct RlpReader
{
    readonly ReadOnlySpan<byte> _data;
    readonly ReadOnlyMemory<byte> _memory;
    int _position;

    /// <summary>Reads from bytes that may change later: what is kept is copied.</summary>
    public RlpReader(ReadOnlySpan<byte> data) => _data = data;

    /// <summary>Reads from bytes that stay as they are: <see cref="ReadMemory"/> gives views over them.</summary>
    public RlpReader(ReadOnlyMemory<byte> data)
    {
        _memory = data;
        _data = data.Span;
    }

    /// <summary>The first fault met, or null.</summary>
    public string? Error { get; private set; }

    public readonly bool Failed => Error is not null;
    public readonly int Position => _position;

    /// <summary>What was read since an earlier <see cref="Position"/>.</summary>
    public readonly ReadOnlySpan<byte> Since(int position) => _data[position.._position];

    public readonly bool AtEnd => _position >= _data.Length;

    /// <summary>Whether the next item is a list. False at the end.</summary>
    public readonly bool NextIsList => _position < _data.Length && _data[_position] >= 0xC0;

    /// <summary>Whether more items follow inside the list that ends at <paramref name="end"/>.</summary>
    public readonly bool HasMore(int end) => _position < end && Error is null;

    public void Fail(string why)
    {
        Error ??= $"{why} (RLP offset {_position})";
        _position = _data.Length;
    }

    /// <summary>Steps into a list and returns the offset where it ends, for <see cref="LeaveList"/>.</summary>
    public int EnterList()
    {
        if (!ReadHeader(out var isList, out var start, out var length)) return _data.Length;
        if (!isList) { Fail("expected a list, found bytes"); return _data.Length; }
        _position = start;
        return start + length;
    }

    /// <summary>Steps out of a list; items left over, or items read past its end, are a fault.</summary>
    public void LeaveList(int end)
    {
        if (Error is not null) return;
        if (_position < end) Fail("a list has more items than expected");
        else if (_position > end) Fail("an item reaches past the end of its list");
    }

    /// <summary>Everything has been read: what follows the last item is a fault.</summary>
    public void ExpectEnd()
    {
        if (Error is null && _position != _data.Length) Fail($"{_data.Length - _position} bytes follow the item");
    }

    public ReadOnlySpan<byte> ReadBytes()
    {
        if (!ReadHeader(out var isList, out var start, out var length)) return default;
        if (isList) { Fail("expected bytes, found a list"); return default; }
        _position = start + length;
        return _data.Slice(start, length);
    }

    public ReadOnlySpan<byte> ReadBytes(int exactly)
    {
        var bytes = ReadBytes();
        if (Error is null && bytes.Length != exactly) Fail($"expected {exactly} bytes, found {bytes.Length}");
        return Error is null ? bytes : default;
    }

    /// <summary>A byte string to keep: a view where the reader was made over memory, else a copy.</summary>
    public ReadOnlyMemory<byte> ReadMemory()
    {
        var bytes = ReadBytes();
        if (bytes.IsEmpty) return default;
        return _memory.IsEmpty ? bytes.ToArray() : _memory.Slice(_position - bytes.Length, bytes.Length);
    }

    /// <summary>
    /// How many items lie between here and <paramref name="end"/>, the end of the list stepped into: what to allocate. Reads headers only.
    /// Where more are claimed than can be there when each takes at least <paramref name="leastBytes"/>, the answer is how many can be.
    /// </summary>
    public readonly int CountItems(int end, int leastBytes)
    {
        var most = (end - _position) / leastBytes;
        var ahead = this;
        var count = 0;
        while (count < most && ahead.HasMore(end))
        {
            ahead.ReadItem();
            count++;
        }
        return count;
    }

    /// <summary>A whole list of hashes.</summary>
    public Hash256[] ReadHashes()
    {
        var end = EnterList();
        // Each takes 33 bytes; a list that cannot be made of such items fails at its first wrong item or at its end.
        var count = (end - _position) / (1 + Hash256.Size);
        if (Failed || count == 0)
        {
            LeaveList(end);
            return [];
        }
        var hashes = new Hash256[count];
        for (var i = 0; i < count && Error is null; i++) hashes[i] = ReadHash();
        LeaveList(end);
        return Error is null ? hashes : [];
    }

    /// <summary>The next item whole, with its header, unread inside.</summary>
    public ReadOnlySpan<byte> ReadItem()
    {
        var from = _position;
        if (!ReadHeader(out _, out var start, out var length)) return default;
        _position = start + length;
        return _data[from.._position];
    }

    public ulong ReadUInt64()
    {
        var bytes = ReadInteger(8);
        ulong value = 0;
        foreach (var b in bytes) value = (value << 8) | b;
        return value;
    }

    public UInt256 ReadUInt256() => UInt256.FromBigEndian(ReadInteger(32));

    public Hash256 ReadHash()
    {
        var bytes = ReadBytes(Hash256.Size);
        return Error is null ? Hash256.FromBytes(bytes) : default;
    }

    public Address ReadAddress()
    {
        var bytes = ReadBytes(Address.Size);
        return Error is null ? Address.FromBytes(bytes) : default;
    }

    /// <summary>An address, or nothing where the item is empty (a transaction that creates).</summary>
    public Address? ReadOptionalAddress()
    {
        var bytes = ReadBytes();
        if (Error is not null || bytes.Length == 0) return null;
        if (bytes.Length != Address.Size) { Fail($"expected an address of 20 bytes or none, found {bytes.Length}"); return null; }
        return Address.FromBytes(bytes);
    }

    ReadOnlySpan<byte> ReadInteger(int atMost)
    {
        var bytes = ReadBytes();
        if (Error is not null) return default;
        if (bytes.Length > atMost) { Fail($"an integer of {bytes.Length} bytes is wider than its field of {atMost}"); return default; }
        if (bytes.Length > 0 && bytes[0] == 0) { Fail("an integer has a leading zero"); return default; }
        return bytes;
    }

    bool ReadHeader(out bool isList, out int start, out int length)
    {
        isList = false;
        start = length = 0;
        if (Error is not null) return false;
        if (_position >= _data.Length) { Fail("the data ends where an item should begin"); return false; }

        var first = _data[_position];
        isList = first >= 0xC0;
        if (first < 0x80)
        {
            start = _position;
            length = 1;
            return true;
        }

        var shortForm = first - (isList ? 0xC0 : 0x80);
        if (shortForm <= 55)
        {
            start = _position + 1;
            length = shortForm;
            if (length > _data.Length - start) { Fail("an item is longer than the data"); return false; }
            if (!isList && length == 1 && _data[start] < 0x80) { Fail("a byte below 0x80 must stand for itself"); return false; }
            return true;
        }

        var lengthBytes = shortForm - 55;
        if (lengthBytes > _data.Length - _position - 1) { Fail("the data ends inside a length"); return false; }
        var digits = _data.Slice(_position + 1, lengthBytes);
        if (digits[0] == 0) { Fail("a length has a leading zero"); return false; }
        ulong wide = 0;
        foreach (var digit in digits) wide = (wide << 8) | digit;
        if (wide <= 55) { Fail("a length of at most 55 is written in the long form"); return false; }
        start = _position + 1 + lengthBytes;
        if (wide > (ulong)(_data.Length - start)) { Fail("an item is longer than the data"); return false; }
        length = (int)wide;
        return true;
    }
}
