using Hufu.Primitives;

namespace Hufu.Crypto;

/// <summary>
/// secp256k1's short cut (Gallant, Lambert, Vanstone, 2001): λ·(x, y) = (β·x, y), so k·P = k1·P + k2·(λ·P) with k1, k2 of half the length,
/// and half of the doublings fall away.
/// </summary>
static class Endomorphism
{
    /// <summary>β, a cube root of one modulo p.</summary>
    public static Limbs52 Beta => new(0x96C28719501EE, 0x7512F58995C13, 0xC3434E99CF049, 0x7106E64479EA, 0x7AE96A2B657C);

    // The lattice of (k1, k2) with k1 + k2·λ ≡ 0 has the short basis (A1, -B1), (A2, A1).
    static UInt256 A1 => new(0xE86C90E49284EB15, 0x3086D221A7D46BCD, 0, 0);
    static UInt256 B1 => new(0x6F547FA90ABFE4C3, 0xE4437ED6010E8828, 0, 0);
    static UInt256 A2 => new(0x57C1108D9D44CFD8, 0x14CA50F7A8E2F3F6, 1, 0);

    // 2^384·A1/n and 2^384·B1/n, rounded.
    static UInt256 A1Reciprocal => new(0xE893209A45DBB031, 0x3DAA8A1471E8CA7F, 0xE86C90E49284EB15, 0x3086D221A7D46BCD);
    static UInt256 B1Reciprocal => new(0x1571B4AE8AC47F71, 0x221208AC9DF506C6, 0x6F547FA90ABFE4C4, 0xE4437ED6010E8828);

    /// <summary>k ≡ ±k1 ± k2·λ modulo the group order, k1 and k2 below 2^128.</summary>
    public static void Split(in UInt256 k, out UInt256 k1, out bool k1IsNegative, out UInt256 k2, out bool k2IsNegative)
    {
        // The lattice vector nearest to (k, 0) is c1·(A1, -B1) + c2·(A2, A1); what is left is short. The true values of k1 and k2
        // fit, so that arithmetic modulo 2^256 gives them with their signs.
        UInt256 c1 = DivideByOrder(k, A1Reciprocal), c2 = DivideByOrder(k, B1Reciprocal);
        k1 = k - c1 * A1 - c2 * A2;
        k2 = c1 * B1 - c2 * A1;
        k1IsNegative = k1.IsNegative;
        k2IsNegative = k2.IsNegative;
        if (k1IsNegative) k1 = -k1;
        if (k2IsNegative) k2 = -k2;
    }

    /// <summary>a·b / 2^384, rounded to the nearest.</summary>
    static UInt256 DivideByOrder(in UInt256 a, in UInt256 b)
    {
        Span<ulong> product = stackalloc ulong[8];
        ReadOnlySpan<ulong> left = [a.U0, a.U1, a.U2, a.U3], right = [b.U0, b.U1, b.U2, b.U3];
        product.Clear();
        for (var i = 0; i < 4; i++)
        {
            UInt128 carry = 0;
            for (var j = 0; j < 4; j++)
            {
                carry += (UInt128)left[i] * right[j] + product[i + j];
                product[i + j] = (ulong)carry;
                carry >>= 64;
            }
            product[i + 4] = (ulong)carry;
        }
        return new UInt256(product[6], product[7], 0, 0) + (product[5] >> 63);
    }
}
