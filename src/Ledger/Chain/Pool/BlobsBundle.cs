using System.Diagnostics.CodeAnalysis;
using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>The blobs of a block's transactions in order, with their commitments and proofs: what a proposer publishes beside the block.</summary>
/// <param name="Proofs">One for each blob before Osaka, 128 for each since (EIP-7594).</param>
public sealed record BlobsBundle(IReadOnlyList<byte[]> Commitments, IReadOnlyList<byte[]> Proofs, IReadOnlyList<byte[]> Blobs)
{
    public static readonly BlobsBundle Empty = new([], [], []);

    /// <summary>Gathers the sidecars of a block's transactions; false where one is not to be had in the form that the fork asks for.</summary>
    public static bool TryGather(Block block, ForkRules rules, Func<Hash256, BlobSidecar?> sidecarOf, [NotNullWhen(true)] out BlobsBundle? bundle)
    {
        bundle = Empty;
        if (block.Header.BlobGasUsed is null or 0) return true;
        List<byte[]> commitments = [], proofs = [], blobs = [];
        foreach (var transaction in block.Transactions)
        {
            if (transaction.BlobVersionedHashes.Count == 0) continue;
            bundle = null;
            if (sidecarOf(transaction.Hash) is not { } sidecar) return false;
            if (rules.Has(Eip.PeerDas) && !sidecar.TryProveCells(out sidecar)) return false;
            commitments.AddRange(sidecar.Commitments);
            proofs.AddRange(sidecar.Proofs);
            blobs.AddRange(sidecar.Blobs);
        }
        bundle = new BlobsBundle(commitments, proofs, blobs);
        return true;
    }
}
