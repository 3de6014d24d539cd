namespace Hufu.Crypto;

/// <summary>Discrete Fourier transforms of points of G1 over roots of unity of the scalar field.</summary>
static class PointFft
{
    /// <summary>In place, natural order.</summary>
    public static void Forward(Span<JacobianPoint<BlsFp>> points) => Transform(points, inverse: false);

    /// <summary>In place, natural order, without the division by the length.</summary>
    public static void Inverse(Span<JacobianPoint<BlsFp>> points) => Transform(points, inverse: true);

    static void Transform(Span<JacobianPoint<BlsFp>> points, bool inverse)
    {
        BitReversal.Permute(points);
        for (int half = 1; half < points.Length; half <<= 1)
        {
            for (int i = 0; i < half; i++)
            {
                ref readonly BlsFr root = ref Fft.Root(2 * half, inverse ? -i : i);
                for (int k = i; k < points.Length; k += 2 * half)
                {
                    JacobianPoint<BlsFp> t = points[k + half];
                    if (i != 0) BlsScalarMultiplication.Multiply(points[k + half], root, out t);
                    JacobianPoint<BlsFp>.Negate(t, out JacobianPoint<BlsFp> minusT);
                    JacobianPoint<BlsFp>.Add(points[k], minusT, out points[k + half]);
                    JacobianPoint<BlsFp>.Add(points[k], t, out points[k]);
                }
            }
        }
    }
}
