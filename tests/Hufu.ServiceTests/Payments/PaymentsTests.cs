using Hufu.Client;
using Hufu.Primitives;
using Xunit;

namespace Hufu.ServiceTests.Payments;

/// <summary>Payment by reference: once, in full, to whom the payer named, whoever sends it in.</summary>
public class PaymentsTests
{
    readonly ContractWorld _world = new();
    readonly DeployedContract _payments;
    readonly DeployedContract _coin;

    public PaymentsTests()
    {
        var permissions = new Permissions(_world);
        _payments = _world.Deploy(Cast.Admin.Address, "src/Platform/Services/Payments/artifacts/Payments", permissions.Address);
        _coin = _world.Deploy(Cast.Admin.Address, "src/Platform/Services/Stablecoin/artifacts/Stablecoin", "Test Dollar", "TUSD", (UInt256)6, permissions.Address);
        permissions.Allow(1, _coin, Cast.Admin.Address, "mint", "freeze", "pause");
        permissions.Allow(2, _payments, Cast.Admin.Address, "accept", "pause", "unpause");
        _payments.Do(Cast.Admin.Address, "accept", _coin.Address, true);
        _coin.Do(Cast.Admin.Address, "mint", Cast.Alice.Address, (UInt256)1_000_000);
    }

    UInt256 BalanceOf(Address account) => _coin.Read<UInt256>("balanceOf", account);

    [Fact]
    public void A_payment_reaches_the_payee_in_full_and_is_recorded_once()
    {
        _coin.Do(Cast.Alice.Address, "approve", _payments.Address, UInt256.MaxValue);
        var paid = _payments.Do(Cast.Alice.Address, "pay", _coin.Address, Cast.Bob.Address, (UInt256)250, Cast.Word("invoice 1"));
        Assert.Equal((UInt256)250, BalanceOf(Cast.Bob.Address));
        Assert.Equal(Cast.Bob.Address, paid.Events("PaymentMade").Single()[2]);
        Assert.True(_payments.Read<bool>("isPaid", paid.Values[0]));
        Assert.Equal("AlreadyPaid", _payments.Send(Cast.Alice.Address, "pay", _coin.Address, Cast.Bob.Address, (UInt256)250, Cast.Word("invoice 1")).Error);
        Assert.Equal("AlreadyPaid", _payments.Send(Cast.Alice.Address, "pay", _coin.Address, Cast.Bob.Address, (UInt256)9, Cast.Word("invoice 1")).Error);
        _payments.Do(Cast.Alice.Address, "pay", _coin.Address, Cast.Bob.Address, (UInt256)250, Cast.Word("invoice 2"));
        Assert.Equal(UInt256.Zero, BalanceOf(_payments.Address));
    }

    [Fact]
    public void A_signed_payment_can_be_sent_by_anyone_and_changed_by_nobody()
    {
        var salt = Cast.Word("salt");
        var payment = Payment(Cast.Bob.Address, 300, "order 7");
        var signature = Authorise(payment, salt);

        foreach (var (index, other) in new (int, object)[] { (1, Cast.Bob.Address), (2, Cast.Mallory.Address), (3, (UInt256)301), (4, Cast.Word("order 8")) })
        {
            var changed = (object[])payment.Clone();
            changed[index] = other;
            Assert.False(Relay(changed, salt, signature).Succeeded, $"member {index} was changed");
        }
        Assert.False(Relay(payment, Cast.Word("another salt"), signature).Succeeded);
        Assert.True(Relay(payment, salt, signature).Succeeded);
        Assert.Equal((UInt256)300, BalanceOf(Cast.Bob.Address));
        Assert.Equal("AlreadyPaid", Relay(payment, salt, signature).Error);
    }

    [Fact]
    public void Nobody_takes_an_authorisation_to_the_token_itself()
    {
        var payment = Payment(Cast.Bob.Address, 300, "order 9");
        var salt = Cast.Word("salt");
        var (v, r, s) = Authorise(payment, salt);
        object[] transfer = [Cast.Alice.Address, _payments.Address, (UInt256)300, UInt256.Zero, UInt256.MaxValue, Nonce(payment, salt), v, r, s];
        Assert.False(_coin.Send(Cast.Mallory.Address, "receiveWithAuthorization", transfer).Succeeded);
        Assert.False(_coin.Send(Cast.Mallory.Address, "transferWithAuthorization", transfer).Succeeded);
    }

    [Fact]
    public void A_permit_that_somebody_used_up_first_does_not_stop_the_payment()
    {
        const string permitType = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)";
        var deadline = (UInt256)(_world.Now + 60);
        var domain = new TypedDataDomain("Test Dollar", "1", ContractWorld.ChainId, _coin.Address);
        var signature = Cast.Alice.SignDigest(domain.DigestOf(permitType, Cast.Alice.Address, _payments.Address, (UInt256)40, UInt256.Zero, deadline));
        object[] parts = [(UInt256)(uint)signature.V, signature.R.ToArray(), signature.S.ToArray()];

