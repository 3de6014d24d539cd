using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>The blobs of a transaction with their KZG commitments and proofs, as they travel beside it and never stand in a block.</summary>
/// <param name="Version">0: one proof for each blob (EIP-4844). 1: one for each of the 128 cells of each blob (EIP-7594).</param>
public sealed record BlobSidecar(byte Version, IReadOnlyList<byte[]> Blobs, IReadOnlyList<byte[]> Commitments, IReadOnlyList<byte[]> Proofs)
{
    public const int BlobSize = 131_072;
    public const int CellsPerBlob = 128;
    const int PointSize = 48;
    const byte KzgVersion = 0x01;

    // A block is built several times with the same blobs.
    static readonly ConditionalWeakTable<BlobSidecar, BlobSidecar> Proven = [];

    public int SizeBytes => Blobs.Count * BlobSize + (Commitments.Count + Proofs.Count) * PointSize;

    /// <summary>The versioned hash that a transaction names a blob by (EIP-4844): 0x01 and the SHA-256 of the commitment without its first byte.</summary>
    public static Hash256 VersionedHash(ReadOnlySpan<byte> commitment)
    {
        Span<byte> hash = stackalloc byte[Hash256.Size];
        SHA256.HashData(commitment, hash);
        hash[0] = KzgVersion;
        return Hash256.FromBytes(hash);
    }

    /// <summary>The same blobs with a proof for each of their cells, as Osaka asks for: a sidecar that was sent before it has one for each blob. Proving takes a good part of a second for each blob.</summary>
    public bool TryProveCells(out BlobSidecar proven)
    {
        proven = this;
        if (Version > 0) return true;
        if (Proven.TryGetValue(this, out var before))
        {
            proven = before;
            return true;
        }
        var proofs = new List<byte[]>(Blobs.Count * CellsPerBlob);
        var (cells, all) = (new byte[CellsPerBlob * Kzg.CellLength], new byte[CellsPerBlob * PointSize]);
        foreach (var blob in Blobs)
        {
            if (!Kzg.TryComputeCellsAndProofs(blob, cells, all)) return false;
            for (var cell = 0; cell < CellsPerBlob; cell++) proofs.Add(all.AsSpan(cell * PointSize, PointSize).ToArray());
        }
        proven = Proven.GetValue(this, _ => new BlobSidecar(1, Blobs, Commitments, proofs));
        return true;
    }

    /// <summary>Appends the items that follow the transaction's own list in the network form.</summary>
    internal void Write(RlpWriter writer)
    {
        if (Version > 0) writer.Write((ulong)Version);
        WriteList(writer, Blobs);
        WriteList(writer, Commitments);
        WriteList(writer, Proofs);
    }

    internal static BlobSidecar Read(ref RlpReader reader)
    {
        byte version = 0;
        if (!reader.NextIsList)
        {
            var stated = reader.ReadUInt64();
            if (stated != 1) reader.Fail($"blob sidecar version {stated} is not known");
            version = 1;
        }
        return new BlobSidecar(version, ReadList(ref reader, BlobSize), ReadList(ref reader, PointSize), ReadList(ref reader, PointSize));
    }

    static void WriteList(RlpWriter writer, IReadOnlyList<byte[]> items)
    {
        var list = writer.StartList();
        foreach (var item in items) writer.Write(item.AsSpan());
        writer.EndList(list);
    }

    static List<byte[]> ReadList(ref RlpReader reader, int size)
    {
        var items = new List<byte[]>();
        var end = reader.EnterList();
        while (reader.HasMore(end)) items.Add(reader.ReadBytes(size).ToArray());
        reader.LeaveList(end);
        return items;
    }
}
