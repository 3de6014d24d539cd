using System.Security.Cryptography;

namespace Hufu.Crypto;

/// <summary>
/// KZG commitments to blobs (EIP-4844) and to their cells (EIP-7594), with the functions of the consensus specifications.
/// Commitments and proofs are compressed points of G1, 48 bytes; field elements are 32 bytes, big-endian, below the group order r;
/// a blob is 131072 bytes, 4096 field elements; a cell is 2048 bytes, 64 field elements.
/// Verification answers false for a wrong proof and for malformed input alike; the others return false for malformed input.
/// </summary>
public static partial class Kzg
{
    public const int CommitmentLength = 48, ProofLength = 48, FieldElementLength = 32;
    public const int BlobLength = BlobPolynomial.ByteLength, CellLength = CellLayout.BytesPerCell, CellsPerBlob = CellLayout.CellCount;

    /// <summary>Writes the 32-byte versioned hash of a commitment: 0x01 and the last 31 bytes of its SHA-256.</summary>
    public static void VersionedHash(ReadOnlySpan<byte> commitment, Span<byte> hash)
    {
        SHA256.HashData(commitment, hash);
        hash[0] = 0x01;
    }

    /// <summary>Whether the committed polynomial takes the value <paramref name="y"/> at <paramref name="z"/> (verify_kzg_proof).</summary>
    /// <param name="commitment">48 bytes.</param>
    /// <param name="z">32 bytes.</param>
    /// <param name="y">32 bytes.</param>
    /// <param name="proof">48 bytes.</param>
    /// <returns>False for a wrong proof and for malformed input alike: to the EVM both are one failure.</returns>
    public static bool VerifyKzgProof(ReadOnlySpan<byte> commitment, ReadOnlySpan<byte> z, ReadOnlySpan<byte> y, ReadOnlySpan<byte> proof) =>
        TryReadField(z, out BlsFr at) && TryReadField(y, out BlsFr value)
        && TryReadPoints(commitment, proof, out AffinePoint<BlsFp> c, out AffinePoint<BlsFp> p)
        && Verify([c], [at], [value], [p], [BlsFr.One]);

    /// <summary>Writes the commitment to a blob (blob_to_kzg_commitment).</summary>
    public static bool TryBlobToCommitment(ReadOnlySpan<byte> blob, Span<byte> commitment)
    {
        if (BlobPolynomial.TryRead(blob) is not { } polynomial) return false;
        polynomial.Commit(out JacobianPoint<BlsFp> point);
        WritePoint(point, commitment);
        return true;
    }

    /// <summary>Writes y = p(z) and its proof (compute_kzg_proof).</summary>
    public static bool TryComputeProof(ReadOnlySpan<byte> blob, ReadOnlySpan<byte> z, Span<byte> proof, Span<byte> y)
    {
        if (!TryReadField(z, out BlsFr at) || BlobPolynomial.TryRead(blob) is not { } polynomial) return false;
        polynomial.Prove(at, out BlsFr value, out JacobianPoint<BlsFp> point);
        WritePoint(point, proof);
        value.Write(y);
        return true;
    }

    /// <summary>Writes the proof that goes with a blob in a transaction's sidecar (compute_blob_kzg_proof).</summary>
    public static bool TryComputeBlobProof(ReadOnlySpan<byte> blob, ReadOnlySpan<byte> commitment, Span<byte> proof)
    {
        if (!TryReadPoint(commitment, out _) || BlobPolynomial.TryRead(blob) is not { } polynomial) return false;
        polynomial.Prove(KzgChallenge.OfBlob(blob, commitment), out _, out JacobianPoint<BlsFp> point);
        WritePoint(point, proof);
        return true;
    }

    /// <summary>Whether a blob belongs to a commitment (verify_blob_kzg_proof).</summary>
    public static bool VerifyBlobProof(ReadOnlySpan<byte> blob, ReadOnlySpan<byte> commitment, ReadOnlySpan<byte> proof)
    {
        if (!TryReadPoints(commitment, proof, out AffinePoint<BlsFp> c, out AffinePoint<BlsFp> p)) return false;
        if (BlobPolynomial.TryRead(blob) is not { } polynomial) return false;
        BlsFr z = KzgChallenge.OfBlob(blob, commitment);
        polynomial.Evaluate(z, out BlsFr y);
        return Verify([c], [z], [y], [p], [BlsFr.One]);
    }

