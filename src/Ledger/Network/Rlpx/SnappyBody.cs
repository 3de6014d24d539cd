using Snappier;

namespace Hufu.Network;

/// <summary>Message bodies in Snappy's block format (devp2p, rlpx.md, "Messages"). Lengths are looked at before anything is allocated.</summary>
static class SnappyBody
{
    // The most that one byte of the format can stand for: a copy of 64 bytes takes 3.
    const int MostExpansion = 22;

    public static byte[] Compress(ReadOnlySpan<byte> body) => Snappy.CompressToArray(body);

    /// <returns>Null where the bytes are not Snappy, or would be longer than allowed.</returns>
    public static byte[]? Decompress(ReadOnlySpan<byte> compressed, int mostBytes)
    {
        if (!TryReadLength(compressed, out var length) || length > mostBytes || length > (long)compressed.Length * MostExpansion) return null;
        var body = new byte[length];
        try
        {
            return Snappy.TryDecompress(compressed, body, out var written) && written == length ? body : null;
        }
        catch (Exception error) when (error is InvalidDataException or ArgumentException)
        {
            return null;
        }
    }

    // A little-endian number in groups of seven bits, up to 2^32 - 1.
    static bool TryReadLength(ReadOnlySpan<byte> compressed, out long length)
    {
        length = 0;
        for (var i = 0; i < compressed.Length && i < 5; i++)
        {
            length |= (long)(compressed[i] & 0x7F) << (7 * i);
            if (compressed[i] < 0x80) return length <= uint.MaxValue;
        }
        return false;
    }
}
