using System.Numerics;
using CsCheck;
using Hufu.Primitives;

namespace Hufu.Tests.Primitives;

/// <summary>Words that find the edges of 256-bit arithmetic: limbs of zeros, ones, single bits and their neighbours far more often than chance would bring them.</summary>
static class Words
{
    public static readonly BigInteger Modulus = BigInteger.One << 256;

    static readonly Gen<ulong> Limb = Gen.Frequency(
        (4, Gen.Const(0UL)),
        (3, Gen.Const(ulong.MaxValue)),
        (1, Among<ulong>(1, 2, ulong.MaxValue - 1, 1UL << 63, (1UL << 63) - 1, (1UL << 63) + 1, uint.MaxValue, 1UL << 32)),
        (1, Gen.Int[0, 63].Select(bit => 1UL << bit)),
        (1, Gen.ULong[0, 255]),
        (4, Gen.ULong));

    static readonly Gen<UInt256> Limbs = Gen.Select(Limb, Limb, Limb, Limb, (a, b, c, d) => new UInt256(a, b, c, d));

    /// <summary>Any word; a quarter of them fit 64 bits, as most words of real programs do.</summary>
    public static readonly Gen<UInt256> Any = Gen.Frequency(
        (4, Limbs),
        (2, Limb.Select(limb => new UInt256(limb))),
        (1, Gen.Select(Limb, Limb, (a, b) => new UInt256(a, b, 0, 0))),
        (1, Gen.Select(Limb, Limb, Limb, (a, b, c) => new UInt256(a, b, c, 0))),
        (1, Gen.Select(Gen.Int[0, 255], Gen.Int[-1, 1], (bit, step) => (UInt256)(((BigInteger.One << bit) + step + Modulus) % Modulus))));

    /// <summary>Pairs, a part of them equal or neighbours.</summary>
    public static readonly Gen<(UInt256 A, UInt256 B)> Pairs = Gen.Frequency(
        (6, Gen.Select(Any, Any)),
        (1, Gen.Select(Any, Gen.Int[-1, 1], (a, step) => (a, Wrap((BigInteger)a + step)))));

    public static readonly Gen<(UInt256 A, UInt256 B, UInt256 C)> Triples = Gen.Select(Pairs, Any, (pair, c) => (pair.A, pair.B, c));

    public static Gen<T> Among<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    /// <summary>The integer modulo 2^256.</summary>
    public static UInt256 Wrap(BigInteger value) => (UInt256)(((value % Modulus) + Modulus) % Modulus);

    /// <summary>The word read as two's complement.</summary>
    public static BigInteger Signed(UInt256 value) => value.IsNegative ? (BigInteger)value - Modulus : (BigInteger)value;
}
