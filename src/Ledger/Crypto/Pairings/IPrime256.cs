namespace Hufu.Crypto;

/// <summary>A prime below 2^255 in four limbs, least significant first, with the constants of Montgomery arithmetic to the base 2^256.</summary>
interface IPrime256
{
    static abstract ulong P0 { get; }
    static abstract ulong P1 { get; }
    static abstract ulong P2 { get; }
    static abstract ulong P3 { get; }

    /// <summary>-p⁻¹ mod 2^64.</summary>
    static abstract ulong NegativeInverse { get; }

    /// <summary>2^256 mod p: the number one in Montgomery form.</summary>
    static abstract Fp256Limbs One { get; }

    /// <summary>2^512 mod p: multiplying by it enters Montgomery form.</summary>
    static abstract Fp256Limbs RSquared { get; }

    /// <summary>See <see cref="ITowerField{T}.XiReal"/>; zero where no tower stands on the field.</summary>
    static abstract uint XiReal { get; }
}

/// <summary>Four limbs, least significant first.</summary>
readonly record struct Fp256Limbs(ulong L0, ulong L1, ulong L2, ulong L3);
