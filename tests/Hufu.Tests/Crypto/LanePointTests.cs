using System.Runtime.Intrinsics.X86;
using CsCheck;
using Hufu.Crypto;
using Xunit;
using BnFp = Hufu.Crypto.Fp256<Hufu.Crypto.BnBasePrime>;

namespace Hufu.Tests.Crypto;

/// <summary>One point whose coordinates stand side by side, against the formulas that go through them one by one.</summary>
public class LanePointTests
{
    static readonly ulong[] Scalars = [1, 2, 3, 4, 7, 255, BlsCurve.MinusX, BnCurve.X, ulong.MaxValue];

    // Points of the curve of G1 that are mostly outside the group, and on alt_bn128 always inside.
    static IEnumerable<AffinePoint<BlsFp>> BlsPoints()
    {
        yield return BlsCurve.G1;
        var compressed = new byte[48];
        for (byte x = 0, found = 0; found < 6; x++)
        {
            (compressed[0], compressed[47]) = (0x80, x);
            if (!BlsEncoding.TryDecompressG1(compressed, out AffinePoint<BlsFp> point)) continue;
            found++;
            yield return point;
        }
    }

    [Fact]
    public void Sums_of_BLS12_381_are_those_of_the_plain_formulas() => SumsAgree<BlsFp, FourteenLimbs>([.. BlsPoints()]);

    [Fact]
    public void Sums_of_alt_bn128_are_those_of_the_plain_formulas()
    {
        var points = new AffinePoint<BnFp>[6];
        for (ulong k = 0; k < 6; k++)
        {
            ScalarMultiplication.Multiply(new JacobianPoint<BnFp>(new AffinePoint<BnFp>(BnFp.One, BnFp.FromUInt64(2))), 3 * k + 1, out JacobianPoint<BnFp> multiple);
            multiple.ToAffine(out points[k]);
        }
        SumsAgree<BnFp, TenLimbs>(points);
    }

    static void SumsAgree<F, L>(AffinePoint<F>[] points) where F : struct, ITowerField<F> where L : unmanaged, ILimbs
    {
        Assert.SkipUnless(Avx2.IsSupported, "this machine has no AVX2");
        var all = new List<JacobianPoint<F>> { default };
        foreach (AffinePoint<F> point in points)
        {
            var jacobian = new JacobianPoint<F>(point);
            JacobianPoint<F>.Negate(jacobian, out JacobianPoint<F> opposite);
            JacobianPoint<F>.Double(jacobian, out JacobianPoint<F> twice);
            all.AddRange([jacobian, opposite, twice]);
        }
        foreach (JacobianPoint<F> a in all)
        {
            LanePoint<F, L>.Pack(a, out L x);
            LanePoint<F, L>.Double(x, out L doubled);
            JacobianPoint<F>.Double(a, out JacobianPoint<F> twice);
            Expect(a.IsInfinity ? default : twice, doubled);
            foreach (JacobianPoint<F> b in all)
            {
                LanePoint<F, L>.Pack(b, out L y);
                LanePoint<F, L>.Add(x, y, out L sum);
                JacobianPoint<F>.Add(a, b, out JacobianPoint<F> expected);
                Expect(expected, sum);
            }
            foreach (ulong scalar in Scalars)
            {
                LanePoint<F, L>.Multiply(a, scalar, out JacobianPoint<F> product);
                ScalarMultiplication.Multiply(a, scalar, out JacobianPoint<F> expected);
                Assert.True(product.IsEqualTo(a.IsInfinity ? default : expected));
            }
        }

        static void Expect(in JacobianPoint<F> expected, in L lanes)
        {
            LanePoint<F, L>.Unpack(lanes, out JacobianPoint<F> point);
            Assert.True(point.IsEqualTo(expected));
        }
    }

    [Fact]
    public void A_short_scalar_of_an_affine_point_is_gone_through_bit_by_bit() => Gen.OneOf(Gen.ULong, Gen.ULong[0, 40], Gen.Const(ulong.MaxValue)).Sample(scalar =>
    {
        ScalarMultiplication.Multiply(BlsCurve.G1, scalar, out JacobianPoint<BlsFp> product);
        ScalarMultiplication.Multiply(new JacobianPoint<BlsFp>(BlsCurve.G1), scalar, out JacobianPoint<BlsFp> expected);
        return product.IsEqualTo(expected);
    }, iter: 300);

