using System.Buffers.Binary;
using Hufu.Primitives;
using Snappier;

namespace Hufu.Node;

/// <summary>
/// An era1 file: blocks of proof of work in an e2store, header, body and receipts each compressed with framed Snappy. An entry is its type
/// (2 bytes), its length (4 bytes) and 2 bytes of zero, all little-endian, and its data.
/// </summary>
sealed class Era1File(FileStream stream) : BlockFile(stream)
{
    const int HeadSize = 8;
    const ushort Version = 0x3265;
    const ushort CompressedHeader = 0x03;
    const ushort CompressedBody = 0x04;
    const ushort TotalDifficulty = 0x06;
    const ushort Accumulator = 0x07;

    readonly Era1Accumulator _accumulator = new();

    /// <summary>Whether the file begins as an e2store does; leaves it at its beginning.</summary>
    public static bool Is(FileStream stream)
    {
        Span<byte> head = stackalloc byte[HeadSize];
        var read = stream.ReadAtLeast(head, HeadSize, throwOnEndOfStream: false);
        stream.Position = 0;
        return read == HeadSize && BinaryPrimitives.ReadUInt16LittleEndian(head) == Version && BinaryPrimitives.ReadInt32LittleEndian(head[2..]) == 0;
    }

    public override FiledBlock? Next(out Refusal? refusal)
    {
        byte[]? header = null, body = null;
        while (ReadEntry(out var type, out var data, out refusal))
        {
            switch (type)
            {
                case CompressedHeader: header = Decompress(data, out refusal); break;
                case CompressedBody: body = Decompress(data, out refusal); break;
                // It comes after the receipts, and is the last of what a block has.
                case TotalDifficulty when header is not null && body is not null && data.Length == Hash256.Size:
                    return Join(header, body, data, out refusal);
                case TotalDifficulty:
                    refusal = Damaged("a total difficulty stands where no block has ended");
                    break;
                case Accumulator when data.Length != Hash256.Size || Hash256.FromBytes(data) != _accumulator.Root():
                    refusal = Damaged("its accumulator is not the one of the blocks in it");
                    break;
            }
            if (refusal is not null) return null;
        }
        if (refusal is null && header is not null) refusal = Damaged("the file ends inside a block");
        return null;
    }

    bool ReadEntry(out ushort type, out byte[] data, out Refusal? refusal)
    {
        (type, data, refusal) = (0, [], null);
        Span<byte> head = stackalloc byte[HeadSize];
        var read = Stream.ReadAtLeast(head, HeadSize, throwOnEndOfStream: false);
        if (read == 0) return false;
        var length = read < HeadSize ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(head[2..]);
        if (read < HeadSize || length > LargestItem || length > Length - Position)
        {
            refusal = Damaged("the file ends inside an entry");
            return false;
        }
        type = BinaryPrimitives.ReadUInt16LittleEndian(head);
        data = new byte[length];
        Stream.ReadExactly(data);
        return true;
    }

    byte[]? Decompress(byte[] data, out Refusal? refusal)
    {
        refusal = null;
        try
        {
            using var snappy = new SnappyStream(new MemoryStream(data), System.IO.Compression.CompressionMode.Decompress);
            using var plain = new MemoryStream();
            var buffer = new byte[1 << 16];
            for (int read; (read = snappy.Read(buffer)) > 0;)
            {
                plain.Write(buffer, 0, read);
                if (plain.Length > LargestItem) break;
            }
            if (plain.Length <= LargestItem) return plain.ToArray();
            refusal = Damaged("an entry is larger than any block");
        }
        catch (Exception error) when (error is InvalidDataException or IOException or ArgumentException or InvalidOperationException)
        {
            refusal = Damaged($"an entry cannot be decompressed: {error.Message}");
        }
        return null;
    }

    FiledBlock? Join(byte[] header, byte[] body, byte[] totalDifficulty, out Refusal? refusal)
    {
        refusal = null;
        var reader = new RlpReader(body);
        var end = reader.EnterList();
        if (reader.Failed || end != body.Length)
        {
            refusal = Damaged("a body is not one RLP list");
            return null;
        }
        if (_accumulator.Count == Era1Accumulator.MostBlocks)
        {
            refusal = Damaged($"it has more than {Era1Accumulator.MostBlocks} blocks");
            return null;
        }
        Array.Reverse(totalDifficulty);
        var difficulty = UInt256.FromBigEndian(totalDifficulty);
        _accumulator.Add(Keccak256.Hash(header), difficulty);
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        writer.WriteRaw(header);
        writer.WriteRaw(body.AsSpan(reader.Position));
        writer.EndList(list);
        return new FiledBlock(writer.ToArray(), difficulty);
    }
}
