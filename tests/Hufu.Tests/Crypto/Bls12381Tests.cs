using System.Globalization;
using System.Numerics;
using System.Runtime.Intrinsics.X86;
using CsCheck;
using Hufu.Crypto;
using Xunit;
using BlsFp2 = Hufu.Crypto.Fp2<Hufu.Crypto.BlsFp>;
using BlsFr = Hufu.Crypto.Fp256<Hufu.Crypto.BlsGroupOrder>;

namespace Hufu.Tests.Crypto;

public class Bls12381Tests
{
    static readonly Gen<BlsFr> Scalar = Gen.Byte.Array[32].Select(bytes => BlsFr.ReadReduced(bytes));

    [Fact]
    public void The_generators_have_the_order_of_the_groups()
    {
        Assert.True(BlsCurve.G1.IsOnCurve(BlsCurve.B) && BlsCurve.IsInG1(BlsCurve.G1));
        Assert.True(BlsCurve.G2.IsOnCurve(BlsCurve.TwistB) && BlsCurve.IsInG2(BlsCurve.G2));
    }

    [Fact]
    public void The_pairing_is_bilinear() =>
        Scalar.Sample(scalar =>
        {
            BlsMultiExponentiation.Sum([BlsCurve.G1], [scalar], out JacobianPoint<BlsFp> p);
            BlsMultiExponentiation.Sum([BlsCurve.G2], [scalar], out JacobianPoint<BlsFp2> q);
            p.ToAffine(out AffinePoint<BlsFp> multiple1);
            q.ToAffine(out AffinePoint<BlsFp2> multiple2);
            AffinePoint<BlsFp>.Negate(multiple1, out AffinePoint<BlsFp> opposite);
            return BlsPairing.IsProductOne([opposite, BlsCurve.G1], [BlsCurve.G2, multiple2])
                && !BlsPairing.IsProductOne([multiple1, BlsCurve.G1], [BlsCurve.G2, multiple2]);
        }, iter: 10);

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(24)]
    [InlineData(70)]
    [InlineData(300)]
    public void A_sum_of_products_equals_the_products_added_one_by_one(int count) =>
        Scalar.Array[count].Sample(scalars =>
        {
            AffinePoint<BlsFp>[] points = Points(count);
            BlsMultiExponentiation.Sum(points, scalars, out JacobianPoint<BlsFp> sum);

            JacobianPoint<BlsFp> expected = default;
            for (int i = 0; i < count; i++)
            {
                BlsScalarMultiplication.Multiply(new JacobianPoint<BlsFp>(points[i]), scalars[i], out JacobianPoint<BlsFp> product);
                ScalarMultiplication.Multiply(points[i], scalars[i].ToLimbs(), out JacobianPoint<BlsFp> plain);
                Assert.True(plain.IsEqualTo(product));
                JacobianPoint<BlsFp>.Add(expected, product, out expected);
            }
            return sum.IsEqualTo(expected);
        }, iter: 2);

    [Fact]
    public void Equal_and_opposite_points_and_infinity_may_be_summed()
    {
        AffinePoint<BlsFp>.Negate(BlsCurve.G1, out AffinePoint<BlsFp> opposite);
        AffinePoint<BlsFp>[] points = [.. Enumerable.Repeat(BlsCurve.G1, 40), .. Enumerable.Repeat(opposite, 40), default];
        BlsFr[] scalars = [.. Enumerable.Repeat(BlsFr.FromUInt64(77), points.Length)];
        BlsMultiExponentiation.Sum(points, scalars, out JacobianPoint<BlsFp> sum);
        Assert.True(sum.IsInfinity);
    }

    [Fact]
    public void Sums_in_lanes_equal_those_made_one_by_one() =>
        Gen.Select(Gen.Int[1, 13], Gen.ULong.Array[26], Gen.Int[-1, 12]).Sample((count, words, infinity) =>
        {
            if (!Avx2.IsSupported) return;
            AffinePoint<BlsFp>[] points = Points(count);
            AffinePoint<BlsFp2>[] twisted = [.. Enumerable.Range(1, count).Select(PointOfG2)];
            if (infinity >= 0 && infinity < count) (points[infinity], twisted[infinity]) = (default, default);
            UInt128[] scalars = [.. Enumerable.Range(0, count).Select(i => new UInt128(words[2 * i], words[2 * i + 1]))], halves = [.. scalars.Select(scalar => scalar >> 64)];

            Assert.True(LaneSums<BlsFp, FourOfG1>.TrySum(points, scalars, out JacobianPoint<BlsFp> sum));
            MultiExponentiation.Sum<BlsFp>(points, scalars, out JacobianPoint<BlsFp> expected);
            Assert.True(sum.IsEqualTo(expected));

            Assert.True(LaneSums<BlsFp2, TwoOfG2>.TrySum(twisted, halves, out JacobianPoint<BlsFp2> twistedSum));
            MultiExponentiation.Sum<BlsFp2>(twisted, halves, out JacobianPoint<BlsFp2> twistedExpected);
            Assert.True(twistedSum.IsEqualTo(twistedExpected));
        }, iter: 60);

    [Fact]
    public void Points_that_meet_in_the_lanes_are_summed_in_the_other_way()
    {
        BlsFr[] scalars = [.. Enumerable.Repeat(BlsFr.One, 8)];
        AffinePoint<BlsFp>.Negate(FourOfG1.Start, out AffinePoint<BlsFp> opposite);
        BlsMultiExponentiation.Sum([.. Enumerable.Repeat(FourOfG1.Start, 4), .. Enumerable.Repeat(opposite, 4)], scalars, out JacobianPoint<BlsFp> sum);
        Assert.True(sum.IsInfinity);
    }

    [Fact]
    public void A_stranger_among_points_of_the_group_is_found_wherever_it_stands()
    {
        // Small orders are those where a point meets its own multiples on the way: the order of the curve is that of the group times 3·11²·…
        AffinePoint<BlsFp>[] strangers = [OutsideTheGroup(1), OutsideTheGroup(3), OutsideTheGroup(11)];
        foreach (AffinePoint<BlsFp> stranger in strangers)
            for (int place = 0; place < 6; place++)
            {
                AffinePoint<BlsFp>[] points = Points(6);
                points[(place + 1) % 6] = default;
                Assert.True(LaneMembership<BlsFp, FourOfG1>.AreMembers(points));
                points[place] = stranger;
                Assert.False(BlsCurve.IsInG1(stranger));
                Assert.False(LaneMembership<BlsFp, FourOfG1>.AreMembers(points));
            }
        AffinePoint<BlsFp2>[] twisted = [PointOfG2(1), PointOfG2(2), default];
        Assert.True(LaneMembership<BlsFp2, TwoOfG2>.AreMembers(twisted));
        for (ulong x = 1; ; x++)
        {
            var bytes = new byte[96];
            BlsFp.FromUInt64(x).Write(bytes.AsSpan(48));
            bytes[0] |= 0x80;
            if (!BlsEncoding.TryDecompressG2(bytes, out twisted[1])) continue;
            Assert.Equal(BlsCurve.IsInG2(twisted[1]), LaneMembership<BlsFp2, TwoOfG2>.AreMembers(twisted));
            Assert.False(BlsCurve.IsInG2(twisted[1]));
            return;
        }
    }

    static AffinePoint<BlsFp2> PointOfG2(int number)
    {
        BlsMapToG2.Map(new BlsFp2(BlsFp.FromUInt64((ulong)number), BlsFp.One), out JacobianPoint<BlsFp2> mapped);
        mapped.ToAffine(out AffinePoint<BlsFp2> point);
        return point;
    }

    // A point of the curve, of that small order or, for 1, of whatever order there is.
    static AffinePoint<BlsFp> OutsideTheGroup(uint order)
    {
        var cofactor = BigInteger.Parse("396c8c005555e1568c00aaab0000aaab", NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var groupOrder = BigInteger.Parse("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001", NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        for (ulong x = 1; ; x++)
        {
            var bytes = new byte[48];
            BlsFp.FromUInt64(x).Write(bytes);
            bytes[0] |= 0x80;
            if (!BlsEncoding.TryDecompressG1(bytes, out AffinePoint<BlsFp> point)) continue;
            if (order == 1) return point;
            JacobianPoint<BlsFp> multiple = new(point), product = default;
            // Of eleven there are two factors, each in a group of its own.
            var rest = cofactor * groupOrder / (order == 11 ? 121 : order);
            for (int bit = (int)rest.GetBitLength() - 1; bit >= 0; bit--)
            {
                JacobianPoint<BlsFp>.Double(product, out product);
                if (!((rest >> bit) & 1).IsZero) JacobianPoint<BlsFp>.Add(product, multiple, out product);
            }
            if (product.IsInfinity) continue;
            product.ToAffine(out point);
            return point;
        }
    }

    [Fact]
    public void A_compressed_point_decompresses_to_itself() =>
        Scalar.Sample(scalar =>
        {
            BlsMultiExponentiation.Sum([BlsCurve.G1], [scalar], out JacobianPoint<BlsFp> product);
            product.ToAffine(out AffinePoint<BlsFp> point);
            var bytes = new byte[48];
            BlsEncoding.CompressG1(point, bytes);
            return BlsEncoding.TryDecompressG1(bytes, out AffinePoint<BlsFp> again) && again.IsEqualTo(point);
        }, iter: 20);

    [Fact]
    public void Any_48_bytes_decompress_or_are_refused() =>
        Gen.Byte.Array[48].Sample(bytes =>
        {
            if (!BlsEncoding.TryDecompressG1(bytes, out AffinePoint<BlsFp> point)) return true;
            var again = new byte[48];
            BlsEncoding.CompressG1(point, again);
            return point.IsOnCurve(BlsCurve.B) && again.SequenceEqual(bytes);
        }, iter: 500);

    [Fact]
    public void Points_of_the_curve_outside_the_group_are_refused()
    {
        int outside = 0;
        for (ulong x = 1; outside < 5; x++)
        {
            var bytes = new byte[48];
            BlsFp.FromUInt64(x).Write(bytes);
            bytes[0] |= 0x80;
            if (!BlsEncoding.TryDecompressG1(bytes, out AffinePoint<BlsFp> point)) continue;
            outside++;
            ScalarMultiplication.Multiply(point, new Fp256Limbs(BlsGroupOrder.P0, BlsGroupOrder.P1, BlsGroupOrder.P2, BlsGroupOrder.P3), out JacobianPoint<BlsFp> multiple);
            Assert.Equal(multiple.IsInfinity, BlsCurve.IsInG1(point));
            Assert.False(BlsCurve.IsInG1(point));
        }
    }

    [Fact]
    public void A_mapped_element_lies_in_the_group() =>
        Gen.Byte.Array[48].Sample(bytes =>
        {
            bytes[0] = 0;
            Assert.True(BlsFp.TryRead(bytes, out BlsFp element));
            BlsMapToG1.Map(element, out JacobianPoint<BlsFp> mapped);
            mapped.ToAffine(out AffinePoint<BlsFp> point);
            BlsMapToG2.Map(new BlsFp2(element, element), out JacobianPoint<BlsFp2> mapped2);
            mapped2.ToAffine(out AffinePoint<BlsFp2> point2);
            return point.IsOnCurve(BlsCurve.B) && BlsCurve.IsInG1(point) && point2.IsOnCurve(BlsCurve.TwistB) && BlsCurve.IsInG2(point2);
        }, iter: 20);

    static AffinePoint<BlsFp>[] Points(int count)
    {
        var points = new JacobianPoint<BlsFp>[count];
        points[0] = new JacobianPoint<BlsFp>(BlsCurve.G1);
        for (int i = 1; i < count; i++) JacobianPoint<BlsFp>.Double(points[i - 1], out points[i]);
        var affine = new AffinePoint<BlsFp>[count];
        JacobianPoint<BlsFp>.ToAffine(points, affine);
        return affine;
    }
}
