using System.Numerics;
using CsCheck;
using Hufu.Client;
using Hufu.Primitives;
using Xunit;

namespace Hufu.ServiceTests.Payments;

/// <summary>The clearing house against a plain ledger that settles gross, and against those who would cheat it.</summary>
public class ClearingHouseTests
{
    const string Folder = "src/Platform/Services/Payments/artifacts/";
    const string ObligationType =
        "Obligation(address debtor,address creditor,address token,uint256 amount,bytes32 reference,bytes32 counterpart,uint64 notBefore,uint64 deadline)";

    static readonly Signer[] Members = [.. Enumerable.Range(0, 6).Select(i => Cast.Person($"member {i}"))];
    static readonly Signer Operator = Cast.Person("operator");

    sealed record Obligation(Signer Debtor, Address Creditor, Address Token, UInt256 Amount, byte[] Reference, byte[] Counterpart, ulong NotBefore, ulong Deadline)
    {
        public object[] ToAbi() => [Debtor.Address, Creditor, Token, Amount, Reference, Counterpart, (UInt256)NotBefore, (UInt256)Deadline];
    }

    sealed class House
    {
        public ContractWorld World { get; } = new();
        public Permissions Permissions { get; }
        public DeployedContract Clearing { get; }
        public DeployedContract[] Tokens { get; }
        int _references;

        public House(int tokens = 2)
        {
            Permissions = new Permissions(World);
            Clearing = World.Deploy(Cast.Admin.Address, Folder + "ClearingHouse", Permissions.Address);
            Permissions.Allow(1, Clearing, Operator.Address, "settle");
            Permissions.Allow(2, Clearing, Cast.Admin.Address, "setParticipant", "setToken", "setDebitCap", "pause", "unpause");
            Tokens = [.. Enumerable.Range(0, tokens).Select(_ => Accepted("tests/Contracts/artifacts/TestToken"))];
            foreach (var member in Members) Clearing.Do(Cast.Admin.Address, "setParticipant", member.Address, true);
        }

        public DeployedContract Accepted(string artifact)
        {
            var token = World.Deploy(Cast.Admin.Address, artifact, UInt256.Parse("1000000000000000000000000000000"));
            Clearing.Do(Cast.Admin.Address, "setToken", token.Address, true);
            foreach (var member in Members)
            {
                token.Do(Cast.Admin.Address, "transfer", member.Address, UInt256.Parse("1000000000000000000000000"));
                token.Do(member.Address, "approve", Clearing.Address, UInt256.MaxValue);
            }
            return token;
        }

        public Obligation Owes(Signer debtor, Signer creditor, UInt256 amount, int token = 0, byte[]? counterpart = null) =>
            new(debtor, creditor.Address, Tokens[token].Address, amount, Cast.Word($"reference {_references++}"), counterpart ?? new byte[32], 0, World.Now + 3600);

        public Hash256 IdOf(Obligation obligation) =>
            new TypedDataDomain("Hufu Clearing", "1", ContractWorld.ChainId, Clearing.Address).DigestOf(ObligationType, obligation.ToAbi());

        public (object[] Parties, object[] Entries) Cycle(params IReadOnlyList<Obligation> obligations)
        {
            var parties = obligations.SelectMany(one => new[] { (one.Token, Participant: one.Debtor.Address), (one.Token, Participant: one.Creditor) })
                .Distinct().OrderBy(party => party.Token).ThenBy(party => party.Participant).ToList();
            var entries = obligations.Select(one => (object)new object[]
            {
                one.ToAbi(),
                (UInt256)(ulong)parties.IndexOf((one.Token, one.Debtor.Address)),
                (UInt256)(ulong)parties.IndexOf((one.Token, one.Creditor)),
                one.Debtor.SignDigest(IdOf(one)).ToBytes(),
            }).ToArray();
            return ([.. parties.Select(party => (object)new object[] { party.Token, party.Participant })], entries);
        }

        public CallOutcome Settle(params IReadOnlyList<Obligation> obligations)
        {
            var (parties, entries) = Cycle(obligations);
            return Clearing.Send(Operator.Address, "settle", parties, entries);
        }