    /// <summary>Whether every blob belongs to its commitment (verify_blob_kzg_proof_batch). No blobs at all are right.</summary>
    public static bool VerifyBlobProofBatch(
        IReadOnlyList<ReadOnlyMemory<byte>> blobs, IReadOnlyList<ReadOnlyMemory<byte>> commitments, IReadOnlyList<ReadOnlyMemory<byte>> proofs)
    {
        int count = blobs.Count;
        if (commitments.Count != count || proofs.Count != count) return false;

        AffinePoint<BlsFp>[] cs = new AffinePoint<BlsFp>[count], ps = new AffinePoint<BlsFp>[count];
        BlsFr[] zs = new BlsFr[count], ys = new BlsFr[count];
        for (int i = 0; i < count; i++)
        {
            if (!TryReadPoints(commitments[i].Span, proofs[i].Span, out cs[i], out ps[i])) return false;
            if (BlobPolynomial.TryRead(blobs[i].Span) is not { } polynomial) return false;
            zs[i] = KzgChallenge.OfBlob(blobs[i].Span, commitments[i].Span);
            polynomial.Evaluate(zs[i], out ys[i]);
        }
        return Verify(cs, zs, ys, ps, KzgChallenge.PowersForBlobs(commitments, zs, ys, proofs));
    }

    /// <summary>
    /// e(C - [y]G1 + [z]π, -G2)·e(π, [τ]G2) = 1, where C, [y]G1, π and [z]π may be sums weighted by a challenge's powers.
    /// Both points of G2 are fixed, whatever is verified.
    /// </summary>
    static bool Verify(
        ReadOnlySpan<AffinePoint<BlsFp>> commitments, ReadOnlySpan<BlsFr> zs, ReadOnlySpan<BlsFr> ys,
        ReadOnlySpan<AffinePoint<BlsFp>> proofs, ReadOnlySpan<BlsFr> weights)
    {
        int count = commitments.Length;
        if (count == 0) return true;

        var points = new AffinePoint<BlsFp>[2 * count + 1];
        var scalars = new BlsFr[2 * count + 1];
        BlsFr value = default;
        for (int i = 0; i < count; i++)
        {
            points[2 * i] = commitments[i];
            scalars[2 * i] = weights[i];
            points[2 * i + 1] = proofs[i];
            BlsFr.Multiply(weights[i], zs[i], out scalars[2 * i + 1]);
            BlsFr.Multiply(weights[i], ys[i], out BlsFr weighted);
            BlsFr.Add(value, weighted, out value);
        }
        points[2 * count] = BlsCurve.G1;
        BlsFr.Negate(value, out scalars[2 * count]);

        BlsMultiExponentiation.Sum(points, scalars, out JacobianPoint<BlsFp> left);
        JacobianPoint<BlsFp> right = new(proofs[0]);
        if (count > 1) BlsMultiExponentiation.Sum(proofs, weights, out right);
        return ArePairedEqual(left, right, TrustedSetup.LinesOfTau);
    }

    /// <summary>e(p, G2) = e(q, [τ^k]G2), where the lines are those of G2 and [τ^k]G2.</summary>
    static bool ArePairedEqual(in JacobianPoint<BlsFp> p, in JacobianPoint<BlsFp> q, BlsFixedLines lines)
    {
        JacobianPoint<BlsFp>.Negate(p, out JacobianPoint<BlsFp> minusP);
        var affine = new AffinePoint<BlsFp>[2];
        JacobianPoint<BlsFp>.ToAffine([minusP, q], affine);
        return lines.IsProductOne(affine[0], affine[1]);
    }

    static bool TryReadField(ReadOnlySpan<byte> bytes, out BlsFr element)
    {
        element = default;
        return bytes.Length == FieldElementLength && BlsFr.TryRead(bytes, out element);
    }

    static bool TryReadPoint(ReadOnlySpan<byte> bytes, out AffinePoint<BlsFp> point)
    {
        point = default;
        return bytes.Length == CommitmentLength && BlsEncoding.TryDecompressG1(bytes, out point) && BlsCurve.IsInG1(point);
    }

    static bool TryReadPoints(ReadOnlySpan<byte> commitment, ReadOnlySpan<byte> proof, out AffinePoint<BlsFp> c, out AffinePoint<BlsFp> p)
    {
        c = p = default;
        return commitment.Length == CommitmentLength && proof.Length == ProofLength
            && BlsEncoding.TryDecompressG1(commitment, out c) && BlsEncoding.TryDecompressG1(proof, out p)
            && LaneMembership<BlsFp, FourOfG1>.AreMembers([c, p]);
    }

    static void WritePoint(in JacobianPoint<BlsFp> point, Span<byte> bytes)
    {
        point.ToAffine(out AffinePoint<BlsFp> affine);
        BlsEncoding.CompressG1(affine, bytes);
    }
}
