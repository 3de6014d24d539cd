using CsCheck;
using Hufu.Crypto;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests;

public class WalletTests
{
    const string TestPhrase = "test test test test test test test test test test test junk";

    [Theory]
    [InlineData(0, "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")]
    [InlineData(1, "0x70997970C51812dc3A010C7d01b50e0d17dc79C8")]
    [InlineData(9, "0xa0Ee7A142d267C1f36714E4a8F75612F20a79720")]
    public void The_well_known_test_mnemonic_has_its_well_known_accounts(uint index, string address)
    {
        Assert.True(Mnemonic.TryParse(TestPhrase, out var mnemonic, out _));
        var secret = new Wallet(mnemonic).Secret(index);
        Assert.Equal(address, Address.FromPublicKey(Secp256k1.PublicKey(secret)).ToChecksumString());
        Assert.Equal(secret, HierarchicalKey.FromSeed(mnemonic.ToSeed()).Derive(Wallet.Path(index)).Secret.ToArray());
    }

    [Fact]
    public void Words_parse_back_to_themselves_in_every_language() =>
        Gen.Select(Gen.Int[4, 8], Gen.Byte.Array[32], Gen.Enum<MnemonicLanguage>()).Sample((size, bytes, language) =>
        {
            var mnemonic = Mnemonic.FromEntropy(bytes.AsSpan(0, 4 * size), language);
            Assert.True(Mnemonic.TryParse("  " + mnemonic.Phrase.ToUpperInvariant().Replace(" ", " \t") + "\n", out var again, out _));
            Assert.Equal(mnemonic.Phrase, again.Phrase);
        }, iter: 300);

    [Theory]
    [InlineData("test test test", "3 words")]
    [InlineData("", "0 words")]
    [InlineData("test test test test test test test test test test test test", "checksum")]
    [InlineData("test test test test test test test test test test test junkk", "word 12")]
    [InlineData("a b c d e f g h i j k l", "word 1 ")]
    public void A_refused_phrase_says_why(string phrase, string why)
    {
        Assert.False(Mnemonic.TryParse(phrase, out _, out var refusal));
        Assert.Contains(why, refusal.Why);
    }

    [Fact]
    public void New_words_differ_each_time() => Assert.NotEqual(Mnemonic.Create(24).Phrase, Mnemonic.Create(24).Phrase);

    [Theory]
    [InlineData("é", "e\u0301")]
    [InlineData("Å", "A\u030A")]
    [InlineData("ﬁ", "fi")]
    [InlineData("ＡＢＣ！\u3000", "ABC! ")]
    [InlineData("각", "\u1100\u1161\u11A8")]
    [InlineData("가", "\u1100\u1161")]
    [InlineData("ガ", "カ\u3099")]
    [InlineData("a\u0315\u0300\u05AE", "a\u05AE\u0300\u0315")]
    [InlineData("密码 abc", "密码 abc")]
    public void Passphrases_are_decomposed_as_Unicode_tells(string text, string decomposed) =>
        Assert.Equal(decomposed, CompatibilityDecomposition.Of(text));

    [Theory]
    [InlineData("x/0")]
    [InlineData("m/")]
    [InlineData("m/2147483648")]
    [InlineData("m/-1")]
    public void A_path_that_is_none_is_a_format_error(string path) =>
        Assert.Throws<FormatException>(() => HierarchicalKey.FromSeed(new byte[64]).Derive(path));
}
