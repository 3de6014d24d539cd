namespace Hufu.Crypto;

/// <summary>A blob as EIP-4844 understands it: a polynomial below degree 4096, by its values at the roots of unity in bit-reversed order.</summary>
sealed class BlobPolynomial
{
    public const int Size = TrustedSetup.Size, ByteLength = Size * 32;

    readonly BlsFr[] _values;

    BlobPolynomial(BlsFr[] values) => _values = values;

    /// <summary>Refuses a wrong length and any value not below r.</summary>
    public static BlobPolynomial? TryRead(ReadOnlySpan<byte> blob)
    {
        if (blob.Length != ByteLength) return null;
        var values = new BlsFr[Size];
        for (int i = 0; i < Size; i++)
            if (!BlsFr.TryRead(blob.Slice(32 * i, 32), out values[i])) return null;
        return new BlobPolynomial(values);
    }

    public void Commit(out JacobianPoint<BlsFp> commitment) =>
        BlsMultiExponentiation.Sum(TrustedSetup.Lagrange, _values, out commitment);

    public BlsFr[] ToCoefficients()
    {
        var coefficients = (BlsFr[])_values.Clone();
        BitReversal.Permute<BlsFr>(coefficients);
        Fft.Inverse(coefficients);
        return coefficients;
    }

    /// <summary>p(z) by the barycentric formula: (z^n - 1)/n · Σ p_i·ω_i/(z - ω_i).</summary>
    public void Evaluate(in BlsFr z, out BlsFr y)
    {
        var differences = new BlsFr[Size];
        for (int i = 0; i < Size; i++)
        {
            BlsFr.Subtract(z, RootAt(i), out differences[i]);
            if (!differences[i].IsZero) continue;
            y = _values[i];
            return;
        }
        BatchInverse.Invert(differences);

        BlsFr sum = default;
        for (int i = 0; i < Size; i++)
        {
            BlsFr.Multiply(_values[i], RootAt(i), out BlsFr term);
            BlsFr.Multiply(term, differences[i], out term);
            BlsFr.Add(sum, term, out sum);
        }

        FieldPower.Raise(z, [Size], out BlsFr factor);
        BlsFr.Subtract(factor, BlsFr.One, out factor);
        BlsFr.Invert(BlsFr.FromUInt64(Size), out BlsFr inverseSize);
        BlsFr.Multiply(factor, inverseSize, out factor);
        BlsFr.Multiply(sum, factor, out y);
    }

    /// <summary>y = p(z), and the commitment to (p(X) - y)/(X - z), which proves it.</summary>
    public void Prove(in BlsFr z, out BlsFr y, out JacobianPoint<BlsFp> proof)
    {
        Evaluate(z, out y);

        var inverses = new BlsFr[Size];
        int at = -1;
        for (int i = 0; i < Size; i++)
        {
            BlsFr.Subtract(RootAt(i), z, out inverses[i]);
            if (inverses[i].IsZero) at = i;
        }
        BatchInverse.Invert(inverses);

        var quotient = new BlsFr[Size];
        for (int i = 0; i < Size; i++)
        {
            BlsFr.Subtract(_values[i], y, out quotient[i]);
            BlsFr.Multiply(quotient[i], inverses[i], out quotient[i]);
        }
        if (at >= 0) FillQuotientAtRoot(quotient, at, z, y);

        BlsMultiExponentiation.Sum(TrustedSetup.Lagrange, quotient, out proof);
    }

    /// <summary>At z itself, when z is a root of unity: Σ over the other roots of (p_i - y)·ω_i/(z·(z - ω_i)).</summary>
    void FillQuotientAtRoot(BlsFr[] quotient, int at, in BlsFr z, in BlsFr y)
    {
        var denominators = new BlsFr[Size];
        for (int i = 0; i < Size; i++)
        {
            BlsFr.Subtract(z, RootAt(i), out denominators[i]);
            BlsFr.Multiply(denominators[i], z, out denominators[i]);
        }
        BatchInverse.Invert(denominators);

        quotient[at] = default;
        for (int i = 0; i < Size; i++)
        {
            if (i == at) continue;
            BlsFr.Subtract(_values[i], y, out BlsFr term);
            BlsFr.Multiply(term, RootAt(i), out term);
            BlsFr.Multiply(term, denominators[i], out term);
            BlsFr.Add(quotient[at], term, out quotient[at]);
        }
    }

    static ref readonly BlsFr RootAt(int i) => ref Fft.Root(Size, BitReversal.Of(i, Size));
}
