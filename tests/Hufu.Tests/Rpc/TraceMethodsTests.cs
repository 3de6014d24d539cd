using System.Text.Json;
using Hufu.Crypto;
using Hufu.Primitives;
using Hufu.Rpc;
using Xunit;

namespace Hufu.Tests.Rpc;

public sealed class TraceMethodsTests : IDisposable
{
    // Init code that makes a contract whose code stores 5 at 1 and stops.
    static readonly byte[] InitCode = [0x65, 0x60, 0x05, 0x60, 0x01, 0x55, 0x00, 0x60, 0x00, 0x52, 0x60, 0x06, 0x60, 0x1a, 0xf3];

    readonly TestLedger _ledger = new();

    public void Dispose() => _ledger.Dispose();

    static Transaction Send(ulong nonce, Address? to, byte[] data) => TransactionSigning.Sign(
        new LegacyTransaction { Nonce = nonce, GasPrice = 10_000_000_000, GasLimit = 200_000, To = to, Data = data, V = 1337 * 2 + 35 }, TestChain.AliceSecret);

    /// <summary>Makes a contract in block 1 and calls it in block 2.</summary>
    (Transaction Making, Transaction Calling, Address Contract) MakeAndCall()
    {
        var contract = Address.ForCreate(TestChain.Alice, 0);
        var (making, calling) = (Send(0, null, InitCode), Send(1, contract, []));
        var first = _ledger.Chain.Extend(_ledger.Head, transactions: [making]);
        _ledger.Chain.Extend(first.Hash, transactions: [calling]);
        return (making, calling, contract);
    }

    [Fact]
    public void The_calls_of_a_block_name_their_transaction_and_their_place()
    {
        var (making, _, contract) = MakeAndCall();
        var trace = _ledger.Result("trace_block", """["0x1"]""")[0];
        Assert.Equal("create", trace.GetProperty("type").GetString());
        Assert.Equal(contract.ToString(), trace.GetProperty("result").GetProperty("address").GetString());
        Assert.Equal("0x600560015500", trace.GetProperty("result").GetProperty("code").GetString());
        Assert.Equal((1, making.Hash.ToString(), 0), (trace.GetProperty("blockNumber").GetInt32(), trace.GetProperty("transactionHash").GetString(), trace.GetProperty("transactionPosition").GetInt32()));
        Assert.True(JsonElement.DeepEquals(trace, _ledger.Result("trace_get", $"""["{making.Hash}",[]]""")));
        Assert.True(JsonElement.DeepEquals(trace, _ledger.Result("trace_transaction", $"""["{making.Hash}"]""")[0]));
        Assert.Equal(JsonValueKind.Null, _ledger.Result("trace_get", $"""["{making.Hash}",["0x0"]]""").ValueKind);
    }

    [Fact]
    public void A_replay_tells_what_changed_and_every_step()
    {
        var (_, calling, contract) = MakeAndCall();
        var replay = _ledger.Result("trace_replayTransaction", $"""["{calling.Hash}",["trace","stateDiff","vmTrace"]]""");
        var change = replay.GetProperty("stateDiff").GetProperty(contract.ToString());
        Assert.Equal("=", change.GetProperty("nonce").GetString());
        Assert.EndsWith("5", change.GetProperty("storage").EnumerateObject().Single().Value.GetProperty("*").GetProperty("to").GetString(), StringComparison.Ordinal);
        Assert.Equal("0x2", replay.GetProperty("stateDiff").GetProperty(TestChain.Alice.ToString()).GetProperty("nonce").GetProperty("*").GetProperty("to").GetString());

        var steps = replay.GetProperty("vmTrace").GetProperty("ops").EnumerateArray().ToList();
        Assert.Equal([0, 2, 4, 5], steps.Select(step => step.GetProperty("pc").GetInt32()));
        Assert.Equal("0x5", steps[0].GetProperty("ex").GetProperty("push")[0].GetString());
        Assert.Equal("0x5", steps[2].GetProperty("ex").GetProperty("store").GetProperty("val").GetString());
        Assert.True(JsonElement.DeepEquals(replay.GetProperty("trace"), _ledger.Result("trace_replayBlockTransactions", """["0x2",["trace"]]""")[0].GetProperty("trace")));
    }

