using System.Buffers.Binary;
using System.Security.Cryptography;
using Hufu.Primitives;

namespace Hufu.Node;

/// <summary>
/// What an era1 file says of all its blocks at once: the SSZ root of their list of (hash, total difficulty), at most 8192 long
/// (Portal network, "pre-merge accumulator"). It tells two files of the same blocks from a file in which one was exchanged.
/// </summary>
sealed class Era1Accumulator
{
    public const int MostBlocks = 8192;
    const int Depth = 13;

    readonly List<byte[]> _records = [];

    public int Count => _records.Count;

    public void Add(in Hash256 hash, in UInt256 totalDifficulty)
    {
        Span<byte> record = stackalloc byte[64];
        hash.Bytes.CopyTo(record);
        LittleEndian(totalDifficulty, record[32..]);
        _records.Add(SHA256.HashData(record));
    }

    public Hash256 Root()
    {
        var level = _records;
        var empty = new byte[32];
        Span<byte> pair = stackalloc byte[64];
        for (var depth = 0; depth < Depth; depth++)
        {
            List<byte[]> above = [];
            for (var i = 0; i < level.Count; i += 2)
            {
                level[i].CopyTo(pair);
                (i + 1 < level.Count ? level[i + 1] : empty).CopyTo(pair[32..]);
                above.Add(SHA256.HashData(pair));
            }
            empty.CopyTo(pair);
            empty.CopyTo(pair[32..]);
            (level, empty) = (above, SHA256.HashData(pair));
        }
        (level.Count > 0 ? level[0] : empty).CopyTo(pair);
        pair[32..].Clear();
        BinaryPrimitives.WriteInt32LittleEndian(pair[32..], _records.Count);
        return Hash256.FromBytes(SHA256.HashData(pair));
    }

    static void LittleEndian(in UInt256 number, Span<byte> destination)
    {
        number.WriteBigEndian(destination[..32]);
        destination[..32].Reverse();
    }
}
