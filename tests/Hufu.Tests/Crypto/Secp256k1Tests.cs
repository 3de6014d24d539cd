using CsCheck;
using Hufu.Crypto;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests;

public class Secp256k1Tests
{
    static readonly NativeSecp256k1? Native = NativeSecp256k1.TryLoad();

    static readonly Gen<byte[]> Bytes32 = Gen.Byte.Array[32];

    // Secrets at the edges of the range as well as in its middle.
    static readonly Gen<byte[]> Secrets = Gen.Frequency(
        (8, Bytes32.Where(bytes => Secp256k1.IsValidSecret(bytes))),
        (1, Gen.ULong[1, 1000].Select(small => Number(small))),
        (1, Gen.ULong[1, 1000].Select(small => Number(Order - small))));

    // Numbers around zero, the group order and the prime, where the checks sit.
    static readonly Gen<byte[]> EdgyNumbers = Gen.Frequency(
        (4, Bytes32),
        (1, Gen.ULong[0, 4].Select(small => Number(small))),
        (1, Gen.ULong[0, 4].Select(small => Number(Order - 2 + small))),
        (1, Gen.ULong[0, 4].Select(small => Number(Prime - 2 + small))),
        (1, Gen.ULong[0, 4].Select(small => Number(Prime - Order - 2 + small))));

    static UInt256 Order => UInt256.FromBigEndian(Secp256k1.Order);
    static UInt256 Prime => Secp256k1Curve.PrimeNumber;

    [Fact]
    public void A_signature_leads_back_to_its_signer_and_verifies() =>
        Gen.Select(Bytes32, Secrets).Sample((hash, secret) =>
        {
            byte[] signature = new byte[64], recovered = new byte[64];
            Secp256k1.Sign(hash, secret, signature, out var id);
            var key = Secp256k1.PublicKey(secret);
            Assert.True(Secp256k1.TryRecover(hash, signature, id, recovered));
            Assert.Equal(key, recovered);
            Assert.True(Secp256k1.HasLowS(signature));
            Assert.True(Secp256k1.Verify(hash, signature, key));
            hash[5] ^= 1;
            Assert.False(Secp256k1.Verify(hash, signature, key));
        }, iter: 200);

    [Fact]
    public void Both_twins_recover_the_same_key_or_none()
    {
        var native = RequireNative();
        Gen.Select(EdgyNumbers, EdgyNumbers, EdgyNumbers, Gen.Int[0, 3]).Sample((hash, r, s, id) =>
        {
            byte[] signature = [.. r, .. s], ours = new byte[64], theirs = new byte[64];
            Assert.Equal(native.TryRecover(hash, signature, id, theirs), ManagedSecp256k1.TryRecover(hash, signature, id, ours));
            Assert.Equal(theirs, ours);
        }, iter: 5_000);
    }

    [Fact]
    public void Both_twins_verify_alike()
    {
        var native = RequireNative();
        Gen.Select(Bytes32, Secrets, EdgyNumbers, Gen.Int[0, 5]).Sample((hash, secret, number, damage) =>
        {
            byte[] signature = new byte[64], key = new byte[64];
            native.Sign(hash, secret, signature, out _);
            native.PublicKey(secret, key);
            if (damage == 1) number.CopyTo(signature, 0);
            if (damage == 2) number.CopyTo(signature, 32);
            if (damage == 3) number.CopyTo(key, 0);
            if (damage == 4) Number(Order - UInt256.FromBigEndian(signature.AsSpan(32))).CopyTo(signature, 32);
            if (damage == 5) number.CopyTo(hash, 0);
            var expected = native.Verify(hash, signature, key);
            if (damage is 0 or 4) Assert.True(expected);
            Assert.Equal(expected, ManagedSecp256k1.Verify(hash, signature, key));
        }, iter: 2_000);
    }

    [Fact]
    public void Both_signers_give_the_same_bytes()
    {
        var native = RequireNative();
        Gen.Select(Bytes32, Secrets, EdgyNumbers).Sample((hash, secret, tweak) =>
        {
            byte[] theirs = new byte[64], ours = new byte[64];
            native.Sign(hash, secret, theirs, out var theirId);
            BouncyCastleSecp256k1.Sign(hash, secret, ours, out var ourId);
            Assert.Equal(theirs, ours);
            Assert.Equal(theirId, ourId);

            native.PublicKey(secret, theirs);
            BouncyCastleSecp256k1.PublicKey(secret, ours);
            Assert.Equal(theirs, ours);

            byte[] theirSum = new byte[32], ourSum = new byte[32];
            var added = native.TryAddSecrets(secret, tweak, theirSum);
            Assert.Equal(added, BouncyCastleSecp256k1.TryAddSecrets(secret, tweak, ourSum));
            if (added) Assert.Equal(theirSum, ourSum);
        }, iter: 100);
    }

