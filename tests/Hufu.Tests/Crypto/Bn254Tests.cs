using System.Numerics;
using CsCheck;
using Hufu.Crypto;
using Xunit;
using BnFp = Hufu.Crypto.Fp256<Hufu.Crypto.BnBasePrime>;
using BnFp2 = Hufu.Crypto.Fp2<Hufu.Crypto.Fp256<Hufu.Crypto.BnBasePrime>>;

namespace Hufu.Tests.Crypto;

public class Bn254Tests
{
    static readonly byte[] G1 = Convert.FromHexString(new string('0', 63) + "1" + new string('0', 63) + "2");

    internal static readonly byte[] G2 = Convert.FromHexString(
        "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2" +
        "1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed" +
        "090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b" +
        "12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa");

    [Fact]
    public void Scalars_distribute_over_addition() =>
        Gen.Byte.Array[31].Select(Gen.Byte.Array[31]).Sample((a, b) =>
        {
            BigInteger x = new(a, true, true), y = new(b, true, true);
            return Add(Multiply(G1, Scalar(x)), Multiply(G1, Scalar(y))).SequenceEqual(Multiply(G1, Scalar(x + y)));
        }, iter: 100);

    [Fact]
    public void A_split_scalar_gives_what_the_whole_one_gives() =>
        Gen.Byte.Array[32].Sample(scalar =>
        {
            AffinePoint<BnFp> point = new(BnFp.One, BnFp.FromUInt64(2));
            BnScalarMultiplication.Multiply(point, scalar, out JacobianPoint<BnFp> split);
            ScalarMultiplication.Multiply(point, ScalarMultiplication.ReadScalar(scalar), out JacobianPoint<BnFp> whole);
            return split.IsEqualTo(whole);
        }, iter: 300);

    [Fact]
    public void Scalars_of_every_length_and_near_the_order_are_split_rightly()
    {
        AffinePoint<BnFp> point = new(BnFp.One, BnFp.FromUInt64(2));
        BigInteger order = new(Convert.FromHexString("30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001"), true, true);
        var scalars = new List<BigInteger>();
        for (int bit = 0; bit < 256; bit++) scalars.AddRange([BigInteger.One << bit, (BigInteger.One << bit) + 1, (BigInteger.One << (bit + 1)) - 1]);
        for (int i = 1; i < 6; i++) scalars.AddRange([order * i - 1, order * i, order * i + 1, (order * i) >> 1, order - (BigInteger.One << (40 * i))]);
        foreach (BigInteger scalar in scalars.Where(scalar => scalar < BigInteger.One << 256))
        {
            BnScalarMultiplication.Multiply(point, Scalar(scalar), out JacobianPoint<BnFp> split);
            ScalarMultiplication.Multiply(point, ScalarMultiplication.ReadScalar(Scalar(scalar)), out JacobianPoint<BnFp> whole);
            Assert.True(split.IsEqualTo(whole));
        }
    }

    [Fact]
    public void A_scalar_is_counted_modulo_the_order()
    {
        byte[] order = Convert.FromHexString("30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001");
        Assert.Equal(new byte[64], Multiply(G1, order));
        order[31]++;
        Assert.Equal(G1, Multiply(G1, order));
        Assert.Equal(new byte[64], Multiply(G1, new byte[32]));
    }

    [Fact]
    public void Multiplying_is_adding_again_and_again()
    {
        var sum = new byte[64];
        for (int k = 0; k < 70; k++)
        {
            Assert.Equal(sum, Multiply(G1, Scalar(k)));
            sum = Add(sum, G1);
        }
    }

    [Fact]
    public void The_pairing_is_bilinear() =>
        Gen.Byte.Array[32].Select(Gen.Byte.Array[32]).Sample((a, b) =>
        {
            // e(x·P, Q)·e(y·P, Q)·e(-(x·P + y·P), Q) = 1.
            byte[] first = Multiply(G1, a), second = Multiply(G1, b), sum = Add(first, second);
            return IsOne([.. first, .. G2, .. second, .. G2, .. Negate(sum), .. G2]) && !IsOne([.. first, .. G2, .. second, .. G2, .. sum, .. G2]);
        }, iter: 10);

    [Fact]
    public void No_pairs_and_pairs_with_infinity_give_one()
    {
        Assert.True(IsOne([]));
        Assert.True(IsOne([.. new byte[64], .. G2]));
        Assert.True(IsOne([.. G1, .. new byte[128]]));
        Assert.True(IsOne(new byte[192]));
        Assert.False(IsOne([.. G1, .. G2]));
    }

