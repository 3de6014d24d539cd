using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Hufu.Crypto;
using Xunit;

namespace Hufu.SpecTests;

public class MnemonicVectorTests
{
    /// <summary>[entropy, mnemonic, seed, xprv] with the passphrase TREZOR.</summary>
    [Fact]
    public void Words_and_seeds_agree_with_the_vectors_of_BIP_39()
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Fixture("wallet/bip39/vectors.json")));
        foreach (var language in file.RootElement.EnumerateObject())
            foreach (var vector in language.Value.EnumerateArray())
            {
                var phrase = vector[1].GetString()!;
                var seed = Mnemonic.SeedOf(phrase, "TREZOR");
                Assert.Equal(vector[2].GetString(), Convert.ToHexStringLower(seed));
                AssertExtendedKey(vector[3].GetString()!, HierarchicalKey.FromSeed(seed));
                if (OnBoard(language.Name) is not { } known) continue;
                Assert.Equal(phrase, Mnemonic.FromEntropy(Convert.FromHexString(vector[0].GetString()!), known).Phrase);
                Assert.True(Mnemonic.TryParse(phrase, out var mnemonic, out var refusal), refusal?.ToString());
                Assert.Equal(seed, mnemonic!.ToSeed("TREZOR"));
            }
    }

    [Fact]
    public void Words_seeds_and_children_agree_with_the_vectors_of_ethers()
    {
        using var archive = ZipFile.OpenRead(SharedFolder.Fixture("codec/ethers.zip"));
        using var stream = archive.Entries.Single(entry => entry.Name == "mnemonics.json").Open();
        using var cases = JsonDocument.Parse(stream);
        foreach (var test in cases.RootElement.EnumerateArray())
        {
            string phrase = Text(test, "phrase"), password = Text(test, "password");
            var seed = Mnemonic.SeedOf(phrase, password);
            Assert.Equal(test.GetProperty("seed").GetString(), "0x" + Convert.ToHexStringLower(seed));
            if (OnBoard(test.GetProperty("locale").GetString()!) is { } language)
                Assert.Equal(phrase, Mnemonic.FromEntropy(Convert.FromHexString(test.GetProperty("entropy").GetString()!.AsSpan(2)), language).Phrase);
            foreach (var node in test.GetProperty("nodes").EnumerateArray())
            {
                var key = HierarchicalKey.FromSeed(seed).Derive(node.GetProperty("path").GetString()!);
                Assert.Equal(node.GetProperty("privateKey").GetString(), "0x" + Convert.ToHexStringLower(key.Secret));
                Assert.Equal(node.GetProperty("chainCode").GetString(), "0x" + Convert.ToHexStringLower(key.ChainCode));
            }
        }
    }

    static MnemonicLanguage? OnBoard(string name) => name switch
    {
        "english" or "en" => MnemonicLanguage.English,
        "chinese_simplified" or "zh_cn" => MnemonicLanguage.ChineseSimplified,
        _ => null,
    };

    static string Text(JsonElement test, string name) => Encoding.UTF8.GetString(Convert.FromHexString(test.GetProperty(name).GetString()!.AsSpan(2)));

    // Base58 of 78 bytes and a checksum of four: chain code at 13, secret at 46 (BIP-32).
    static void AssertExtendedKey(string xprv, HierarchicalKey key)
    {
        const string digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
        var number = xprv.Aggregate(System.Numerics.BigInteger.Zero, (sum, digit) => sum * 58 + digits.IndexOf(digit));
        var bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        Assert.Equal(82, bytes.Length);
        Assert.Equal(bytes[13..45], key.ChainCode.ToArray());
        Assert.Equal(bytes[46..78], key.Secret.ToArray());
    }
}
