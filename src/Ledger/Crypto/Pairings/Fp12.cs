using System.Runtime.CompilerServices;

namespace Hufu.Crypto;

/// <summary>c0 + c1·w with w² = v: where pairings take their values.</summary>
[SkipLocalsInit]
struct Fp12<F> where F : struct, ITowerField<F>
{
    public Fp6<F> C0, C1;

    public static Fp12<F> One => new() { C0 = Fp6<F>.One };

    public readonly bool IsOne => C1.IsZero && C0.IsEqualTo(Fp6<F>.One);
    public readonly bool IsEqualTo(in Fp12<F> other) => C0.IsEqualTo(other.C0) && C1.IsEqualTo(other.C1);

    public static void Multiply(in Fp12<F> a, in Fp12<F> b, out Fp12<F> product)
    {
        Fp6<F>.Multiply(a.C0, b.C0, out Fp6<F> p0);
        Fp6<F>.Multiply(a.C1, b.C1, out Fp6<F> p1);
        Fp6<F>.Add(a.C0, a.C1, out Fp6<F> x);
        Fp6<F>.Add(b.C0, b.C1, out Fp6<F> y);
        Fp6<F>.Multiply(x, y, out x);
        Fp6<F>.Subtract(x, p0, out x);
        Fp6<F>.Subtract(x, p1, out product.C1);
        Fp6<F>.MultiplyByV(p1, out p1);
        Fp6<F>.Add(p0, p1, out product.C0);
    }

    /// <summary>(c0 + c1)(c0 + v·c1) - c0·c1·(1 + v), 2·c0·c1: two products in Fp6.</summary>
    public static void Square(in Fp12<F> a, out Fp12<F> square)
    {
        Fp6<F>.Add(a.C0, a.C1, out Fp6<F> x);
        Fp6<F>.MultiplyByV(a.C1, out Fp6<F> y);
        Fp6<F>.Add(a.C0, y, out y);
        Fp6<F>.Multiply(a.C0, a.C1, out Fp6<F> both);
        Fp6<F>.Multiply(x, y, out x);
        Fp6<F>.Subtract(x, both, out x);
        Fp6<F>.MultiplyByV(both, out y);
        Fp6<F>.Subtract(x, y, out square.C0);
        Fp6<F>.Add(both, both, out square.C1);
    }

    /// <summary>c0 - c1·w, which is the p⁶-th power and, in the cyclotomic subgroup, the inverse.</summary>
    public static void Conjugate(in Fp12<F> a, out Fp12<F> conjugate)
    {
        conjugate.C0 = a.C0;
        Fp6<F>.Negate(a.C1, out conjugate.C1);
    }

    public static void Invert(in Fp12<F> a, out Fp12<F> inverse)
    {
        Fp6<F>.Multiply(a.C0, a.C0, out Fp6<F> norm);
        Fp6<F>.Multiply(a.C1, a.C1, out Fp6<F> t);
        Fp6<F>.MultiplyByV(t, out t);
        Fp6<F>.Subtract(norm, t, out norm);
        Fp6<F>.Invert(norm, out norm);
        Fp6<F>.Multiply(a.C1, norm, out t);
        Fp6<F>.Multiply(a.C0, norm, out inverse.C0);
        Fp6<F>.Negate(t, out inverse.C1);
    }

    /// <summary>The product with a line b0 + b1·v + b4·v·w, as the M-type twist of BLS12-381 gives it.</summary>
    public static void MultiplyBy014(in Fp12<F> a, in Fp2<F> b0, in Fp2<F> b1, in Fp2<F> b4, out Fp12<F> product)
    {
        Fp6<F>.MultiplyBy01(a.C0, b0, b1, out Fp6<F> p0);
        Fp6<F>.MultiplyBy1(a.C1, b4, out Fp6<F> p1);
        Fp6<F>.Add(a.C0, a.C1, out Fp6<F> sum);
        Fp2<F>.Add(b1, b4, out Fp2<F> b14);
        Fp6<F>.MultiplyBy01(sum, b0, b14, out sum);
        Fp6<F>.Subtract(sum, p0, out sum);
        Fp6<F>.Subtract(sum, p1, out product.C1);
        Fp6<F>.MultiplyByV(p1, out p1);
        Fp6<F>.Add(p0, p1, out product.C0);
    }

    /// <summary>The product with a line b0 + b3·w + b4·v·w, as the D-type twist of BN254 gives it.</summary>
    public static void MultiplyBy034(in Fp12<F> a, in Fp2<F> b0, in Fp2<F> b3, in Fp2<F> b4, out Fp12<F> product)
    {
        Fp6<F>.Scale(a.C0, b0, out Fp6<F> p0);
        Fp6<F>.MultiplyBy01(a.C1, b3, b4, out Fp6<F> p1);
        Fp6<F>.Add(a.C0, a.C1, out Fp6<F> sum);
        Fp2<F>.Add(b0, b3, out Fp2<F> b03);
        Fp6<F>.MultiplyBy01(sum, b03, b4, out sum);
        Fp6<F>.Subtract(sum, p0, out sum);
        Fp6<F>.Subtract(sum, p1, out product.C1);
        Fp6<F>.MultiplyByV(p1, out p1);
        Fp6<F>.Add(p0, p1, out product.C0);
    }
}
