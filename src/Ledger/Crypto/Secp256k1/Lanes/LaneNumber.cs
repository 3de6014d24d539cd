using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hufu.Primitives;
using Wide = System.Runtime.Intrinsics.X86.Avx512F;

namespace Hufu.Crypto;

/// <summary>
/// Eight numbers modulo p = 2^256 - 2^32 - 977 side by side, one a lane: ten limbs of 26 bits, the lowest first, the last of 22.
/// A comment of the form [m] gives a number's magnitude: its limbs are at most m times what they are named for (and an eighth).
/// Products are [1]; two factors may have [300] between them, and neither more than [15].
/// </summary>
[SkipLocalsInit]
struct LaneNumber : IPowers<LaneNumber>
{
    public const int Lanes = 8;

    const int LimbBits = 26, TopBits = 22, FoldShift = 10, TopShift = 6;
    const ulong Mask = (1UL << LimbBits) - 1, TopMask = (1UL << TopBits) - 1;

    // 2^260 ≡ 2^36 + 16·977, which is 2^10 limbs and this; 2^256 ≡ 2^32 + 977.
    const uint UpperFold = 16 * 977, TopFold = 977;

    public static readonly LaneNumber One = Everywhere(UInt256.One);

    public Vector512<ulong> L0, L1, L2, L3, L4, L5, L6, L7, L8, L9;

