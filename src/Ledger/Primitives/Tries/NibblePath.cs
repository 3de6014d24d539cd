namespace Hufu.Primitives;

/// <summary>
/// A run of nibbles: the way through a trie. It is a view over packed bytes (a key, or a node's hex-prefix form), so that walking unpacks nothing.
/// </summary>
public readonly ref struct NibblePath
{
    readonly ReadOnlySpan<byte> _bytes;
    readonly int _start;

    /// <summary>The whole key, two nibbles a byte.</summary>
    public NibblePath(ReadOnlySpan<byte> key) : this(key, 0, key.Length * 2) { }

    NibblePath(ReadOnlySpan<byte> bytes, int start, int length)
    {
        _bytes = bytes;
        _start = start;
        Length = length;
    }

    public int Length { get; }

    public bool IsEmpty => Length == 0;

    public int this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Length, nameof(index));
            var at = _start + index;
            return (at & 1) == 0 ? _bytes[at >> 1] >> 4 : _bytes[at >> 1] & 0xF;
        }
    }

    /// <summary>The path without its first <paramref name="count"/> nibbles.</summary>
    public NibblePath Skip(int count) => Slice(count, Length - count);

    public NibblePath Slice(int start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)start, (uint)Length, nameof(start));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)(Length - start), nameof(length));
        return new NibblePath(_bytes, _start + start, length);
    }

    public int CommonPrefixLength(NibblePath other)
    {
        var limit = Math.Min(Length, other.Length);
        var common = 0;
        if (((_start | other._start) & 1) == 0)
        {
            var mine = _bytes.Slice(_start >> 1, limit >> 1);
            common = 2 * mine.CommonPrefixLength(other._bytes.Slice(other._start >> 1, limit >> 1));
        }
        while (common < limit && this[common] == other[common]) common++;
        return common;
    }

    public bool StartsWith(NibblePath prefix) => prefix.Length <= Length && CommonPrefixLength(prefix) == prefix.Length;

    public bool SequenceEqual(NibblePath other) => Length == other.Length && CommonPrefixLength(other) == Length;

    /// <summary>How many bytes <see cref="WriteHexPrefix"/> writes.</summary>
    public int HexPrefixLength => Length / 2 + 1;

    /// <summary>Writes the hex-prefix form (yellow paper, appendix C): a flag nibble 2 for a leaf, 1 for an odd length, then the nibbles packed.</summary>
    public int WriteHexPrefix(Span<byte> output, bool leaf)
    {
        var odd = (Length & 1) != 0;
        output[0] = (byte)((leaf ? 0x20 : 0) | (odd ? 0x10 | this[0] : 0));
        var rest = odd ? Skip(1) : this;
        var count = rest.Length / 2;
        if ((rest._start & 1) == 0) rest._bytes.Slice(rest._start >> 1, count).CopyTo(output[1..]);
        else for (var i = 0; i < count; i++) output[1 + i] = (byte)((rest[2 * i] << 4) | rest[2 * i + 1]);
        return 1 + count;
    }

    /// <summary>Reads the hex-prefix form; false where its flag or padding is not canonical.</summary>
    public static bool TryReadHexPrefix(ReadOnlySpan<byte> encoded, out NibblePath path, out bool leaf)
    {
        path = default;
        leaf = false;
        if (encoded.IsEmpty) return false;
        var flag = encoded[0] >> 4;
        if (flag > 3) return false;
        leaf = (flag & 2) != 0;
        var odd = (flag & 1) != 0;
        if (!odd && (encoded[0] & 0xF) != 0) return false;
        var start = odd ? 1 : 2;
        path = new NibblePath(encoded, start, encoded.Length * 2 - start);
        return true;
    }
}
