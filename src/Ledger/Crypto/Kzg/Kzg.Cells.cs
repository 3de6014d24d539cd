namespace Hufu.Crypto;

/// <content>Cells of an extended blob and their proofs (EIP-7594).</content>
public static partial class Kzg
{
    /// <summary>Works out, on all cores, what the first proofs of cells would else wait seconds for. For whoever will make some, before they are asked for.</summary>
    public static void PrepareCellProofs() => CellProofs.Prepare();

    /// <summary>Writes the 128 cells of a blob, 262144 bytes (compute_cells).</summary>
    public static bool TryComputeCells(ReadOnlySpan<byte> blob, Span<byte> cells)
    {
        if (BlobPolynomial.TryRead(blob) is not { } polynomial) return false;
        CellLayout.Write(CellLayout.Extend(polynomial.ToCoefficients()), cells);
        return true;
    }

    /// <summary>Writes the 128 cells of a blob, 262144 bytes, and their proofs, 6144 bytes (compute_cells_and_kzg_proofs).</summary>
    public static bool TryComputeCellsAndProofs(ReadOnlySpan<byte> blob, Span<byte> cells, Span<byte> proofs)
    {
        if (BlobPolynomial.TryRead(blob) is not { } polynomial) return false;
        WriteCellsAndProofs(polynomial.ToCoefficients(), cells, proofs);
        return true;
    }

    /// <summary>Writes all 128 cells and proofs of a blob of which at least 64 cells are known (recover_cells_and_kzg_proofs).</summary>
    /// <param name="cellIndices">Which cells are known, ascending.</param>
    /// <param name="knownCells">As many cells.</param>
    /// <param name="cells">262144 bytes.</param>
    /// <param name="proofs">6144 bytes.</param>
    /// <returns>False for too few cells, indices out of range or order, or malformed cells.</returns>
    public static bool TryRecoverCellsAndProofs(
        IReadOnlyList<ulong> cellIndices, IReadOnlyList<ReadOnlyMemory<byte>> knownCells, Span<byte> cells, Span<byte> proofs)
    {
        if (cellIndices.Count != knownCells.Count || cellIndices.Count < CellsPerBlob / 2 || cellIndices.Count > CellsPerBlob) return false;

        var values = new BlsFr[CellLayout.ExtendedSize];
        var isKnown = new bool[CellsPerBlob];
        for (int k = 0; k < cellIndices.Count; k++)
        {
            ulong index = cellIndices[k];
            if (index >= CellsPerBlob || (k > 0 && index <= cellIndices[k - 1])) return false;
            isKnown[index] = true;
            Span<BlsFr> target = values.AsSpan((int)index * CellLayout.FieldElementsPerCell, CellLayout.FieldElementsPerCell);
            if (!CellLayout.TryRead(knownCells[k].Span, target)) return false;
        }

        if (!CellRecovery.TryRecover(values, isKnown, out BlsFr[] coefficients)) return false;
        WriteCellsAndProofs(coefficients, cells, proofs);
        return true;
    }

    /// <summary>Whether every cell belongs to its commitment (verify_cell_kzg_proof_batch). No cells at all are right.</summary>
    /// <param name="commitments">One for each cell; equal ones may recur.</param>
    /// <param name="cellIndices">Each cell's place in its blob, below 128.</param>
    /// <param name="cells">The cells.</param>
    /// <param name="proofs">One for each cell.</param>
    public static bool VerifyCellProofBatch(
        IReadOnlyList<ReadOnlyMemory<byte>> commitments, IReadOnlyList<ulong> cellIndices,
        IReadOnlyList<ReadOnlyMemory<byte>> cells, IReadOnlyList<ReadOnlyMemory<byte>> proofs)
    {
        int count = cells.Count;
        if (commitments.Count != count || cellIndices.Count != count || proofs.Count != count) return false;
        if (count == 0) return true;

        var batch = new CellBatch(commitments, cellIndices, cells, proofs);
        if (!batch.TryRead(TryReadPoint)) return false;
        batch.Combine(out JacobianPoint<BlsFp> left, out JacobianPoint<BlsFp> right);
        return ArePairedEqual(right, left, TrustedSetup.LinesOfCells);
    }

    static void WriteCellsAndProofs(ReadOnlySpan<BlsFr> coefficients, Span<byte> cells, Span<byte> proofs)
    {
        CellLayout.Write(CellLayout.Extend(coefficients), cells);
        AffinePoint<BlsFp>[] points = CellProofs.Compute(coefficients);
        for (int i = 0; i < points.Length; i++) BlsEncoding.CompressG1(points[i], proofs[(i * ProofLength)..]);
    }
}
