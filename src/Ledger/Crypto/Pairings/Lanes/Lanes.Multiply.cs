using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hufu.Crypto;

/// <content>
/// The two products. Each row multiplies by one limb and takes one limb off by Montgomery reduction; the column sums are signed and stay
/// below 2^63: 2·14 products of limbs up to 2^29, and 14 of 28 bits. Unrolled over the columns, so that for ten limbs they stay in registers.
/// </content>
static partial class Lanes<F, L>
{
    /// <summary>The products in Fp2 of both halves: a reduction is shared by the two products in each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyFp2(in L a, in L b, out L product)
    {
        ref L modulus = ref Unsafe.AsRef(in Modulus);
        Unsafe.SkipInit(out L exchanged);
        for (int j = 0; j < L.Count; j++) At(ref exchanged, j) = LaneMath.Exchange(Get(b, j));

        Vector256<long> mask = Vector256.Create(LaneMath.Mask), inverse = NegativeInverse;
        Vector256<long> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default;
        Vector256<long> s7 = default, s8 = default, s9 = default, s10 = default, s11 = default, s12 = default, s13 = default;
        for (int i = 0; i < L.Count; i++)
        {
            Vector256<long> real = LaneMath.Real(Get(a, i)), imaginary = LaneMath.SignedImaginary(Get(a, i));
            s0 += LaneMath.Product(real, Get(b, 0)) + LaneMath.Product(imaginary, At(ref exchanged, 0));
            Vector256<long> factor = LaneMath.Product(s0, inverse) & mask;
            s1 += LaneMath.ShiftRight(s0 + LaneMath.Product(factor, At(ref modulus, 0)));
            s0 = s1 + LaneMath.Product(real, Get(b, 1)) + LaneMath.Product(imaginary, At(ref exchanged, 1)) + LaneMath.Product(factor, At(ref modulus, 1));
            s1 = s2 + LaneMath.Product(real, Get(b, 2)) + LaneMath.Product(imaginary, At(ref exchanged, 2)) + LaneMath.Product(factor, At(ref modulus, 2));
            s2 = s3 + LaneMath.Product(real, Get(b, 3)) + LaneMath.Product(imaginary, At(ref exchanged, 3)) + LaneMath.Product(factor, At(ref modulus, 3));
            s3 = s4 + LaneMath.Product(real, Get(b, 4)) + LaneMath.Product(imaginary, At(ref exchanged, 4)) + LaneMath.Product(factor, At(ref modulus, 4));
            s4 = s5 + LaneMath.Product(real, Get(b, 5)) + LaneMath.Product(imaginary, At(ref exchanged, 5)) + LaneMath.Product(factor, At(ref modulus, 5));
            s5 = s6 + LaneMath.Product(real, Get(b, 6)) + LaneMath.Product(imaginary, At(ref exchanged, 6)) + LaneMath.Product(factor, At(ref modulus, 6));
            s6 = s7 + LaneMath.Product(real, Get(b, 7)) + LaneMath.Product(imaginary, At(ref exchanged, 7)) + LaneMath.Product(factor, At(ref modulus, 7));
            s7 = s8 + LaneMath.Product(real, Get(b, 8)) + LaneMath.Product(imaginary, At(ref exchanged, 8)) + LaneMath.Product(factor, At(ref modulus, 8));
            s8 = s9 + LaneMath.Product(real, Get(b, 9)) + LaneMath.Product(imaginary, At(ref exchanged, 9)) + LaneMath.Product(factor, At(ref modulus, 9));
            if (L.Count == 10)
            {
                s9 = default;
                continue;
            }
            s9 = s10 + LaneMath.Product(real, Get(b, 10)) + LaneMath.Product(imaginary, At(ref exchanged, 10)) + LaneMath.Product(factor, At(ref modulus, 10));
            s10 = s11 + LaneMath.Product(real, Get(b, 11)) + LaneMath.Product(imaginary, At(ref exchanged, 11)) + LaneMath.Product(factor, At(ref modulus, 11));
            s11 = s12 + LaneMath.Product(real, Get(b, 12)) + LaneMath.Product(imaginary, At(ref exchanged, 12)) + LaneMath.Product(factor, At(ref modulus, 12));
            s12 = s13 + LaneMath.Product(real, Get(b, 13)) + LaneMath.Product(imaginary, At(ref exchanged, 13)) + LaneMath.Product(factor, At(ref modulus, 13));
            s13 = default;
        }

        Unsafe.SkipInit(out product);
        Vector256<long> carry = default;
        At(ref product, 0) = LaneMath.Carry(s0, ref carry);
        At(ref product, 1) = LaneMath.Carry(s1, ref carry);
        At(ref product, 2) = LaneMath.Carry(s2, ref carry);
        At(ref product, 3) = LaneMath.Carry(s3, ref carry);
        At(ref product, 4) = LaneMath.Carry(s4, ref carry);
        At(ref product, 5) = LaneMath.Carry(s5, ref carry);
        At(ref product, 6) = LaneMath.Carry(s6, ref carry);
        At(ref product, 7) = LaneMath.Carry(s7, ref carry);
        At(ref product, 8) = LaneMath.Carry(s8, ref carry);
        if (L.Count == 10)
        {
            At(ref product, 9) = s9 + carry;
            return;
        }
        At(ref product, 9) = LaneMath.Carry(s9, ref carry);
        At(ref product, 10) = LaneMath.Carry(s10, ref carry);
        At(ref product, 11) = LaneMath.Carry(s11, ref carry);
        At(ref product, 12) = LaneMath.Carry(s12, ref carry);
        At(ref product, 13) = s13 + carry;
    }