    [Fact]
    public void Both_parts_of_a_split_scalar_may_be_negative_zero_or_as_long_as_they_can()
    {
        Assert.SkipUnless(Avx2.IsSupported, "this machine has no AVX2");
        UInt128[] parts = [0, 1, 2, 31, UInt128.One << 127, UInt128.MaxValue, UInt128.MaxValue - 15, 0x123456789abcdef];
        foreach (AffinePoint<BlsFp> point in BlsPoints().Take(3))
        {
            var jacobian = new JacobianPoint<BlsFp>(point);
            BlsCurve.Phi(point, out AffinePoint<BlsFp> image);
            foreach (UInt128 first in parts)
                foreach (UInt128 second in parts)
                    for (int signs = 0; signs < 4; signs++)
                    {
                        var split = new SplitScalar(first, (signs & 1) != 0, second, (signs & 2) != 0);
                        LanePoint<BlsFp, FourteenLimbs>.Multiply(jacobian, BlsCurve.Beta, split, out JacobianPoint<BlsFp> product);
                        AffinePoint<BlsFp> a = point, b = image;
                        if (split.IsFirstNegative) AffinePoint<BlsFp>.Negate(a, out a);
                        if (split.IsSecondNegative) AffinePoint<BlsFp>.Negate(b, out b);
                        MultiExponentiation.Sum([a, b], [first, second], out JacobianPoint<BlsFp> expected);
                        Assert.True(product.IsEqualTo(expected));
                    }
        }
    }

    [Fact]
    public void Points_of_the_twist_of_BLS12_381_are_multiplied_alike_in_the_group_and_outside()
    {
        Assert.SkipUnless(Avx2.IsSupported, "this machine has no AVX2");
        var points = new List<JacobianPoint<Fp2<BlsFp>>> { default, new(BlsCurve.G2) };
        var compressed = new byte[96];
        for (byte x = 0; points.Count < 6; x++)
        {
            (compressed[0], compressed[95]) = (0x80, x);
            if (BlsEncoding.TryDecompressG2(compressed, out AffinePoint<Fp2<BlsFp>> point)) points.Add(new(point));
        }
        TwistAgrees<BlsFp, FourteenLimbs>(points, BlsCurve.ThriceTwistB);
    }

    [Fact]
    public void Points_of_the_twist_of_alt_bn128_are_multiplied_alike()
    {
        Assert.SkipUnless(Avx2.IsSupported, "this machine has no AVX2");
        Assert.True(BnCurve.TryReadG2(Bn254Tests.G2, out AffinePoint<Fp2<BnFp>> generator));
        var points = new List<JacobianPoint<Fp2<BnFp>>> { default, new(generator) };
        for (ulong k = 2; k < 5; k++)
        {
            ScalarMultiplication.Multiply(points[1], 0xabcdef * k, out JacobianPoint<Fp2<BnFp>> multiple);
            points.Add(multiple);
        }
        TwistAgrees<BnFp, TenLimbs>(points, BnCurve.ThriceTwistB);
    }

    static void TwistAgrees<F, L>(List<JacobianPoint<Fp2<F>>> points, Fp2<F> thriceB) where F : struct, ITowerField<F> where L : struct, ILimbs
    {
        foreach (JacobianPoint<Fp2<F>> point in points)
            foreach (ulong scalar in Scalars)
            {
                LaneTwistPoint<F, L>.Multiply(point, scalar, thriceB, out JacobianPoint<Fp2<F>> product);
                ScalarMultiplication.Multiply(point, scalar, out JacobianPoint<Fp2<F>> expected);
                Assert.True(product.IsEqualTo(point.IsInfinity ? default : expected));
            }
    }

    [Fact]
    public void One_point_of_G2_by_any_scalar_is_what_doubling_and_adding_gives() =>
        Gen.OneOf(Gen.Byte.Array[32], Gen.Byte.Array[32].Select(bytes => { bytes.AsSpan(0, 31).Clear(); return bytes; }), Gen.Const(new byte[32]), Gen.Const(Enumerable.Repeat((byte)255, 32).ToArray())).Sample(scalar =>
        {
            ScalarMultiplication.Multiply(BlsCurve.G2, ScalarMultiplication.ReadScalar(scalar), out JacobianPoint<Fp2<BlsFp>> expected);
            BlsMultiExponentiation.Sum([BlsCurve.G2], [Fp256<BlsGroupOrder>.ReadReduced(scalar)], out JacobianPoint<Fp2<BlsFp>> product);
            BlsMultiExponentiation.Sum([default(AffinePoint<Fp2<BlsFp>>)], [Fp256<BlsGroupOrder>.ReadReduced(scalar)], out JacobianPoint<Fp2<BlsFp>> nothing);
            return product.IsEqualTo(expected) && nothing.IsInfinity;
        }, iter: 60);

    [Fact]
    public void Affine_sums_meet_infinity_equal_and_opposite_points()
    {
        AffinePoint<BlsFp>[] points = [default, .. BlsPoints(), .. BlsPoints().Select(point => { AffinePoint<BlsFp>.Negate(point, out AffinePoint<BlsFp> opposite); return opposite; })];
        foreach (AffinePoint<BlsFp> a in points)
            foreach (AffinePoint<BlsFp> b in points)
            {
                AffinePoint<BlsFp>.Add(a, b, out AffinePoint<BlsFp> sum);
                JacobianPoint<BlsFp>.Add(new JacobianPoint<BlsFp>(a), b, out JacobianPoint<BlsFp> jacobian);
                jacobian.ToAffine(out AffinePoint<BlsFp> expected);
                Assert.True(sum.IsEqualTo(expected));
            }
    }
}
