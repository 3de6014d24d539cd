using System.Text.Json;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests.Rpc;

/// <summary>eth_simulateV1 beyond what the exchanges of execution-apis show.</summary>
public sealed class SimulationTests : IDisposable
{
    const string EcRecover = "0x0000000000000000000000000000000000000001";
    const string Sha256 = "0x0000000000000000000000000000000000000002";
    const string Elsewhere = "0xc200000000000000000000000000000000000000";

    readonly TestLedger _ledger = new(Fork.Cancun);

    (int Code, string Message) Refused(string blocks) => _ledger.Error("eth_simulateV1", $$"""[{"blockStateCalls":{{blocks}}},"latest"]""");

    JsonElement Simulated(string payload) => _ledger.Result("eth_simulateV1", $"""[{payload},"latest"]""");

    public void Dispose() => _ledger.Dispose();

    [Fact]
    public void A_simulation_of_nothing_is_refused() => Assert.Equal(-32602, Refused("[]").Code);

    [Fact]
    public void More_than_256_blocks_are_refused_even_as_a_gap() =>
        Assert.Equal(-38026, Refused("""[{"blockOverrides":{"number":"0x101"}}]""").Code);

    [Fact]
    public void A_gap_of_256_blocks_is_filled_with_empty_ones() =>
        Assert.Equal(256, Simulated("""{"blockStateCalls":[{"blockOverrides":{"number":"0x100"}}]}""").GetArrayLength());

    [Fact]
    public void A_precompile_cannot_move_to_itself() =>
        Assert.Equal(-38022, Refused($$"""[{"stateOverrides":{"{{EcRecover}}":{"movePrecompileToAddress":"{{EcRecover}}"} } }]""").Code);

    [Fact]
    public void Two_precompiles_cannot_move_to_one_address() =>
        Assert.Equal(-38023, Refused($$"""[{"stateOverrides":{"{{EcRecover}}":{"movePrecompileToAddress":"{{Elsewhere}}"},"{{Sha256}}":{"movePrecompileToAddress":"{{Elsewhere}}"} } }]""").Code);

    [Fact]
    public void A_moved_precompile_answers_at_its_new_address_in_a_plain_call_too() =>
        Assert.Equal("0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", _ledger.Result("eth_call",
            $$"""[{"to":"{{Elsewhere}}"},"latest",{"{{Sha256}}":{"movePrecompileToAddress":"{{Elsewhere}}"} }]""").GetString());

    [Fact]
    public void Init_code_that_is_too_large_is_refused() =>
        Assert.Equal(-38025, Refused($$"""[{"calls":[{"input":"0x{{new string('0', 2 * 49153)}}"}]}]""").Code);

    [Fact]
    public void Withdrawals_of_a_simulated_block_are_paid()
    {
        var blocks = Simulated($$"""
            {"blockStateCalls":[
              {"blockOverrides":{"withdrawals":[{"index":"0x0","validatorIndex":"0x0","address":"{{Elsewhere}}","amount":"0x1"} ] } },
              {"stateOverrides":{"0xc300000000000000000000000000000000000000":{"code":"0x73{{Elsewhere[2..]}}3160005260206000f3"} },
               "calls":[{"to":"0xc300000000000000000000000000000000000000"}]}]}
            """);
        Assert.Equal("0x" + 1_000_000_000.ToString("x64", null), blocks[1].GetProperty("calls")[0].GetProperty("returnData").GetString());
    }

    [Fact]
    public void All_calls_together_use_no_more_than_the_gas_cap()
    {
        using var ledger = new TestLedger(Fork.Cancun, new Hufu.Rpc.LedgerMethodOptions { GasCap = 50_000 });
        // Two transfers leave too little for a third.
        var call = $$"""{"from":"{{TestChain.Alice}}","to":"{{Elsewhere}}"}""";
        Assert.Equal(-38013, ledger.Error("eth_simulateV1", $$"""[{"blockStateCalls":[{"calls":[{{call}},{{call}},{{call}}]} ] }]""").Code);
    }

    [Fact]
    public void A_simulation_leaves_the_chain_as_it_was()
    {
        var (head, balance) = (_ledger.Head, _ledger.Chain.BalanceOf(TestChain.Bob));
        Simulated($$"""{"blockStateCalls":[{"calls":[{"from":"{{TestChain.Alice}}","to":"{{TestChain.Bob}}","value":"0x1"}]}]}""");
        Assert.Equal((head, balance), (_ledger.Head, _ledger.Chain.BalanceOf(TestChain.Bob)));
    }
}
