using Hufu.Crypto;
using Xunit;

namespace Hufu.Tests.Crypto;

public class KzgTests
{
    [Fact]
    public void The_embedded_setup_is_the_ceremony_output()
    {
        string[] lines = File.ReadAllLines(SharedFolder.Fixture("crypto/trusted_setup.txt"));
        using Stream resource = typeof(Kzg).Assembly.GetManifestResourceStream("Hufu.Crypto.trusted_setup.bin")!;
        var embedded = new byte[resource.Length];
        resource.ReadExactly(embedded);
        Assert.Equal(string.Concat(lines.Skip(2)), Convert.ToHexStringLower(embedded));
    }

    [Fact]
    public void A_blob_verifies_alone_and_in_a_batch_and_a_changed_one_does_not()
    {
        var blobs = new List<ReadOnlyMemory<byte>>();
        var commitments = new List<ReadOnlyMemory<byte>>();
        var proofs = new List<ReadOnlyMemory<byte>>();
        for (int seed = 1; seed <= 3; seed++)
        {
            byte[] blob = Blob(seed), commitment = new byte[48], proof = new byte[48];
            Assert.True(Kzg.TryBlobToCommitment(blob, commitment));
            Assert.True(Kzg.TryComputeBlobProof(blob, commitment, proof));
            Assert.True(Kzg.VerifyBlobProof(blob, commitment, proof));
            blobs.Add(blob);
            commitments.Add(commitment);
            proofs.Add(proof);
        }

        Assert.True(Kzg.VerifyBlobProofBatch(blobs, commitments, proofs));
        Assert.True(Kzg.VerifyBlobProofBatch([], [], []));
        Assert.False(Kzg.VerifyBlobProofBatch(blobs, commitments, [.. proofs.Take(2)]));

        byte[] changed = blobs[1].ToArray();
        changed[12345] ^= 1;
        blobs[1] = changed;
        Assert.False(Kzg.VerifyBlobProof(changed, commitments[1].Span, proofs[1].Span));
        Assert.False(Kzg.VerifyBlobProofBatch(blobs, commitments, proofs));
    }

    [Fact]
    public void A_blob_is_recovered_from_any_half_of_its_cells()
    {
        byte[] blob = Blob(5), cells = new byte[128 * Kzg.CellLength], proofs = new byte[128 * Kzg.ProofLength], commitment = new byte[48];
        Assert.True(Kzg.TryComputeCellsAndProofs(blob, cells, proofs));
        Assert.True(Kzg.TryBlobToCommitment(blob, commitment));
        Assert.True(cells.AsSpan(0, blob.Length).SequenceEqual(blob));

        ulong[] indices = [.. Enumerable.Range(0, 128).Where(i => i % 3 != 0).Take(64).Select(i => (ulong)i)];
        ReadOnlyMemory<byte>[] known = [.. indices.Select(i => (ReadOnlyMemory<byte>)cells.AsMemory((int)i * Kzg.CellLength, Kzg.CellLength))];
        ReadOnlyMemory<byte>[] knownProofs = [.. indices.Select(i => (ReadOnlyMemory<byte>)proofs.AsMemory((int)i * Kzg.ProofLength, Kzg.ProofLength))];
        ReadOnlyMemory<byte>[] commitments = [.. indices.Select(_ => (ReadOnlyMemory<byte>)commitment)];
        Assert.True(Kzg.VerifyCellProofBatch(commitments, indices, known, knownProofs));

        byte[] recoveredCells = new byte[cells.Length], recoveredProofs = new byte[proofs.Length];
        Assert.True(Kzg.TryRecoverCellsAndProofs(indices, known, recoveredCells, recoveredProofs));
        Assert.True(recoveredCells.AsSpan().SequenceEqual(cells));
        Assert.True(recoveredProofs.AsSpan().SequenceEqual(proofs));

        Assert.False(Kzg.TryRecoverCellsAndProofs(indices[1..], known[1..], recoveredCells, recoveredProofs));
        Assert.False(Kzg.TryRecoverCellsAndProofs([.. indices.Reverse()], known, recoveredCells, recoveredProofs));
        Assert.False(Kzg.TryRecoverCellsAndProofs([.. indices[..63], 128], known, recoveredCells, recoveredProofs));
        (knownProofs[3], knownProofs[4]) = (knownProofs[4], knownProofs[3]);
        Assert.False(Kzg.VerifyCellProofBatch(commitments, indices, known, knownProofs));
    }

    [Fact]
    public void Malformed_lengths_are_refused()
    {
        byte[] point = new byte[48], field = new byte[32];
        point[0] = 0xc0;
        Assert.True(Kzg.VerifyKzgProof(point, field, field, point));
        Assert.False(Kzg.VerifyKzgProof(point.AsSpan(1), field, field, point));
        Assert.False(Kzg.VerifyKzgProof(point, field.AsSpan(1), field, point));
        Assert.False(Kzg.VerifyKzgProof(point, field, new byte[33], point));
        Assert.False(Kzg.VerifyKzgProof(point, field, field, []));
        Assert.False(Kzg.TryBlobToCommitment(new byte[131071], point));
    }

    static byte[] Blob(int seed)
    {
        var blob = new byte[Kzg.BlobLength];
        new Random(seed).NextBytes(blob);
        for (int i = 0; i < blob.Length; i += 32) blob[i] = 0;
        return blob;
    }
}
