using Hufu.Primitives;
using Xunit;

namespace Hufu.ServiceTests.Payments;

/// <summary>What an escrow took in is what it gave out and what it still holds, whoever does what and when.</summary>
public class EscrowTests
{
    readonly ContractWorld _world = new();
    readonly DeployedContract _escrow;
    readonly DeployedContract _token;

    public EscrowTests()
    {
        _escrow = _world.Deploy(Cast.Admin.Address, "src/Platform/Services/Payments/artifacts/Escrow");
        _token = _world.Deploy(Cast.Alice.Address, "tests/Contracts/artifacts/TestToken", (UInt256)1_000_000_000);
        _token.Do(Cast.Alice.Address, "approve", _escrow.Address, UInt256.MaxValue);
    }

    [Fact]
    public void Every_deal_adds_up_whatever_is_tried()
    {
        var random = new Random(7);
        var deals = new List<(UInt256 Id, UInt256 In)>();
        Address[] people = [Cast.Alice.Address, Cast.Bob.Address, Cast.Carol.Address, Cast.Mallory.Address];
        var nextCheck = 0;
        for (var operation = 0; operation < LongRun.Operations; operation++)
        {
            var caller = people[random.Next(people.Length)];
            if (deals.Count == 0 || random.Next(5) == 0)
            {
                UInt256 amount = (ulong)random.Next(1, 10_000);
                if (_token.Read<UInt256>("balanceOf", Cast.Alice.Address) >= amount) deals.Add((Open(amount), amount));
                continue;
            }
            var (id, _) = deals[random.Next(deals.Count)];
            switch (random.Next(7))
            {
                case 5: _escrow.Send(caller, "refundExpired", id); break;
                case 0: _escrow.Send(caller, "release", id, (UInt256)(ulong)random.Next(0, 10_000)); break;
                case 1: _escrow.Send(caller, "releaseWithSecret", id, random.Next(3) == 0 ? Secret : "guess"u8.ToArray()); break;
                case 2: _escrow.Send(caller, "refund", id); break;
                case 3: _escrow.Send(caller, "dispute", id, Cast.Word("evidence")); break;
                case 4: _escrow.Send(caller, "arbitrate", id, (UInt256)(ulong)random.Next(0, 10_000)); break;
                default: _world.Pass(TimeSpan.FromMinutes(random.Next(20))); break;
            }
            if (operation < nextCheck) continue;
            CheckHeld(deals.Count);
            // All deals are added up: the more there are, the more seldom, or a million operations would never end.
            nextCheck = operation + Math.Max(200, 2 * deals.Count);
        }
        CheckHeld(deals.Count);
        // Nobody but the two of each deal ever has anything.
        Assert.Equal(UInt256.Zero, _token.Read<UInt256>("balanceOf", Cast.Carol.Address));
        Assert.Equal(UInt256.Zero, _token.Read<UInt256>("balanceOf", Cast.Mallory.Address));
    }

    void CheckHeld(int deals)
    {
        var held = UInt256.Zero;
        for (ulong id = 0; id < (ulong)deals; id++) held += Held(id);
        Assert.Equal(held, _token.Read<UInt256>("balanceOf", _escrow.Address));
    }

    [Fact]
    public void The_payer_waits_for_the_deadline_and_the_payee_need_not()
    {
        var id = Open(100);
        Assert.Equal("NotYetDue", _escrow.Send(Cast.Alice.Address, "refund", id).Error);
        Assert.Equal("NotForYou", _escrow.Send(Cast.Mallory.Address, "refund", id).Error);
        _escrow.Do(Cast.Bob.Address, "refund", id);
        Assert.Equal("NotOpen", _escrow.Send(Cast.Bob.Address, "refund", id).Error);
        Assert.Equal("NotOpen", _escrow.Send(Cast.Mallory.Address, "refundExpired", id).Error);

        var second = Open(100);
        _world.Pass(TimeSpan.FromHours(2));
        _escrow.Do(Cast.Alice.Address, "refund", second);
        Assert.Equal((UInt256)1_000_000_000, _token.Read<UInt256>("balanceOf", Cast.Alice.Address));
    }

    [Fact]
    public void From_the_deadline_on_anybody_may_send_the_money_home_and_to_nobody_but_the_payer()
    {
        var (id, disputed) = (Open(100), Open(50));
        _escrow.Do(Cast.Bob.Address, "dispute", disputed, Cast.Word("x"));
        Assert.Equal("NotYetDue", _escrow.Send(Cast.Mallory.Address, "refundExpired", id).Error);
        _world.Pass(TimeSpan.FromHours(2));
        Assert.Equal("InDispute", _escrow.Send(Cast.Mallory.Address, "refundExpired", disputed).Error);
        _escrow.Do(Cast.Mallory.Address, "refundExpired", id);
        Assert.Equal("NotOpen", _escrow.Send(Cast.Mallory.Address, "refundExpired", id).Error);
        Assert.Equal((UInt256)999_999_950, _token.Read<UInt256>("balanceOf", Cast.Alice.Address));
    }

