using System.Buffers.Binary;
using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>
/// The record of what a validator signed, in two files written in turns: whatever the machine does in the middle of a write, the other file is whole. A write returns only
/// when it is on the disk.
/// </summary>
public sealed class SigningRecordFile : IDisposable
{
    readonly FileStream[] _files;
    ulong _sequence;

    /// <param name="folder">Is made where it is absent. Nobody else may write in it.</param>
    public SigningRecordFile(string folder)
    {
        Directory.CreateDirectory(folder);
        _files = [Open("signed.0"), Open("signed.1")];

        FileStream Open(string name) => new(Path.Combine(folder, name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
    }

    /// <summary>Notes for a key that was just made that nothing has been signed with it: whoever loses its disk later lacks this note too, and is cautious from the first height on.</summary>
    public static void Begin(string folder)
    {
        using var record = new SigningRecordFile(folder);
        if (record.Read() is null) record.Write(SigningRecord.Empty);
    }

    /// <returns>Null where there is none: the disk is new or was lost, and nobody knows what was signed.</returns>
    /// <exception cref="InvalidDataException">Both files are damaged.</exception>
    public SigningRecord? Read()
    {
        SigningRecord? latest = null;
        var damaged = 0;
        foreach (var file in _files)
        {
            if (file.Length == 0) continue;
            if (ReadOne(file) is not { } found) { damaged++; continue; }
            if (latest is not null && found.Sequence <= _sequence) continue;
            (latest, _sequence) = (found.Record, found.Sequence);
        }
        if (latest is null && damaged == 2)
            throw new InvalidDataException("the record of what this validator signed is damaged in both its files: give the validator a new key and vote it in, since it may have signed what it no longer knows");
        return latest;
    }

    public void Write(SigningRecord record)
    {
        var bytes = record.Encode();
        var content = new byte[sizeof(ulong) + bytes.Length + Hash256.Size];
        BinaryPrimitives.WriteUInt64BigEndian(content, ++_sequence);
        bytes.CopyTo(content.AsSpan(sizeof(ulong)));
        Keccak256.Hash(content.AsSpan(0, sizeof(ulong) + bytes.Length)).Bytes.CopyTo(content.AsSpan(sizeof(ulong) + bytes.Length));
        var file = _files[_sequence % 2];
        file.Position = 0;
        file.Write(content);
        file.SetLength(content.Length);
        file.Flush(flushToDisk: true);
    }

    public void Dispose()
    {
        foreach (var file in _files) file.Dispose();
    }

    static (SigningRecord Record, ulong Sequence)? ReadOne(FileStream file)
    {
        var content = new byte[file.Length];
        file.Position = 0;
        file.ReadExactly(content);
        if (content.Length <= sizeof(ulong) + 2 * Hash256.Size) return null;
        var end = content.Length - Hash256.Size;
        if (!Keccak256.Hash(content.AsSpan(0, end)).Bytes.SequenceEqual(content.AsSpan(end))) return null;
        return SigningRecord.Decode(content.AsMemory(sizeof(ulong), end - sizeof(ulong))) is { } record ? (record, BinaryPrimitives.ReadUInt64BigEndian(content)) : null;
    }
}