        public UInt256 BalanceOf(Signer member, int token = 0) => Clearing.Read<UInt256>("balanceOf", Tokens[token].Address, member.Address);

        public void Deposit(Signer member, UInt256 amount, int token = 0) => Clearing.Do(member.Address, "deposit", Tokens[token].Address, member.Address, amount);
    }

    [Fact]
    public void Balances_are_those_of_a_plain_ledger_whatever_is_tried()
    {
        var random = new Random(20261126);
        var house = new House();
        var ledger = new BigInteger[house.Tokens.Length, Members.Length];
        for (var operation = 0; operation < LongRun.Operations; operation++)
        {
            var (member, token) = (random.Next(Members.Length), random.Next(house.Tokens.Length));
            var amount = (UInt256)(ulong)random.NextInt64(1, 1_000_000);
            switch (random.Next(4))
            {
                case 0:
                    house.Deposit(Members[member], amount, token);
                    ledger[token, member] += (BigInteger)amount;
                    break;
                case 1:
                    var withdrawn = house.Clearing.Send(Members[member].Address, "withdraw", house.Tokens[token].Address, Members[member].Address, amount);
                    Assert.Equal(ledger[token, member] >= (BigInteger)amount, withdrawn.Succeeded);
                    if (withdrawn.Succeeded) ledger[token, member] -= (BigInteger)amount;
                    break;
                default:
                    SettleSome(random, house, ledger);
                    break;
            }
            if (operation % 16 == 0) CheckInvariants(house, ledger);
        }
        CheckInvariants(house, ledger);
    }

    static void SettleSome(Random random, House house, BigInteger[,] ledger)
    {
        var obligations = Enumerable.Range(0, random.Next(1, 9)).Select(_ =>
            house.Owes(Members[random.Next(Members.Length)], Members[random.Next(Members.Length)], (ulong)random.NextInt64(0, 300_000), random.Next(house.Tokens.Length))).ToArray();
        var after = (BigInteger[,])ledger.Clone();
        foreach (var one in obligations)
        {
            var token = Array.FindIndex(house.Tokens, deployed => deployed.Address == one.Token);
            after[token, Array.IndexOf(Members, one.Debtor)] -= (BigInteger)one.Amount;
            after[token, Array.FindIndex(Members, member => member.Address == one.Creditor)] += (BigInteger)one.Amount;
        }
        var isCovered = after.Cast<BigInteger>().All(balance => balance.Sign >= 0);
        var outcome = house.Settle(obligations);
        Assert.True(isCovered == outcome.Succeeded, outcome.Error);
        if (!isCovered)
        {
            Assert.Equal("BalanceTooLow", outcome.Error);
            return;
        }
        Array.Copy(after, ledger, after.Length);
        foreach (var token in outcome.Events("PositionSettled").GroupBy(values => (Address)values[1]))
            Assert.Equal(BigInteger.Zero, token.Aggregate(BigInteger.Zero, (sum, values) => sum + (BigInteger)values[3]));
    }

    static void CheckInvariants(House house, BigInteger[,] ledger)
    {
        for (var token = 0; token < house.Tokens.Length; token++)
        {
            var sum = BigInteger.Zero;
            for (var member = 0; member < Members.Length; member++)
            {
                Assert.Equal((UInt256)ledger[token, member], house.BalanceOf(Members[member], token));
                sum += ledger[token, member];
            }
            Assert.Equal((UInt256)sum, house.Clearing.Read<UInt256>("totalBalance", house.Tokens[token].Address));
            Assert.Equal((UInt256)sum, house.Tokens[token].Read<UInt256>("balanceOf", house.Clearing.Address));
        }
    }

