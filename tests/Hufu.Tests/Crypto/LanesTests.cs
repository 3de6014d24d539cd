using System.Runtime.Intrinsics.X86;
using CsCheck;
using Hufu.Crypto;
using Xunit;
using BlsFr = Hufu.Crypto.Fp256<Hufu.Crypto.BlsGroupOrder>;
using BnFp = Hufu.Crypto.Fp256<Hufu.Crypto.BnBasePrime>;

namespace Hufu.Tests.Crypto;

/// <summary>The vector arithmetic against its scalar twin.</summary>
public class LanesTests
{
    [Fact]
    public void Two_products_in_Fp2_of_alt_bn128_at_once_equal_two_single_ones() => AgreesWithScalar<BnFp, TenLimbs>();

    [Fact]
    public void Two_products_in_Fp2_of_BLS12_381_at_once_equal_two_single_ones() => AgreesWithScalar<BlsFp, FourteenLimbs>();

    static void AgreesWithScalar<F, L>() where F : struct, ITowerField<F> where L : struct, ILimbs
    {
        SkipWithoutVectors();
        Gen<F> element = Gen.OneOf(Gen.ULong.Array[5].Select(Mix<F>), Gen.Int[0, 3].Select(Edge<F>));
        Gen<Fp2<F>> pair = element.Select(element, (c0, c1) => new Fp2<F>(c0, c1));
        pair.Select(pair, pair, pair).Sample((a, b, c, d) =>
        {
            Lanes<F, L>.Pack(a, b, out L x);
            Lanes<F, L>.Pack(c, d, out L y);
            Expect(x, a, b);

            Lanes<F, L>.MultiplyFp2(x, y, out L product);
            Fp2<F>.Multiply(a, c, out Fp2<F> ac);
            Fp2<F>.Multiply(b, d, out Fp2<F> bd);
            Expect(product, ac, bd);

            // Operands as large as the formulas of a Miller loop make them.
            Lanes<F, L>.Combine(x, 1, y, -12, out L combined);
            Lanes<F, L>.SquareFp2(combined, out L square);
            Lanes<F, L>.MultiplyFp2(combined, combined, out L same);
            Expect(square, SquareOf(a, c), SquareOf(b, d));
            Expect(same, SquareOf(a, c), SquareOf(b, d));
        }, iter: 500);

        static Fp2<F> SquareOf(Fp2<F> a, Fp2<F> c)
        {
            for (int i = 0; i < 12; i++) Fp2<F>.Subtract(a, c, out a);
            Fp2<F>.Square(a, out a);
            return a;
        }

        static void Expect(in L lanes, in Fp2<F> first, in Fp2<F> second)
        {
            Lanes<F, L>.Unpack(lanes, out Fp2<F> x, out Fp2<F> y);
            Assert.True(x.IsEqualTo(first) && y.IsEqualTo(second));
        }
    }

    [Fact]
    public void Fp12_in_vectors_agrees_with_the_scalar_tower()
    {
        SkipWithoutVectors();
        Gen.ULong.Array[5].Array[12].Select(Gen.ULong.Array[5].Array[12]).Sample((x, y) =>
        {
            Fp12<BlsFp> a = Element(x), b = Element(y);
            LaneFp12<BlsFp, FourteenLimbs>.Pack(a, out LaneFp6<BlsFp, FourteenLimbs> la);
            LaneFp12<BlsFp, FourteenLimbs>.Pack(b, out LaneFp6<BlsFp, FourteenLimbs> lb);

            LaneFp12<BlsFp, FourteenLimbs>.Multiply(la, lb, out LaneFp6<BlsFp, FourteenLimbs> product);
            Fp12<BlsFp>.Multiply(a, b, out Fp12<BlsFp> expected);
            Expect(product, expected);

            LaneFp12<BlsFp, FourteenLimbs>.Square(product, out product);
            Fp12<BlsFp>.Square(expected, out expected);
            Expect(product, expected);

            // Many squarings in a row must not outgrow the limbs.
            for (int i = 0; i < 70; i++)
            {
                LaneFp12<BlsFp, FourteenLimbs>.CyclotomicSquare(product, out product);
                Cyclotomic<BlsFp>.Square(expected, out expected);
            }
            Expect(product, expected);
        }, iter: 20);

        static void Expect(in LaneFp6<BlsFp, FourteenLimbs> lanes, in Fp12<BlsFp> expected)
        {
            LaneFp12<BlsFp, FourteenLimbs>.Unpack(lanes, out Fp12<BlsFp> value);
            Assert.True(value.IsEqualTo(expected));
        }
    }

