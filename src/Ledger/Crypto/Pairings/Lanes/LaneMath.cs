using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hufu.Crypto;

/// <summary>
/// What is done to one vector of limbs. Its four lanes are the real and imaginary parts of two elements of Fp2, the halves: [x0 x1 | y0 y1].
/// </summary>
static class LaneMath
{
    public const int LimbBits = 28;
    public const long Mask = (1L << LimbBits) - 1;

    /// <summary>The products of the lanes' lower 32 bits, signed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> Product(Vector256<long> a, Vector256<long> b) => Avx2.Multiply(a.AsInt32(), b.AsInt32());

    /// <summary>[x0 x0 | y0 y0].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> Real(Vector256<long> a) => Avx2.UnpackLow(a, a);

    /// <summary>[x1 x0 | y1 y0].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> Exchange(Vector256<long> a) => Avx2.Shuffle(a.AsInt32(), 0b01_00_11_10).AsInt64();

    /// <summary>[-x1 x1 | -y1 y1].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> SignedImaginary(Vector256<long> a) => NegateReal(Avx2.UnpackHigh(a, a));

    /// <summary>Times u: [-x1 x0 | -y1 y0].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> TimesU(Vector256<long> a) => NegateReal(Exchange(a));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<long> NegateReal(Vector256<long> a)
    {
        Vector256<long> sign = Vector256.Create(-1L, 0, -1, 0);
        return (a ^ sign) - sign;
    }

    /// <summary>[y | x].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> SwapHalves(Vector256<long> a) => Avx2.Permute4x64(a, 0b01_00_11_10);

    /// <summary>[a's first | b's first].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> FirstFirst(Vector256<long> a, Vector256<long> b) => Avx2.Permute2x128(a, b, 0x20);

    /// <summary>[a's first | b's second].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> FirstSecond(Vector256<long> a, Vector256<long> b) => Avx2.Blend(a.AsInt32(), b.AsInt32(), 0xf0).AsInt64();

    /// <summary>[a's second | b's first].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> SecondFirst(Vector256<long> a, Vector256<long> b) => Avx2.Permute2x128(a, b, 0x21);

    /// <summary>[a's second | b's second].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> SecondSecond(Vector256<long> a, Vector256<long> b) => Avx2.Permute2x128(a, b, 0x31);

    // AVX2 shifts 64-bit lanes right only without sign: the number is lifted by 2^63 first. AVX-512 does it in one step.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> ShiftRight(Vector256<long> a) => Avx512F.VL.IsSupported
        ? Avx512F.VL.ShiftRightArithmetic(a, LimbBits)
        : ((a ^ Vector256.Create(long.MinValue)) >>> LimbBits) - Vector256.Create(1L << (63 - LimbBits));

    /// <summary>Adds a carry, leaves 28 bits and carries on the rest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> Carry(Vector256<long> a, ref Vector256<long> carry)
    {
        a += carry;
        carry = ShiftRight(a);
        return a & Vector256.Create(Mask);
    }
}
