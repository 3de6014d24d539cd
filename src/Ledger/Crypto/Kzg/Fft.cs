namespace Hufu.Crypto;

/// <summary>Discrete Fourier transforms in the scalar field, over roots of unity whose order is a power of two up to 8192.</summary>
static class Fft
{
    const int Largest = 8192;

    static readonly BlsFr[] Roots = MakeRoots();
    static readonly BlsFr Generator = BlsFr.FromUInt64(7);

    /// <summary>ω^i for the primitive root of unity ω of an order.</summary>
    public static ref readonly BlsFr Root(int order, int i) => ref Roots[(i & (order - 1)) * (Largest / order)];

    /// <summary>Coefficients to values at 1, ω, ω², … in natural order, in place.</summary>
    public static void Forward(Span<BlsFr> values) => Transform(values, inverse: false);

    /// <summary>Values at 1, ω, ω², … to coefficients, in place.</summary>
    public static void Inverse(Span<BlsFr> values)
    {
        Transform(values, inverse: true);
        BlsFr.Invert(BlsFr.FromUInt64((ulong)values.Length), out BlsFr scale);
        for (int i = 0; i < values.Length; i++) BlsFr.Multiply(values[i], scale, out values[i]);
    }

    /// <summary>Coefficients to values at 7, 7ω, 7ω², …, points where a polynomial that vanishes at roots of unity does not.</summary>
    public static void ForwardOnCoset(Span<BlsFr> values)
    {
        MultiplyByPowers(values, Generator);
        Forward(values);
    }

    public static void InverseOnCoset(Span<BlsFr> values)
    {
        Inverse(values);
        BlsFr.Invert(Generator, out BlsFr inverse);
        MultiplyByPowers(values, inverse);
    }

    /// <summary>Multiplies element i by factor^i.</summary>
    public static void MultiplyByPowers(Span<BlsFr> values, in BlsFr factor)
    {
        BlsFr power = BlsFr.One;
        for (int i = 0; i < values.Length; i++)
        {
            BlsFr.Multiply(values[i], power, out values[i]);
            BlsFr.Multiply(power, factor, out power);
        }
    }

    static void Transform(Span<BlsFr> values, bool inverse)
    {
        BitReversal.Permute(values);
        for (int half = 1; half < values.Length; half <<= 1)
        {
            for (int i = 0; i < half; i++)
            {
                ref readonly BlsFr root = ref Root(2 * half, inverse ? -i : i);
                for (int k = i; k < values.Length; k += 2 * half)
                {
                    BlsFr.Multiply(values[k + half], root, out BlsFr t);
                    BlsFr.Subtract(values[k], t, out values[k + half]);
                    BlsFr.Add(values[k], t, out values[k]);
                }
            }
        }
    }

    static BlsFr[] MakeRoots()
    {
        // 7 generates the multiplicative group, so 7^((r-1)/8192) has order 8192.
        Span<ulong> exponent = stackalloc ulong[4];
        BlsFr.CopyModulus(exponent);
        for (int i = 0; i < 4; i++) exponent[i] = (exponent[i] >> 13) | (i < 3 ? exponent[i + 1] << 51 : 0);
        FieldPower.Raise(BlsFr.FromUInt64(7), exponent, out BlsFr root);

        var roots = new BlsFr[Largest];
        roots[0] = BlsFr.One;
        for (int i = 1; i < Largest; i++) BlsFr.Multiply(roots[i - 1], root, out roots[i]);
        return roots;
    }
}