    [Fact]
    public void Miller_loops_and_final_exponentiations_of_one_to_three_pairs_agree()
    {
        SkipWithoutVectors();
        for (int count = 1; count <= 3; count++)
        {
            var ps = new AffinePoint<BlsFp>[count];
            var qs = new AffinePoint<Fp2<BlsFp>>[count];
            for (int k = 0; k < count; k++)
            {
                BlsMultiExponentiation.Sum([BlsCurve.G1], [BlsFr.FromUInt64(77UL + (ulong)k)], out JacobianPoint<BlsFp> p);
                BlsMultiExponentiation.Sum([BlsCurve.G2], [BlsFr.FromUInt64(1234UL * (ulong)(k + 1))], out JacobianPoint<Fp2<BlsFp>> q);
                p.ToAffine(out ps[k]);
                q.ToAffine(out qs[k]);
            }

            BlsPairing.MillerLoop(ps, qs, out Fp12<BlsFp> scalar);
            BlsLanePairing.MillerLoop(ps, qs, out Fp12<BlsFp> vector);
            // The loops differ by factors of Fp2, which the easy part removes.
            BlsPairing.EasyPart(scalar, out scalar);
            BlsPairing.EasyPart(vector, out vector);
            Assert.True(scalar.IsEqualTo(vector));
            BlsPairing.HardPart(scalar, out scalar);
            BlsLanePairing.HardPart(vector, out vector);
            Assert.True(scalar.IsEqualTo(vector));
        }
    }

    [Fact]
    public void Both_pairings_of_alt_bn128_agree()
    {
        SkipWithoutVectors();
        AffinePoint<BnFp> p = new(BnFp.One, BnFp.FromUInt64(2));
        Assert.True(BnCurve.TryReadG2(Bn254Tests.G2, out AffinePoint<Fp2<BnFp>> q));
        BnCurve.Psi(q, out AffinePoint<Fp2<BnFp>> other);
        for (int count = 1; count <= 3; count++)
        {
            AffinePoint<BnFp>[] ps = [.. Enumerable.Repeat(p, count)];
            AffinePoint<Fp2<BnFp>>[] qs = [.. new[] { q, other, q }.Take(count)];
            BnPairing.MillerLoop(ps, qs, out Fp12<BnFp> scalar);
            BnLanePairing.MillerLoop(ps, qs, out Fp12<BnFp> vector);
            BnPairing.EasyPart(scalar, out scalar);
            BnPairing.EasyPart(vector, out vector);
            Assert.True(scalar.IsEqualTo(vector));
            BnPairing.HardPart(scalar, out scalar);
            BnLanePairing.HardPart(vector, out vector);
            Assert.True(scalar.IsEqualTo(vector));
            Assert.False(scalar.IsOne);
        }
    }

    static Fp12<BlsFp> Element(ulong[][] numbers)
    {
        Fp2<BlsFp> Pair(int i) => new(Mix<BlsFp>(numbers[2 * i]), Mix<BlsFp>(numbers[2 * i + 1]));
        return new Fp12<BlsFp>
        {
            C0 = new Fp6<BlsFp> { C0 = Pair(0), C1 = Pair(1), C2 = Pair(2) },
            C1 = new Fp6<BlsFp> { C0 = Pair(3), C1 = Pair(4), C2 = Pair(5) },
        };
    }

    static F Mix<F>(ulong[] numbers) where F : struct, ITowerField<F>
    {
        F mixed = F.One;
        foreach (ulong number in numbers)
        {
            F.Square(mixed, out mixed);
            F.Multiply(mixed, F.FromUInt64(number | 1), out mixed);
            F.Add(mixed, F.FromUInt64(number), out mixed);
        }
        return mixed;
    }

    static F Edge<F>(int i) where F : struct, ITowerField<F>
    {
        F element = F.FromUInt64((ulong)(i >> 1));
        if ((i & 1) != 0) F.Negate(element, out element);
        return element;
    }

    static void SkipWithoutVectors()
    {
        if (!Avx2.IsSupported) Assert.Skip("this processor has no AVX2: the scalar twin is used alone");
    }
}
