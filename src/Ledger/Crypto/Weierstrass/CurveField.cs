using System.Runtime.CompilerServices;
using Hufu.Primitives;

namespace Hufu.Crypto;

/// <summary>
/// Arithmetic in the field of a curve on lazily carried limbs. A comment of the form [m] gives a value's magnitude: its limbs are at most
/// m·(2^52 + 2^46), the top one m·(2^48 + 2^12). Products are [1]; sums add magnitudes; <see cref="Subtract"/> takes at most [3] away and adds 5.
/// </summary>
[SkipLocalsInit]
static class CurveField<TCurve> where TCurve : struct, IWeierstrassCurve
{
    public static void Multiply(in Limbs52 a, in Limbs52 b, out Limbs52 product)
    {
        Product52.Multiply(a, b, out var wide);
        TCurve.Reduce(wide, out product);
    }

    public static void Square(in Limbs52 a, out Limbs52 square)
    {
        Product52.Square(a, out var wide);
        TCurve.Reduce(wide, out square);
    }

    /// <summary>Squares as often as told: a to the power 2^<paramref name="times"/>.</summary>
    public static void Square(in Limbs52 a, int times, out Limbs52 power)
    {
        power = a;
        for (; times > 0; times--) Square(power, out power);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(in Limbs52 a, in Limbs52 b, out Limbs52 sum)
    {
        ulong s0 = a.L0 + b.L0, s1 = a.L1 + b.L1, s2 = a.L2 + b.L2, s3 = a.L3 + b.L3, s4 = a.L4 + b.L4;
        (sum.L0, sum.L1, sum.L2, sum.L3, sum.L4) = (s0, s1, s2, s3, s4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Subtract(in Limbs52 a, in Limbs52 b, out Limbs52 difference)
    {
        var bias = TCurve.SubtractionBias;
        ulong d0 = a.L0 + bias.L0 - b.L0, d1 = a.L1 + bias.L1 - b.L1, d2 = a.L2 + bias.L2 - b.L2;
        ulong d3 = a.L3 + bias.L3 - b.L3, d4 = a.L4 + bias.L4 - b.L4;
        (difference.L0, difference.L1, difference.L2, difference.L3, difference.L4) = (d0, d1, d2, d3, d4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scale(in Limbs52 a, uint factor, out Limbs52 multiple)
    {
        ulong m0 = a.L0 * factor, m1 = a.L1 * factor, m2 = a.L2 * factor, m3 = a.L3 * factor, m4 = a.L4 * factor;
        (multiple.L0, multiple.L1, multiple.L2, multiple.L3, multiple.L4) = (m0, m1, m2, m3, m4);
    }

    /// <summary>Whether a value of magnitude up to 31 is a multiple of p.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsZero(in Limbs52 a)
    {
        // The primes lie so close below a multiple of 2^52 that k·p ends in a small negative number for every k that can occur.
        return ((0 - a.L0) & Limbs52.Mask) >> 42 == 0 && IsZeroInFull(a);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static bool IsZeroInFull(in Limbs52 a)
    {
        Canonize(a, out var canonical);
        return (canonical.L0 | canonical.L1 | canonical.L2 | canonical.L3 | canonical.L4) == 0;
    }

    public static bool AreEqual(in Limbs52 a, in Limbs52 b)
    {
        Subtract(a, b, out var difference);
        return IsZero(difference);
    }

    /// <summary>The one representative below p, in carried limbs.</summary>
    public static void Canonize(in Limbs52 a, out Limbs52 canonical)
    {
        ulong l0 = a.L0, l1 = a.L1 + (l0 >> 52), l2 = a.L2 + (l1 >> 52), l3 = a.L3 + (l2 >> 52), l4 = a.L4 + (l3 >> 52);
        canonical = new Limbs52(l0 & Limbs52.Mask, l1 & Limbs52.Mask, l2 & Limbs52.Mask, l3 & Limbs52.Mask, l4);
        // What stands above 2^256 tells how many times p can go at least; then once or twice more.
        if (l4 >> 48 != 0) SubtractPrime(ref canonical, l4 >> 48);
        while (IsAtLeastPrime(canonical)) SubtractPrime(ref canonical, 1);
    }

    static bool IsAtLeastPrime(in Limbs52 a)
    {
        var prime = TCurve.Prime;
        if (a.L4 != prime.L4) return a.L4 > prime.L4;
        if (a.L3 != prime.L3) return a.L3 > prime.L3;
        if (a.L2 != prime.L2) return a.L2 > prime.L2;
        if (a.L1 != prime.L1) return a.L1 > prime.L1;
        return a.L0 >= prime.L0;
    }

    static void SubtractPrime(ref Limbs52 a, ulong times)
    {
        var prime = TCurve.Prime;
        var d0 = (long)(a.L0 - prime.L0 * times);
        var d1 = (long)(a.L1 - prime.L1 * times) + (d0 >> 52);
        var d2 = (long)(a.L2 - prime.L2 * times) + (d1 >> 52);
        var d3 = (long)(a.L3 - prime.L3 * times) + (d2 >> 52);
        var d4 = (long)(a.L4 - prime.L4 * times) + (d3 >> 52);
        a = new Limbs52((ulong)d0 & Limbs52.Mask, (ulong)d1 & Limbs52.Mask, (ulong)d2 & Limbs52.Mask, (ulong)d3 & Limbs52.Mask, (ulong)d4);
    }

    /// <summary>Enters a number below p.</summary>
    public static void Enter(in UInt256 number, out Limbs52 element)
    {
        element = new Limbs52(
            number.U0 & Limbs52.Mask,
            (number.U0 >> 52 | number.U1 << 12) & Limbs52.Mask,
            (number.U1 >> 40 | number.U2 << 24) & Limbs52.Mask,
            (number.U2 >> 28 | number.U3 << 36) & Limbs52.Mask,
            number.U3 >> 16);
        Multiply(element, TCurve.EntryFactor, out element);
    }

    /// <summary>The number below p that an element stands for.</summary>
    public static UInt256 Leave(in Limbs52 element)
    {
        Multiply(element, new Limbs52(1, 0, 0, 0, 0), out var plain);
        Canonize(plain, out var c);
        return new UInt256(c.L0 | c.L1 << 52, c.L1 >> 12 | c.L2 << 40, c.L2 >> 24 | c.L3 << 28, c.L3 >> 36 | c.L4 << 16);
    }

    /// <summary>Whether the low bit of the number an element stands for is set.</summary>
    public static bool IsOdd(in Limbs52 element) => (Leave(element).U0 & 1) == 1;

    /// <summary>The multiplicative inverse; zero gives zero.</summary>
    public static void Invert(in Limbs52 element, out Limbs52 inverse)
    {
        var number = Leave(element);
        Span<ulong> limbs = [number.U0, number.U1, number.U2, number.U3];
        var prime = TCurve.PrimeNumber;
        ReadOnlySpan<ulong> modulus = [prime.U0, prime.U1, prime.U2, prime.U3];
        ModularInverse.Invert(limbs, modulus, TCurve.PrimeNegativeInverse);
        Enter(new UInt256(limbs[0], limbs[1], limbs[2], limbs[3]), out inverse);
    }

    /// <summary>Many inverses in place at the price of one (Montgomery's trick). None may be zero.</summary>
    public static void InvertAll(Span<Limbs52> elements)
    {
        Span<Limbs52> products = elements.Length <= 16 ? stackalloc Limbs52[elements.Length] : new Limbs52[elements.Length];
        var product = TCurve.One;
        for (var i = 0; i < elements.Length; i++)
        {
            products[i] = product;
            Multiply(product, elements[i], out product);
        }
        // The inverse of the product, peeled off from the end, gives every single inverse.
        Invert(product, out var rest);
        for (var i = elements.Length - 1; i >= 0; i--)
        {
            var element = elements[i];
            Multiply(rest, products[i], out elements[i]);
            Multiply(rest, element, out rest);
        }
    }
}
