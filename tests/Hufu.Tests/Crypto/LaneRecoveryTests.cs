using CsCheck;
using Hufu.Crypto;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests.Crypto;

/// <summary>Eight recoveries at once against one by one.</summary>
public class LaneRecoveryTests
{
    static readonly UInt256 Order = UInt256.FromBigEndian(Secp256k1.Order), Prime = Secp256k1Curve.PrimeNumber;

    static readonly Gen<UInt256> Numbers = Gen.Frequency(
        (8, Gen.ULong.Array[4].Select(n => new UInt256(n[0], n[1], n[2], n[3]))),
        (1, Gen.ULong[0, 4].Select(small => new UInt256(small, 0, 0, 0))),
        (1, Gen.ULong[0, 4].Select(small => Order - 2 + small)),
        (1, Gen.ULong[0, 4].Select(small => Prime - 2 + small)));

    static readonly Gen<SignedHash> Anything = Gen.Select(Numbers, Numbers, Numbers, Gen.Byte[0, 2], (hash, r, s, parity) => new SignedHash(Hash(hash), r, s, parity));

    static readonly Gen<SignedHash> Signed = Gen.Select(Numbers, Numbers.Where(n => !n.IsZero && n < Order), (hash, secret) => Sign(Hash(hash), secret));

    [Fact]
    public void Many_recoveries_find_what_one_by_one_finds() =>
        Gen.OneOf(Anything, Signed, Signed).Array[0, 19].Sample(signed => Agrees(signed), iter: 500);

    // A small multiple of G as R, and small numbers as s and hash, make points meet that are equal or opposite.
    [Fact]
    public void Points_that_meet_on_the_way_are_found_out()
    {
        var small = Gen.OneOf(Gen.ULong[1, 300], Gen.ULong[1, 5_000]);
        var nearby = Gen.Select(small, Gen.OneOf(Gen.Const(0UL), small), small, Gen.Bool, (k, z, s, negative) =>
        {
            var key = new byte[64];
            Secp256k1.PublicKey(Bytes(new UInt256(k, 0, 0, 0)), key);
            UInt256 x = UInt256.FromBigEndian(key.AsSpan(0, 32));
            // s·r and z·r, so that the two factors after dividing by r are small.
            UInt256 Times(ulong factor) => Secp256k1Curve.Order.Multiply(new UInt256(factor, 0, 0, 0), x);
            return new SignedHash(Hash(negative ? Secp256k1Curve.Order.Negate(Times(z)) : Times(z)), x, Times(s), (byte)(key[63] & 1));
        });
        nearby.Array[8].Sample(signed => Agrees(signed), iter: 500);
    }

    [Fact]
    public void A_key_that_would_be_the_point_at_infinity_is_none()
    {
        // R = G, s = 1, z = 1: (s·R - z·G) / r is no point.
        var one = new SignedHash(Hash(UInt256.One), Secp256k1Curve.GeneratorX, UInt256.One, 0);
        Agrees([.. Enumerable.Repeat(one, 8)]);
        Assert.False(one.TryRecover(new byte[64]));
    }

    [Fact]
    public void Products_of_the_largest_limbs_are_right()
    {
        Assert.SkipUnless(LaneRecovery.IsSupported, "this processor has no vectors of 512 bits");
        Gen.Select(Numbers, Numbers, Gen.UInt[0, 13]).Sample((a, b, times) =>
        {
            LaneNumber x = LaneNumber.Everywhere(a), y = LaneNumber.Everywhere(b);
            // -(-a) and the like: the same numbers with limbs as large as they may get.
            for (var i = 0U; i < times; i++) LaneNumber.Subtract(default, x, i + 1, out x);
            LaneNumber.Multiply(x, y, out var product);
            LaneNumber.Square(x, out var square);
            UInt256 plainA = a % Prime, signedA = times % 2 == 0 ? plainA : (Prime - plainA) % Prime;
            for (var lane = 0; lane < LaneNumber.Lanes; lane++)
            {
                Assert.Equal(UInt256.MultiplyMod(signedA, b, Prime), product.Get(lane));
                Assert.Equal(UInt256.MultiplyMod(plainA, plainA, Prime), square.Get(lane));
            }
        }, iter: 2_000);

        // All limbs at [15] and [15]: the greatest that a column has to hold.
        LaneNumber.Subtract(LaneNumber.Everywhere(UInt256.MaxValue), default, 13, out var full);
        Assert.True(full.L1[0] > 14UL << 26);
        var most = UInt256.MaxValue % Prime;
        LaneNumber.Multiply(full, full, out var greatest);
        LaneNumber.Square(full, out var greatestSquare);
        Assert.Equal(UInt256.MultiplyMod(most, most, Prime), greatest.Get(3));
        Assert.Equal(UInt256.MultiplyMod(most, most, Prime), greatestSquare.Get(3));
    }

    static void Agrees(SignedHash[] signed)
    {
        byte[] keys = new byte[signed.Length * 64], key = new byte[64];
        var found = new bool[signed.Length];
        Secp256k1.Recover(signed, keys, found);
        for (var i = 0; i < signed.Length; i++)
        {
            Assert.Equal(signed[i].TryRecover(key), found[i]);
            if (found[i]) Assert.Equal(key, keys.AsSpan(i * 64, 64).ToArray());
        }
    }

    static SignedHash Sign(in Hash256 hash, in UInt256 secret)
    {
        var signature = new byte[64];
        Secp256k1.Sign(hash.Bytes, Bytes(secret), signature, out var id);
        return new SignedHash(hash, UInt256.FromBigEndian(signature.AsSpan(0, 32)), UInt256.FromBigEndian(signature.AsSpan(32)), (byte)id);
    }

    static Hash256 Hash(in UInt256 number) => Hash256.FromBytes(Bytes(number));

    static byte[] Bytes(in UInt256 number)
    {
        var bytes = new byte[32];
        number.WriteBigEndian(bytes);
        return bytes;
    }
}
