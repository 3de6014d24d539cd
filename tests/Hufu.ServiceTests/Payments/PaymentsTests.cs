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
    public void Whatever_is_tried_each_payment_is_made_once_in_full_and_nobody_else_pays_for_it()
    {
        var random = new Random(23);
        Signer[] people = [Cast.Alice, Cast.Bob, Cast.Carol, Cast.Mallory];
        foreach (var person in people)
        {
            _coin.Do(Cast.Admin.Address, "mint", person.Address, (UInt256)10_000_000);
            // Only two let the contract take from them without a signature each time.
            if (person == Cast.Alice || person == Cast.Mallory) _coin.Do(person.Address, "approve", _payments.Address, UInt256.MaxValue);
        }
        var balances = people.ToDictionary(person => person.Address, person => BalanceOf(person.Address));
        var paid = new HashSet<(Address, Address, int)>();
        var (isPaused, isAccepted, references, last) = (false, true, 0, default((object[] Payment, byte[] Salt, (UInt256, byte[], byte[]) Signature, (Address, Address, int) Id)?));
        for (var operation = 0; operation < LongRun.Operations; operation++)
        {
            var (payer, payee) = (people[random.Next(people.Length)], people[random.Next(people.Length)]);
            // References of the last few, so that many are tried twice.
            var reference = random.Next(3) == 0 ? references++ : Math.Max(0, references - random.Next(1, 8));
            var (amount, id) = ((UInt256)(ulong)random.Next(0, 3_000), (payer.Address, payee.Address, reference));
            var isPossible = !isPaused && isAccepted && !amount.IsZero && payer != payee && !paid.Contains(id) && balances[payer.Address] >= amount;
            switch (random.Next(10))
            {
                case < 3:
                    var direct = _payments.Send(payer.Address, "pay", _coin.Address, payee.Address, amount, Cast.Word($"reference {reference}"));
                    // The rules say what cannot be; what can be is made.
                    if (payer == Cast.Alice || payer == Cast.Mallory) Expect(direct, isPossible, id, amount);
                    else Assert.False(direct.Succeeded);
                    break;
                case < 6:
                    object[] payment = [_coin.Address, payer.Address, payee.Address, amount, Cast.Word($"reference {reference}")];
                    var salt = Cast.Word($"salt {operation}");
                    var signature = Authorise(payment, salt, payer);
                    last = (payment, salt, signature, id);
                    Expect(Relay(payment, salt, signature), isPossible, id, amount);
                    break;
                case 6:
                    // Signed by somebody else than who is to pay.
                    object[] forged = [_coin.Address, payer.Address, payee.Address, amount, Cast.Word($"reference {reference}")];
                    Assert.False(Relay(forged, Cast.Word("s"), Authorise(forged, Cast.Word("s"), people.First(person => person != payer))).Succeeded);
                    break;
                case 7 when last is { } earlier:
                    // Again, or with one thing changed.
                    var changed = (object[])earlier.Payment.Clone();
                    var member = random.Next(1, 6);
                    if (member < 5) changed[member] = member switch { 1 => people[random.Next(4)].Address, 2 => people[random.Next(4)].Address, 3 => (UInt256)changed[3] + UInt256.One, _ => Cast.Word("another") };
                    var isSame = changed.Zip(earlier.Payment).All(pair => pair.First is byte[] bytes ? bytes.AsSpan().SequenceEqual((byte[])pair.Second) : Equals(pair.First, pair.Second));
                    var again = Relay(changed, earlier.Salt, earlier.Signature);
                    // The very same may only now have become possible.
                    if (!isSame) Assert.False(again.Succeeded);
                    else if (again.Succeeded) Made(earlier.Id, (UInt256)earlier.Payment[3]);
                    break;
                case 8 when random.Next(20) == 0:
                    _payments.Do(Cast.Admin.Address, isPaused ? "unpause" : "pause");
                    isPaused = !isPaused;
                    break;
                case 9 when random.Next(20) == 0:
                    isAccepted = !isAccepted;
                    _payments.Do(Cast.Admin.Address, "accept", _coin.Address, isAccepted);
                    break;
                case 9:
                    Assert.False(_payments.Send(payer.Address, "accept", _coin.Address, true).Succeeded);
                    break;
            }
            if (operation % 50 == 0) foreach (var person in people) Assert.Equal(balances[person.Address], BalanceOf(person.Address));
            if (operation % 50 == 0) Assert.Equal(UInt256.Zero, BalanceOf(_payments.Address));
        }

        void Expect(CallOutcome outcome, bool isPossible, (Address, Address, int) id, UInt256 amount)
        {
            // Whoever pays himself moves nothing: the contract may take it or not.
            if (id.Item1 != id.Item2) Assert.True(outcome.Succeeded == isPossible, $"{outcome.Error} where {isPossible} was expected");
            if (outcome.Succeeded) Made(id, amount);
        }

        void Made((Address Payer, Address Payee, int) id, UInt256 amount)
        {
            Assert.True(paid.Add(id), "a payment was made twice");
            balances[id.Payer] -= amount;
            balances[id.Payee] += amount;
        }
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

    (UInt256 V, byte[] R, byte[] S) Authorise(object[] payment, byte[] salt, Signer? by = null)
    {
        var payer = by ?? Cast.Alice;
        const string type = "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)";
        var domain = new TypedDataDomain("Test Dollar", "1", ContractWorld.ChainId, _coin.Address);
        var signature = payer.SignDigest(domain.DigestOf(type, payer.Address, _payments.Address, payment[3], UInt256.Zero, UInt256.MaxValue, Nonce(payment, salt)));
        return ((uint)signature.V, signature.R.ToArray(), signature.S.ToArray());
    }

    CallOutcome Relay(object[] payment, byte[] salt, (UInt256 V, byte[] R, byte[] S) signature) =>
        _payments.Send(Cast.Mallory.Address, "payWithAuthorization", payment, salt, UInt256.Zero, UInt256.MaxValue, signature.V, signature.R, signature.S);
}
