using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hufu.Crypto;

/// <summary>
/// Arithmetic on two elements of Fp2 at a time in the lanes of AVX2 vectors, in Montgomery form to the base 2^(28·Count). An element is
/// any number congruent to it between about ±2^10·p, which leaves additions without a comparison. Its limbs are "normal" when all but
/// the highest are in [0, 2^28); products want operands whose limbs are at most 2^29 either way: normal ones, their sums and differences.
/// On Zen 3 the four products of a vector cost as much as one and a half in <see cref="BlsFp"/>, and an addition next to nothing.
/// </summary>
[SkipLocalsInit]
static partial class Lanes<F, L> where F : struct, ITowerField<F> where L : struct, ILimbs
{
    static readonly L Modulus = MakeModulus(out NegativeInverse, out Reciprocal);
    static readonly Vector256<long> NegativeInverse;

    /// <summary>2^32 over the highest limb of p, taken with its fraction.</summary>
    static readonly Vector256<long> Reciprocal;

    static readonly F IntoLanes = F.FromUInt64(1UL << (LaneMath.LimbBits * L.Count - 64 * F.LimbCount));
    static readonly F OutOfLanes = Inverse(IntoLanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref Vector256<long> At(ref L a, int i) => ref Unsafe.Add(ref Unsafe.As<L, Vector256<long>>(ref a), i);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> Get(in L a, int i) => Unsafe.Add(ref Unsafe.As<L, Vector256<long>>(ref Unsafe.AsRef(in a)), i);

    /// <summary>[x | y].</summary>
    public static void Pack(in Fp2<F> x, in Fp2<F> y, out L packed) => Pack(x.C0, x.C1, y.C0, y.C1, out packed);

    public static void Pack(in F lane0, in F lane1, in F lane2, in F lane3, out L packed)
    {
        Span<long> limbs = stackalloc long[4 * L.Count];
        Split(lane0, limbs);
        Split(lane1, limbs[1..]);
        Split(lane2, limbs[2..]);
        Split(lane3, limbs[3..]);
        Unsafe.SkipInit(out packed);
        for (int i = 0; i < L.Count; i++) At(ref packed, i) = Vector256.Create<long>(limbs.Slice(4 * i, 4));
    }

    public static void Unpack(in L packed, out Fp2<F> x, out Fp2<F> y)
    {
        Reduce(packed, out L reduced);
        Join(reduced, 0, out x.C0);
        Join(reduced, 1, out x.C1);
        Join(reduced, 2, out y.C0);
        Join(reduced, 3, out y.C1);
    }

    /// <summary>Writes the limbs of one lane, four places apart.</summary>
    static void Split(in F element, Span<long> limbs)
    {
        F.Multiply(element, IntoLanes, out F shifted);
        Span<ulong> raw = stackalloc ulong[F.LimbCount + 1];
        shifted.CopyRawLimbs(raw);
        raw[^1] = 0;
        for (int i = 0; i < L.Count; i++)
        {
            int bit = i * LaneMath.LimbBits, word = bit >> 6, shift = bit & 63;
            ulong limb = word < raw.Length ? raw[word] >> shift : 0;
            if (shift > 64 - LaneMath.LimbBits && word + 1 < raw.Length) limb |= raw[word + 1] << (64 - shift);
            limbs[4 * i] = (long)limb & LaneMath.Mask;
        }
    }

    static void Join(in L reduced, int lane, out F element)
    {
        // Limbs from the highest down make a signed number; p is added to a negative one.
        Span<ulong> raw = stackalloc ulong[F.LimbCount], modulus = stackalloc ulong[F.LimbCount];
        raw.Clear();
        for (int i = 0; i < L.Count; i++)
        {
            int bit = i * LaneMath.LimbBits, word = bit >> 6, shift = bit & 63;
            ulong limb = (ulong)Get(reduced, i)[lane];
            if (word < raw.Length) raw[word] += limb << shift;
            if (shift > 64 - LaneMath.LimbBits && word + 1 < raw.Length) raw[word + 1] += (ulong)((long)limb >> (64 - shift));
        }
        if (Get(reduced, L.Count - 1)[lane] < 0)
        {
            F.CopyModulus(modulus);
            ulong carry = 0;
            for (int i = 0; i < raw.Length; i++) raw[i] = Limb.Add(raw[i], modulus[i], ref carry);
        }
        F.FromRawLimbs(raw, out F shifted);
        F.Multiply(shifted, OutOfLanes, out element);
    }

    /// <summary>ka·a + kb·b for small factors, normal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Combine(in L a, int ka, in L b, int kb, out L sum)
    {
        Unsafe.SkipInit(out sum);
        Vector256<long> carry = default, factorA = Vector256.Create((long)ka), factorB = Vector256.Create((long)kb);
        for (int i = 0; i < L.Count - 1; i++)
            At(ref sum, i) = LaneMath.Carry(LaneMath.Product(Get(a, i), factorA) + LaneMath.Product(Get(b, i), factorB), ref carry);
        int top = L.Count - 1;
        At(ref sum, top) = LaneMath.Product(Get(a, top), factorA) + LaneMath.Product(Get(b, top), factorB) + carry;
    }

    /// <summary>
    /// Stores a limb with what the limb below it carries, and carries its own excess on. The carry does not ripple: the limb may stay a
    /// little above 28 bits or below zero, which products allow.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PutLoose(ref L into, int i, Vector256<long> limb, ref Vector256<long> carry)
    {
        if (i == L.Count - 1)
        {
            At(ref into, i) = limb + carry;
            return;
        }
        At(ref into, i) = (limb & Vector256.Create(LaneMath.Mask)) + carry;
        carry = LaneMath.ShiftRight(limb);
    }

    /// <summary>Both halves become a's first, or a's second.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Spread(in L a, bool second, out L spread)
    {
        Unsafe.SkipInit(out spread);
        for (int i = 0; i < L.Count; i++)
            At(ref spread, i) = second ? LaneMath.SecondSecond(Get(a, i), Get(a, i)) : LaneMath.FirstFirst(Get(a, i), Get(a, i));
    }

    /// <summary>12·ξ·a, normal, where ξ = 1 + u.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TwelveXiTimes(in L a, out L product)
    {
        Unsafe.SkipInit(out product);
        Vector256<long> carry = default;
        for (int i = 0; i < L.Count; i++)
        {
            Vector256<long> xi = TimesXi(Get(a, i));
            xi = (xi << 3) + (xi << 2);
            At(ref product, i) = i == L.Count - 1 ? xi + carry : LaneMath.Carry(xi, ref carry);
        }
    }

    /// <summary>One vector of limbs times ξ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> TimesXi(Vector256<long> a)
    {
        Vector256<long> product = a + LaneMath.TimesU(a);
        return F.XiReal == 9 ? product + (a << 3) : product;
    }

    /// <summary>The same elements, normal and below p either way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reduce(in L a, out L reduced)
    {
        Unsafe.SkipInit(out reduced);
        Vector256<long> carry = default;
        for (int i = 0; i < L.Count - 1; i++) At(ref reduced, i) = LaneMath.Carry(Get(a, i), ref carry);
        Vector256<long> top = Get(a, L.Count - 1) + carry;

        ref L modulus = ref Unsafe.AsRef(in Modulus);
        Vector256<long> quotient = (LaneMath.Product(top, Reciprocal) + Vector256.Create(1L << 31)) >>> 32;
        carry = default;
        for (int i = 0; i < L.Count - 1; i++)
            At(ref reduced, i) = LaneMath.Carry(At(ref reduced, i) - LaneMath.Product(quotient, At(ref modulus, i)), ref carry);
        At(ref reduced, L.Count - 1) = top - LaneMath.Product(quotient, At(ref modulus, L.Count - 1)) + carry;
    }

    /// <summary>The squares in Fp2 of both halves, as (a0 + a1)(a0 - a1) and 2·a0·a1. The limbs must be normal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SquareFp2(in L a, out L square)
    {
        Unsafe.SkipInit(out L x);
        Unsafe.SkipInit(out L y);
        for (int i = 0; i < L.Count; i++)
        {
            Vector256<long> limb = Get(a, i), exchanged = LaneMath.Exchange(limb);
            At(ref x, i) = LaneMath.Real(limb) + exchanged;
            At(ref y, i) = Vector256.ConditionalSelect(Vector256.Create(-1L, 0, -1, 0), limb - exchanged, limb);
        }
        Multiply(x, y, out square);
    }

    static L MakeModulus(out Vector256<long> negativeInverse, out Vector256<long> reciprocal)
    {
        var modulus = default(L);
        Span<ulong> raw = stackalloc ulong[F.LimbCount];
        F.CopyModulus(raw);
        BigInteger p = BigInteger.Zero;
        for (int i = raw.Length - 1; i >= 0; i--) p = (p << 64) + raw[i];
        for (int i = 0; i < L.Count; i++)
            At(ref modulus, i) = Vector256.Create((long)((p >> (LaneMath.LimbBits * i)) & LaneMath.Mask));

        ulong inverse = 1;   // Newton: each round doubles the bits that are right
        for (int i = 0; i < 6; i++) inverse *= 2 - raw[0] * inverse;
        negativeInverse = Vector256.Create((long)((0 - inverse) & (ulong)LaneMath.Mask));
        reciprocal = Vector256.Create((long)((BigInteger.One << (32 + LaneMath.LimbBits * (L.Count - 1))) / p));
        return modulus;
    }

    static F Inverse(in F a)
    {
        F.Invert(a, out F inverse);
        return inverse;
    }
}
