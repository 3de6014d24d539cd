namespace Hufu.Crypto;

/// <summary>
/// The byte forms of points: EIP-2537's, of 64-byte big-endian field elements, and the compressed form of the BLS signature
/// specification (draft-irtf-cfrg-pairing-friendly-curves, appendix C), whose top three bits tell compression, infinity and sign.
/// </summary>
static class BlsEncoding
{
    public const int FpLength = 64, G1Length = 2 * FpLength, G2Length = 4 * FpLength;
    public const int CompressedG1Length = 48, CompressedG2Length = 96;

    const byte CompressedFlag = 0x80, InfinityFlag = 0x40, SignFlag = 0x20;

    /// <summary>Reads 64 bytes; false unless the first 16 are zero and the rest is below p.</summary>
    public static bool TryReadFp(ReadOnlySpan<byte> bytes, out BlsFp element) =>
        BlsFp.TryRead(bytes[16..FpLength], out element) && !bytes[..16].ContainsAnyExcept((byte)0);

    public static bool TryReadFp2(ReadOnlySpan<byte> bytes, out BlsFp2 element) =>
        TryReadFp(bytes, out element.C0) & TryReadFp(bytes[FpLength..], out element.C1);

    /// <summary>Reads 128 bytes; false for a malformed coordinate or a point off the curve. The subgroup is not checked.</summary>
    public static bool TryReadG1(ReadOnlySpan<byte> bytes, out AffinePoint<BlsFp> point) =>
        TryReadFp(bytes, out point.X) & TryReadFp(bytes[FpLength..], out point.Y) && point.IsOnCurve(BlsCurve.B);

    /// <summary>Reads 256 bytes; false for a malformed coordinate or a point off the curve. The subgroup is not checked.</summary>
    public static bool TryReadG2(ReadOnlySpan<byte> bytes, out AffinePoint<BlsFp2> point) =>
        TryReadFp2(bytes, out point.X) & TryReadFp2(bytes[(2 * FpLength)..], out point.Y) && point.IsOnCurve(BlsCurve.TwistB);

    public static void WriteG1(in JacobianPoint<BlsFp> point, Span<byte> bytes)
    {
        point.ToAffine(out AffinePoint<BlsFp> affine);
        WriteG1(affine, bytes);
    }

    public static void WriteG1(in AffinePoint<BlsFp> affine, Span<byte> bytes)
    {
        WriteFp(affine.X, bytes);
        WriteFp(affine.Y, bytes[FpLength..]);
    }

    public static void WriteG2(in JacobianPoint<BlsFp2> point, Span<byte> bytes)
    {
        point.ToAffine(out AffinePoint<BlsFp2> affine);
        WriteG2(affine, bytes);
    }

    public static void WriteG2(in AffinePoint<BlsFp2> affine, Span<byte> bytes)
    {
        WriteFp(affine.X.C0, bytes);
        WriteFp(affine.X.C1, bytes[FpLength..]);
        WriteFp(affine.Y.C0, bytes[(2 * FpLength)..]);
        WriteFp(affine.Y.C1, bytes[(3 * FpLength)..]);
    }

    static void WriteFp(in BlsFp element, Span<byte> bytes)
    {
        bytes[..16].Clear();
        element.Write(bytes[16..]);
    }

    /// <summary>Reads a compressed point of 48 bytes; false for anything but the one valid form of a point on the curve. The subgroup is not checked.</summary>
    public static bool TryDecompressG1(ReadOnlySpan<byte> bytes, out AffinePoint<BlsFp> point)
    {
        point = default;
        Span<byte> x = stackalloc byte[48];
        if (!TryReadFlags(bytes[..CompressedG1Length], x, out bool isInfinity, out bool isLargest)) return false;
        if (isInfinity) return true;
        if (!BlsFp.TryRead(x, out point.X)) return false;

        BlsFp.Square(point.X, out BlsFp right);
        BlsFp.Multiply(right, point.X, out right);
        BlsFp.Add(right, BlsCurve.B, out right);
        if (!BlsSquareRoot.TryTake(right, out point.Y)) return false;
        if (point.Y.IsLexicographicallyLargest != isLargest) BlsFp.Negate(point.Y, out point.Y);
        return true;
    }

    /// <summary>Reads a compressed point of 96 bytes, the imaginary part of x first; otherwise as <see cref="TryDecompressG1"/>.</summary>
    public static bool TryDecompressG2(ReadOnlySpan<byte> bytes, out AffinePoint<BlsFp2> point)
    {
        point = default;
        Span<byte> x = stackalloc byte[CompressedG2Length];
        if (!TryReadFlags(bytes[..CompressedG2Length], x, out bool isInfinity, out bool isLargest)) return false;
        if (isInfinity) return true;
        if (!(BlsFp.TryRead(x, out point.X.C1) & BlsFp.TryRead(x[48..], out point.X.C0))) return false;

        BlsFp2.Square(point.X, out BlsFp2 right);
        BlsFp2.Multiply(right, point.X, out right);
        BlsFp2.Add(right, BlsCurve.TwistB, out right);
        if (!BlsSquareRoot.TryTake(right, out point.Y)) return false;
        bool largest = point.Y.C1.IsZero ? point.Y.C0.IsLexicographicallyLargest : point.Y.C1.IsLexicographicallyLargest;
        if (largest != isLargest) BlsFp2.Negate(point.Y, out point.Y);
        return true;
    }

    /// <summary>Writes 48 bytes.</summary>
    public static void CompressG1(in AffinePoint<BlsFp> point, Span<byte> bytes)
    {
        point.X.Write(bytes);
        bytes[0] |= CompressedFlag;
        if (point.IsInfinity) bytes[0] |= InfinityFlag;
        else if (point.Y.IsLexicographicallyLargest) bytes[0] |= SignFlag;
    }

    /// <summary>Takes the flags off the first byte; false for an uncompressed form or an infinity with other bits set.</summary>
    static bool TryReadFlags(ReadOnlySpan<byte> bytes, Span<byte> x, out bool isInfinity, out bool isLargest)
    {
        byte flags = bytes[0];
        isInfinity = (flags & InfinityFlag) != 0;
        isLargest = (flags & SignFlag) != 0;
        bytes.CopyTo(x);
        x[0] &= 0x1f;
        if ((flags & CompressedFlag) == 0) return false;
        return !isInfinity || (!isLargest && !x.ContainsAnyExcept((byte)0));
    }
}