        _coin.Do(Cast.Mallory.Address, "permit", [Cast.Alice.Address, _payments.Address, (UInt256)40, deadline, .. parts]);
        _payments.Do(Cast.Alice.Address, "payWithPermit", [_coin.Address, Cast.Bob.Address, (UInt256)40, Cast.Word("after the griefer"), deadline, .. parts]);
        Assert.Equal((UInt256)40, BalanceOf(Cast.Bob.Address));
    }

    [Fact]
    public void A_token_that_keeps_a_fee_pays_nobody()
    {
        var token = _world.Deploy(Cast.Alice.Address, "tests/Contracts/artifacts/FeeToken", (UInt256)1_000_000);
        token.Do(Cast.Alice.Address, "approve", _payments.Address, UInt256.MaxValue);
        Assert.Equal("TokenNotAccepted", _payments.Send(Cast.Alice.Address, "pay", token.Address, Cast.Bob.Address, (UInt256)1_000, Cast.Word("x")).Error);
        _payments.Do(Cast.Admin.Address, "accept", token.Address, true);
        Assert.Equal("NotReceivedInFull", _payments.Send(Cast.Alice.Address, "pay", token.Address, Cast.Bob.Address, (UInt256)1_000, Cast.Word("x")).Error);
        Assert.False(_payments.Read<bool>("isPaid", _payments.Do(default, "idOf", token.Address, Cast.Alice.Address, Cast.Bob.Address, Cast.Word("x")).Values[0]));
    }

    [Fact]
    public void A_token_that_calls_back_does_not_pay_twice()
    {
        var token = _world.Deploy(Cast.Alice.Address, "tests/Contracts/artifacts/CallingToken", (UInt256)1_000_000);
        _payments.Do(Cast.Admin.Address, "accept", token.Address, true);
        token.Do(Cast.Alice.Address, "approve", _payments.Address, UInt256.MaxValue);
        token.Do(Cast.Mallory.Address, "onNextTransfer", _payments.Address, _payments.Encode("pay", token.Address, Cast.Mallory.Address, (UInt256)10, Cast.Word("x")));
        _payments.Do(Cast.Alice.Address, "pay", token.Address, Cast.Bob.Address, (UInt256)10, Cast.Word("x"));
        Assert.Equal((true, false), (token.Read<bool>("called"), token.Read<bool>("succeeded")));
        Assert.Equal((UInt256)10, token.Read<UInt256>("balanceOf", Cast.Bob.Address));
    }

    [Fact]
    public void Nothing_is_paid_to_nobody_or_out_of_nothing_or_while_paused()
    {
        _coin.Do(Cast.Alice.Address, "approve", _payments.Address, UInt256.MaxValue);
        Assert.Equal("NoPayee", Pay(default, 1).Error);
        Assert.Equal("NoPayee", Pay(_payments.Address, 1).Error);
        Assert.Equal("NoAmount", Pay(Cast.Bob.Address, 0).Error);
        Assert.False(Pay(Cast.Bob.Address, 1_000_001).Succeeded);
        Assert.True(Pay(Cast.Alice.Address, 5).Succeeded, "one may pay oneself");
        _payments.Do(Cast.Admin.Address, "pause");
        Assert.Equal("EnforcedPause", Pay(Cast.Bob.Address, 1).Error);

        CallOutcome Pay(Address payee, ulong amount) => _payments.Send(Cast.Alice.Address, "pay", _coin.Address, payee, (UInt256)amount, Cast.Word("y"));
    }

    object[] Payment(Address payee, ulong amount, string reference) => [_coin.Address, Cast.Alice.Address, payee, (UInt256)amount, Cast.Word(reference)];

    byte[] Nonce(object[] payment, byte[] salt) => (byte[])_payments.Do(default, "nonceOf", payment[2], payment[4], salt).Values[0];

    (UInt256 V, byte[] R, byte[] S) Authorise(object[] payment, byte[] salt)
    {
        const string type = "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)";
        var domain = new TypedDataDomain("Test Dollar", "1", ContractWorld.ChainId, _coin.Address);
        var signature = Cast.Alice.SignDigest(domain.DigestOf(type, Cast.Alice.Address, _payments.Address, payment[3], UInt256.Zero, UInt256.MaxValue, Nonce(payment, salt)));
        return ((uint)signature.V, signature.R.ToArray(), signature.S.ToArray());
    }

    CallOutcome Relay(object[] payment, byte[] salt, (UInt256 V, byte[] R, byte[] S) signature) =>
        _payments.Send(Cast.Mallory.Address, "payWithAuthorization", payment, salt, UInt256.Zero, UInt256.MaxValue, signature.V, signature.R, signature.S);
}