    [Fact]
    public void The_order_in_the_batch_changes_nothing()
    {
        var house = new House();
        foreach (var member in Members) house.Deposit(member, 1_000_000);
        Gen.Int.Sample(seed =>
        {
            var random = new Random(seed);
            var obligations = Enumerable.Range(0, 12).Select(_ => house.Owes(Members[random.Next(6)], Members[random.Next(6)], (ulong)random.Next(100_000))).ToArray();
            var (parties, entries) = house.Cycle(obligations);
            var straight = Positions(house.Clearing.Try(Operator.Address, "settle", parties, entries));
            random.Shuffle(entries);
            return straight.SequenceEqual(Positions(house.Clearing.Try(Operator.Address, "settle", parties, entries)));
        }, iter: 20, threads: 1);

        static List<(Address, BigInteger)> Positions(CallOutcome outcome)
        {
            Assert.True(outcome.Succeeded, outcome.Error);
            return [.. outcome.Events("PositionSettled").Select(values => ((Address)values[2], (BigInteger)values[3]))];
        }
    }

    [Fact]
    public void What_nets_out_settles_without_any_cover()
    {
        var house = new House();
        var (a, b, c) = (Members[0], Members[1], Members[2]);
        Assert.True(house.Settle(house.Owes(a, b, 500), house.Owes(b, c, 500), house.Owes(c, a, 500)).Succeeded);
        Assert.Equal("BalanceTooLow", house.Settle(house.Owes(a, b, 500), house.Owes(b, c, 500)).Error);
    }

    [Fact]
    public void An_obligation_settles_once()
    {
        var house = new House();
        house.Deposit(Members[0], 1_000);
        var obligation = house.Owes(Members[0], Members[1], 100);
        Assert.Equal("AlreadySettled", house.Settle(obligation, obligation).Error);
        Assert.True(house.Settle(obligation).Succeeded);
        Assert.Equal("AlreadySettled", house.Settle(obligation).Error);
    }

    [Fact]
    public void Delivery_and_payment_settle_together_or_not_at_all()
    {
        var house = new House();
        house.Deposit(Members[0], 100, token: 0);
        house.Deposit(Members[1], 7, token: 1);
        var delivery = house.Owes(Members[1], Members[0], 7, token: 1);
        var payment = house.Owes(Members[0], Members[1], 100, token: 0, counterpart: house.IdOf(delivery).ToArray());
        Assert.Equal("CounterpartMissing", house.Settle(payment).Error);
        Assert.True(house.Settle(payment, delivery).Succeeded);
        Assert.Equal((7, 100), ((int)house.BalanceOf(Members[0], 1), (int)house.BalanceOf(Members[1], 0)));
    }

    [Fact]
    public void The_operator_chooses_no_sum_and_no_party()
    {
        var house = new House();
        house.Deposit(Members[0], 1_000);
        var obligation = house.Owes(Members[0], Members[1], 100);
        var (parties, entries) = house.Cycle(obligation);
        var entry = (object[])entries[0];

        var raised = (object[])((object[])entry[0]).Clone();
        raised[3] = (UInt256)900;
        Assert.Equal("NotSignedByDebtor", house.Clearing.Try(Operator.Address, "settle", parties, new object[] { new object[] { raised, entry[1], entry[2], entry[3] } }).Error);
        Assert.Equal("WrongParty", house.Clearing.Try(Operator.Address, "settle", parties, new object[] { new object[] { entry[0], entry[2], entry[1], entry[3] } }).Error);
        Assert.Equal("PartiesNotInOrder", house.Clearing.Try(Operator.Address, "settle", new object[] { parties[1], parties[0] }, entries).Error);
        Assert.Equal("PartiesNotInOrder", house.Clearing.Try(Operator.Address, "settle", new object[] { parties[0], parties[0], parties[1] }, entries).Error);
        Assert.Equal("AccessManagedUnauthorized", house.Clearing.Try(Cast.Mallory.Address, "settle", parties, entries).Error);
        Assert.Equal("EmptyCycle", house.Clearing.Try(Operator.Address, "settle", parties, Array.Empty<object>()).Error);
    }

