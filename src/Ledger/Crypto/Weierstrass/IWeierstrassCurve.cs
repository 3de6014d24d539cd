using Hufu.Primitives;

namespace Hufu.Crypto;

/// <summary>A curve y² = x³ + a·x + b of prime order over a prime field of 256 bits, given as constants the JIT compiles in.</summary>
interface IWeierstrassCurve
{
    /// <summary>p, the field's prime, in carried limbs.</summary>
    static abstract Limbs52 Prime { get; }

    /// <summary>p, least significant limb first.</summary>
    static abstract UInt256 PrimeNumber { get; }

    /// <summary>-p⁻¹ mod 2^64.</summary>
    static abstract ulong PrimeNegativeInverse { get; }

    /// <summary>A multiple of p each of whose limbs is at least 3·2^52 (the top one 3·2^48) and at most 5·2^52: added before a subtraction, it keeps limbs from going below zero.</summary>
    static abstract Limbs52 SubtractionBias { get; }

    /// <summary>What the field's elements are multiplied by on their way in, so that <see cref="Reduce"/> need only divide: one where no Montgomery form is used.</summary>
    static abstract Limbs52 EntryFactor { get; }

    /// <summary>The number one as the field represents it.</summary>
    static abstract Limbs52 One { get; }

    static abstract UInt256 GeneratorX { get; }
    static abstract UInt256 GeneratorY { get; }

    /// <summary>Brings a product's columns below 2^63 to limbs of at most 2^52 + 2^46, the top one 2^48 + 2^12.</summary>
    static abstract void Reduce(in Product52 product, out Limbs52 reduced);

    /// <summary>x³ + a·x + b.</summary>
    static abstract void RightSide(in Limbs52 x, out Limbs52 right);

    /// <summary>3·X² + a·Z⁴, the numerator of the tangent's slope in Jacobian coordinates.</summary>
    static abstract void Tangent(in Limbs52 x, in Limbs52 z, out Limbs52 slope);
}
