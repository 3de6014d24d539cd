using System.Numerics;
using CsCheck;
using Hufu.Crypto;
using Xunit;
using BlsFr = Hufu.Crypto.Fp256<Hufu.Crypto.BlsGroupOrder>;
using BnFp = Hufu.Crypto.Fp256<Hufu.Crypto.BnBasePrime>;

namespace Hufu.Tests.Crypto;

public class FieldTests
{
    static readonly BigInteger BnModulus = BigInteger.Parse("21888242871839275222246405745257275088696311157297823662689037894645226208583");
    static readonly BigInteger BlsOrder = BigInteger.Parse("52435875175126190479447740508185965837690552500527637822603658699938581184513");
    static readonly BigInteger BlsModulus = BigInteger.Parse(
        "4002409555221667393417789825735904156556882819939007885332058136124031650490837864442687629129015664037894272559787");

    static readonly Gen<byte[]> Bytes32 = Gen.Byte.Array[32], Bytes48 = Gen.Byte.Array[48];

    [Fact]
    public void The_base_field_of_alt_bn128_agrees_with_big_integers() =>
        AgreesWithBigIntegers<BnFp>(Bytes32, BnModulus, 32, number => Read32<BnFp>(number, BnFp.TryRead), (in BnFp e, Span<byte> b) => e.Write(b));

    [Fact]
    public void The_scalar_field_of_BLS12_381_agrees_with_big_integers() =>
        AgreesWithBigIntegers<BlsFr>(Bytes32, BlsOrder, 32, number => Read32<BlsFr>(number, BlsFr.TryRead), (in BlsFr e, Span<byte> b) => e.Write(b));

    [Fact]
    public void The_base_field_of_BLS12_381_agrees_with_big_integers() =>
        AgreesWithBigIntegers<BlsFp>(Bytes48, BlsModulus, 48, number => Read32<BlsFp>(number, BlsFp.TryRead, 48), (in BlsFp e, Span<byte> b) => e.Write(b));

    [Fact]
    public void A_number_that_is_not_below_the_modulus_is_refused()
    {
        Assert.False(BnFp.TryRead(ToBytes(BnModulus, 32), out _));
        Assert.True(BnFp.TryRead(ToBytes(BnModulus - 1, 32), out _));
        Assert.False(BlsFp.TryRead(ToBytes(BlsModulus, 48), out _));
        Assert.True(BlsFp.TryRead(ToBytes(BlsModulus - 1, 48), out _));
        Assert.False(BlsFr.TryRead(ToBytes(BlsOrder, 32), out _));
    }

    [Fact]
    public void A_scalar_of_any_size_is_read_modulo_the_order() =>
        Bytes32.Sample(bytes =>
        {
            var written = new byte[32];
            BlsFr.ReadReduced(bytes).Write(written);
            return written.SequenceEqual(ToBytes(new BigInteger(bytes, true, true) % BlsOrder, 32));
        });

    [Fact]
    public void Squares_and_inverses_hold_where_limbs_are_empty_or_full()
    {
        Gen<ulong> limb = Gen.OneOf(Gen.Const(0UL), Gen.Const(1UL), Gen.Const(ulong.MaxValue), Gen.Const(1UL << 63), Gen.ULong);
        limb.Array[6].Sample(limbs =>
        {
            limbs[5] %= 0x1a01_11ea_397f_e69a;
            BlsFp.FromRawLimbs(limbs, out BlsFp a);
            BlsFp.Square(a, out BlsFp square);
            BlsFp.Multiply(a, a, out BlsFp product);
            BlsFp.Invert(a, out BlsFp inverse);
            BlsFp.Multiply(inverse, a, out BlsFp one);
            return square.IsEqualTo(product) && (a.IsZero || one.IsEqualTo(BlsFp.One));
        }, iter: 20_000);
        limb.Array[4].Sample(limbs =>
        {
            limbs[3] %= 0x3064_4e72_e131_a029;
            BnFp.FromRawLimbs(limbs, out BnFp a);
            BnFp.Invert(a, out BnFp inverse);
            BnFp.Multiply(inverse, a, out BnFp one);
            return a.IsZero || one.IsEqualTo(BnFp.One);
        }, iter: 20_000);
    }

    [Fact]
    public void Zero_has_no_inverse_and_gives_zero()
    {
        BlsFp.Invert(default, out BlsFp inverse);
        Assert.True(inverse.IsZero);
        BnFp.Invert(default, out BnFp other);
        Assert.True(other.IsZero);
    }

    delegate bool Reader<T>(ReadOnlySpan<byte> bytes, out T element);
    delegate void Writer<T>(in T element, Span<byte> bytes);

    static T Read32<T>(BigInteger number, Reader<T> reader, int length = 32)
    {
        Assert.True(reader(ToBytes(number, length), out T element));
        return element;
    }

    static void AgreesWithBigIntegers<T>(Gen<byte[]> gen, BigInteger modulus, int length, Func<BigInteger, T> read, Writer<T> write)
        where T : struct, IField<T>
    {
        // Numbers near zero and near the modulus are where carries go wrong.
        Gen<BigInteger> any = gen.Select(bytes => new BigInteger(bytes, true, true) % modulus);
        Gen<BigInteger> edge = Gen.Int[0, 5].Select(Gen.Bool, (i, top) => top ? modulus - 1 - i : (BigInteger)i);
        Gen<BigInteger> number = Gen.OneOf(any, any, edge);

        number.Select(number).Sample((x, y) =>
        {
            T a = read(x), b = read(y);
            T.Add(a, b, out T sum);
            T.Subtract(a, b, out T difference);
            T.Multiply(a, b, out T product);
            T.Square(a, out T square);
            T.Double(a, out T twice);
            T.Negate(a, out T negative);
            Expect(sum, x + y);
            Expect(difference, x - y + modulus);
            Expect(product, x * y);
            Expect(square, x * x);
            Expect(twice, x + x);
            Expect(negative, modulus - x);
            if (x.IsZero) return;
            T.Invert(a, out T inverse);
            T.Multiply(inverse, a, out T one);
            Expect(one, 1);
        }, iter: 2000);

        void Expect(in T element, BigInteger expected)
        {
            var bytes = new byte[length];
            write(element, bytes);
            Assert.Equal(expected % modulus, new BigInteger(bytes, true, true));
        }
    }

    static byte[] ToBytes(BigInteger number, int length)
    {
        byte[] bytes = number.ToByteArray(true, true);
        return [.. new byte[length - bytes.Length], .. bytes];
    }
}