    [Fact]
    public void A_length_that_is_no_multiple_of_192_is_refused() =>
        Assert.False(Bn254.TryPairing(new byte[191], out _));

    [Fact]
    public void A_point_of_the_twist_outside_its_group_is_refused()
    {
        // (x, y) with x = k·u for the first k that has a y: the twist has about p² points, of which one in p is in the group.
        for (ulong k = 1; ; k++)
        {
            BnFp2 x = new(BnFp.FromUInt64(k), default), y;
            BnFp2.Square(x, out BnFp2 right);
            BnFp2.Multiply(right, x, out right);
            BnFp2.Add(right, BnCurve.TwistB, out right);
            if (!TryRoot(right, out y)) continue;

            var input = new byte[192];
            x.C1.Write(input.AsSpan(64));
            x.C0.Write(input.AsSpan(96));
            y.C1.Write(input.AsSpan(128));
            y.C0.Write(input.AsSpan(160));
            Assert.True(new AffinePoint<BnFp2>(x, y).IsOnCurve(BnCurve.TwistB));
            Assert.False(Bn254.TryPairing(input, out _));
            return;
        }
    }

    [Fact]
    public void Short_input_is_padded_and_long_input_cut()
    {
        var output = new byte[64];
        Assert.True(Bn254.TryAdd(G1, output));
        Assert.Equal(G1, output);
        Assert.True(Bn254.TryAdd([.. G1, .. new byte[64], .. G1], output));
        Assert.Equal(G1, output);
        Assert.True(Bn254.TryMultiply([.. G1, .. Scalar(1), 99], output));
        Assert.Equal(G1, output);
        Assert.True(Bn254.TryAdd([], output));
        Assert.Equal(new byte[64], output);
        Assert.False(Bn254.TryAdd(G1.AsSpan(0, 63), output));
    }

    static bool TryRoot(in BnFp2 a, out BnFp2 root)
    {
        // The complex method with a plain power: p is 3 modulo 4.
        root = default;
        BnFp2.Norm(a, out BnFp norm);
        if (!TryRoot(norm, out BnFp s)) return false;
        BnFp.Invert(BnFp.FromUInt64(2), out BnFp half);
        BnFp.Add(a.C0, s, out BnFp t);
        BnFp.Multiply(t, half, out t);
        if (!TryRoot(t, out BnFp real))
        {
            BnFp.Subtract(a.C0, s, out t);
            BnFp.Multiply(t, half, out t);
            if (!TryRoot(t, out real)) return false;
        }
        BnFp.Double(real, out BnFp twice);
        BnFp.Invert(twice, out twice);
        root.C0 = real;
        BnFp.Multiply(a.C1, twice, out root.C1);
        BnFp2.Square(root, out BnFp2 check);
        return check.IsEqualTo(a);
    }

    static bool TryRoot(in BnFp a, out BnFp root)
    {
        Span<ulong> exponent = stackalloc ulong[4];
        BnFp.CopyModulus(exponent);
        exponent[0]++;
        for (int i = 0; i < 4; i++) exponent[i] = (exponent[i] >> 2) | (i < 3 ? exponent[i + 1] << 62 : 0);
        FieldPower.Raise(a, exponent, out root);
        BnFp.Square(root, out BnFp square);
        return square.IsEqualTo(a);
    }

    static byte[] Add(byte[] a, byte[] b)
    {
        var sum = new byte[64];
        Assert.True(Bn254.TryAdd([.. a, .. b], sum));
        return sum;
    }

    static byte[] Multiply(byte[] point, byte[] scalar)
    {
        var product = new byte[64];
        Assert.True(Bn254.TryMultiply([.. point, .. scalar], product));
        return product;
    }

    static byte[] Negate(byte[] point)
    {
        Assert.True(BnFp.TryRead(point.AsSpan(32), out BnFp y));
        BnFp.Negate(y, out y);
        byte[] negative = [.. point];
        y.Write(negative.AsSpan(32));
        return negative;
    }

    static bool IsOne(byte[] input)
    {
        Assert.True(Bn254.TryPairing(input, out bool isOne));
        return isOne;
    }

    static byte[] Scalar(BigInteger number)
    {
        byte[] bytes = number.ToByteArray(true, true);
        return [.. new byte[32 - bytes.Length], .. bytes];
    }
}
