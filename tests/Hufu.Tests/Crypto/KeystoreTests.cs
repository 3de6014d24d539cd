using System.Text;
using CsCheck;
using Hufu.Crypto;
using Hufu.Primitives;
using Org.BouncyCastle.Crypto.Generators;
using Xunit;

namespace Hufu.Tests;

public class KeystoreTests
{
    static readonly byte[] Secret = Convert.FromHexString("7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d");

    [Theory]
    [InlineData("correct horse battery staple")]
    [InlineData("")]
    [InlineData("密码 🔑")]
    public void What_is_encrypted_decrypts_to_itself(string password)
    {
        var json = Keystore.Encrypt(Secret, password, Keystore.LightCost);
        Assert.True(Keystore.TryDecrypt(json, password, out var secret, out _));
        Assert.Equal(Secret, secret);
        Assert.True(Keystore.TryReadAddress(json, out var address));
        Assert.Equal(Address.FromPublicKey(Secp256k1.PublicKey(Secret)), address);
    }

    [Fact]
    public void A_wrong_password_is_refused_in_the_words_wallets_know()
    {
        var json = Keystore.Encrypt(Secret, "right", Keystore.LightCost);
        Assert.False(Keystore.TryDecrypt(json, "wrong", out _, out var refusal));
        Assert.StartsWith("could not decrypt key with given password", refusal.What);
    }

    [Fact]
    public void An_address_that_is_not_the_keys_is_refused()
    {
        var json = Keystore.Encrypt(Secret, "p", Keystore.LightCost).Replace("008aeeda4d805471df9b2a5b0f38a0c3bcba786b", "0000000000000000000000000000000000000001");
        Assert.False(Keystore.TryDecrypt(json, "p", out _, out var refusal));
        Assert.Contains("address", refusal.What);
    }

    [Theory]
    [InlineData("\"n\":4096", "\"n\":1073741824")]
    [InlineData("\"n\":4096", "\"n\":4194304")]
    [InlineData("\"n\":4096", "\"n\":9223372036854775807")]
    [InlineData("\"n\":4096", "\"n\":-4096")]
    [InlineData("\"n\":4096", "\"n\":4095")]
    [InlineData("\"r\":8", "\"r\":2147483647")]
    [InlineData("\"p\":1", "\"p\":2147483647")]
    [InlineData("\"p\":1", "\"p\":0")]
    [InlineData("\"dklen\":32", "\"dklen\":2147483647")]
    [InlineData("\"version\":3", "\"version\":4")]
    [InlineData("aes-128-ctr", "aes-128-xyz")]
    [InlineData("scrypt", "scrypt\\ud800")]
    public void A_file_that_asks_for_the_absurd_is_refused_before_any_work(string from, string to)
    {
        var json = Keystore.Encrypt(Secret, "p", Keystore.LightCost).Replace(from, to);
        Assert.False(Keystore.TryDecrypt(json, "p", out _, out var refusal));
        Assert.NotEmpty(refusal.Why);
    }

    [Fact]
    public void Any_text_is_a_refusal_not_a_crash()
    {
        // The cost stays as it is: damage there is refused or merely slow.
        var good = Keystore.Encrypt(Secret, "p", 2);
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Char).Sample((at, with) =>
        {
            var bad = good.Remove(at, 1).Insert(at, with.ToString());
            if (bad.Contains("\"n\":2,\"p\":1,\"r\":8") && !Keystore.TryDecrypt(bad, "p", out _, out var refusal)) Assert.NotEmpty(refusal.What);
        }, iter: 5_000);
        Gen.String.Sample(text => Assert.False(Keystore.TryDecrypt(text, "p", out _, out _)), iter: 5_000);
    }

    [Fact]
    public void Scrypt_agrees_with_Bouncy_Castle() =>
        Gen.Select(Gen.Byte.Array[0, 40], Gen.Byte.Array[0, 40], Gen.Int[1, 8], Gen.Int[1, 9], Gen.Int[1, 4], Gen.Int[1, 80]).Sample((password, salt, logCost, r, p, length) =>
        {
            var key = new byte[length];
            Scrypt.Derive(password, salt, 1 << logCost, r, p, key);
            Assert.Equal(SCrypt.Generate(password, salt, 1 << logCost, r, p, length), key);
        }, iter: 200);

    // RFC 7914, section 12.
    [Theory]
    [InlineData("", "", 16, 1, 1, "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906")]
    [InlineData("password", "NaCl", 1024, 8, 16, "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640")]
    public void Scrypt_gives_the_keys_of_its_RFC(string password, string salt, int n, int r, int p, string expected)
    {
        var key = new byte[64];
        Scrypt.Derive(Encoding.ASCII.GetBytes(password), Encoding.ASCII.GetBytes(salt), n, r, p, key);
        Assert.Equal(expected, Convert.ToHexStringLower(key));
    }

    [Fact]
    public void The_file_is_named_as_wallets_name_it() =>
        Assert.Equal(
            "UTC--2026-01-31T12-30-00.0000000Z--008aeeda4d805471df9b2a5b0f38a0c3bcba786b",
            Keystore.FileName(Address.FromPublicKey(Secp256k1.PublicKey(Secret)), new DateTimeOffset(2026, 1, 31, 12, 30, 0, TimeSpan.Zero)));
}
