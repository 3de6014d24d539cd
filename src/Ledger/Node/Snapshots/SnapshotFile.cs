using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Hufu.Primitives;
using Snappier;

namespace Hufu.Node;

/// <summary>What a chunk of a snapshot file holds.</summary>
enum SnapshotChunk : byte
{
    /// <summary>[format, genesis hash, [header of the block whose state this is]]; the first.</summary>
    Beginning = (byte)'H',

    /// <summary>[[header, [transactions, ommers, withdrawals?], [receipt…]]…]: blocks in order, from the first after genesis on.</summary>
    Blocks = (byte)'B',

    /// <summary>[[[key, slim account]…], [node…]]: all accounts from where the last chunk of them ended, proven by the nodes.</summary>
    Accounts = (byte)'A',

    /// <summary>[code…]: those of the accounts before.</summary>
    Codes = (byte)'C',

    /// <summary>[account, [[key, value]…], [node…]]: slots of one of the accounts before, from where its last chunk ended; proven where they are not all.</summary>
    Storage = (byte)'S',

    /// <summary>Nothing; the last.</summary>
    End = (byte)'E',
}

/// <summary>
/// A snapshot file: a chain with its blocks and receipts, and the state of its last block in proven ranges. Eight bytes of name and version, then chunks: kind
/// (1 byte), length (4, big-endian), the Keccak-256 of place, kind and content (32), content in Snappy's block form. The digests find what was damaged on the
/// way; what was made up the proofs find.
/// </summary>
static class SnapshotFile
{
    public const ulong Format = 1;
    public const int MostChunkBytes = 64 << 20;
    const int HeadSize = 1 + 4 + Hash256.Size;

    public static ReadOnlySpan<byte> Magic => "HufuSnp1"u8;

    public static void Write(Stream file, ref ulong place, SnapshotChunk kind, ReadOnlySpan<byte> rlp)
    {
        var content = Snappy.CompressToArray(rlp);
        Span<byte> head = stackalloc byte[HeadSize];
        head[0] = (byte)kind;
        BinaryPrimitives.WriteInt32BigEndian(head[1..], content.Length);
        Digest(place++, kind, content).Bytes.CopyTo(head[5..]);
        file.Write(head);
        file.Write(content);
    }

    /// <summary>Reads the next chunk.</summary>
    /// <returns>False where it is damaged, cut off, or none.</returns>
    public static bool TryRead(Stream file, ref ulong place, out SnapshotChunk kind, [NotNullWhen(true)] out byte[]? rlp, [NotNullWhen(false)] out Refusal? refusal)
    {
        (kind, rlp, refusal) = (default, null, null);
        Span<byte> head = stackalloc byte[HeadSize];
        if (file.ReadAtLeast(head, HeadSize, throwOnEndOfStream: false) < HeadSize) return Fail(Damaged(place, "the file ends in it"), out refusal);
        kind = (SnapshotChunk)head[0];
        var length = BinaryPrimitives.ReadInt32BigEndian(head[1..]);
        if (length is < 0 or > MostChunkBytes) return Fail(Damaged(place, $"it states a length of {length} bytes"), out refusal);
        // Nothing is allocated for bytes that are not there.
        if (file.Length - file.Position < length) return Fail(Damaged(place, "the file ends in it"), out refusal);
        var content = new byte[length];
        file.ReadExactly(content);
        if (Digest(place, kind, content) != Hash256.FromBytes(head[5..])) return Fail(Damaged(place, "its digest is another"), out refusal);
        try
        {
            if (Snappy.GetUncompressedLength(content) > MostChunkBytes) return Fail(Damaged(place, "it is too long"), out refusal);
            rlp = Snappy.DecompressToArray(content);
        }
        catch (InvalidDataException malformed)
        {
            return Fail(Damaged(place, malformed.Message), out refusal);
        }
        place++;
        return true;
    }

    public static Refusal Damaged(ulong chunk, string why) => new($"chunk {chunk} of the snapshot file is damaged", why, "get the file anew, from another mirror");

    static bool Fail(Refusal why, out Refusal refusal)
    {
        refusal = why;
        return false;
    }

    static Hash256 Digest(ulong place, SnapshotChunk kind, ReadOnlySpan<byte> content)
    {
        var whole = new byte[sizeof(ulong) + 1 + content.Length];
        BinaryPrimitives.WriteUInt64BigEndian(whole, place);
        whole[sizeof(ulong)] = (byte)kind;
        content.CopyTo(whole.AsSpan(sizeof(ulong) + 1));
        return Keccak256.Hash(whole);
    }
}
