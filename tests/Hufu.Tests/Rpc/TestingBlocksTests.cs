using Hufu.Primitives;
using Hufu.Rpc;
using Xunit;

namespace Hufu.Tests.Rpc;

public sealed class TestingBlocksTests : IDisposable
{
    const string Attributes = """
        {"timestamp":"0x7d0","prevRandao":"0x0000000000000000000000000000000000000000000000000000000000000000",
         "suggestedFeeRecipient":"0x0000000000000000000000000000000000000000","withdrawals":[],
         "parentBeaconBlockRoot":"0x0000000000000000000000000000000000000000000000000000000000000000"}
        """;

    // Prague's system contracts are not part of the test chain.
    readonly TestLedger _ledger = new(Fork.Cancun, new LedgerMethodOptions { OffersTesting = true });

    public void Dispose() => _ledger.Dispose();

    string Parameters(params Transaction[] transactions) =>
        $"[\"{_ledger.Head}\",{Attributes},[{string.Join(',', transactions.Select(transaction => $"\"{Hex.Encode(transaction.Encoded.Span)}\""))}]]";

    [Fact]
    public void It_is_not_there_unless_asked_for()
    {
        using var plain = new TestLedger(Fork.Cancun);
        Assert.DoesNotContain("testing_buildBlockV1", plain.Methods.Names);
    }

    [Fact]
    public void A_given_list_is_included_whole_and_the_head_stays()
    {
        var head = _ledger.Head;
        var first = _ledger.Chain.Transfer(TestChain.AliceSecret, 0, TestChain.Bob, 1);
        var second = _ledger.Chain.Transfer(TestChain.AliceSecret, 1, TestChain.Bob, 1);
        var payload = _ledger.Result("testing_buildBlockV1", Parameters(first, second)).GetProperty("executionPayload");
        Assert.Equal(2, payload.GetProperty("transactions").GetArrayLength());
        Assert.Equal(head, _ledger.Head);
    }

    [Fact]
    public void A_transaction_that_fails_is_an_error_that_names_it_and_says_why()
    {
        var (code, message) = _ledger.Error("testing_buildBlockV1", Parameters(_ledger.Chain.Transfer(TestChain.AliceSecret, 5, TestChain.Bob, 1)));
        Assert.Equal(-32602, code);
        Assert.Contains("transaction 0", message, StringComparison.Ordinal);
        Assert.Contains("nonce too high", message, StringComparison.Ordinal);
    }
}
