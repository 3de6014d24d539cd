global using BlsFp12 = Hufu.Crypto.Fp12<Hufu.Crypto.BlsFp>;
global using BlsFp2 = Hufu.Crypto.Fp2<Hufu.Crypto.BlsFp>;
global using BlsFr = Hufu.Crypto.Fp256<Hufu.Crypto.BlsGroupOrder>;

namespace Hufu.Crypto;

/// <summary>The order r of the groups of BLS12-381, modulo which scalars and the values of KZG polynomials are counted.</summary>
readonly struct BlsGroupOrder : IPrime256
{
    public static ulong P0 => 0xffff_ffff_0000_0001;
    public static ulong P1 => 0x53bd_a402_fffe_5bfe;
    public static ulong P2 => 0x3339_d808_09a1_d805;
    public static ulong P3 => 0x73ed_a753_299d_7d48;
    public static ulong NegativeInverse => 0xffff_fffe_ffff_ffff;
    public static Fp256Limbs One => new(0x0000_0001_ffff_fffe, 0x5884_b7fa_0003_4802, 0x998c_4fef_ecbc_4ff5, 0x1824_b159_acc5_056f);
    public static Fp256Limbs RSquared => new(0xc999_e990_f3f2_9c6d, 0x2b6c_edcb_8792_5c23, 0x05d3_1496_7254_398f, 0x0748_d9d9_9f59_ff11);
    public static uint XiReal => 0;
}
