using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Hufu.Crypto;
using Hufu.Primitives;
using Xunit;

namespace Hufu.SpecTests;

public class KeystoreVectorTests
{
    [Theory]
    [InlineData("wallet/keystore/v1_test_vector.json")]
    [InlineData("wallet/keystore/v3_test_vector.json")]
    [InlineData("ethereum-tests/KeyStoreTests/basic_tests.json")]
    public void Files_open_to_their_secrets(string file)
    {
        using var cases = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Fixture(file)));
        foreach (var test in cases.RootElement.EnumerateObject())
        {
            var json = test.Value.GetProperty("json").GetRawText();
            var isOpen = Keystore.TryDecrypt(json, test.Value.GetProperty("password").GetString()!, out var secret, out var refusal);
            Assert.True(isOpen, $"{test.Name}: {refusal}");
            Assert.Equal(test.Value.GetProperty("priv").GetString()!.PadLeft(64, '0'), Convert.ToHexStringLower(secret!));
        }
    }

    [Fact]
    public void A_very_light_file_opens()
    {
        var json = File.ReadAllText(SharedFolder.Fixture("wallet/keystore/very-light-scrypt.json"));
        // Its password is told nowhere but in the program it comes from: an empty one.
        Assert.True(Keystore.TryDecrypt(json, "", out var secret, out var refusal), refusal?.ToString());
        Assert.Equal("0x45dea0fb0bba44f4fcf290bba71fd57d7117cbb8", Address.FromPublicKey(Secp256k1.PublicKey(secret)).ToString());
    }

    [Fact]
    public void Wallets_of_ethers_open_to_their_addresses()
    {
        using var archive = ZipFile.OpenRead(SharedFolder.Fixture("codec/ethers.zip"));
        using var stream = archive.Entries.Single(entry => entry.Name == "wallets.json").Open();
        using var cases = JsonDocument.Parse(stream);
        // The crowdsale wallet is a form of its own, from before keystores.
        foreach (var test in cases.RootElement.EnumerateArray().Where(test => test.GetProperty("type").GetString() == "keystore"))
        {
            var password = Encoding.UTF8.GetString(Convert.FromHexString(test.GetProperty("password").GetString()!.AsSpan(2)));
            var isOpen = Keystore.TryDecrypt(test.GetProperty("content").GetString()!, password, out var secret, out var refusal);
            Assert.True(isOpen, $"{test.GetProperty("name").GetString()}: {refusal}");
            Assert.Equal(test.GetProperty("address").GetString(), Address.FromPublicKey(Secp256k1.PublicKey(secret)).ToChecksumString());
        }
    }
}
