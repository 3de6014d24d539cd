using System.Runtime.CompilerServices;

namespace Hufu.Crypto;

/// <summary>c0 + c1·u with u² = -1.</summary>
[SkipLocalsInit]
struct Fp2<F> : IField<Fp2<F>> where F : struct, ITowerField<F>
{
    public F C0, C1;

    public Fp2(in F c0, in F c1) => (C0, C1) = (c0, c1);

    public static Fp2<F> Zero => default;
    public static Fp2<F> One => new(F.One, default);

    /// <summary>The non-residue ξ on which Fp6 stands.</summary>
    public static Fp2<F> Xi
    {
        get
        {
            MultiplyByXi(One, out Fp2<F> xi);
            return xi;
        }
    }

    public readonly bool IsZero => C0.IsZero && C1.IsZero;
    public readonly bool IsEqualTo(in Fp2<F> other) => C0.IsEqualTo(other.C0) && C1.IsEqualTo(other.C1);

    public static void Add(in Fp2<F> a, in Fp2<F> b, out Fp2<F> sum)
    {
        F.Add(a.C0, b.C0, out sum.C0);
        F.Add(a.C1, b.C1, out sum.C1);
    }

    public static void Subtract(in Fp2<F> a, in Fp2<F> b, out Fp2<F> difference)
    {
        F.Subtract(a.C0, b.C0, out difference.C0);
        F.Subtract(a.C1, b.C1, out difference.C1);
    }

    public static void Double(in Fp2<F> a, out Fp2<F> twice)
    {
        F.Double(a.C0, out twice.C0);
        F.Double(a.C1, out twice.C1);
    }

    public static void Negate(in Fp2<F> a, out Fp2<F> negative)
    {
        F.Negate(a.C0, out negative.C0);
        F.Negate(a.C1, out negative.C1);
    }

    /// <summary>c0 - c1·u, which is the p-th power.</summary>
    public static void Conjugate(in Fp2<F> a, out Fp2<F> conjugate)
    {
        conjugate.C0 = a.C0;
        F.Negate(a.C1, out conjugate.C1);
    }

    /// <summary>Karatsuba: three products and five additions.</summary>
    public static void Multiply(in Fp2<F> a, in Fp2<F> b, out Fp2<F> product)
    {
        F.Add(a.C0, a.C1, out F x);
        F.Add(b.C0, b.C1, out F y);
        F.Multiply(x, y, out x);
        F.Multiply(a.C0, b.C0, out F real);
        F.Multiply(a.C1, b.C1, out y);
        F.Subtract(x, real, out x);
        F.Subtract(x, y, out product.C1);
        F.Subtract(real, y, out product.C0);
    }

    public static void Square(in Fp2<F> a, out Fp2<F> square)
    {
        F.Add(a.C0, a.C1, out F sum);
        F.Subtract(a.C0, a.C1, out F difference);
        F.Double(a.C0, out F twice);
        F.Multiply(twice, a.C1, out square.C1);
        F.Multiply(sum, difference, out square.C0);
    }

    /// <summary>The product with an element of the prime field.</summary>
    public static void Scale(in Fp2<F> a, in F factor, out Fp2<F> product)
    {
        F.Multiply(a.C0, factor, out F real);
        F.Multiply(a.C1, factor, out product.C1);
        product.C0 = real;
    }

    public static void MultiplyByXi(in Fp2<F> a, out Fp2<F> product)
    {
        F real = a.C0, imaginary = a.C1;
        if (F.XiReal == 9)
        {
            TimesNine(a.C0, out real);
            TimesNine(a.C1, out imaginary);
        }
        F.Subtract(real, a.C1, out real);
        F.Add(imaginary, a.C0, out product.C1);
        product.C0 = real;
    }

    static void TimesNine(in F a, out F product)
    {
        F.Double(a, out product);
        F.Double(product, out product);
        F.Double(product, out product);
        F.Add(product, a, out product);
    }

    /// <summary>c0² + c1², which is the (p+1)-th power.</summary>
    public static void Norm(in Fp2<F> a, out F norm)
    {
        F.Square(a.C0, out norm);
        F.Square(a.C1, out F other);
        F.Add(norm, other, out norm);
    }

    public static void Invert(in Fp2<F> a, out Fp2<F> inverse)
    {
        Norm(a, out F norm);
        F.Invert(norm, out norm);
        Conjugate(a, out inverse);
        Scale(inverse, norm, out inverse);
    }
}
