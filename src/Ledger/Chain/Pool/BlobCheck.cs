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
        return null;
    }
}
