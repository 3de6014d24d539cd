namespace Hufu.Crypto;

/// <summary>A polynomial below degree 4096 from half or more of its values at 8192 points (recover_polynomialcoeff).</summary>
static class CellRecovery
{
    /// <summary>
    /// With Z the polynomial that vanishes on the missing cells, (p·Z) is known everywhere: dividing it by Z on a coset gives p.
    /// </summary>
    /// <param name="values">All values in the order of cells, the missing ones zero. Overwritten.</param>
    /// <param name="isKnown">Which cells are known, at least half.</param>
    /// <param name="coefficients">The 4096 coefficients.</param>
    /// <returns>False where the known values belong to no polynomial below degree 4096.</returns>
    public static bool TryRecover(Span<BlsFr> values, ReadOnlySpan<bool> isKnown, out BlsFr[] coefficients)
    {
        BlsFr[] vanishing = VanishingPolynomial(isKnown);
        var vanishingValues = (BlsFr[])vanishing.Clone();
        Fft.Forward(vanishingValues);

        BitReversal.Permute(values);
        for (int i = 0; i < values.Length; i++) BlsFr.Multiply(values[i], vanishingValues[i], out values[i]);
        Fft.Inverse(values);

        Fft.ForwardOnCoset(values);
        Fft.ForwardOnCoset(vanishing);
        BatchInverse.Invert<BlsFr>(vanishing);
        for (int i = 0; i < values.Length; i++) BlsFr.Multiply(values[i], vanishing[i], out values[i]);
        Fft.InverseOnCoset(values);

        coefficients = values[..BlobPolynomial.Size].ToArray();
        foreach (ref readonly BlsFr high in values[BlobPolynomial.Size..])
            if (!high.IsZero) return false;
        return true;
    }

    /// <summary>Π (X^64 - h^64) over the missing cells, as 8192 coefficients.</summary>
    static BlsFr[] VanishingPolynomial(ReadOnlySpan<bool> isKnown)
    {
        var inPowersOf64 = new BlsFr[CellLayout.CellCount + 1];
        inPowersOf64[0] = BlsFr.One;
        int degree = 0;
        for (int cell = 0; cell < isKnown.Length; cell++)
        {
            if (isKnown[cell]) continue;
            degree++;
            for (int i = degree; i >= 0; i--)
            {
                BlsFr.Multiply(inPowersOf64[i], CellLayout.CosetPower(cell), out BlsFr t);
                BlsFr lower = i > 0 ? inPowersOf64[i - 1] : default;
                BlsFr.Subtract(lower, t, out inPowersOf64[i]);
            }
        }

        var polynomial = new BlsFr[CellLayout.ExtendedSize];
        for (int i = 0; i <= degree; i++) polynomial[i * CellLayout.FieldElementsPerCell] = inPowersOf64[i];
        return polynomial;
    }
}
