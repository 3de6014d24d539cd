using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Hufu.Crypto;

/// <summary>An element of the base field of BLS12-381, in Montgomery form to the base 2^384, always below p.</summary>
[SkipLocalsInit]
partial struct BlsFp : ITowerField<BlsFp>
{
    const ulong P0 = 0xb9fe_ffff_ffff_aaab, P1 = 0x1eab_fffe_b153_ffff, P2 = 0x6730_d2a0_f6b0_f624;
    const ulong P3 = 0x6477_4b84_f385_12bf, P4 = 0x4b1b_a7b6_434b_acd7, P5 = 0x1a01_11ea_397f_e69a;

    /// <summary>-p⁻¹ mod 2^64.</summary>
    const ulong NegativeInverse = 0x89f3_fffc_fffc_fffd;

    public ulong L0, L1, L2, L3, L4, L5;

    BlsFp(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4, ulong l5) => (L0, L1, L2, L3, L4, L5) = (l0, l1, l2, l3, l4, l5);

    public static BlsFp Zero => default;

    /// <summary>2^384 mod p.</summary>
    public static BlsFp One => new(
        0x7609_0000_0002_fffd, 0xebf4_000b_c40c_0002, 0x5f48_9857_53c7_58ba,
        0x77ce_5853_7052_5745, 0x5c07_1a97_a256_ec6d, 0x15f6_5ec3_fa80_e493);

    /// <summary>2^768 mod p: multiplying by it enters Montgomery form.</summary>
    static BlsFp RSquared => new(
        0xf4df_1f34_1c34_1746, 0x0a76_e6a6_09d1_04f1, 0x8de5_476c_4c95_b6d5,
        0x67eb_88a9_939d_83c0, 0x9a79_3e85_b519_952d, 0x1198_8fe5_92ca_e3aa);

    public static uint XiReal => 1;
    public static int LimbCount => 6;
    static ReadOnlySpan<ulong> Modulus => [P0, P1, P2, P3, P4, P5];
    public static void CopyModulus(Span<ulong> limbs) => Modulus.CopyTo(limbs);

    public readonly bool IsZero => (L0 | L1 | L2 | L3 | L4 | L5) == 0;

    public readonly bool IsEqualTo(in BlsFp other) =>
        ((L0 ^ other.L0) | (L1 ^ other.L1) | (L2 ^ other.L2) | (L3 ^ other.L3) | (L4 ^ other.L4) | (L5 ^ other.L5)) == 0;

    /// <summary>Reads 48 big-endian bytes; false when the number is not below p.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out BlsFp element)
    {
        BlsFp number;
        number.L5 = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        number.L4 = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        number.L3 = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        number.L2 = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
        number.L1 = BinaryPrimitives.ReadUInt64BigEndian(bytes[32..]);
        number.L0 = BinaryPrimitives.ReadUInt64BigEndian(bytes[40..]);

        bool isBelowModulus = CompareLimbs(number, new BlsFp(P0, P1, P2, P3, P4, P5)) < 0;
        Multiply(number, RSquared, out element);
        return isBelowModulus;
    }