    [Fact]
    public void Trial_calls_build_on_each_other_and_leave_nothing()
    {
        var call = $$"""{"from":"{{TestChain.Alice}}","to":"{{TestChain.Carol}}","value":"0x5"}""";
        var traces = _ledger.Result("trace_callMany", $"""[[[{call},["stateDiff"]],[{call},["stateDiff"]]],"latest"]""");
        string To(int index) => traces[index].GetProperty("stateDiff").GetProperty(TestChain.Carol.ToString()).GetProperty("balance") is var balance
            && balance.TryGetProperty("+", out var made) ? made.GetString()! : balance.GetProperty("*").GetProperty("to").GetString()!;
        Assert.Equal(["0x5", "0xa"], [To(0), To(1)]);
        Assert.Equal(UInt256.Zero, _ledger.Chain.BalanceOf(TestChain.Carol));
        Assert.Equal("0x5", _ledger.Result("trace_call", $"""[{call},["trace"]]""").GetProperty("trace")[0].GetProperty("action").GetProperty("value").GetString());
        Assert.Equal("call", _ledger.Result("trace_rawTransaction", $"""["{Hex.Encode(_ledger.Chain.Transfer(TestChain.AliceSecret, 0, TestChain.Bob, 1).Encoded.Span)}",["trace"]]""")
            .GetProperty("trace")[0].GetProperty("type").GetString());
    }

    [Fact]
    public void A_failed_call_keeps_its_place_and_tells_why()
    {
        var call = $$"""[{"to":"0x00000000000000000000000000000000000000cc","gas":"0x10000"},["trace"],"latest",{"0x00000000000000000000000000000000000000cc":{"code":"0xfe"} }]""";
        var trace = _ledger.Result("trace_call", call).GetProperty("trace")[0];
        Assert.Equal("Bad instruction", trace.GetProperty("error").GetString());
        Assert.Equal(JsonValueKind.Null, trace.GetProperty("result").ValueKind);
    }

    [Fact]
    public void A_search_finds_by_sender_and_receiver_and_pages()
    {
        var (_, _, contract) = MakeAndCall();
        int Found(string filter) => _ledger.Result("trace_filter", $$"""[{"fromBlock":"0x0","toBlock":"0x2"{{filter}} }]""").GetArrayLength();
        Assert.Equal(2, Found(""));
        Assert.Equal(2, Found($",\"fromAddress\":[\"{TestChain.Alice}\"],\"toAddress\":[\"{contract}\"]"));
        Assert.Equal(0, Found($",\"fromAddress\":[\"{TestChain.Bob}\"],\"toAddress\":[\"{contract}\"]"));
        Assert.Equal(2, Found($",\"fromAddress\":[\"{TestChain.Bob}\"],\"toAddress\":[\"{contract}\"],\"mode\":\"union\""));
        Assert.Equal((1, 1, 0), (Found(",\"count\":1"), Found(",\"after\":1"), Found(",\"after\":2")));
    }

    [Fact]
    public void A_search_that_finds_too_much_says_how_to_page()
    {
        using var ledger = new TestLedger(options: new LedgerMethodOptions { Traces = new TraceLimits { MaxTraces = 1, MaxBlocks = 3 } });
        var block = ledger.Chain.Extend(ledger.Head, transactions: [ledger.Chain.Transfer(TestChain.AliceSecret, 0, TestChain.Bob, 1), ledger.Chain.Transfer(TestChain.AliceSecret, 1, TestChain.Bob, 1)]);
        Assert.Contains("after", ledger.Error("trace_filter", """[{"fromBlock":"0x1"}]""").Message, StringComparison.Ordinal);
        Assert.Equal(1, ledger.Result("trace_filter", """[{"fromBlock":"0x1","count":1}]""").GetArrayLength());
        var next = ledger.Chain.Extend(block.Hash);
        ledger.Chain.Extend(next.Hash);
        Assert.Contains("at most 3", ledger.Error("trace_filter", """[{"fromBlock":"earliest"}]""").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_block_of_proof_of_work_tells_its_reward()
    {
        using var ledger = new TestLedger(Fork.Byzantium);
        ledger.Chain.Extend(ledger.Head, beneficiary: TestChain.Carol);
        var reward = ledger.Result("trace_block", """["0x1"]""")[0];
        Assert.Equal("reward", reward.GetProperty("type").GetString());
        Assert.Equal((TestChain.Ether * 3UL).ToHexQuantity(), reward.GetProperty("action").GetProperty("value").GetString());
    }
}
