using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Hufu.Crypto;

/// <summary>An element of the prime field of <typeparamref name="TPrime"/>, in Montgomery form to the base 2^256, always below p.</summary>
[SkipLocalsInit]
partial struct Fp256<TPrime> : ITowerField<Fp256<TPrime>> where TPrime : struct, IPrime256
{
    public ulong L0, L1, L2, L3;

    Fp256(Fp256Limbs limbs) => (L0, L1, L2, L3) = (limbs.L0, limbs.L1, limbs.L2, limbs.L3);

    public static Fp256<TPrime> Zero => default;
    public static Fp256<TPrime> One => new(TPrime.One);
    public static uint XiReal => TPrime.XiReal;
    public static int LimbCount => 4;

    public static void CopyModulus(Span<ulong> limbs) =>
        (limbs[0], limbs[1], limbs[2], limbs[3]) = (TPrime.P0, TPrime.P1, TPrime.P2, TPrime.P3);

    public readonly bool IsZero => (L0 | L1 | L2 | L3) == 0;

    public readonly bool IsEqualTo(in Fp256<TPrime> other) =>
        ((L0 ^ other.L0) | (L1 ^ other.L1) | (L2 ^ other.L2) | (L3 ^ other.L3)) == 0;

    /// <summary>Reads 32 big-endian bytes; false when the number is not below p.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out Fp256<TPrime> element)
    {
        Fp256<TPrime> number = ReadLimbs(bytes);
        ulong borrow = 0;
        Limb.Subtract(number.L0, TPrime.P0, ref borrow);
        Limb.Subtract(number.L1, TPrime.P1, ref borrow);
        Limb.Subtract(number.L2, TPrime.P2, ref borrow);
        Limb.Subtract(number.L3, TPrime.P3, ref borrow);
        Multiply(number, new Fp256<TPrime>(TPrime.RSquared), out element);
        return borrow != 0;
    }

    /// <summary>Reads 32 big-endian bytes modulo p.</summary>
    public static Fp256<TPrime> ReadReduced(ReadOnlySpan<byte> bytes)
    {
        // With the second factor below p the product stays below 2^256·p, which is all the reduction asks for.
        Multiply(ReadLimbs(bytes), new Fp256<TPrime>(TPrime.RSquared), out Fp256<TPrime> element);
        return element;
    }

    static Fp256<TPrime> ReadLimbs(ReadOnlySpan<byte> bytes)
    {
        Fp256<TPrime> number;
        number.L3 = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        number.L2 = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        number.L1 = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        number.L0 = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
        return number;
    }

