using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests.Rpc;

/// <summary>A call that states a price pays it, as go-ethereum has it: the called code sees what is left.</summary>
public sealed class CallPriceTests : IDisposable
{
    const string Contract = "0xc0de00000000000000000000000000000000c0de";

    // BALANCE of the caller; then GASPRICE, BASEFEE or BLOBBASEFEE: each returned as a word.
    const string CallersBalance = "0x33315f5260205ff3", GasPrice = "0x3a5f5260205ff3", BaseFee = "0x485f5260205ff3", BlobBaseFee = "0x4a5f5260205ff3";

    readonly TestLedger _ledger = new(Fork.Cancun);

    public void Dispose() => _ledger.Dispose();

    [Fact]
    public void Who_states_a_price_has_paid_for_all_the_gas_when_the_code_runs()
    {
        var all = TestChain.Ether * 1000UL;
        Assert.Equal(all, Called(CallersBalance, """ "gas":"0x186a0" """));
        Assert.Equal(all - 100_000UL * (UInt256)2_000_000_000UL, Called(CallersBalance, """ "gas":"0x186a0","gasPrice":"0x77359400" """));
        // The cap is what must be there; the price is what is paid.
        var baseFee = Called(BaseFee, """ "gasPrice":"0x77359400" """);
        Assert.Equal(all - 100_000UL * (baseFee + 1), Called(CallersBalance, """ "gas":"0x186a0","maxFeePerGas":"0x77359400","maxPriorityFeePerGas":"0x1" """));
    }

    [Fact]
    public void Who_states_none_sees_none()
    {
        Assert.Equal(UInt256.Zero, Called(GasPrice, """ "gas":"0x186a0" """));
        Assert.Equal(UInt256.Zero, Called(BaseFee, """ "gas":"0x186a0" """));
        Assert.Equal(UInt256.One, Called(BlobBaseFee, """ "gas":"0x186a0" """));
    }

    [Fact]
    public void A_price_that_cannot_be_paid_is_refused() => Assert.StartsWith("insufficient funds for gas * price + value",
        _ledger.Error("eth_call", $$"""[{"from":"0x00000000000000000000000000000000000000aa","to":"{{Contract}}","gas":"0x186a0","gasPrice":"0x77359400"},"latest"]""").Message, StringComparison.Ordinal);

    [Fact]
    public void Blobs_without_a_price_are_free_and_with_one_are_paid()
    {
        const string blob = "0x0100000000000000000000000000000000000000000000000000000000000000";
        var all = TestChain.Ether * 1000UL;
        Assert.Equal(UInt256.Zero, Called(BlobBaseFee, $""" "gas":"0x186a0","blobVersionedHashes":["{blob}"] """));
        Assert.Equal(all - 131_072UL, Called(CallersBalance, $""" "gas":"0x186a0","maxFeePerBlobGas":"0x5","blobVersionedHashes":["{blob}"] """));
    }

    UInt256 Called(string code, string members) => UInt256.FromBigEndian(Convert.FromHexString(_ledger.Result("eth_call",
        $$"""[{"from":"{{TestChain.Alice}}","to":"{{Contract}}",{{members}}},"latest",{"{{Contract}}":{"code":"{{code}}"} }]""").GetString().AsSpan(2)));
}