    [Fact]
    public void A_deal_is_released_in_parts_and_never_beyond_what_is_held()
    {
        var id = Open(100);
        _escrow.Do(Cast.Alice.Address, "release", id, (UInt256)60);
        Assert.Equal("MoreThanHeld", _escrow.Send(Cast.Alice.Address, "release", id, (UInt256)41).Error);
        Assert.Equal("NotForYou", _escrow.Send(Cast.Bob.Address, "release", id, (UInt256)1).Error);
        _escrow.Do(Cast.Alice.Address, "release", id, (UInt256)40);
        Assert.Equal((UInt256)100, _token.Read<UInt256>("balanceOf", Cast.Bob.Address));
        Assert.Equal("NotOpen", _escrow.Send(Cast.Alice.Address, "release", id, (UInt256)1).Error);
    }

    [Fact]
    public void A_dispute_stops_the_clock_and_the_arbiter_can_only_split()
    {
        var id = Open(100);
        Assert.Equal("NotForYou", _escrow.Send(Cast.Mallory.Address, "dispute", id, Cast.Word("x")).Error);
        Assert.Equal("NotInDispute", _escrow.Send(Cast.Carol.Address, "arbitrate", id, (UInt256)50).Error);
        _escrow.Do(Cast.Bob.Address, "dispute", id, Cast.Word("x"));
        _world.Pass(TimeSpan.FromHours(2));
        Assert.Equal("InDispute", _escrow.Send(Cast.Alice.Address, "refund", id).Error);
        Assert.Equal("InDispute", _escrow.Send(Cast.Mallory.Address, "releaseWithSecret", id, Secret).Error);
        Assert.Equal("MoreThanHeld", _escrow.Send(Cast.Carol.Address, "arbitrate", id, (UInt256)101).Error);
        _escrow.Do(Cast.Carol.Address, "arbitrate", id, (UInt256)30);
        Assert.Equal((UInt256)30, _token.Read<UInt256>("balanceOf", Cast.Bob.Address));
        Assert.Equal(UInt256.Zero, Held((ulong)id));
    }

    [Fact]
    public void The_secret_releases_everything_whoever_shows_it()
    {
        var id = Open(100);
        Assert.Equal("WrongSecret", _escrow.Send(Cast.Bob.Address, "releaseWithSecret", id, "guess"u8.ToArray()).Error);
        _escrow.Do(Cast.Mallory.Address, "releaseWithSecret", id, Secret);
        Assert.Equal((UInt256)100, _token.Read<UInt256>("balanceOf", Cast.Bob.Address));
    }

    [Fact]
    public void A_token_that_calls_back_does_not_get_out_twice_what_went_in()
    {
        var token = _world.Deploy(Cast.Alice.Address, "tests/Contracts/artifacts/CallingToken", (UInt256)1_000);
        token.Do(Cast.Alice.Address, "approve", _escrow.Address, UInt256.MaxValue);
        var id = (UInt256)_escrow.Do(Cast.Alice.Address, "open", token.Address, Cast.Bob.Address, (UInt256)100, default(Address), Keccak256.Hash(Secret).ToArray(), (UInt256)(_world.Now + 60)).Values[0];
        token.Do(Cast.Mallory.Address, "onNextTransfer", _escrow.Address, _escrow.Encode("releaseWithSecret", id, Secret));
        _escrow.Do(Cast.Alice.Address, "release", id, (UInt256)40);
        Assert.Equal((true, false), (token.Read<bool>("called"), token.Read<bool>("succeeded")));
        Assert.Equal((UInt256)60, token.Read<UInt256>("balanceOf", _escrow.Address));
    }

    static readonly byte[] Secret = "open sesame"u8.ToArray();

    UInt256 Open(UInt256 amount) => (UInt256)_escrow.Do(Cast.Alice.Address, "open", _token.Address, Cast.Bob.Address, amount, Cast.Carol.Address,
        Keccak256.Hash(Secret).ToArray(), (UInt256)(_world.Now + 3600)).Values[0];

    UInt256 Held(ulong id) => (UInt256)((object[])_escrow.Do(default, "deal", (UInt256)id).Values[0])[7];
}
