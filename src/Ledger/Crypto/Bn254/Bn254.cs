namespace Hufu.Crypto;

/// <summary>
/// The precompiled contracts on alt_bn128: addition and scalar multiplication in G1 (EIP-196) and the pairing check (EIP-197).
/// Numbers are 32 bytes, big-endian; points of G1 are x ‖ y, of G2 x ‖ y with the imaginary part of each coordinate first;
/// zeros are the point at infinity.
/// </summary>
public static class Bn254
{
    const int G1Length = 64, G2Length = 128, PairLength = G1Length + G2Length;

    /// <summary>The sum of two points of G1 (address 0x06).</summary>
    /// <param name="input">Two points, 128 bytes; as in call data, what is missing is zero and what exceeds is ignored.</param>
    /// <param name="output">64 bytes for the sum.</param>
    /// <returns>False for a coordinate not below p or a point off the curve; the output is then not written.</returns>
    public static bool TryAdd(ReadOnlySpan<byte> input, Span<byte> output)
    {
        Span<byte> padded = stackalloc byte[2 * G1Length];
        Pad(input, padded);
        if (!BnCurve.TryReadG1(padded, out AffinePoint<BnFp> a) || !BnCurve.TryReadG1(padded[G1Length..], out AffinePoint<BnFp> b))
            return false;

        AffinePoint<BnFp>.Add(a, b, out AffinePoint<BnFp> sum);
        BnCurve.WriteG1(sum, output);
        return true;
    }

    /// <summary>A scalar times a point of G1 (address 0x07).</summary>
    /// <param name="input">A point and a scalar of any size, 96 bytes; as in call data, what is missing is zero and what exceeds is ignored.</param>
    /// <param name="output">64 bytes for the product.</param>
    /// <returns>False for a coordinate not below p or a point off the curve; the output is then not written.</returns>
    public static bool TryMultiply(ReadOnlySpan<byte> input, Span<byte> output)
    {
        Span<byte> padded = stackalloc byte[G1Length + 32];
        Pad(input, padded);
        if (!BnCurve.TryReadG1(padded, out AffinePoint<BnFp> point)) return false;

        BnScalarMultiplication.Multiply(point, padded[G1Length..], out JacobianPoint<BnFp> product);
        product.ToAffine(out AffinePoint<BnFp> affine);
        BnCurve.WriteG1(affine, output);
        return true;
    }

    /// <summary>Whether the product of the pairings of all pairs is one (address 0x08). No pairs give one.</summary>
    /// <param name="input">Pairs of a point of G1 and a point of G2, 192 bytes each.</param>
    /// <param name="isOne">The answer.</param>
    /// <returns>False for a length that is no multiple of 192, a coordinate not below p, or a point outside its group.</returns>
    public static bool TryPairing(ReadOnlySpan<byte> input, out bool isOne)
    {
        isOne = false;
        if (input.Length % PairLength != 0) return false;

        int pairs = input.Length / PairLength;
        var ps = new AffinePoint<BnFp>[pairs];
        var qs = new AffinePoint<BnFp2>[pairs];
        for (int k = 0; k < pairs; k++)
        {
            ReadOnlySpan<byte> pair = input.Slice(k * PairLength, PairLength);
            if (!BnCurve.TryReadG1(pair, out ps[k]) || !BnCurve.TryReadG2(pair[G1Length..], out qs[k])) return false;
        }

        isOne = BnPairing.IsProductOne(ps, qs);
        return true;
    }

    static void Pad(ReadOnlySpan<byte> input, Span<byte> padded)
    {
        ReadOnlySpan<byte> used = input[..Math.Min(input.Length, padded.Length)];
        used.CopyTo(padded);
        padded[used.Length..].Clear();
    }
}
