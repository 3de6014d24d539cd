using System.Runtime.CompilerServices;

namespace Hufu.Crypto;

/// <summary>c0 + c1·v + c2·v² with v³ = ξ.</summary>
[SkipLocalsInit]
struct Fp6<F> where F : struct, ITowerField<F>
{
    public Fp2<F> C0, C1, C2;

    public static Fp6<F> One => new() { C0 = Fp2<F>.One };

    public readonly bool IsZero => C0.IsZero && C1.IsZero && C2.IsZero;
    public readonly bool IsEqualTo(in Fp6<F> other) => C0.IsEqualTo(other.C0) && C1.IsEqualTo(other.C1) && C2.IsEqualTo(other.C2);

    public static void Add(in Fp6<F> a, in Fp6<F> b, out Fp6<F> sum)
    {
        Fp2<F>.Add(a.C0, b.C0, out sum.C0);
        Fp2<F>.Add(a.C1, b.C1, out sum.C1);
        Fp2<F>.Add(a.C2, b.C2, out sum.C2);
    }

    public static void Subtract(in Fp6<F> a, in Fp6<F> b, out Fp6<F> difference)
    {
        Fp2<F>.Subtract(a.C0, b.C0, out difference.C0);
        Fp2<F>.Subtract(a.C1, b.C1, out difference.C1);
        Fp2<F>.Subtract(a.C2, b.C2, out difference.C2);
    }

    public static void Negate(in Fp6<F> a, out Fp6<F> negative)
    {
        Fp2<F>.Negate(a.C0, out negative.C0);
        Fp2<F>.Negate(a.C1, out negative.C1);
        Fp2<F>.Negate(a.C2, out negative.C2);
    }

    public static void MultiplyByV(in Fp6<F> a, out Fp6<F> product)
    {
        Fp2<F>.MultiplyByXi(a.C2, out Fp2<F> first);
        product.C2 = a.C1;
        product.C1 = a.C0;
        product.C0 = first;
    }

    /// <summary>Karatsuba: six products in Fp2.</summary>
    public static void Multiply(in Fp6<F> a, in Fp6<F> b, out Fp6<F> product)
    {
        Fp2<F>.Multiply(a.C0, b.C0, out Fp2<F> p0);
        Fp2<F>.Multiply(a.C1, b.C1, out Fp2<F> p1);
        Fp2<F>.Multiply(a.C2, b.C2, out Fp2<F> p2);

        Cross(a.C1, a.C2, b.C1, b.C2, p1, p2, out Fp2<F> m12);
        Cross(a.C0, a.C1, b.C0, b.C1, p0, p1, out Fp2<F> m01);
        Cross(a.C0, a.C2, b.C0, b.C2, p0, p2, out Fp2<F> m02);

        Fp2<F>.MultiplyByXi(m12, out m12);
        Fp2<F>.Add(m12, p0, out product.C0);
        Fp2<F>.Add(m02, p1, out product.C2);
        Fp2<F>.MultiplyByXi(p2, out p2);
        Fp2<F>.Add(m01, p2, out product.C1);
    }

    /// <summary>x0·y1 + x1·y0, given x0·y0 and x1·y1.</summary>
    static void Cross(
        in Fp2<F> x0, in Fp2<F> x1, in Fp2<F> y0, in Fp2<F> y1, in Fp2<F> product0, in Fp2<F> product1, out Fp2<F> cross)
    {
        Fp2<F>.Add(x0, x1, out Fp2<F> x);
        Fp2<F>.Add(y0, y1, out Fp2<F> y);
        Fp2<F>.Multiply(x, y, out cross);
        Fp2<F>.Subtract(cross, product0, out cross);
        Fp2<F>.Subtract(cross, product1, out cross);
    }

    /// <summary>The product with b0 + b1·v: five products in Fp2.</summary>
    public static void MultiplyBy01(in Fp6<F> a, in Fp2<F> b0, in Fp2<F> b1, out Fp6<F> product)
    {
        Fp2<F>.Multiply(a.C0, b0, out Fp2<F> p0);
        Fp2<F>.Multiply(a.C1, b1, out Fp2<F> p1);
        Cross(a.C0, a.C1, b0, b1, p0, p1, out Fp2<F> m01);

        Fp2<F>.Multiply(a.C2, b1, out Fp2<F> upper);
        Fp2<F>.MultiplyByXi(upper, out upper);
        Fp2<F>.Multiply(a.C2, b0, out Fp2<F> m02);
        Fp2<F>.Add(m02, p1, out product.C2);
        Fp2<F>.Add(upper, p0, out product.C0);
        product.C1 = m01;
    }

    /// <summary>The product with b1·v.</summary>
    public static void MultiplyBy1(in Fp6<F> a, in Fp2<F> b1, out Fp6<F> product)
    {
        Fp2<F>.Multiply(a.C2, b1, out Fp2<F> upper);
        Fp2<F>.Multiply(a.C1, b1, out product.C2);
        Fp2<F>.Multiply(a.C0, b1, out product.C1);
        Fp2<F>.MultiplyByXi(upper, out product.C0);
    }

    /// <summary>The product with an element of Fp2.</summary>
    public static void Scale(in Fp6<F> a, in Fp2<F> factor, out Fp6<F> product)
    {
        Fp2<F>.Multiply(a.C0, factor, out product.C0);
        Fp2<F>.Multiply(a.C1, factor, out product.C1);
        Fp2<F>.Multiply(a.C2, factor, out product.C2);
    }

    /// <summary>By the adjugate of multiplication: one inversion in Fp2.</summary>
    public static void Invert(in Fp6<F> a, out Fp6<F> inverse)
    {
        Fp2<F>.Multiply(a.C1, a.C2, out Fp2<F> t);
        Fp2<F>.MultiplyByXi(t, out t);
        Fp2<F>.Square(a.C0, out Fp2<F> k0);
        Fp2<F>.Subtract(k0, t, out k0);                  // c0² - ξ·c1·c2

        Fp2<F>.Square(a.C2, out Fp2<F> k1);
        Fp2<F>.MultiplyByXi(k1, out k1);
        Fp2<F>.Multiply(a.C0, a.C1, out t);
        Fp2<F>.Subtract(k1, t, out k1);                  // ξ·c2² - c0·c1

        Fp2<F>.Square(a.C1, out Fp2<F> k2);
        Fp2<F>.Multiply(a.C0, a.C2, out t);
        Fp2<F>.Subtract(k2, t, out k2);                  // c1² - c0·c2

        Fp2<F>.Multiply(a.C2, k1, out Fp2<F> norm);
        Fp2<F>.Multiply(a.C1, k2, out t);
        Fp2<F>.Add(norm, t, out norm);
        Fp2<F>.MultiplyByXi(norm, out norm);
        Fp2<F>.Multiply(a.C0, k0, out t);
        Fp2<F>.Add(norm, t, out norm);
        Fp2<F>.Invert(norm, out norm);

        Fp2<F>.Multiply(k0, norm, out inverse.C0);
        Fp2<F>.Multiply(k1, norm, out inverse.C1);
        Fp2<F>.Multiply(k2, norm, out inverse.C2);
    }
}