    [Fact]
    public void Two_parties_agree_on_one_secret_with_either_twin() =>
        Gen.Select(Secrets, Secrets).Sample((alice, bob) =>
        {
            byte[] hers = new byte[32], his = new byte[32], managed = new byte[32];
            Assert.True(Secp256k1.TryAgree(alice, Secp256k1.PublicKey(bob), hers));
            Assert.True(Secp256k1.TryAgree(bob, Secp256k1.PublicKey(alice), his));
            Assert.True(BouncyCastleSecp256k1.TryAgree(alice, Secp256k1.PublicKey(bob), managed));
            Assert.Equal(hers, his);
            Assert.Equal(hers, managed);
        }, iter: 50);

    [Fact]
    public void Agreement_refuses_a_point_off_the_curve()
    {
        var offCurve = Secp256k1.PublicKey(Number(1));
        offCurve[63] ^= 1;
        Assert.False(Secp256k1.TryAgree(Number(1), offCurve, new byte[32]));
        Assert.False(BouncyCastleSecp256k1.TryAgree(Number(1), offCurve, new byte[32]));
    }

    [Fact]
    public void A_compressed_key_is_the_key() =>
        Secrets.Sample(secret =>
        {
            byte[] key = Secp256k1.PublicKey(secret), compressed = new byte[33], again = new byte[64];
            Secp256k1.Compress(key, compressed);
            Assert.True(Secp256k1.TryDecompress(compressed, again));
            Assert.Equal(key, again);
        }, iter: 200);

    [Fact]
    public void A_secret_is_between_zero_and_the_order()
    {
        Assert.False(Secp256k1.IsValidSecret(new byte[32]));
        Assert.False(Secp256k1.IsValidSecret(Number(Order)));
        Assert.False(Secp256k1.IsValidSecret(Number(Order + 1)));
        Assert.False(Secp256k1.IsValidSecret(new byte[31]));
        Assert.True(Secp256k1.IsValidSecret(Number(1)));
        Assert.True(Secp256k1.IsValidSecret(Number(Order - 1)));
        Assert.Equal(32, Secp256k1.NewSecret().Length);
    }

    [Fact]
    public void Signing_with_no_valid_secret_is_a_bug() =>
        Assert.Throws<ArgumentException>(() => Secp256k1.Sign(new byte[32], new byte[32], new byte[64], out _));

    [Fact]
    public void A_number_split_by_the_endomorphism_is_short_and_adds_up()
    {
        var lambda = new UInt256(0xDF02967C1B23BD72, 0x122E22EA20816678, 0xA5261C028812645A, 0x5363AD4CC05C30E0);
        var order = new OddModulus(Order);
        EdgyNumbers.Sample(bytes =>
        {
            var k = order.Reduce(bytes);
            Endomorphism.Split(k, out var k1, out var k1IsNegative, out var k2, out var k2IsNegative);
            Assert.True(k1.BitLength <= 128 && k2.BitLength <= 128);
            var first = k1IsNegative ? order.Negate(k1) : k1;
            var second = order.Multiply(k2IsNegative ? order.Negate(k2) : k2, lambda);
            Assert.Equal(k, order.Add(first, second));
        });
    }

    [Fact]
    public void Signed_digits_add_up_to_their_number() =>
        Gen.Select(EdgyNumbers, Gen.Int[2, 14]).Sample((bytes, width) =>
        {
            var number = UInt256.FromBigEndian(bytes);
            Span<short> digits = stackalloc short[257];
            var used = SignedDigits.Write(number, width, digits);
            var sum = UInt256.Zero;
            for (var i = used - 1; i >= 0; i--)
            {
                var digit = digits[i];
                sum = sum + sum + (digit < 0 ? -(UInt256)(ulong)-digit : (UInt256)(ulong)digit);
                Assert.True(digit == 0 || ((digit & 1) != 0 && Math.Abs((int)digit) < 1 << (width - 1)));
            }
            Assert.Equal(number, sum);
            Assert.Equal(-1, digits[used..].IndexOfAnyExcept((short)0));
        });

    static NativeSecp256k1 RequireNative()
    {
        if (Native is null) Assert.Skip("this machine has no libsecp256k1 to compare with (Debian: libsecp256k1-1)");
        return Native;
    }

    static byte[] Number(UInt256 number)
    {
        var bytes = new byte[32];
        number.WriteBigEndian(bytes);
        return bytes;
    }
}
