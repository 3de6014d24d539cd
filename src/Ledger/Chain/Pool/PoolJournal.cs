using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace Hufu.Chain;

/// <summary>
/// Carries the pool over a restart: a file to which every accepted transaction is appended, and which is written anew when most of it is no
/// longer needed. A record is its length (4 bytes, little-endian), its CRC-32C, and the network form. What a crash tore at the end is cut off.
/// </summary>
sealed class PoolJournal : IDisposable
{
    const int HeadSize = 8;
    const int LargestRecord = 16 << 20;

    // Below this the file is left to grow: writing it anew costs more than reading it once at the next start.
    const long WorthCompacting = 4 << 20;

    readonly string _path;
    readonly ArrayBufferWriter<byte> _records = new();
    FileStream _file;
    long _length;

    PoolJournal(string path, FileStream file, long length) => (_path, _file, _length) = (path, file, length);

    /// <summary>Opens the file, or makes it, and hands every whole record to <paramref name="take"/>.</summary>
    public static PoolJournal Open(string path, Action<byte[]> take)
    {
        var file = OpenFile(path);
        var whole = ReadAll(file, take);
        if (file.Length != whole) file.SetLength(whole);
        file.Position = whole;
        return new PoolJournal(path, file, whole);
    }

    public bool IsWorthCompacting(long neededBytes) => _length > WorthCompacting && _length > 4 * neededBytes;

    /// <summary>Handed to the operating system when this returns: it survives the death of the process.</summary>
    /// <exception cref="IOException">The disk is full or broken; the file is as it was.</exception>
    public void Append(IEnumerable<byte[]> records)
    {
        _records.ResetWrittenCount();
        Span<byte> head = stackalloc byte[HeadSize];
        foreach (var record in records)
        {
            BinaryPrimitives.WriteInt32LittleEndian(head, record.Length);
            WriteCheck(record, head[4..]);
            _records.Write(head);
            _records.Write(record);
        }
        try
        {
            _file.Write(_records.WrittenSpan);
        }
        catch (IOException)
        {
            // Half a record in the middle would hide all that follow it.
            if (_file.Length != _length) _file.SetLength(_length);
            _file.Position = _length;
            throw;
        }
        _length += _records.WrittenCount;
    }

    /// <summary>Puts a file with only these records in the place of the old one, in one step. Where the disk has no room for it the old one stays: it holds too much, never too little.</summary>
    public void Rewrite(IEnumerable<byte[]> records)
    {
        var fresh = _path + ".new";
        try
        {
            File.Delete(fresh);
            using var replacement = new PoolJournal(fresh, OpenFile(fresh), 0);
            foreach (var chunk in records.Chunk(256)) replacement.Append(chunk);
        }
        catch (IOException)
        {
            File.Delete(fresh);
            return;
        }
        _file.Dispose();
        File.Move(fresh, _path, overwrite: true);
        _file = OpenFile(_path);
        _length = _file.Length;
        _file.Position = _length;
    }

    public void Dispose() => _file.Dispose();

    // Without a buffer of our own every append reaches the operating system.
    static FileStream OpenFile(string path) => new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);

    static long ReadAll(FileStream file, Action<byte[]> take)
    {
        var buffered = new BufferedStream(file, 1 << 16);
        Span<byte> head = stackalloc byte[HeadSize];
        Span<byte> check = stackalloc byte[4];
        long whole = 0;
        while (buffered.ReadAtLeast(head, HeadSize, throwOnEndOfStream: false) == HeadSize)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(head);
            if (length is <= 0 or > LargestRecord || length > file.Length - whole - HeadSize) break;
            var record = new byte[length];
            buffered.ReadExactly(record);
            WriteCheck(record, check);
            if (!check.SequenceEqual(head[4..])) break;
            whole += HeadSize + length;
            take(record);
        }
        return whole;
    }

    static void WriteCheck(ReadOnlySpan<byte> record, Span<byte> check)
    {
        var crc = uint.MaxValue;
        for (; record.Length >= sizeof(ulong); record = record[sizeof(ulong)..]) crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(record));
        foreach (var last in record) crc = BitOperations.Crc32C(crc, last);
        BinaryPrimitives.WriteUInt32LittleEndian(check, ~crc);
    }
}