    public static void Multiply(in LaneNumber a, in LaneNumber b, out LaneNumber product)
    {
        Vector512<uint> fold = Vector512.Create((ulong)UpperFold).AsUInt32();
        var mask = Vector512.Create(Mask);
        Vector512<uint> a0 = a.L0.AsUInt32(), a1 = a.L1.AsUInt32(), a2 = a.L2.AsUInt32(), a3 = a.L3.AsUInt32(), a4 = a.L4.AsUInt32();
        Vector512<uint> a5 = a.L5.AsUInt32(), a6 = a.L6.AsUInt32(), a7 = a.L7.AsUInt32(), a8 = a.L8.AsUInt32(), a9 = a.L9.AsUInt32();
        Vector512<uint> b0 = b.L0.AsUInt32(), b1 = b.L1.AsUInt32(), b2 = b.L2.AsUInt32(), b3 = b.L3.AsUInt32(), b4 = b.L4.AsUInt32();
        Vector512<uint> b5 = b.L5.AsUInt32(), b6 = b.L6.AsUInt32(), b7 = b.L7.AsUInt32(), b8 = b.L8.AsUInt32(), b9 = b.L9.AsUInt32();

        // The upper columns, carried: 2^260 ≡ UpperFold (mod p), a limb and ten bits of the next.
        var carry = Wide.Multiply(a1, b9) + Wide.Multiply(a2, b8) + Wide.Multiply(a3, b7) + Wide.Multiply(a4, b6) + Wide.Multiply(a5, b5)
            + Wide.Multiply(a6, b4) + Wide.Multiply(a7, b3) + Wide.Multiply(a8, b2) + Wide.Multiply(a9, b1);
        var h0 = (carry & mask).AsUInt32();
        carry = (carry >> LimbBits) + (Wide.Multiply(a2, b9) + Wide.Multiply(a3, b8) + Wide.Multiply(a4, b7) + Wide.Multiply(a5, b6) + Wide.Multiply(a6, b5)
            + Wide.Multiply(a7, b4) + Wide.Multiply(a8, b3) + Wide.Multiply(a9, b2));
        var h1 = (carry & mask).AsUInt32();
        carry = (carry >> LimbBits) + (Wide.Multiply(a3, b9) + Wide.Multiply(a4, b8) + Wide.Multiply(a5, b7) + Wide.Multiply(a6, b6) + Wide.Multiply(a7, b5)
            + Wide.Multiply(a8, b4) + Wide.Multiply(a9, b3));
        var h2 = (carry & mask).AsUInt32();
        carry = (carry >> LimbBits) + (Wide.Multiply(a4, b9) + Wide.Multiply(a5, b8) + Wide.Multiply(a6, b7) + Wide.Multiply(a7, b6) + Wide.Multiply(a8, b5)
            + Wide.Multiply(a9, b4));
        var h3 = (carry & mask).AsUInt32();
        carry = (carry >> LimbBits) + (Wide.Multiply(a5, b9) + Wide.Multiply(a6, b8) + Wide.Multiply(a7, b7) + Wide.Multiply(a8, b6) + Wide.Multiply(a9, b5));
        var h4 = (carry & mask).AsUInt32();
        carry = (carry >> LimbBits) + (Wide.Multiply(a6, b9) + Wide.Multiply(a7, b8) + Wide.Multiply(a8, b7) + Wide.Multiply(a9, b6));
        var h5 = (carry & mask).AsUInt32();
        carry = (carry >> LimbBits) + (Wide.Multiply(a7, b9) + Wide.Multiply(a8, b8) + Wide.Multiply(a9, b7));
        var h6 = (carry & mask).AsUInt32();
        carry = (carry >> LimbBits) + (Wide.Multiply(a8, b9) + Wide.Multiply(a9, b8));
        var h7 = (carry & mask).AsUInt32();
        carry = (carry >> LimbBits) + Wide.Multiply(a9, b9);
        var h8 = (carry & mask).AsUInt32();
        var h9 = (carry >> LimbBits).AsUInt32();

        // The lower columns, with the upper ones folded onto them.
        carry = Wide.Multiply(a0, b0) + Wide.Multiply(h0, fold);
        var t0 = carry & mask;
        carry = (carry >> LimbBits) + (Wide.Multiply(a0, b1) + Wide.Multiply(a1, b0) + Wide.Multiply(h1, fold) + (h0.AsUInt64() << FoldShift));
        var t1 = carry & mask;
        carry = (carry >> LimbBits) + (Wide.Multiply(a0, b2) + Wide.Multiply(a1, b1) + Wide.Multiply(a2, b0) + Wide.Multiply(h2, fold) + (h1.AsUInt64() << FoldShift));
        var t2 = carry & mask;
        carry = (carry >> LimbBits) + (Wide.Multiply(a0, b3) + Wide.Multiply(a1, b2) + Wide.Multiply(a2, b1) + Wide.Multiply(a3, b0) + Wide.Multiply(h3, fold)
            + (h2.AsUInt64() << FoldShift));
        var t3 = carry & mask;
        carry = (carry >> LimbBits) + (Wide.Multiply(a0, b4) + Wide.Multiply(a1, b3) + Wide.Multiply(a2, b2) + Wide.Multiply(a3, b1) + Wide.Multiply(a4, b0)
            + Wide.Multiply(h4, fold) + (h3.AsUInt64() << FoldShift));
        var t4 = carry & mask;
        carry = (carry >> LimbBits) + (Wide.Multiply(a0, b5) + Wide.Multiply(a1, b4) + Wide.Multiply(a2, b3) + Wide.Multiply(a3, b2) + Wide.Multiply(a4, b1)
            + Wide.Multiply(a5, b0) + Wide.Multiply(h5, fold) + (h4.AsUInt64() << FoldShift));
        var t5 = carry & mask;
        carry = (carry >> LimbBits) + (Wide.Multiply(a0, b6) + Wide.Multiply(a1, b5) + Wide.Multiply(a2, b4) + Wide.Multiply(a3, b3) + Wide.Multiply(a4, b2)
            + Wide.Multiply(a5, b1) + Wide.Multiply(a6, b0) + Wide.Multiply(h6, fold) + (h5.AsUInt64() << FoldShift));
        var t6 = carry & mask;
        carry = (carry >> LimbBits) + (Wide.Multiply(a0, b7) + Wide.Multiply(a1, b6) + Wide.Multiply(a2, b5) + Wide.Multiply(a3, b4) + Wide.Multiply(a4, b3)
            + Wide.Multiply(a5, b2) + Wide.Multiply(a6, b1) + Wide.Multiply(a7, b0) + Wide.Multiply(h7, fold) + (h6.AsUInt64() << FoldShift));
        var t7 = carry & mask;
        carry = (carry >> LimbBits) + (Wide.Multiply(a0, b8) + Wide.Multiply(a1, b7) + Wide.Multiply(a2, b6) + Wide.Multiply(a3, b5) + Wide.Multiply(a4, b4)
            + Wide.Multiply(a5, b3) + Wide.Multiply(a6, b2) + Wide.Multiply(a7, b1) + Wide.Multiply(a8, b0) + Wide.Multiply(h8, fold)
            + (h7.AsUInt64() << FoldShift));
        var t8 = carry & mask;
        carry = (carry >> LimbBits) + (Wide.Multiply(a0, b9) + Wide.Multiply(a1, b8) + Wide.Multiply(a2, b7) + Wide.Multiply(a3, b6) + Wide.Multiply(a4, b5)
            + Wide.Multiply(a5, b4) + Wide.Multiply(a6, b3) + Wide.Multiply(a7, b2) + Wide.Multiply(a8, b1) + Wide.Multiply(a9, b0)
            + Wide.Multiply(h9, fold) + (h8.AsUInt64() << FoldShift));

        Close(carry, h9.AsUInt64(), mask, ref t0, ref t1, ref t2, out var t9);
        (product.L0, product.L1, product.L2, product.L3, product.L4) = (t0, t1, t2, t3, t4);
        (product.L5, product.L6, product.L7, product.L8, product.L9) = (t5, t6, t7, t8, t9);
    }