    /// <summary>Writes 32 big-endian bytes.</summary>
    public readonly void Write(Span<byte> bytes)
    {
        Fp256Limbs number = ToLimbs();
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number.L3);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], number.L2);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], number.L1);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], number.L0);
    }

    /// <summary>The number itself, out of Montgomery form.</summary>
    public readonly Fp256Limbs ToLimbs()
    {
        Multiply(this, new Fp256<TPrime>(new Fp256Limbs(1, 0, 0, 0)), out Fp256<TPrime> number);
        return new Fp256Limbs(number.L0, number.L1, number.L2, number.L3);
    }

    public readonly void CopyRawLimbs(Span<ulong> limbs) => (limbs[0], limbs[1], limbs[2], limbs[3]) = (L0, L1, L2, L3);

    public static void FromRawLimbs(ReadOnlySpan<ulong> limbs, out Fp256<TPrime> element) =>
        element = new Fp256<TPrime>(new Fp256Limbs(limbs[0], limbs[1], limbs[2], limbs[3]));

    public static Fp256<TPrime> FromUInt64(ulong number)
    {
        Multiply(new Fp256<TPrime>(new Fp256Limbs(number, 0, 0, 0)), new Fp256<TPrime>(TPrime.RSquared), out Fp256<TPrime> element);
        return element;
    }

    public static void Add(in Fp256<TPrime> a, in Fp256<TPrime> b, out Fp256<TPrime> sum)
    {
        ulong carry = 0;
        ulong s0 = Limb.Add(a.L0, b.L0, ref carry);
        ulong s1 = Limb.Add(a.L1, b.L1, ref carry);
        ulong s2 = Limb.Add(a.L2, b.L2, ref carry);
        ulong s3 = a.L3 + b.L3 + carry;   // both below 2^63
        SubtractModulusOnce(s0, s1, s2, s3, out sum);
    }

    public static void Double(in Fp256<TPrime> a, out Fp256<TPrime> twice) =>
        SubtractModulusOnce(a.L0 << 1, (a.L1 << 1) | (a.L0 >> 63), (a.L2 << 1) | (a.L1 >> 63), (a.L3 << 1) | (a.L2 >> 63), out twice);

    public static void Subtract(in Fp256<TPrime> a, in Fp256<TPrime> b, out Fp256<TPrime> difference)
    {
        ulong borrow = 0;
        ulong d0 = Limb.Subtract(a.L0, b.L0, ref borrow);
        ulong d1 = Limb.Subtract(a.L1, b.L1, ref borrow);
        ulong d2 = Limb.Subtract(a.L2, b.L2, ref borrow);
        ulong d3 = Limb.Subtract(a.L3, b.L3, ref borrow);

        ulong wrapped = 0 - borrow, carry = 0;
        difference.L0 = Limb.Add(d0, TPrime.P0 & wrapped, ref carry);
        difference.L1 = Limb.Add(d1, TPrime.P1 & wrapped, ref carry);
        difference.L2 = Limb.Add(d2, TPrime.P2 & wrapped, ref carry);
        difference.L3 = d3 + (TPrime.P3 & wrapped) + carry;
    }

    public static void Negate(in Fp256<TPrime> a, out Fp256<TPrime> negative)
    {
        ulong notZero = a.IsZero ? 0UL : ulong.MaxValue, borrow = 0;
        ulong d0 = Limb.Subtract(TPrime.P0 & notZero, a.L0, ref borrow);
        ulong d1 = Limb.Subtract(TPrime.P1 & notZero, a.L1, ref borrow);
        ulong d2 = Limb.Subtract(TPrime.P2 & notZero, a.L2, ref borrow);
        ulong d3 = (TPrime.P3 & notZero) - a.L3 - borrow;
        (negative.L0, negative.L1, negative.L2, negative.L3) = (d0, d1, d2, d3);
    }

    public static void Square(in Fp256<TPrime> a, out Fp256<TPrime> square) => Multiply(a, a, out square);

    public static void Invert(in Fp256<TPrime> a, out Fp256<TPrime> inverse)
    {
        Span<ulong> limbs = [a.L0, a.L1, a.L2, a.L3];
        ModularInverse.Invert(limbs, [TPrime.P0, TPrime.P1, TPrime.P2, TPrime.P3], TPrime.NegativeInverse);

        // From 1/(aR) to R/a: two Montgomery products by R².
        Fp256<TPrime> rSquared = new(TPrime.RSquared), raw = new(new Fp256Limbs(limbs[0], limbs[1], limbs[2], limbs[3]));
        Multiply(raw, rSquared, out raw);
        Multiply(raw, rSquared, out inverse);
    }

    /// <summary>The sum less p where it is not below p; the sum must be below 2p and 2^256.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void SubtractModulusOnce(ulong s0, ulong s1, ulong s2, ulong s3, out Fp256<TPrime> reduced)
    {
        ulong borrow = 0;
        ulong d0 = Limb.Subtract(s0, TPrime.P0, ref borrow);
        ulong d1 = Limb.Subtract(s1, TPrime.P1, ref borrow);
        ulong d2 = Limb.Subtract(s2, TPrime.P2, ref borrow);
        ulong d3 = Limb.Subtract(s3, TPrime.P3, ref borrow);

        ulong below = 0 - borrow;
        reduced.L0 = Limb.Select(below, s0, d0);
        reduced.L1 = Limb.Select(below, s1, d1);
        reduced.L2 = Limb.Select(below, s2, d2);
        reduced.L3 = Limb.Select(below, s3, d3);
    }
}
