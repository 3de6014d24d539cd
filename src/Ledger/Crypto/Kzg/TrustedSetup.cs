namespace Hufu.Crypto;

/// <summary>
/// The public output of the KZG ceremony of 2023: powers of a secret τ in the groups, as compressed points in an embedded resource
/// (4096 points of G1 in Lagrange form, 65 powers in G2, 4096 powers in G1). They were checked by the ceremony and are not checked again.
/// Each part is decompressed when it is first asked for; checking a proof needs one point only.
/// </summary>
static class TrustedSetup
{
    public const int Size = 4096, PowersInG2 = 65;

    const int G2Offset = Size * BlsEncoding.CompressedG1Length;
    const int MonomialOffset = G2Offset + PowersInG2 * BlsEncoding.CompressedG2Length;

    static readonly Lazy<BlsFixedLines> LazyLinesOfTau = new(() => new BlsFixedLines(BlsCurve.G2, ReadG2(1)));
    static readonly Lazy<BlsFixedLines> LazyLinesOfCells = new(() => new BlsFixedLines(BlsCurve.G2, ReadG2(CellLayout.FieldElementsPerCell)));
    static readonly Lazy<AffinePoint<BlsFp>[]> LazyLagrange = new(ReadLagrange);
    static readonly Lazy<AffinePoint<BlsFp>[]> LazyCellPowers = new(() => ReadG1(MonomialOffset, CellLayout.FieldElementsPerCell));

    /// <summary>The lines of G2 and [τ]G2.</summary>
    public static BlsFixedLines LinesOfTau => LazyLinesOfTau.Value;

    /// <summary>The lines of G2 and [τ^64]G2.</summary>
    public static BlsFixedLines LinesOfCells => LazyLinesOfCells.Value;

    /// <summary>[L_i(τ)]G1 for the roots of unity in bit-reversed order, as blobs hold their values.</summary>
    public static ReadOnlySpan<AffinePoint<BlsFp>> Lagrange => LazyLagrange.Value;

    /// <summary>[τ^i]G1 for i below 64.</summary>
    public static ReadOnlySpan<AffinePoint<BlsFp>> CellPowers => LazyCellPowers.Value;

    /// <summary>[τ^i]G1 for i below 4096; read anew at each call.</summary>
    public static AffinePoint<BlsFp>[] ReadPowers() => ReadG1(MonomialOffset, Size);

    static AffinePoint<BlsFp>[] ReadLagrange()
    {
        AffinePoint<BlsFp>[] points = ReadG1(0, Size);
        BitReversal.Permute<AffinePoint<BlsFp>>(points);
        return points;
    }

    static AffinePoint<BlsFp>[] ReadG1(int offset, int count)
    {
        byte[] bytes = Read(offset, count * BlsEncoding.CompressedG1Length);
        var points = new AffinePoint<BlsFp>[count];
        for (int i = 0; i < count; i++)
            if (!BlsEncoding.TryDecompressG1(bytes.AsSpan(i * BlsEncoding.CompressedG1Length), out points[i])) throw Damaged();
        return points;
    }

    static AffinePoint<BlsFp2> ReadG2(int power)
    {
        byte[] bytes = Read(G2Offset + power * BlsEncoding.CompressedG2Length, BlsEncoding.CompressedG2Length);
        return BlsEncoding.TryDecompressG2(bytes, out AffinePoint<BlsFp2> point) ? point : throw Damaged();
    }

    static byte[] Read(int offset, int length)
    {
        using Stream resource = typeof(TrustedSetup).Assembly.GetManifestResourceStream("Hufu.Crypto.trusted_setup.bin") ?? throw Damaged();
        resource.Position = offset;
        var bytes = new byte[length];
        resource.ReadExactly(bytes);
        return bytes;
    }

    static InvalidDataException Damaged() => new("the KZG trusted setup inside Hufu.Crypto is damaged: install Hufu again");
}