    public static void Square(in LaneNumber a, out LaneNumber product)
    {
        Vector512<uint> fold = Vector512.Create((ulong)UpperFold).AsUInt32();
        var mask = Vector512.Create(Mask);
        Vector512<uint> a0 = a.L0.AsUInt32(), a1 = a.L1.AsUInt32(), a2 = a.L2.AsUInt32(), a3 = a.L3.AsUInt32(), a4 = a.L4.AsUInt32();
        Vector512<uint> a5 = a.L5.AsUInt32(), a6 = a.L6.AsUInt32(), a7 = a.L7.AsUInt32(), a8 = a.L8.AsUInt32(), a9 = a.L9.AsUInt32();
        Vector512<uint> d0 = a0 + a0, d1 = a1 + a1, d2 = a2 + a2, d3 = a3 + a3, d4 = a4 + a4;
        Vector512<uint> d5 = a5 + a5, d6 = a6 + a6, d7 = a7 + a7, d8 = a8 + a8;

        // The upper columns, carried: 2^260 ≡ UpperFold (mod p), a limb and ten bits of the next.
        var carry = Wide.Multiply(d1, a9) + Wide.Multiply(d2, a8) + Wide.Multiply(d3, a7) + Wide.Multiply(d4, a6) + Wide.Multiply(a5, a5);
        var h0 = (carry & mask).AsUInt32();
        carry = (carry >> LimbBits) + (Wide.Multiply(d2, a9) + Wide.Multiply(d3, a8) + Wide.Multiply(d4, a7) + Wide.Multiply(d5, a6));
        var h1 = (carry & mask).AsUInt32();
        carry = (carry >> LimbBits) + (Wide.Multiply(d3, a9) + Wide.Multiply(d4, a8) + Wide.Multiply(d5, a7) + Wide.Multiply(a6, a6));
        var h2 = (carry & mask).AsUInt32();
        carry = (carry >> LimbBits) + (Wide.Multiply(d4, a9) + Wide.Multiply(d5, a8) + Wide.Multiply(d6, a7));
        var h3 = (carry & mask).AsUInt32();
        carry = (carry >> LimbBits) + (Wide.Multiply(d5, a9) + Wide.Multiply(d6, a8) + Wide.Multiply(a7, a7));
        var h4 = (carry & mask).AsUInt32();
        carry = (carry >> LimbBits) + (Wide.Multiply(d6, a9) + Wide.Multiply(d7, a8));
        var h5 = (carry & mask).AsUInt32();
        carry = (carry >> LimbBits) + (Wide.Multiply(d7, a9) + Wide.Multiply(a8, a8));
        var h6 = (carry & mask).AsUInt32();
        carry = (carry >> LimbBits) + Wide.Multiply(d8, a9);
        var h7 = (carry & mask).AsUInt32();
        carry = (carry >> LimbBits) + Wide.Multiply(a9, a9);
        var h8 = (carry & mask).AsUInt32();
        var h9 = (carry >> LimbBits).AsUInt32();

        // The lower columns, with the upper ones folded onto them.
        carry = Wide.Multiply(a0, a0) + Wide.Multiply(h0, fold);
        var t0 = carry & mask;
        carry = (carry >> LimbBits) + (Wide.Multiply(d0, a1) + Wide.Multiply(h1, fold) + (h0.AsUInt64() << FoldShift));
        var t1 = carry & mask;
        carry = (carry >> LimbBits) + (Wide.Multiply(d0, a2) + Wide.Multiply(a1, a1) + Wide.Multiply(h2, fold) + (h1.AsUInt64() << FoldShift));
        var t2 = carry & mask;
        carry = (carry >> LimbBits) + (Wide.Multiply(d0, a3) + Wide.Multiply(d1, a2) + Wide.Multiply(h3, fold) + (h2.AsUInt64() << FoldShift));
        var t3 = carry & mask;
        carry = (carry >> LimbBits) + (Wide.Multiply(d0, a4) + Wide.Multiply(d1, a3) + Wide.Multiply(a2, a2) + Wide.Multiply(h4, fold) + (h3.AsUInt64() << FoldShift));
        var t4 = carry & mask;
        carry = (carry >> LimbBits) + (Wide.Multiply(d0, a5) + Wide.Multiply(d1, a4) + Wide.Multiply(d2, a3) + Wide.Multiply(h5, fold) + (h4.AsUInt64() << FoldShift));
        var t5 = carry & mask;
        carry = (carry >> LimbBits) + (Wide.Multiply(d0, a6) + Wide.Multiply(d1, a5) + Wide.Multiply(d2, a4) + Wide.Multiply(a3, a3) + Wide.Multiply(h6, fold)
            + (h5.AsUInt64() << FoldShift));
        var t6 = carry & mask;
        carry = (carry >> LimbBits) + (Wide.Multiply(d0, a7) + Wide.Multiply(d1, a6) + Wide.Multiply(d2, a5) + Wide.Multiply(d3, a4) + Wide.Multiply(h7, fold)
            + (h6.AsUInt64() << FoldShift));
        var t7 = carry & mask;
        carry = (carry >> LimbBits) + (Wide.Multiply(d0, a8) + Wide.Multiply(d1, a7) + Wide.Multiply(d2, a6) + Wide.Multiply(d3, a5) + Wide.Multiply(a4, a4)
            + Wide.Multiply(h8, fold) + (h7.AsUInt64() << FoldShift));
        var t8 = carry & mask;
        carry = (carry >> LimbBits) + (Wide.Multiply(d0, a9) + Wide.Multiply(d1, a8) + Wide.Multiply(d2, a7) + Wide.Multiply(d3, a6) + Wide.Multiply(d4, a5)
            + Wide.Multiply(h9, fold) + (h8.AsUInt64() << FoldShift));

        Close(carry, h9.AsUInt64(), mask, ref t0, ref t1, ref t2, out var t9);
        (product.L0, product.L1, product.L2, product.L3, product.L4) = (t0, t1, t2, t3, t4);
        (product.L5, product.L6, product.L7, product.L8, product.L9) = (t5, t6, t7, t8, t9);
    }

