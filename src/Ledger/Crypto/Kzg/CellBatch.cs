using System.Runtime.InteropServices;

namespace Hufu.Crypto;

/// <summary>
/// Cells to be verified together by one pairing equation, the "universal verification equation" of EIP-7594:
/// e(Σ r^k·π_k, [τ^64]G2) = e(Σ r^k·(C_k - [I_k(τ)]G1 + h_k^64·π_k), G2), with I_k the polynomial through cell k's values.
/// </summary>
sealed class CellBatch(
    IReadOnlyList<ReadOnlyMemory<byte>> commitments, IReadOnlyList<ulong> cellIndices,
    IReadOnlyList<ReadOnlyMemory<byte>> cells, IReadOnlyList<ReadOnlyMemory<byte>> proofs)
{
    public delegate bool PointReader(ReadOnlySpan<byte> bytes, out AffinePoint<BlsFp> point);

    readonly List<AffinePoint<BlsFp>> _distinctCommitments = [];
    readonly List<ReadOnlyMemory<byte>> _distinctBytes = [];
    readonly int[] _commitmentOf = new int[cells.Count];
    readonly AffinePoint<BlsFp>[] _proofs = new AffinePoint<BlsFp>[cells.Count];
    readonly BlsFr[] _values = new BlsFr[cells.Count * CellLayout.FieldElementsPerCell];

    /// <summary>False for malformed commitments, proofs, cells or indices.</summary>
    public bool TryRead(PointReader readPoint)
    {
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int k = 0; k < cells.Count; k++)
        {
            if (cellIndices[k] >= CellLayout.CellCount) return false;
            string key = Convert.ToHexString(commitments[k].Span);
            if (!known.TryGetValue(key, out _commitmentOf[k]))
            {
                if (!readPoint(commitments[k].Span, out AffinePoint<BlsFp> commitment)) return false;
                known[key] = _commitmentOf[k] = _distinctCommitments.Count;
                _distinctCommitments.Add(commitment);
                _distinctBytes.Add(commitments[k]);
            }

            if (!readPoint(proofs[k].Span, out _proofs[k])) return false;
            Span<BlsFr> values = _values.AsSpan(k * CellLayout.FieldElementsPerCell, CellLayout.FieldElementsPerCell);
            if (!CellLayout.TryRead(cells[k].Span, values)) return false;
        }
        return true;
    }

    /// <summary>The two points of G1 in the equation.</summary>
    public void Combine(out JacobianPoint<BlsFp> left, out JacobianPoint<BlsFp> right)
    {
        BlsFr[] weights = KzgChallenge.PowersForCells(_distinctBytes, _commitmentOf, cellIndices, cells, proofs);
        BlsMultiExponentiation.Sum(_proofs, weights, out left);

        const int Degree = CellLayout.FieldElementsPerCell;
        int distinct = _distinctCommitments.Count;
        var points = new AffinePoint<BlsFp>[distinct + Degree + cells.Count];
        var scalars = new BlsFr[points.Length];

        CollectionsMarshal.AsSpan(_distinctCommitments).CopyTo(points);
        TrustedSetup.CellPowers.CopyTo(points.AsSpan(distinct));
        _proofs.CopyTo(points.AsSpan(distinct + Degree));

        for (int k = 0; k < cells.Count; k++)
        {
            ref BlsFr commitmentWeight = ref scalars[_commitmentOf[k]];
            BlsFr.Add(commitmentWeight, weights[k], out commitmentWeight);
            BlsFr.Multiply(weights[k], CellLayout.CosetPower((int)cellIndices[k]), out scalars[distinct + Degree + k]);
        }
        SubtractInterpolations(weights, scalars.AsSpan(distinct, Degree));

        BlsMultiExponentiation.Sum(points, scalars, out right);
    }

    /// <summary>Takes Σ r^k·I_k from the coefficients; cells in the same place of their blobs are summed first and interpolated once.</summary>
    void SubtractInterpolations(ReadOnlySpan<BlsFr> weights, Span<BlsFr> coefficients)
    {
        const int Degree = CellLayout.FieldElementsPerCell;
        var columns = new BlsFr[]?[CellLayout.CellCount];
        for (int k = 0; k < cells.Count; k++)
        {
            BlsFr[] column = columns[cellIndices[k]] ??= new BlsFr[Degree];
            for (int i = 0; i < Degree; i++)
            {
                BlsFr.Multiply(_values[k * Degree + i], weights[k], out BlsFr t);
                BlsFr.Add(column[i], t, out column[i]);
            }
        }

        for (int cell = 0; cell < columns.Length; cell++)
        {
            if (columns[cell] is not { } column) continue;
            BitReversal.Permute<BlsFr>(column);
            Fft.Inverse(column);
            BlsFr.Invert(CellLayout.CosetShift(cell), out BlsFr inverseShift);
            Fft.MultiplyByPowers(column, inverseShift);
            for (int i = 0; i < Degree; i++) BlsFr.Subtract(coefficients[i], column[i], out coefficients[i]);
        }
    }
}
