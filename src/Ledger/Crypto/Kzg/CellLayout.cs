namespace Hufu.Crypto;

/// <summary>How EIP-7594 cuts an extended blob, the values at 8192 roots of unity in bit-reversed order, into cells.</summary>
static class CellLayout
{
    public const int ExtendedSize = 8192, FieldElementsPerCell = 64, CellCount = ExtendedSize / FieldElementsPerCell;
    public const int BytesPerCell = FieldElementsPerCell * 32;

    /// <summary>h, where the cell's values stand at h times the 64th roots of unity.</summary>
    public static ref readonly BlsFr CosetShift(int cell) => ref Fft.Root(ExtendedSize, BitReversal.Of(cell, CellCount));

    /// <summary>h^64, at which the cell's vanishing polynomial X^64 - h^64 is told apart.</summary>
    public static ref readonly BlsFr CosetPower(int cell) => ref Fft.Root(CellCount, BitReversal.Of(cell, CellCount));

    public static bool TryRead(ReadOnlySpan<byte> cell, Span<BlsFr> values)
    {
        if (cell.Length != BytesPerCell) return false;
        for (int i = 0; i < FieldElementsPerCell; i++)
            if (!BlsFr.TryRead(cell.Slice(32 * i, 32), out values[i])) return false;
        return true;
    }

    public static void Write(ReadOnlySpan<BlsFr> values, Span<byte> bytes)
    {
        for (int i = 0; i < values.Length; i++) values[i].Write(bytes[(32 * i)..]);
    }

    /// <summary>All values of the polynomial, in the order of the cells.</summary>
    public static BlsFr[] Extend(ReadOnlySpan<BlsFr> coefficients)
    {
        var values = new BlsFr[ExtendedSize];
        coefficients.CopyTo(values);
        Fft.Forward(values);
        BitReversal.Permute<BlsFr>(values);
        return values;
    }
}
