global using BnFp = Hufu.Crypto.Fp256<Hufu.Crypto.BnBasePrime>;
global using BnFp12 = Hufu.Crypto.Fp12<Hufu.Crypto.Fp256<Hufu.Crypto.BnBasePrime>>;
global using BnFp2 = Hufu.Crypto.Fp2<Hufu.Crypto.Fp256<Hufu.Crypto.BnBasePrime>>;

namespace Hufu.Crypto;

/// <summary>The base field's prime of alt_bn128 (EIP-196).</summary>
readonly struct BnBasePrime : IPrime256
{
    public static ulong P0 => 0x3c20_8c16_d87c_fd47;
    public static ulong P1 => 0x9781_6a91_6871_ca8d;
    public static ulong P2 => 0xb850_45b6_8181_585d;
    public static ulong P3 => 0x3064_4e72_e131_a029;
    public static ulong NegativeInverse => 0x87d2_0782_e486_6389;
    public static Fp256Limbs One => new(0xd35d_438d_c58f_0d9d, 0x0a78_eb28_f5c7_0b3d, 0x666e_a36f_7879_462c, 0x0e0a_77c1_9a07_df2f);
    public static Fp256Limbs RSquared => new(0xf32c_fc5b_538a_fa89, 0xb5e7_1911_d445_01fb, 0x47ab_1eff_0a41_7ff6, 0x06d8_9f71_cab8_351f);
    public static uint XiReal => 9;
}
