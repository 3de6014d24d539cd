using Hufu.Crypto;
using Xunit;

namespace Hufu.SpecTests;

public class KzgVectorTests
{
    [Fact]
    public void Point_proofs_agree_with_the_vectors_of_EIP_4844() =>
        KzgVectors.Check("verify_kzg_proof", vector => MalformedOr(vector, Kzg.VerifyKzgProof(
            vector.Bytes("commitment"), vector.Bytes("z"), vector.Bytes("y"), vector.Bytes("proof"))));

    [Fact]
    public void Blob_proofs_agree_with_the_vectors_of_EIP_4844() =>
        KzgVectors.Check("verify_blob_kzg_proof", vector => MalformedOr(vector, Kzg.VerifyBlobProof(
            vector.Bytes("blob"), vector.Bytes("commitment"), vector.Bytes("proof"))));

    [Fact]
    public void Commitments_agree_with_the_vectors_of_EIP_4844() =>
        KzgVectors.Check("blob_to_kzg_commitment", vector =>
        {
            var commitment = new byte[Kzg.CommitmentLength];
            return Kzg.TryBlobToCommitment(vector.Bytes("blob"), commitment) ? [KzgVectors.ToHex(commitment)] : ["null"];
        });

    [Fact]
    public void Computed_proofs_agree_with_the_vectors_of_EIP_4844() =>
        KzgVectors.Check("compute_kzg_proof", vector =>
        {
            byte[] proof = new byte[Kzg.ProofLength], y = new byte[Kzg.FieldElementLength];
            return Kzg.TryComputeProof(vector.Bytes("blob"), vector.Bytes("z"), proof, y)
                ? [KzgVectors.ToHex(proof), KzgVectors.ToHex(y)] : ["null"];
        });

    [Fact]
    public void Computed_blob_proofs_agree_with_the_vectors_of_EIP_4844() =>
        KzgVectors.Check("compute_blob_kzg_proof", vector =>
        {
            var proof = new byte[Kzg.ProofLength];
            return Kzg.TryComputeBlobProof(vector.Bytes("blob"), vector.Bytes("commitment"), proof) ? [KzgVectors.ToHex(proof)] : ["null"];
        });

    [Fact]
    public void Cells_and_their_proofs_agree_with_the_vectors_of_EIP_7594() =>
        KzgVectors.Check("compute_cells_and_kzg_proofs", vector =>
        {
            byte[] cells = new byte[Kzg.CellsPerBlob * Kzg.CellLength], proofs = new byte[Kzg.CellsPerBlob * Kzg.ProofLength];
            if (!Kzg.TryComputeCellsAndProofs(vector.Bytes("blob"), cells, proofs)) return ["null"];
            return [.. cells.Chunk(Kzg.CellLength).Concat(proofs.Chunk(Kzg.ProofLength)).Select(bytes => KzgVectors.ToHex(bytes))];
        });

    [Fact]
    public void Batches_of_cells_agree_with_the_vectors_of_EIP_7594() =>
        KzgVectors.Check("verify_cell_kzg_proof_batch", vector => MalformedOr(vector, Kzg.VerifyCellProofBatch(
            vector.List("commitments"), vector.Numbers("cell_indices"), vector.List("cells"), vector.List("proofs"))));

    [Fact]
    public void The_precompiled_contract_agrees_with_its_vectors() =>
        PrecompileVectors.Check("precompiles/pointEvaluation.json", input =>
        {
            var hash = new byte[32];
            Kzg.VersionedHash(input.AsSpan(96, 48), hash);
            bool isProven = Kzg.VerifyKzgProof(input.AsSpan(96, 48), input.AsSpan(32, 32), input.AsSpan(64, 32), input.AsSpan(144, 48));
            if (!isProven || !hash.AsSpan().SequenceEqual(input.AsSpan(0, 32))) return null;
            return Convert.FromHexString(
                "0000000000000000000000000000000000000000000000000000000000001000" +
                "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001");
        });

    /// <summary>Hufu answers false to malformed input, where the vectors expect a failed call: either is a refusal.</summary>
    static string[] MalformedOr(KzgVectors vector, bool answer) =>
        [answer ? "true" : vector.Output[0] == "null" ? "null" : "false"];
}
