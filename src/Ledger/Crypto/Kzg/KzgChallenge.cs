using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Hufu.Crypto;

/// <summary>The verifier's random choices, drawn by hashing what is to be verified (Fiat and Shamir), as the consensus specifications lay out.</summary>
sealed class KzgChallenge : IDisposable
{
    readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    KzgChallenge(ReadOnlySpan<byte> domain) => _hash.AppendData(domain);

    /// <summary>Where a blob's polynomial is to be opened (compute_challenge).</summary>
    public static BlsFr OfBlob(ReadOnlySpan<byte> blob, ReadOnlySpan<byte> commitment)
    {
        using var challenge = new KzgChallenge("FSBLOBVERIFY_V1_"u8);
        challenge.Append(0);   // the degree takes 16 bytes here
        challenge.Append(BlobPolynomial.Size);
        challenge._hash.AppendData(blob);
        challenge._hash.AppendData(commitment);
        return challenge.ToField();
    }

    /// <summary>The weights of the proofs in a batch of blobs (verify_kzg_proof_batch).</summary>
    public static BlsFr[] PowersForBlobs(
        IReadOnlyList<ReadOnlyMemory<byte>> commitments, ReadOnlySpan<BlsFr> zs, ReadOnlySpan<BlsFr> ys, IReadOnlyList<ReadOnlyMemory<byte>> proofs)
    {
        using var challenge = new KzgChallenge("RCKZGBATCH___V1_"u8);
        challenge.Append(BlobPolynomial.Size);
        challenge.Append((ulong)commitments.Count);
        for (int i = 0; i < commitments.Count; i++)
        {
            challenge._hash.AppendData(commitments[i].Span);
            challenge.Append(zs[i]);
            challenge.Append(ys[i]);
            challenge._hash.AppendData(proofs[i].Span);
        }
        return Powers(challenge.ToField(), commitments.Count);
    }

    /// <summary>The weights of the proofs in a batch of cells (compute_verify_cell_kzg_proof_batch_challenge).</summary>
    public static BlsFr[] PowersForCells(
        IReadOnlyList<ReadOnlyMemory<byte>> commitments, ReadOnlySpan<int> commitmentIndices, IReadOnlyList<ulong> cellIndices,
        IReadOnlyList<ReadOnlyMemory<byte>> cells, IReadOnlyList<ReadOnlyMemory<byte>> proofs)
    {
        using var challenge = new KzgChallenge("RCKZGCBATCH__V1_"u8);
        challenge.Append(BlobPolynomial.Size);
        challenge.Append(CellLayout.FieldElementsPerCell);
        challenge.Append((ulong)commitments.Count);
        challenge.Append((ulong)cells.Count);
        foreach (ReadOnlyMemory<byte> commitment in commitments) challenge._hash.AppendData(commitment.Span);
        for (int k = 0; k < cells.Count; k++)
        {
            challenge.Append((ulong)commitmentIndices[k]);
            challenge.Append(cellIndices[k]);
            challenge._hash.AppendData(cells[k].Span);
            challenge._hash.AppendData(proofs[k].Span);
        }
        return Powers(challenge.ToField(), cells.Count);
    }

    public void Dispose() => _hash.Dispose();

    static BlsFr[] Powers(in BlsFr challenge, int count)
    {
        var powers = new BlsFr[count];
        powers.AsSpan().Fill(BlsFr.One);
        Fft.MultiplyByPowers(powers, challenge);
        return powers;
    }

    void Append(ulong number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        _hash.AppendData(bytes);
    }

    void Append(in BlsFr element)
    {
        Span<byte> bytes = stackalloc byte[32];
        element.Write(bytes);
        _hash.AppendData(bytes);
    }

    BlsFr ToField()
    {
        Span<byte> digest = stackalloc byte[32];
        _hash.GetHashAndReset(digest);
        return BlsFr.ReadReduced(digest);
    }
}
