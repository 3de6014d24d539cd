using Hufu.Chain;
using Hufu.Cli;
using Hufu.Evm;
using Xunit;

namespace Hufu.Tests.Cli;

/// <summary>A fixture that expects a refusal expects it for its reason.</summary>
public sealed class FixtureReasonTests
{
    [Fact]
    public void A_refusal_for_another_reason_than_the_expected_one_does_not_pass()
    {
        Assert.True(FixtureExceptions.Allows("TransactionException.NONCE_IS_MAX", AdmissionFailure.NonceMaximum));
        Assert.False(FixtureExceptions.Allows("TransactionException.NONCE_IS_MAX", AdmissionFailure.NonceTooHigh));
        Assert.False(FixtureExceptions.Allows("TransactionException.NONCE_IS_MAX", BlockRule.Encoding));
    }

    [Fact]
    public void Of_several_expected_reasons_one_is_enough()
    {
        const string either = "TransactionException.INSUFFICIENT_ACCOUNT_FUNDS|TransactionException.INTRINSIC_GAS_TOO_LOW";
        Assert.True(FixtureExceptions.Allows(either, AdmissionFailure.InsufficientFunds));
        Assert.True(FixtureExceptions.Allows(either, AdmissionFailure.IntrinsicGasTooLow));
        Assert.False(FixtureExceptions.Allows(either, AdmissionFailure.NonceTooLow));
    }

    [Fact]
    public void An_ommer_may_be_refused_for_its_own_fault()
    {
        var refusal = new BlockRefusal(BlockRule.Ommers, 5, "") { OmmerRule = BlockRule.Timestamp };
        Assert.True(FixtureExceptions.Allows("InvalidTimestamp", refusal, isOldForm: true));
        Assert.True(FixtureExceptions.Allows("UncleTooOld", refusal, isOldForm: true));
        Assert.False(FixtureExceptions.Allows("InvalidGasLimit", refusal, isOldForm: true));
    }

    [Fact]
    public void In_the_older_files_a_bad_transaction_shows_in_the_transactions_root_first()
    {
        var refusal = new BlockRefusal(BlockRule.TransactionsRoot, 1, "");
        Assert.True(FixtureExceptions.Allows("TR_NoFunds", refusal, isOldForm: true));
        Assert.False(FixtureExceptions.Allows("TR_NoFunds", refusal, isOldForm: false));
        Assert.False(FixtureExceptions.Allows("InvalidStateRoot", refusal, isOldForm: true));
    }

    [Fact]
    public void A_name_that_nobody_told_us_says_only_that_there_is_a_refusal() =>
        Assert.True(FixtureExceptions.Allows("BlockException.OF_NEXT_YEAR", BlockRule.StateRoot));
}
