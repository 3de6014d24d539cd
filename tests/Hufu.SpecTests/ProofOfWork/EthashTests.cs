using System.Text.Json;
using Hufu.Chain;
using Hufu.Primitives;
using Xunit;

namespace Hufu.SpecTests;

/// <summary>The official Ethash tests.</summary>
public class EthashTests
{
    [Fact]
    public void Ethash_finds_the_seed_the_sizes_the_mix_and_the_result_of_every_case()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Fixture("ethereum-tests/PoWTests/ethash_tests.json")));
        foreach (var test in document.RootElement.EnumerateObject())
        {
            var reader = new RlpReader(Convert.FromHexString(Text("header")));
            var header = Header.Read(ref reader);
            Assert.Null(reader.Error);
            var epoch = (int)(header.Number / Ethash.EpochLength);

            Assert.Equal(Text("seed"), Hex(EthashCache.Seed(epoch)));
            Assert.Equal(test.Value.GetProperty("cache_size").GetUInt64(), EthashCache.CacheSize(epoch));
            Assert.Equal(test.Value.GetProperty("full_size").GetUInt64(), EthashCache.DatasetSize(epoch));
            Assert.Equal(Text("header_hash"), Hex(header.SealHash));
            var (mixHash, result) = Ethash.Shared.Hash(header.SealHash, header.Nonce, epoch);
            Assert.Equal(Text("mixHash"), Hex(mixHash));
            Assert.Equal(Text("result"), Hex(result));

            string Text(string name) => test.Value.GetProperty(name).GetString()!;
        }
    }

    static string Hex(in Hash256 hash) => hash.ToString()[2..];
}