    /// <summary>The products lane by lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(in L a, in L b, out L product)
    {
        ref L modulus = ref Unsafe.AsRef(in Modulus);
        Vector256<long> mask = Vector256.Create(LaneMath.Mask), inverse = NegativeInverse;
        Vector256<long> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default;
        Vector256<long> s7 = default, s8 = default, s9 = default, s10 = default, s11 = default, s12 = default, s13 = default;
        for (int i = 0; i < L.Count; i++)
        {
            Vector256<long> limb = Get(a, i);
            s0 += LaneMath.Product(limb, Get(b, 0));
            Vector256<long> factor = LaneMath.Product(s0, inverse) & mask;
            s1 += LaneMath.ShiftRight(s0 + LaneMath.Product(factor, At(ref modulus, 0)));
            s0 = s1 + LaneMath.Product(limb, Get(b, 1)) + LaneMath.Product(factor, At(ref modulus, 1));
            s1 = s2 + LaneMath.Product(limb, Get(b, 2)) + LaneMath.Product(factor, At(ref modulus, 2));
            s2 = s3 + LaneMath.Product(limb, Get(b, 3)) + LaneMath.Product(factor, At(ref modulus, 3));
            s3 = s4 + LaneMath.Product(limb, Get(b, 4)) + LaneMath.Product(factor, At(ref modulus, 4));
            s4 = s5 + LaneMath.Product(limb, Get(b, 5)) + LaneMath.Product(factor, At(ref modulus, 5));
            s5 = s6 + LaneMath.Product(limb, Get(b, 6)) + LaneMath.Product(factor, At(ref modulus, 6));
            s6 = s7 + LaneMath.Product(limb, Get(b, 7)) + LaneMath.Product(factor, At(ref modulus, 7));
            s7 = s8 + LaneMath.Product(limb, Get(b, 8)) + LaneMath.Product(factor, At(ref modulus, 8));
            s8 = s9 + LaneMath.Product(limb, Get(b, 9)) + LaneMath.Product(factor, At(ref modulus, 9));
            if (L.Count == 10)
            {
                s9 = default;
                continue;
            }
            s9 = s10 + LaneMath.Product(limb, Get(b, 10)) + LaneMath.Product(factor, At(ref modulus, 10));
            s10 = s11 + LaneMath.Product(limb, Get(b, 11)) + LaneMath.Product(factor, At(ref modulus, 11));
            s11 = s12 + LaneMath.Product(limb, Get(b, 12)) + LaneMath.Product(factor, At(ref modulus, 12));
            s12 = s13 + LaneMath.Product(limb, Get(b, 13)) + LaneMath.Product(factor, At(ref modulus, 13));
            s13 = default;
        }

        Unsafe.SkipInit(out product);
        Vector256<long> carry = default;
        At(ref product, 0) = LaneMath.Carry(s0, ref carry);
        At(ref product, 1) = LaneMath.Carry(s1, ref carry);
        At(ref product, 2) = LaneMath.Carry(s2, ref carry);
        At(ref product, 3) = LaneMath.Carry(s3, ref carry);
        At(ref product, 4) = LaneMath.Carry(s4, ref carry);
        At(ref product, 5) = LaneMath.Carry(s5, ref carry);
        At(ref product, 6) = LaneMath.Carry(s6, ref carry);
        At(ref product, 7) = LaneMath.Carry(s7, ref carry);
        At(ref product, 8) = LaneMath.Carry(s8, ref carry);
        if (L.Count == 10)
        {
            At(ref product, 9) = s9 + carry;
            return;
        }
        At(ref product, 9) = LaneMath.Carry(s9, ref carry);
        At(ref product, 10) = LaneMath.Carry(s10, ref carry);
        At(ref product, 11) = LaneMath.Carry(s11, ref carry);
        At(ref product, 12) = LaneMath.Carry(s12, ref carry);
        At(ref product, 13) = s13 + carry;
    }
}
