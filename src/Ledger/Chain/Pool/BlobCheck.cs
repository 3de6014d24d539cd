using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>Whether a blob transaction's sidecar is there, complete, and proves its blobs (EIP-4844, EIP-7594).</summary>
static class BlobCheck
{
    public static Refusal? Check(Transaction transaction, BlobSidecar? sidecar, ForkRules rules)
    {
        if (transaction.Type != TransactionType.Blob) return null;
        if (sidecar is null) return PoolRefusals.Blobs("missing: a blob transaction is sent with its blobs");
        var blobs = transaction.BlobVersionedHashes.Count;
        if (sidecar.Blobs.Count != blobs || sidecar.Commitments.Count != blobs)
            return PoolRefusals.Blobs($"{sidecar.Blobs.Count} blobs and {sidecar.Commitments.Count} commitments for {blobs} blob hashes");
        var proofs = sidecar.Version == 0 ? blobs : blobs * BlobSidecar.CellsPerBlob;
        if (sidecar.Proofs.Count != proofs) return PoolRefusals.Blobs($"{sidecar.Proofs.Count} proofs, expected {proofs}");
        if (sidecar.Version > 0 && !rules.Has(Eip.PeerDas)) return PoolRefusals.Blobs("cell proofs are not known before Osaka");
        for (var i = 0; i < blobs; i++)
            if (BlobSidecar.VersionedHash(sidecar.Commitments[i]) != transaction.BlobVersionedHashes[i])
                return PoolRefusals.Blobs($"commitment {i} does not match blob hash {transaction.BlobVersionedHashes[i]}");
        return IsProven(sidecar) ? null : PoolRefusals.Blobs("the proofs do not prove the blobs");
    }

    static bool IsProven(BlobSidecar sidecar)
    {
        if (sidecar.Version == 0) return Kzg.VerifyBlobProofBatch(Memories(sidecar.Blobs), Memories(sidecar.Commitments), Memories(sidecar.Proofs));

        var count = sidecar.Blobs.Count * BlobSidecar.CellsPerBlob;
        List<ReadOnlyMemory<byte>> commitments = new(count), cells = new(count);
        var indices = new List<ulong>(count);
        for (var blob = 0; blob < sidecar.Blobs.Count; blob++)
        {
            var all = new byte[BlobSidecar.CellsPerBlob * Kzg.CellLength];
            if (!Kzg.TryComputeCells(sidecar.Blobs[blob], all)) return false;
            for (var cell = 0; cell < BlobSidecar.CellsPerBlob; cell++)
            {
                commitments.Add(sidecar.Commitments[blob]);
                indices.Add((ulong)cell);
                cells.Add(all.AsMemory(cell * Kzg.CellLength, Kzg.CellLength));
            }
        }
        return Kzg.VerifyCellProofBatch(commitments, indices, cells, Memories(sidecar.Proofs));
    }

    static ReadOnlyMemory<byte>[] Memories(IReadOnlyList<byte[]> items) => [.. items.Select(item => (ReadOnlyMemory<byte>)item)];
}
