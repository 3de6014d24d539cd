namespace Hufu.Crypto;

/// <summary>
/// The precompiled contracts on BLS12-381 (EIP-2537). Field elements are 64 bytes, big-endian, the first 16 zero; points of G1 are
/// x ‖ y, of G2 x ‖ y with the real part of each coordinate first; zeros are the point at infinity.
/// Every operation returns false for an input of the wrong length, a field element that is malformed or not below p, or a point off
/// its curve, and then leaves the output alone. Addition takes any point of the curve; the others want points of order r.
/// </summary>
public static class Bls12381
{
    const int FpLength = BlsEncoding.FpLength, G1Length = BlsEncoding.G1Length, G2Length = BlsEncoding.G2Length, ScalarLength = 32;

    /// <summary>The sum of two points of G1's curve (address 0x0b): 256 bytes to 128.</summary>
    public static bool TryG1Add(ReadOnlySpan<byte> input, Span<byte> output)
    {
        if (input.Length != 2 * G1Length
            || !BlsEncoding.TryReadG1(input, out AffinePoint<BlsFp> a)
            || !BlsEncoding.TryReadG1(input[G1Length..], out AffinePoint<BlsFp> b)) return false;

        AffinePoint<BlsFp>.Add(a, b, out AffinePoint<BlsFp> sum);
        BlsEncoding.WriteG1(sum, output);
        return true;
    }

    /// <summary>Σ scalar·point in G1 (address 0x0c): pairs of 160 bytes, at least one, to 128. A scalar may exceed r.</summary>
    public static bool TryG1MultiExponentiation(ReadOnlySpan<byte> input, Span<byte> output)
    {
        const int PairLength = G1Length + ScalarLength;
        if (input.IsEmpty || input.Length % PairLength != 0) return false;

        var points = new AffinePoint<BlsFp>[input.Length / PairLength];
        var scalars = new BlsFr[points.Length];
        for (int k = 0; k < points.Length; k++)
        {
            ReadOnlySpan<byte> pair = input.Slice(k * PairLength, PairLength);
            if (!BlsEncoding.TryReadG1(pair, out points[k])) return false;
            scalars[k] = BlsFr.ReadReduced(pair[G1Length..]);
        }
        if (!LaneMembership<BlsFp, FourOfG1>.AreMembers(points)) return false;

        BlsMultiExponentiation.Sum(points, scalars, out JacobianPoint<BlsFp> sum);
        BlsEncoding.WriteG1(sum, output);
        return true;
    }

    /// <summary>The sum of two points of G2's curve (address 0x0d): 512 bytes to 256.</summary>
    public static bool TryG2Add(ReadOnlySpan<byte> input, Span<byte> output)
    {
        if (input.Length != 2 * G2Length
            || !BlsEncoding.TryReadG2(input, out AffinePoint<BlsFp2> a)
            || !BlsEncoding.TryReadG2(input[G2Length..], out AffinePoint<BlsFp2> b)) return false;

        AffinePoint<BlsFp2>.Add(a, b, out AffinePoint<BlsFp2> sum);
        BlsEncoding.WriteG2(sum, output);
        return true;
    }

    /// <summary>Σ scalar·point in G2 (address 0x0e): pairs of 288 bytes, at least one, to 256. A scalar may exceed r.</summary>
    public static bool TryG2MultiExponentiation(ReadOnlySpan<byte> input, Span<byte> output)
    {
        const int PairLength = G2Length + ScalarLength;
        if (input.IsEmpty || input.Length % PairLength != 0) return false;

        var points = new AffinePoint<BlsFp2>[input.Length / PairLength];
        var scalars = new BlsFr[points.Length];
        for (int k = 0; k < points.Length; k++)
        {
            ReadOnlySpan<byte> pair = input.Slice(k * PairLength, PairLength);
            if (!BlsEncoding.TryReadG2(pair, out points[k])) return false;
            scalars[k] = BlsFr.ReadReduced(pair[G2Length..]);
        }
        if (!LaneMembership<BlsFp2, TwoOfG2>.AreMembers(points)) return false;

        BlsMultiExponentiation.Sum(points, scalars, out JacobianPoint<BlsFp2> sum);
        BlsEncoding.WriteG2(sum, output);
        return true;
    }

    /// <summary>Whether the product of the pairings of all pairs is one (address 0x0f): pairs of 384 bytes, at least one.</summary>
    public static bool TryPairing(ReadOnlySpan<byte> input, out bool isOne)
    {
        const int PairLength = G1Length + G2Length;
        isOne = false;
        if (input.IsEmpty || input.Length % PairLength != 0) return false;

        var ps = new AffinePoint<BlsFp>[input.Length / PairLength];
        var qs = new AffinePoint<BlsFp2>[ps.Length];
        for (int k = 0; k < ps.Length; k++)
        {
            ReadOnlySpan<byte> pair = input.Slice(k * PairLength, PairLength);
            if (!BlsEncoding.TryReadG1(pair, out ps[k]) || !BlsEncoding.TryReadG2(pair[G1Length..], out qs[k])) return false;
        }
        if (!LaneMembership<BlsFp, FourOfG1>.AreMembers(ps) || !LaneMembership<BlsFp2, TwoOfG2>.AreMembers(qs)) return false;

        isOne = BlsPairing.IsProductOne(ps, qs);
        return true;
    }

    /// <summary>A field element mapped to a point of G1 (address 0x10): 64 bytes to 128.</summary>
    public static bool TryMapFpToG1(ReadOnlySpan<byte> input, Span<byte> output)
    {
        if (input.Length != FpLength || !BlsEncoding.TryReadFp(input, out BlsFp element)) return false;
        BlsMapToG1.Map(element, out JacobianPoint<BlsFp> point);
        BlsEncoding.WriteG1(point, output);
        return true;
    }

    /// <summary>An element of Fp2, real part first, mapped to a point of G2 (address 0x11): 128 bytes to 256.</summary>
    public static bool TryMapFp2ToG2(ReadOnlySpan<byte> input, Span<byte> output)
    {
        if (input.Length != 2 * FpLength || !BlsEncoding.TryReadFp2(input, out BlsFp2 element)) return false;
        BlsMapToG2.Map(element, out JacobianPoint<BlsFp2> point);
        BlsEncoding.WriteG2(point, output);
        return true;
    }
}
