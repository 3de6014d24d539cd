using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>The blobs that a pool holds by their versioned hashes. Where two transactions carry the same blob the later one answers for it.</summary>
sealed class BlobIndex
{
    readonly Dictionary<Hash256, (BlobSidecar Sidecar, int Index)> _byHash = [];

    public void Add(Transaction transaction, BlobSidecar? sidecar)
    {
        if (sidecar is null) return;
        for (var i = 0; i < transaction.BlobVersionedHashes.Count; i++) _byHash[transaction.BlobVersionedHashes[i]] = (sidecar, i);
    }

    public void Remove(BlobSidecar sidecar)
    {
        foreach (var commitment in sidecar.Commitments)
        {
            var hash = BlobSidecar.VersionedHash(commitment);
            if (_byHash.TryGetValue(hash, out var entry) && ReferenceEquals(entry.Sidecar, sidecar)) _byHash.Remove(hash);
        }
    }

    public (BlobSidecar Sidecar, int Index)? Find(in Hash256 versionedHash) => _byHash.TryGetValue(versionedHash, out var entry) ? entry : null;
}
