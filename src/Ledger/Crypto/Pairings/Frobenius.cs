using System.Runtime.CompilerServices;

namespace Hufu.Crypto;

/// <summary>The p-th power in Fp12, and the factors it needs, which are worked out once from ξ.</summary>
[SkipLocalsInit]
static class Frobenius<F> where F : struct, ITowerField<F>
{
    /// <summary>ξ^(i(p-1)/6): what conjugating the coefficient of w^i must be multiplied by.</summary>
    static readonly Fp2<F>[] Gamma = FirstGammas();

    /// <summary>ξ^(i(p²-1)/6), which lie in Fp.</summary>
    static readonly F[] GammaSquared = SecondGammas();

    public static ref readonly Fp2<F> Factor(int i) => ref Gamma[i];
    public static ref readonly F FactorOfSquare(int i) => ref GammaSquared[i];

    /// <summary>a^p.</summary>
    public static void Apply(in Fp12<F> a, out Fp12<F> power)
    {
        Fp2<F>.Conjugate(a.C0.C0, out power.C0.C0);
        ConjugateTimes(a.C1.C0, 1, out power.C1.C0);
        ConjugateTimes(a.C0.C1, 2, out power.C0.C1);
        ConjugateTimes(a.C1.C1, 3, out power.C1.C1);
        ConjugateTimes(a.C0.C2, 4, out power.C0.C2);
        ConjugateTimes(a.C1.C2, 5, out power.C1.C2);
    }

    /// <summary>a^(p²).</summary>
    public static void ApplyTwice(in Fp12<F> a, out Fp12<F> power)
    {
        power.C0.C0 = a.C0.C0;
        Fp2<F>.Scale(a.C1.C0, GammaSquared[1], out power.C1.C0);
        Fp2<F>.Scale(a.C0.C1, GammaSquared[2], out power.C0.C1);
        Fp2<F>.Scale(a.C1.C1, GammaSquared[3], out power.C1.C1);
        Fp2<F>.Scale(a.C0.C2, GammaSquared[4], out power.C0.C2);
        Fp2<F>.Scale(a.C1.C2, GammaSquared[5], out power.C1.C2);
    }

    static void ConjugateTimes(in Fp2<F> a, int i, out Fp2<F> product)
    {
        Fp2<F>.Conjugate(a, out product);
        Fp2<F>.Multiply(product, Gamma[i], out product);
    }

    static Fp2<F>[] FirstGammas()
    {
        Span<ulong> exponent = stackalloc ulong[F.LimbCount];
        F.CopyModulus(exponent);
        exponent[0] -= 1;
        DivideBySix(exponent);

        var gamma = new Fp2<F>[6];
        gamma[0] = Fp2<F>.One;
        FieldPower.Raise(Fp2<F>.Xi, exponent, out gamma[1]);
        for (int i = 2; i < 6; i++) Fp2<F>.Multiply(gamma[i - 1], gamma[1], out gamma[i]);
        return gamma;
    }

    static F[] SecondGammas()
    {
        // ξ^(i(p²-1)/6) = (ξ^(i(p-1)/6))^(p+1): the norm.
        var squared = new F[6];
        for (int i = 0; i < 6; i++) Fp2<F>.Norm(Gamma[i], out squared[i]);
        return squared;
    }

    static void DivideBySix(Span<ulong> number)
    {
        UInt128 remainder = 0;
        for (int i = number.Length - 1; i >= 0; i--)
        {
            UInt128 dividend = (remainder << 64) | number[i];
            number[i] = (ulong)(dividend / 6);
            remainder = dividend % 6;
        }
    }
}