    // What stands at 2^256 and above comes round once more; after one step of carrying the number is [1].
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Close(Vector512<ulong> last, Vector512<ulong> beyond, Vector512<ulong> mask, ref Vector512<ulong> t0, ref Vector512<ulong> t1, ref Vector512<ulong> t2, out Vector512<ulong> t9)
    {
        var fold = Vector512.Create((ulong)TopFold).AsUInt32();
        var top = (last >> TopBits) + (beyond << (FoldShift + LimbBits - TopBits));
        t9 = last & Vector512.Create(TopMask);
        Vector512<ulong> low = top & mask, high = top >> LimbBits;
        t0 += Wide.Multiply(low.AsUInt32(), fold);
        t1 += (low << TopShift) + Wide.Multiply(high.AsUInt32(), fold) + (t0 >> LimbBits);
        t2 += (high << TopShift) + (t1 >> LimbBits);
        t0 &= mask;
        t1 &= mask;
    }

    /// <summary>a to the power 2^<paramref name="times"/>.</summary>
    public static void Square(in LaneNumber a, int times, out LaneNumber power)
    {
        power = a;
        for (; times > 0; times--) Square(power, out power);
    }

    /// <summary>Adds magnitudes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(in LaneNumber a, in LaneNumber b, out LaneNumber sum)
    {
        (sum.L0, sum.L1, sum.L2, sum.L3, sum.L4) = (a.L0 + b.L0, a.L1 + b.L1, a.L2 + b.L2, a.L3 + b.L3, a.L4 + b.L4);
        (sum.L5, sum.L6, sum.L7, sum.L8, sum.L9) = (a.L5 + b.L5, a.L6 + b.L6, a.L7 + b.L7, a.L8 + b.L8, a.L9 + b.L9);
    }

    /// <summary>a - b, where b is at most [<paramref name="magnitude"/>]: adds one more than that.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Subtract(in LaneNumber a, in LaneNumber b, uint magnitude, out LaneNumber difference)
    {
        // A multiple of p whose limbs are all greater than what is taken away.
        Vector512<ulong> first = Vector512.Create((Mask - 976) * (magnitude + 1)), second = Vector512.Create((Mask - 64) * (magnitude + 1));
        Vector512<ulong> others = Vector512.Create(Mask * (magnitude + 1)), last = Vector512.Create(TopMask * (magnitude + 1));
        (difference.L0, difference.L1, difference.L2) = (a.L0 + first - b.L0, a.L1 + second - b.L1, a.L2 + others - b.L2);
        (difference.L3, difference.L4, difference.L5) = (a.L3 + others - b.L3, a.L4 + others - b.L4, a.L5 + others - b.L5);
        (difference.L6, difference.L7, difference.L8) = (a.L6 + others - b.L6, a.L7 + others - b.L7, a.L8 + others - b.L8);
        difference.L9 = a.L9 + last - b.L9;
    }

