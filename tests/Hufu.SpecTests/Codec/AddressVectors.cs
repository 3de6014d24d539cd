using System.Text.Json;
using Hufu.Crypto;
using Hufu.Primitives;
using Xunit;

namespace Hufu.SpecTests.Codec;

public class AddressVectors
{
    [Fact]
    public void Secrets_give_the_addresses_of_the_vectors_with_their_checksum()
    {
        foreach (var vector in EthersVectors.Read("accounts"))
        {
            var expected = vector.GetProperty("address").GetString()!;
            var address = Address.Parse(expected);
            Assert.Equal(expected, address.ToChecksumString());
            Assert.True(Address.HasValidChecksum(expected));
            if (vector.TryGetProperty("privateKey", out var secret) && secret.GetString() is { } text)
                Assert.Equal(address, TransactionSigning.AddressOf(Hex.Decode(text)));
        }
    }

    [Fact]
    public void Secrets_give_the_addresses_of_the_basic_tests()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Fixture("ethereum-tests/BasicTests/keyaddrtest.json")));
        foreach (var vector in document.RootElement.EnumerateArray())
        {
            var secret = Hex.Decode("0x" + vector.GetProperty("key").GetString());
            Assert.Equal("0x" + vector.GetProperty("addr").GetString(), TransactionSigning.AddressOf(secret).ToString());
        }
    }

    [Fact]
    public void Create_gives_the_addresses_of_the_vectors()
    {
        foreach (var group in EthersVectors.Read("create"))
        {
            var sender = Address.Parse(group.GetProperty("sender").GetString()!);
            foreach (var vector in group.GetProperty("creates").EnumerateArray())
                Assert.Equal(vector.GetProperty("address").GetString(), Address.ForCreate(sender, Number(vector.GetProperty("nonce"))).ToChecksumString());
        }
    }

    [Fact]
    public void Create2_gives_the_addresses_of_the_vectors()
    {
        foreach (var group in EthersVectors.Read("create2"))
        {
            var sender = Address.Parse(group.GetProperty("sender").GetString()!);
            foreach (var vector in group.GetProperty("creates").EnumerateArray())
            {
                var hash = Keccak256.Hash(Hex.Decode(vector.GetProperty("initCode").GetString()!));
                Assert.Equal(vector.GetProperty("initCodeHash").GetString(), hash.ToString());
                var address = Address.ForCreate2(sender, Hash256.Parse(vector.GetProperty("salt").GetString()!), hash);
                Assert.Equal(vector.GetProperty("address").GetString(), address.ToChecksumString());
            }
        }
    }

    [Fact]
    public void Create2_agrees_with_EIP_1014()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Fixture("codec/eip-1014.json")));
        foreach (var vector in document.RootElement.GetProperty("create2").EnumerateArray())
        {
            var hash = Keccak256.Hash(Hex.Decode(vector.GetProperty("initCode").GetString()!));
            var address = Address.ForCreate2(Address.Parse(vector.GetProperty("address").GetString()!), Hash256.Parse(vector.GetProperty("salt").GetString()!), hash);
            Assert.Equal(Address.Parse(vector.GetProperty("result").GetString()!), address);
        }
    }

    [Fact]
    public void Hashes_agree_with_the_vectors()
    {
        foreach (var vector in EthersVectors.Read("hashes"))
        {
            var data = Hex.Decode(vector.GetProperty("data").GetString()!);
            Assert.Equal(vector.GetProperty("keccak256").GetString(), Keccak256.Hash(data).ToString());
        }
    }

    static ulong Number(JsonElement element) => element.ValueKind == JsonValueKind.Number ? element.GetUInt64() : (ulong)UInt256.Parse(element.GetString()!);
}
