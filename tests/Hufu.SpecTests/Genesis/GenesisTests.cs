using System.IO.Compression;
using System.Text.Json;
using Hufu.Primitives;
using Xunit;

namespace Hufu.SpecTests.Genesis;

/// <summary>Genesis files of real and test networks: the block each begins with.</summary>
public class GenesisTests
{
    const string MainnetHash = "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3";

    [Fact]
    public void Mainnet_begins_with_its_known_hash()
    {
        var genesis = Parse(File.ReadAllBytes(SharedFolder.Fixture("era/mainnet-genesis.json")));
        Assert.Equal(MainnetHash, genesis.ToBlock().Hash.ToString());
        Assert.Equal(1UL, genesis.Schedule.ChainId);
        Assert.Equal(1920000UL, genesis.Schedule.DaoForkBlock);
        Assert.Equal(UInt256.Parse("58750000000000000000000"), genesis.Schedule.TerminalTotalDifficulty);
    }

    [Fact]
    public void The_genesis_hashes_fixture_agrees()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Fixture("ethereum-tests/BasicTests/genesishashestest.json")));
        var rlp = Hex.Decode("0x" + document.RootElement.GetProperty("genesis_rlp_hex").GetString());
        Assert.True(Block.TryDecode(rlp, out var block, out var refusal), refusal?.ToString());
        Assert.Equal("0x" + document.RootElement.GetProperty("genesis_hash").GetString(), block.Hash.ToString());
        Assert.Equal("0x" + document.RootElement.GetProperty("genesis_state_root").GetString(), block.Header.StateRoot.ToString());
        Assert.Equal(rlp, block.Encode());
    }

    [Fact]
    public void Genesis_fields_encode_to_the_fixture()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Fixture("ethereum-tests/GenesisTests/basic_genesis_tests.json")));
        foreach (var test in document.RootElement.EnumerateObject())
        {
            var genesis = Parse(System.Text.Encoding.UTF8.GetBytes(test.Value.GetRawText()));
            Assert.Equal("0x" + test.Value.GetProperty("result").GetString(), Hex.Encode(genesis.ToBlock().Encode()));
        }
    }

    [Fact]
    public void The_execution_apis_chain_stands_on_its_genesis()
    {
        var genesis = Parse(File.ReadAllBytes(SharedFolder.Fixture("rpc/tests/genesis.json"))).ToBlock();
        Assert.Equal(genesis.Hash, FirstBlock(File.ReadAllBytes(SharedFolder.Fixture("rpc/tests/chain.rlp"))).Header.ParentHash);
    }

    [Fact]
    public void The_devp2p_chain_stands_on_its_genesis()
    {
        using var archive = ZipFile.OpenRead(SharedFolder.Fixture("p2p/ethchain.zip"));
        var genesis = Parse(Entry(archive, "genesis.json")).ToBlock();
        Assert.NotNull(genesis.Withdrawals);
        Assert.Equal(genesis.Hash, FirstBlock(Entry(archive, "chain.rlp")).Header.ParentHash);
    }

    [Theory]
    [InlineData("genesis_migrating_validator_contract.json")]
    [InlineData("genesis_validator_contract.json")]
    [InlineData("genesis_validator_contract_london.json")]
    [InlineData("genesis_validator_contract_shanghai.json")]
    [InlineData("qbft-emptyextradata.json")]
    public void Qbft_genesis_files_are_read(string file)
    {
        var genesis = Parse(File.ReadAllBytes(SharedFolder.Fixture("qbft/genesis/" + file)));
        Assert.NotEmpty(genesis.Alloc);
        Assert.NotEqual(Account.EmptyTrieRoot, genesis.ToBlock().Header.StateRoot);
    }

    [Theory]
    [InlineData("qbft.json")]
    [InlineData("qbft-london.json")]
    public void A_template_that_still_lacks_its_extra_data_is_refused(string file)
    {
        Assert.False(GenesisJson.TryParse(File.ReadAllBytes(SharedFolder.Fixture("qbft/genesis/" + file)), out _, out var refusal));
        Assert.Contains("extraData", refusal.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Fork_ids_of_mainnet_agree_with_EIP_2124()
    {
        var mainnet = Parse(File.ReadAllBytes(SharedFolder.Fixture("era/mainnet-genesis.json"))).Schedule;
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Fixture("p2p/eip-2124.json")));
        // The vectors are of the time when Petersburg was the last fork known.
        var petersburg = new ForkSchedule(
            [(Fork.Homestead, 1150000), (Fork.TangerineWhistle, 2463000), (Fork.SpuriousDragon, 2675000), (Fork.Byzantium, 4370000), (Fork.Petersburg, 7280000)], [])
        { DaoForkBlock = 1920000 };
        var hash = Hash256.Parse(MainnetHash);
        var checkedVectors = 0;
        foreach (var vector in document.RootElement.GetProperty("creation").EnumerateArray().Where(vector => vector.GetProperty("network").GetString() == "Mainnet"))
        {
            var head = vector.GetProperty("head").GetUInt64();
            var expected = Convert.ToUInt32(vector.GetProperty("hash").GetString()![2..], 16);
            var id = ForkId.Of(petersburg, hash, 0, head, 0);
            Assert.Equal(new ForkId(expected, vector.GetProperty("next").GetUInt64()), id);
            if (head < 7280000) Assert.Equal(id, ForkId.Of(mainnet, hash, 0, head, 0));
            checkedVectors++;
        }
        Assert.True(checkedVectors > 10);
        foreach (var vector in document.RootElement.GetProperty("validation").EnumerateArray())
        {
            var remote = new ForkId(Convert.ToUInt32(vector.GetProperty("remoteHash").GetString()![2..], 16), ulong.Parse(vector.GetProperty("remoteNext").GetString()!));
            var compatible = ForkId.IsCompatible(remote, petersburg, hash, 0, vector.GetProperty("localHead").GetUInt64(), 0);
            Assert.True(compatible == (vector.GetProperty("result").GetString() == "ok"), vector.GetProperty("note").GetString());
        }
    }

    static Primitives.Genesis Parse(byte[] json)
    {
        Assert.True(GenesisJson.TryParse(json, out var genesis, out var refusal), refusal?.ToString());
        return genesis;
    }

    static byte[] Entry(ZipArchive archive, string name)
    {
        using var stream = archive.Entries.Single(entry => entry.Name == name).Open();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    static Block FirstBlock(byte[] chain)
    {
        var reader = new RlpReader(chain);
        var item = reader.ReadItem();
        Assert.True(Block.TryDecode(item, out var block, out var refusal), refusal?.ToString());
        return block;
    }
}