    /// <summary>2^<paramref name="doublings"/>·a, of as many times the magnitude.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Double(in LaneNumber a, int doublings, out LaneNumber multiple)
    {
        (multiple.L0, multiple.L1, multiple.L2, multiple.L3, multiple.L4) = (a.L0 << doublings, a.L1 << doublings, a.L2 << doublings, a.L3 << doublings, a.L4 << doublings);
        (multiple.L5, multiple.L6, multiple.L7, multiple.L8, multiple.L9) = (a.L5 << doublings, a.L6 << doublings, a.L7 << doublings, a.L8 << doublings, a.L9 << doublings);
    }

    /// <summary>b where the lane's mask is all ones, a where it is zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Choose(Vector512<ulong> mask, in LaneNumber a, in LaneNumber b, out LaneNumber chosen)
    {
        (chosen.L0, chosen.L1, chosen.L2, chosen.L3, chosen.L4) = (Vector512.ConditionalSelect(mask, b.L0, a.L0), Vector512.ConditionalSelect(mask, b.L1, a.L1), Vector512.ConditionalSelect(mask, b.L2, a.L2), Vector512.ConditionalSelect(mask, b.L3, a.L3), Vector512.ConditionalSelect(mask, b.L4, a.L4));
        (chosen.L5, chosen.L6, chosen.L7, chosen.L8, chosen.L9) = (Vector512.ConditionalSelect(mask, b.L5, a.L5), Vector512.ConditionalSelect(mask, b.L6, a.L6), Vector512.ConditionalSelect(mask, b.L7, a.L7), Vector512.ConditionalSelect(mask, b.L8, a.L8), Vector512.ConditionalSelect(mask, b.L9, a.L9));
    }

    /// <summary>The same number in all lanes.</summary>
    public static LaneNumber Everywhere(in UInt256 number)
    {
        var all = default(LaneNumber);
        for (var lane = 0; lane < Lanes; lane++) all.Set(lane, number);
        return all;
    }

    /// <summary>Puts a number below 2^256 into a lane.</summary>
    public void Set(int lane, in UInt256 n)
    {
        ReadOnlySpan<ulong> limbs =
        [
            n.U0 & Mask, n.U0 >> 26 & Mask, (n.U0 >> 52 | n.U1 << 12) & Mask, n.U1 >> 14 & Mask, (n.U1 >> 40 | n.U2 << 24) & Mask,
            n.U2 >> 2 & Mask, n.U2 >> 28 & Mask, (n.U2 >> 54 | n.U3 << 10) & Mask, n.U3 >> 16 & Mask, n.U3 >> 42,
        ];
        for (var i = 0; i < limbs.Length; i++) Limb(i, lane) = limbs[i];
    }

    /// <summary>The number below p that stands in a lane.</summary>
    public UInt256 Get(int lane)
    {
        Span<ulong> l = stackalloc ulong[10];
        for (var i = 0; i < l.Length; i++) l[i] = Limb(i, lane);
        do
        {
            for (var i = 0; i < 9; i++)
            {
                l[i + 1] += l[i] >> LimbBits;
                l[i] &= Mask;
            }
            var top = l[9] >> TopBits;
            l[9] &= TopMask;
            l[0] += top * TopFold;
            l[1] += top << TopShift;
        }
        while ((l[0] | l[1]) >> LimbBits != 0);
        var number = new UInt256(l[0] | l[1] << 26 | l[2] << 52, l[2] >> 12 | l[3] << 14 | l[4] << 40, l[4] >> 24 | l[5] << 2 | l[6] << 28 | l[7] << 54, l[7] >> 10 | l[8] << 16 | l[9] << 42);
        return number >= Secp256k1Curve.PrimeNumber ? number - Secp256k1Curve.PrimeNumber : number;
    }

    ref ulong Limb(int limb, int lane) => ref Unsafe.Add(ref Unsafe.As<Vector512<ulong>, ulong>(ref Unsafe.AsRef(ref L0)), limb * Lanes + lane);
}