    [Fact]
    public void A_signature_for_another_chain_or_another_house_is_worth_nothing()
    {
        var house = new House();
        house.Deposit(Members[0], 1_000);
        var obligation = house.Owes(Members[0], Members[1], 100);
        var (parties, entries) = house.Cycle(obligation);
        var entry = (object[])entries[0];
        foreach (var domain in new[]
        {
            new TypedDataDomain("Hufu Clearing", "1", 1, house.Clearing.Address),
            new TypedDataDomain("Hufu Clearing", "1", ContractWorld.ChainId, house.Tokens[0].Address),
        })
        {
            var signature = Members[0].SignDigest(domain.DigestOf(ObligationType, obligation.ToAbi())).ToBytes();
            Assert.Equal("NotSignedByDebtor", house.Clearing.Try(Operator.Address, "settle", parties, new object[] { new object[] { entry[0], entry[1], entry[2], signature } }).Error);
        }
    }

    [Fact]
    public void Nothing_settles_outside_its_window()
    {
        var house = new House();
        house.Deposit(Members[0], 1_000);
        var obligation = house.Owes(Members[0], Members[1], 100);
        Assert.Equal("NotYetOrNoLonger", house.Settle(obligation with { NotBefore = house.World.Now + 10 }).Error);
        house.World.Pass(TimeSpan.FromHours(2));
        Assert.Equal("NotYetOrNoLonger", house.Settle(obligation).Error);
    }

    [Fact]
    public void A_debit_cap_binds_the_net_and_not_the_gross()
    {
        var house = new House();
        house.Deposit(Members[0], 1_000);
        house.Clearing.Do(Cast.Admin.Address, "setDebitCap", house.Tokens[0].Address, Members[0].Address, (UInt256)50);
        Assert.Equal("AboveDebitCap", house.Settle(house.Owes(Members[0], Members[1], 60)).Error);
        Assert.True(house.Settle(house.Owes(Members[0], Members[1], 60), house.Owes(Members[1], Members[0], 20)).Succeeded);
    }

    [Fact]
    public void A_pause_stops_deposits_and_cycles_and_never_a_withdrawal()
    {
        var house = new House();
        house.Deposit(Members[0], 1_000);
        var obligation = house.Owes(Members[0], Members[1], 100);
        house.Clearing.Do(Cast.Admin.Address, "pause");
        Assert.Equal("EnforcedPause", house.Settle(obligation).Error);
        Assert.Equal("EnforcedPause", house.Clearing.Send(Members[0].Address, "deposit", house.Tokens[0].Address, Members[0].Address, (UInt256)1).Error);
        house.Clearing.Do(Members[0].Address, "withdraw", house.Tokens[0].Address, Members[0].Address, (UInt256)1_000);
    }

    [Fact]
    public void A_token_that_keeps_a_fee_is_not_credited()
    {
        var house = new House();
        var token = house.Accepted("tests/Contracts/artifacts/FeeToken");
        Assert.Equal("NotReceivedInFull", house.Clearing.Send(Members[0].Address, "deposit", token.Address, Members[0].Address, (UInt256)1_000).Error);
    }

    [Fact]
    public void A_token_that_calls_back_finds_the_door_shut()
    {
        var house = new House();
        var token = house.Accepted("tests/Contracts/artifacts/CallingToken");
        house.Clearing.Do(Members[0].Address, "deposit", token.Address, Members[0].Address, (UInt256)1_000);
        token.Do(Cast.Mallory.Address, "onNextTransfer", house.Clearing.Address, house.Clearing.Encode("withdraw", token.Address, Cast.Mallory.Address, (UInt256)1));
        house.Clearing.Do(Members[0].Address, "withdraw", token.Address, Members[0].Address, (UInt256)500);
        Assert.True(token.Read<bool>("called"));
        Assert.False(token.Read<bool>("succeeded"));
        Assert.Equal((UInt256)500, house.Clearing.Read<UInt256>("balanceOf", token.Address, Members[0].Address));
    }

    [Fact]
    public void Nobody_takes_part_without_being_let_in()
    {
        var house = new House();
        Assert.Equal("NotAParticipant", house.Clearing.Send(Members[0].Address, "deposit", house.Tokens[0].Address, Cast.Mallory.Address, (UInt256)1).Error);
        Assert.Equal("NotAParticipant", house.Settle(house.Owes(Cast.Mallory, Members[1], 0)).Error);
    }
}
