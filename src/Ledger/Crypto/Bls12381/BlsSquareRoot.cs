using System.Runtime.CompilerServices;

namespace Hufu.Crypto;

/// <summary>Square roots in Fp, where p is 3 modulo 4, and in Fp2 over it.</summary>
[SkipLocalsInit]
static class BlsSquareRoot
{
    /// <summary>(p-3)/4.</summary>
    static ReadOnlySpan<ulong> Exponent =>
    [
        0xee7f_bfff_ffff_eaaa, 0x07aa_ffff_ac54_ffff, 0xd9cc_34a8_3dac_3d89,
        0xd91d_d2e1_3ce1_44af, 0x92c6_e9ed_90d2_eb35, 0x0680_447a_8e5f_f9a6,
    ];

    /// <summary>a^((p-3)/4): times a it is the root of a square a, and it is that root's inverse.</summary>
    public static void InverseRoot(in BlsFp a, out BlsFp inverseRoot) => FieldPower.Raise(a, Exponent, out inverseRoot);

    /// <summary>False where there is no root; what is returned then is a root of -a.</summary>
    public static bool TryTake(in BlsFp a, out BlsFp root)
    {
        InverseRoot(a, out BlsFp inverseRoot);
        BlsFp.Multiply(inverseRoot, a, out root);
        BlsFp.Square(root, out BlsFp square);
        return square.IsEqualTo(a);
    }

    /// <summary>With the norm's root s, the real part's square is (c0 ± s)/2, and c1 is twice the product of the parts.</summary>
    public static bool TryTake(in BlsFp2 a, out BlsFp2 root)
    {
        root = default;
        BlsFp2.Norm(a, out BlsFp norm);
        if (!TryTake(norm, out BlsFp s)) return false;
        Take(a, s, out root);
        return true;
    }

    /// <summary>The root of a square, whose norm's root is known.</summary>
    public static void Take(in BlsFp2 a, in BlsFp s, out BlsFp2 root)
    {
        root = default;
        if (a.C1.IsZero)
        {
            // A root of the real part or, where it has none, of its opposite, which makes the root imaginary.
            if (TryTake(a.C0, out BlsFp real)) root.C0 = real;
            else root.C1 = real;
            return;
        }

        BlsFp.Add(a.C0, s, out BlsFp t);
        BlsFp.Multiply(t, Half, out t);
        InverseRoot(t, out BlsFp inverse);
        BlsFp.Multiply(inverse, t, out BlsFp part);
        BlsFp.Square(part, out BlsFp square);
        BlsFp.Multiply(a.C1, Half, out BlsFp other);
        BlsFp.Multiply(other, inverse, out other);

        // If t is no square, then -t is, and it is the square of the imaginary part; part·inverse is -1.
        if (square.IsEqualTo(t)) (root.C0, root.C1) = (part, other);
        else
        {
            root.C1 = part;
            BlsFp.Negate(other, out root.C0);
        }
    }

    static readonly BlsFp Half = MakeHalf();

    static BlsFp MakeHalf()
    {
        BlsFp.Invert(BlsFp.FromUInt64(2), out BlsFp half);
        return half;
    }
}
