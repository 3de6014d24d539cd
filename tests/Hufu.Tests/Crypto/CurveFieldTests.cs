using System.Numerics;
using CsCheck;
using Hufu.Crypto;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests;

/// <summary>The lazily carried field arithmetic of both curves against <see cref="BigInteger"/>.</summary>
public class CurveFieldTests
{
    // Any limbs up to the largest magnitude whose square the columns hold.
    static readonly Gen<Limbs52> LazyLimbs = Gen.Select(Limb(16), Limb(16), Limb(16), Limb(16), Limb(1), (l0, l1, l2, l3, l4) => new Limbs52(l0, l1, l2, l3, l4));

    // What a product looks like: magnitude 1.
    static readonly Gen<Limbs52> Products = Gen.Select(Limb(1), Limb(1), Limb(1), Limb(1), Gen.ULong[0, (1UL << 48) + (1UL << 12)], (l0, l1, l2, l3, l4) => new Limbs52(l0, l1, l2, l3, l4));

    [Fact]
    public void Secp256k1_field_agrees_with_big_integers() => Agrees<Secp256k1Curve>(montgomeryBits: 0);

    [Fact]
    public void P256_field_agrees_with_big_integers() => Agrees<P256Curve>(montgomeryBits: 312);

    static void Agrees<TCurve>(int montgomeryBits) where TCurve : struct, IWeierstrassCurve
    {
        var prime = (BigInteger)TCurve.PrimeNumber;
        var shift = BigInteger.ModPow(2, montgomeryBits, prime);
        Gen.Select(LazyLimbs, LazyLimbs).Sample((a, b) =>
        {
            CurveField<TCurve>.Multiply(a, b, out var product);
            AssertProduct(product);
            Assert.Equal(Value(a) * Value(b) % prime, Value(product) * shift % prime);
            CurveField<TCurve>.Square(a, out var square);
            AssertProduct(square);
            Assert.Equal(Value(a) * Value(a) % prime, Value(square) * shift % prime);
            CurveField<TCurve>.Canonize(a, out var canonical);
            Assert.Equal(Value(a) % prime, Value(canonical));
        }, iter: 20_000);

        Gen.Select(LazyLimbs, Products, Products, Products).Sample((a, b, c, d) =>
        {
            CurveField<TCurve>.Add(b, c, out var subtrahend);
            CurveField<TCurve>.Add(subtrahend, d, out subtrahend);
            CurveField<TCurve>.Subtract(a, subtrahend, out var difference);
            Assert.Equal(0, (Value(a) - Value(subtrahend) - Value(difference)) % prime);
            Assert.True(Value(difference) >= 0 && difference.L4 < 1UL << 57);
        }, iter: 20_000);

        Gen.Select(Products, Gen.UInt[1, 12]).Sample((a, factor) =>
        {
            // k·p in any disguise is zero; one more is not.
            CurveField<TCurve>.Scale(TCurve.Prime, factor, out var multiple);
            Assert.True(CurveField<TCurve>.IsZero(multiple));
            multiple.L0++;
            Assert.False(CurveField<TCurve>.IsZero(multiple));
            CurveField<TCurve>.Subtract(a, a, out var nothing);
            Assert.True(CurveField<TCurve>.IsZero(nothing));
            var number = (UInt256)(Value(a) % prime);
            CurveField<TCurve>.Enter(number, out var element);
            Assert.Equal(number, CurveField<TCurve>.Leave(element));
            CurveField<TCurve>.Invert(element, out var inverse);
            CurveField<TCurve>.Multiply(element, inverse, out var one);
            Assert.Equal(number.IsZero ? UInt256.Zero : UInt256.One, CurveField<TCurve>.Leave(one));
        }, iter: 2_000);
    }

    // The promise every magnitude in the point formulas builds on.
    static void AssertProduct(in Limbs52 product)
    {
        const ulong limit = (1UL << 52) + (1UL << 46);
        Assert.True(product.L0 <= limit && product.L1 <= limit && product.L2 <= limit && product.L3 <= limit && product.L4 <= (1UL << 48) + (1UL << 12));
    }

    static Gen<ulong> Limb(ulong magnitude) => Gen.Frequency((6, Gen.ULong[0, magnitude << 52]), (1, Gen.Const(magnitude << 52)), (1, Gen.Const(0UL)));

    static BigInteger Value(in Limbs52 limbs) => limbs.L0 + ((BigInteger)limbs.L1 << 52) + ((BigInteger)limbs.L2 << 104) + ((BigInteger)limbs.L3 << 156) + ((BigInteger)limbs.L4 << 208);
}