    /// <summary>Writes 48 big-endian bytes.</summary>
    public readonly void Write(Span<byte> bytes)
    {
        BlsFp number = ToNumber();
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number.L5);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], number.L4);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], number.L3);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], number.L2);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[32..], number.L1);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[40..], number.L0);
    }

    public readonly void CopyRawLimbs(Span<ulong> limbs) =>
        (limbs[0], limbs[1], limbs[2], limbs[3], limbs[4], limbs[5]) = (L0, L1, L2, L3, L4, L5);

    public static void FromRawLimbs(ReadOnlySpan<ulong> limbs, out BlsFp element) =>
        element = new BlsFp(limbs[0], limbs[1], limbs[2], limbs[3], limbs[4], limbs[5]);

    public static BlsFp FromUInt64(ulong number)
    {
        Multiply(new BlsFp(number, 0, 0, 0, 0, 0), RSquared, out BlsFp element);
        return element;
    }

    /// <summary>Whether the number is odd (sgn0 of RFC 9380, section 4.1).</summary>
    public readonly bool IsOdd => (ToNumber().L0 & 1) != 0;

    /// <summary>Whether the number is above (p-1)/2: the sign that a compressed point carries.</summary>
    public readonly bool IsLexicographicallyLargest => CompareLimbs(ToNumber(), new BlsFp(
        0xdcff_7fff_ffff_d555, 0x0f55_ffff_58a9_ffff, 0xb398_6950_7b58_7b12,
        0xb23b_a5c2_79c2_895f, 0x258d_d3db_21a5_d66b, 0x0d00_88f5_1cbf_f34d)) > 0;

    /// <summary>The number itself, out of Montgomery form.</summary>
    readonly BlsFp ToNumber()
    {
        Multiply(this, new BlsFp(1, 0, 0, 0, 0, 0), out BlsFp number);
        return number;
    }

    static int CompareLimbs(in BlsFp a, in BlsFp b)
    {
        if (a.L5 != b.L5) return a.L5 < b.L5 ? -1 : 1;
        if (a.L4 != b.L4) return a.L4 < b.L4 ? -1 : 1;
        if (a.L3 != b.L3) return a.L3 < b.L3 ? -1 : 1;
        if (a.L2 != b.L2) return a.L2 < b.L2 ? -1 : 1;
        if (a.L1 != b.L1) return a.L1 < b.L1 ? -1 : 1;
        return a.L0.CompareTo(b.L0);
    }

    public static void Add(in BlsFp a, in BlsFp b, out BlsFp sum)
    {
        ulong carry = 0;
        ulong s0 = Limb.Add(a.L0, b.L0, ref carry);
        ulong s1 = Limb.Add(a.L1, b.L1, ref carry);
        ulong s2 = Limb.Add(a.L2, b.L2, ref carry);
        ulong s3 = Limb.Add(a.L3, b.L3, ref carry);
        ulong s4 = Limb.Add(a.L4, b.L4, ref carry);
        ulong s5 = a.L5 + b.L5 + carry;   // both below 2^61
        SubtractModulusOnce(s0, s1, s2, s3, s4, s5, out sum);
    }

    public static void Double(in BlsFp a, out BlsFp twice) => SubtractModulusOnce(
        a.L0 << 1, (a.L1 << 1) | (a.L0 >> 63), (a.L2 << 1) | (a.L1 >> 63),
        (a.L3 << 1) | (a.L2 >> 63), (a.L4 << 1) | (a.L3 >> 63), (a.L5 << 1) | (a.L4 >> 63), out twice);

    public static void Subtract(in BlsFp a, in BlsFp b, out BlsFp difference)
    {
        ulong borrow = 0;
        ulong d0 = Limb.Subtract(a.L0, b.L0, ref borrow);
        ulong d1 = Limb.Subtract(a.L1, b.L1, ref borrow);
        ulong d2 = Limb.Subtract(a.L2, b.L2, ref borrow);
        ulong d3 = Limb.Subtract(a.L3, b.L3, ref borrow);
        ulong d4 = Limb.Subtract(a.L4, b.L4, ref borrow);
        ulong d5 = Limb.Subtract(a.L5, b.L5, ref borrow);

        ulong wrapped = 0 - borrow, carry = 0;
        difference.L0 = Limb.Add(d0, P0 & wrapped, ref carry);
        difference.L1 = Limb.Add(d1, P1 & wrapped, ref carry);
        difference.L2 = Limb.Add(d2, P2 & wrapped, ref carry);
        difference.L3 = Limb.Add(d3, P3 & wrapped, ref carry);
        difference.L4 = Limb.Add(d4, P4 & wrapped, ref carry);
        difference.L5 = d5 + (P5 & wrapped) + carry;
    }

    public static void Negate(in BlsFp a, out BlsFp negative)
    {
        ulong notZero = a.IsZero ? 0UL : ulong.MaxValue, borrow = 0;
        negative.L0 = Limb.Subtract(P0 & notZero, a.L0, ref borrow);
        negative.L1 = Limb.Subtract(P1 & notZero, a.L1, ref borrow);
        negative.L2 = Limb.Subtract(P2 & notZero, a.L2, ref borrow);
        negative.L3 = Limb.Subtract(P3 & notZero, a.L3, ref borrow);
        negative.L4 = Limb.Subtract(P4 & notZero, a.L4, ref borrow);
        negative.L5 = (P5 & notZero) - a.L5 - borrow;
    }

    public static void Invert(in BlsFp a, out BlsFp inverse)
    {
        Span<ulong> limbs = [a.L0, a.L1, a.L2, a.L3, a.L4, a.L5];
        ModularInverse.Invert(limbs, Modulus, NegativeInverse);

        // From 1/(aR) to R/a: two Montgomery products by R².
        BlsFp raw = new(limbs[0], limbs[1], limbs[2], limbs[3], limbs[4], limbs[5]);
        Multiply(raw, RSquared, out raw);
        Multiply(raw, RSquared, out inverse);
    }

    /// <summary>The sum less p where it is not below p; the sum must be below 2p.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void SubtractModulusOnce(ulong s0, ulong s1, ulong s2, ulong s3, ulong s4, ulong s5, out BlsFp reduced)
    {
        ulong borrow = 0;
        ulong d0 = Limb.Subtract(s0, P0, ref borrow);
        ulong d1 = Limb.Subtract(s1, P1, ref borrow);
        ulong d2 = Limb.Subtract(s2, P2, ref borrow);
        ulong d3 = Limb.Subtract(s3, P3, ref borrow);
        ulong d4 = Limb.Subtract(s4, P4, ref borrow);
        ulong d5 = Limb.Subtract(s5, P5, ref borrow);

        ulong below = 0 - borrow;
        reduced.L0 = Limb.Select(below, s0, d0);
        reduced.L1 = Limb.Select(below, s1, d1);
        reduced.L2 = Limb.Select(below, s2, d2);
        reduced.L3 = Limb.Select(below, s3, d3);
        reduced.L4 = Limb.Select(below, s4, d4);
        reduced.L5 = Limb.Select(below, s5, d5);
    }
}
