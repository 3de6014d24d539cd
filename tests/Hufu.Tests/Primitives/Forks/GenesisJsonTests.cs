using CsCheck;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests.Primitives.Forks;

public class GenesisJsonTests
{
    [Fact]
    public void The_development_network_has_every_fork_up_to_Osaka_from_its_first_block()
    {
        var genesis = Parse(File.ReadAllText(SharedFolder.Repository("networks/dev.json")));
        Assert.Equal(31337UL, genesis.Schedule.ChainId);
        Assert.Equal(Fork.Osaka, genesis.Rules.Fork);
        var header = genesis.ToBlock().Header;
        Assert.Equal(Fork.Osaka, genesis.Schedule.RulesOf(header).Fork);
        Assert.Equal(Requests.EmptyHash, header.RequestsHash);
        Assert.Null(header.SlotNumber);
        // The contracts that every block calls (EIP-4788, 2935, 7002, 7251).
        Assert.Equal(4, genesis.Alloc.Values.Count(account => account.Code.Length > 0 && account.Nonce == 1));
        Assert.Equal(4, genesis.ToStateDiff().Codes.Count);
    }

    [Theory]
    [InlineData("\"0x10\"")]
    [InlineData("16")]
    [InlineData("\"16\"")]
    [InlineData("\"0x0010\"")]
    public void Numbers_are_read_in_every_way_they_are_written(string written)
    {
        var genesis = Parse($$"""{"gasLimit": {{written}}, "alloc": {"{{new string('a', 40)}}": {"balance": {{written}}, "nonce": {{written}}, "storage": {"0x1": "10"} } } }""");
        Assert.Equal(16UL, genesis.GasLimit);
        var account = genesis.Alloc[Address.Parse("0x" + new string('a', 40))];
        Assert.Equal((16UL, (UInt256)16), (account.Nonce, account.Balance));
        Assert.Equal(16, account.Storage[1]);
    }

    [Theory]
    [InlineData("""[]""", "not an object")]
    [InlineData("""{"gasLimit":1""", "not JSON (line 1)")]
    [InlineData("""{}""", "gasLimit: it is missing")]
    [InlineData("""{"gasLimit":-1}""", "gasLimit: '-1'")]
    [InlineData("""{"gasLimit":1e9}""", "gasLimit: '1e9'")]
    [InlineData("""{"gasLimit":"0x10000000000000000"}""", "does not fit 64 bits")]
    [InlineData("""{"gasLimit":1,"extraData":"0xabc"}""", "extraData")]
    [InlineData("""{"gasLimit":1,"mixHash":"0x00"}""", "mixHash: a hash has 32 bytes")]
    [InlineData("""{"gasLimit":1,"alloc":{"0x12":{}}}""", "alloc.0x12")]
    [InlineData("""{"gasLimit":1,"alloc":{"0x00000000000000000000000000000000000000aa":{},"00000000000000000000000000000000000000AA":{}}}""", "given twice")]
    [InlineData("""{"gasLimit":1,"alloc":{"0x00000000000000000000000000000000000000aa":{"storage":{"1":"0x2","0x01":"0x3"}}}}""", "given twice")]
    [InlineData("""{"gasLimit":1,"config":{"londonBlock":1,"berlinBlock":2}}""", "londonBlock (1) comes before berlinBlock (2)")]
    [InlineData("""{"gasLimit":1,"config":{"eip155Block":1,"eip158Block":2}}""", "must agree")]
    [InlineData("""{"gasLimit":1,"config":{"cancunTime":9,"pragueTime":8}}""", "pragueTime (8) comes before cancunTime (9)")]
    [InlineData("""{"gasLimit":1,"config":{"tokyoTime":9}}""", "'tokyoTime' names a fork")]
    [InlineData("""{"gasLimit":1,"config":{"osakaTime":1,"bpo1Time":9}}""", "bpo1 has a time but no blob parameters")]
    [InlineData("""{"gasLimit":1,"config":{"cancunTime":1,"blobSchedule":{"cancun":{"target":3,"max":6,"baseFeeUpdateFraction":0}}}}""", "must not be zero")]
    [InlineData("""{"gasLimit":1,"coinbase":"\ud800"}""", "Unicode")]
    public void What_is_wrong_is_named(string json, string expected)
    {
        Assert.False(GenesisJson.TryParse(System.Text.Encoding.UTF8.GetBytes(json), out _, out var refusal));
        Assert.StartsWith("invalid genesis", refusal.What, StringComparison.Ordinal);
        Assert.Contains(expected, refusal.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Headers_have_the_fields_of_their_fork()
    {
        Assert.Null(Parse("""{"gasLimit":1,"baseFeePerGas":"0x7"}""").ToBlock().Header.BaseFeePerGas);
        Assert.Equal((UInt256)7, Parse("""{"gasLimit":1,"baseFeePerGas":"0x7","config":{"londonBlock":0}}""").ToBlock().Header.BaseFeePerGas);
        Assert.Equal((UInt256)1_000_000_000, Parse("""{"gasLimit":1,"config":{"londonBlock":0}}""").ToBlock().Header.BaseFeePerGas);
        Assert.Null(Parse("""{"gasLimit":1,"config":{"londonBlock":0,"shanghaiTime":5}}""").ToBlock().Withdrawals);
        Assert.NotNull(Parse("""{"gasLimit":1,"timestamp":5,"config":{"londonBlock":0,"shanghaiTime":5}}""").ToBlock().Withdrawals);
        Assert.NotNull(Parse("""{"gasLimit":1,"config":{"amsterdamTime":0}}""").ToBlock().Header.BlockAccessListHash);
    }

    [Fact]
    public void A_damaged_file_is_refused_or_is_another_genesis()
    {
        var good = File.ReadAllBytes(SharedFolder.Repository("networks/dev.json"));
        GenPrimitives.Damaged(good).Sample(json =>
        {
            if (GenesisJson.TryParse(json, out var genesis, out var refusal)) Assert.NotEqual(Hash256.Zero, genesis.ToBlock().Hash);
            else Assert.InRange(refusal.ToString().Length, 20, 1000);
        }, iter: GenPrimitives.FuzzCases);
    }

    static Genesis Parse(string json)
    {
        Assert.True(GenesisJson.TryParse(System.Text.Encoding.UTF8.GetBytes(json), out var genesis, out var refusal), refusal?.ToString());
        return genesis;
    }
}
