namespace Hufu.Crypto;

/// <summary>
/// The proofs of all 128 cells at once (Feist and Khovratovich, "Fast amortized KZG proofs", 2023). The quotient of p by X^64 - a has the
/// commitment Σ_j a^j·H_j with H_j = Σ_i p_(i+64(j+1))·[τ^i]G1. The H_j are a convolution for each residue i mod 64, done by Fourier
/// transforms of 128 points; the cells' a are the 128th roots of unity, so one more transform gives all proofs.
/// </summary>
static class CellProofs
{
    const int Residues = CellLayout.FieldElementsPerCell, Order = CellLayout.CellCount, Terms = BlobPolynomial.Size / Residues;

    /// <summary>[i·64 + t]: value i of the transform of the powers ≡ t mod 64, reversed. Worked out at the first call, seconds of work, unless <see cref="Prepare"/> came before.</summary>
    static readonly Lazy<AffinePoint<BlsFp>[]> TransformedSetup = new(TransformSetup);

    public static void Prepare() => _ = TransformedSetup.Value;

    public static AffinePoint<BlsFp>[] Compute(ReadOnlySpan<BlsFr> coefficients)
    {
        BlsFr[] scalars = TransformCoefficients(coefficients);
        AffinePoint<BlsFp>[] setup = TransformedSetup.Value;

        var points = new JacobianPoint<BlsFp>[Order];
        for (int i = 0; i < Order; i++)
            BlsMultiExponentiation.Sum(setup.AsSpan(i * Residues, Residues), scalars.AsSpan(i * Residues, Residues), out points[i]);

        PointFft.Inverse(points);
        var quotients = new JacobianPoint<BlsFp>[Order];
        points.AsSpan(Terms - 1, Terms - 1).CopyTo(quotients);
        PointFft.Forward(quotients);
        BitReversal.Permute<JacobianPoint<BlsFp>>(quotients);

        var proofs = new AffinePoint<BlsFp>[Order];
        JacobianPoint<BlsFp>.ToAffine(quotients, proofs);
        return proofs;
    }

    /// <summary>[i·64 + t]: value i of the transform of the coefficients ≡ t mod 64, over 128, which the inverse transform of points leaves out.</summary>
    static BlsFr[] TransformCoefficients(ReadOnlySpan<BlsFr> coefficients)
    {
        BlsFr.Invert(BlsFr.FromUInt64(Order), out BlsFr scale);
        var transformed = new BlsFr[Order * Residues];
        var row = new BlsFr[Order];
        for (int t = 0; t < Residues; t++)
        {
            Array.Clear(row);
            for (int m = 0; m < Terms; m++) BlsFr.Multiply(coefficients[m * Residues + t], scale, out row[m]);
            Fft.Forward(row);
            for (int i = 0; i < Order; i++) transformed[i * Residues + t] = row[i];
        }
        return transformed;
    }

    static AffinePoint<BlsFp>[] TransformSetup()
    {
        AffinePoint<BlsFp>[] powers = TrustedSetup.ReadPowers();
        var transformed = new JacobianPoint<BlsFp>[Order * Residues];
        Parallel.For(0, Residues, t =>
        {
            var row = new JacobianPoint<BlsFp>[Order];
            for (int m = 0; m < Terms - 1; m++) row[m] = new JacobianPoint<BlsFp>(powers[(Terms - 2 - m) * Residues + t]);
            PointFft.Forward(row);
            for (int i = 0; i < Order; i++) transformed[i * Residues + t] = row[i];
        });

        var affine = new AffinePoint<BlsFp>[transformed.Length];
        JacobianPoint<BlsFp>.ToAffine(transformed, affine);
        return affine;
    }
}
