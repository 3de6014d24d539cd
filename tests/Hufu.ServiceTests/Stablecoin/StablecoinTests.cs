using Hufu.Client;
using Hufu.Primitives;
using Xunit;

namespace Hufu.ServiceTests.Stablecoin;

/// <summary>A fiat-backed coin with its mint desk, reserve, redemptions and orders.</summary>
public class StablecoinTests
{
    const string Folder = "src/Platform/Services/Stablecoin/artifacts/";
    static readonly Signer Auditor = Cast.Person("auditor"), Minter = Cast.Person("minter"), Officer = Cast.Person("officer"), Second = Cast.Person("second officer");

    readonly ContractWorld _world = new();
    readonly DeployedContract _coin, _feed, _desk, _queue, _orders;

    public StablecoinTests()
    {
        var permissions = new Permissions(_world);
        _coin = _world.Deploy(Cast.Admin.Address, Folder + "Stablecoin", "Test Dollar", "TUSD", (UInt256)6, permissions.Address);
        _feed = _world.Deploy(Cast.Admin.Address, Folder + "ReserveFeed", permissions.Address, Auditor.Address, (UInt256)86_400);
        _desk = _world.Deploy(Cast.Admin.Address, Folder + "MintDesk", permissions.Address, _coin.Address, _feed.Address, (UInt256)100_000);
        _queue = _world.Deploy(Cast.Admin.Address, Folder + "RedemptionQueue", permissions.Address, _coin.Address, (UInt256)(2 * 86_400));
        _orders = _world.Deploy(Cast.Admin.Address, Folder + "OrderDesk", permissions.Address, _coin.Address);
        permissions.Allow(1, _coin, _desk.Address, "mint");
        permissions.Allow(2, _coin, _queue.Address, "burn");
        permissions.Allow(3, _coin, _orders.Address, "freeze", "forceTransfer");
        permissions.Allow(4, _coin, Cast.Admin.Address, "pause", "unpause");
        permissions.Allow(5, _desk, Officer.Address, "confirm");
        permissions.Allow(6, _desk, Cast.Admin.Address, "setMinter", "setThreshold");
        permissions.Allow(7, _queue, Cast.Admin.Address, "settle", "giveBack", "setTerm");
        permissions.Allow(8, _orders, Officer.Address, "enter", "confirm");
        permissions.Allow(8, _orders, Second.Address, "enter", "confirm");
        permissions.Allow(9, _feed, Cast.Admin.Address, "appoint", "setValidity");
        _desk.Do(Cast.Admin.Address, "setMinter", Minter.Address, (UInt256)500_000, (UInt256)250_000);
    }

    CallOutcome Attest(ulong amount, Signer? by = null)
    {
        object[] attestation = [(UInt256)amount, (UInt256)_world.Now, Cast.Word("report")];
        var domain = new TypedDataDomain("Hufu Reserve", "1", ContractWorld.ChainId, _feed.Address);
        var signature = (by ?? Auditor).SignDigest(domain.DigestOf("Attestation(uint256 amount,uint64 asOf,bytes32 report)", attestation));
        return _feed.Send(Cast.Mallory.Address, "attest", attestation, signature.ToBytes());
    }

    UInt256 BalanceOf(Address account) => _coin.Read<UInt256>("balanceOf", account);
    CallOutcome Mint(ulong amount) => _desk.Send(Minter.Address, "mint", Cast.Alice.Address, (UInt256)amount);

    [Fact]
    public void Supply_never_passes_the_attested_reserve_whatever_is_tried()
    {
        var random = new Random(5);
        Address[] people = [Cast.Alice.Address, Cast.Bob.Address, Cast.Carol.Address];
        foreach (var person in people) _coin.Do(person, "approve", _queue.Address, UInt256.MaxValue);
        UInt256 requests = UInt256.Zero, orders = UInt256.Zero;
        for (var operation = 0; operation < LongRun.Operations; operation++)
        {
            var (from, to) = (people[random.Next(3)], people[random.Next(3)]);
            UInt256 amount = (ulong)random.Next(1, 120_000);
            switch (random.Next(9))
            {
                case 0:
                    Attest((ulong)random.Next(0, 3_000_000), random.Next(5) == 0 ? Cast.Mallory : Auditor);
                    break;
                case 1 or 2:
                    var room = _desk.Read<UInt256>("roomOf", Minter.Address);
                    var reserve = _feed.Read<UInt256>("reserve");
                    var minted = _desk.Send(random.Next(6) == 0 ? Cast.Mallory.Address : Minter.Address, "mint", to, amount);
                    if (!minted.Succeeded) break;
                    Assert.True(_coin.Read<UInt256>("totalSupply") <= reserve, "right after a mint the supply is covered");
                    Assert.Equal(room - amount, _desk.Read<UInt256>("roomOf", Minter.Address));
                    break;
                case 3:
                    if (_desk.Send(Minter.Address, "order", to, amount).Succeeded) orders += 1;
                    break;
                case 4:
                    if (_desk.Send(random.Next(2) == 0 ? Minter.Address : Officer.Address, "confirm", (UInt256)(ulong)random.Next(1, (int)orders + 2)).Succeeded)
                        Assert.True(_coin.Read<UInt256>("totalSupply") <= _feed.Read<UInt256>("reserve"));
                    break;
                case 5:
                    _coin.Send(from, "transfer", to, amount);
                    break;
                case 6:
                    if (_queue.Send(from, "request", amount, Cast.Word("account")).Succeeded) requests += 1;
                    break;
                case 7:
                    var request = (UInt256)(ulong)random.Next(1, (int)requests + 2);
                    if (random.Next(2) == 0) _queue.Send(Cast.Admin.Address, "settle", request, Cast.Word("payment"));
                    else _queue.Send(from, random.Next(4) == 0 ? "noteOverdue" : "takeBack", request);
                    break;
                default:
                    _world.Pass(TimeSpan.FromMinutes(random.Next(400)));
                    break;
            }
            if (operation % 50 == 0) CheckSums();
        }
        CheckSums();

        void CheckSums()
        {
            var held = BalanceOf(_queue.Address);
            Assert.Equal(held, _queue.Read<UInt256>("openAmount"));
            Assert.Equal(_coin.Read<UInt256>("totalSupply"), people.Aggregate(held, (sum, person) => sum + BalanceOf(person)));
        }
    }

    [Fact]
    public void A_reserve_counts_only_while_its_attestation_is_young_and_the_auditors()
    {
        Assert.Equal("AboveReserve", Mint(1).Error);
        Assert.Equal("NotSignedByAuditor", Attest(1_000, Cast.Mallory).Error);
        Assert.True(Attest(1_000).Succeeded);
        Assert.True(Mint(600).Succeeded);
        Assert.Equal("AboveReserve", Mint(401).Error);
        Assert.Equal("NotNewer", Attest(9_000).Error);
        _world.Pass(TimeSpan.FromHours(25));
        Assert.Equal(UInt256.Zero, _feed.Read<UInt256>("reserve"));
        Assert.Equal("AboveReserve", Mint(1).Error);
        Assert.True(Attest(9_000).Succeeded);
        _feed.Do(Cast.Admin.Address, "appoint", Second.Address);
        Assert.Equal("AboveReserve", Mint(1).Error);
    }

    [Fact]
    public void A_large_mint_needs_a_second_officer_who_is_not_the_first()
    {
        Attest(10_000_000);
        Assert.Equal("NeedsConfirmation", Mint(100_000).Error);
        Assert.Equal("NotAMinter", _desk.Send(Cast.Mallory.Address, "order", Cast.Mallory.Address, (UInt256)1).Error);
        var id = (UInt256)_desk.Do(Minter.Address, "order", Cast.Alice.Address, (UInt256)300_000).Values[0];
        Assert.Equal("AccessManagedUnauthorized", _desk.Send(Minter.Address, "confirm", id).Error);
        _desk.Do(Officer.Address, "confirm", id);
        Assert.Equal("NoSuchOrder", _desk.Send(Officer.Address, "confirm", id).Error);
        Assert.Equal((UInt256)300_000, BalanceOf(Cast.Alice.Address));

        var late = (UInt256)_desk.Do(Minter.Address, "order", Cast.Alice.Address, (UInt256)1).Values[0];
        _world.Pass(TimeSpan.FromHours(25));
        Assert.Equal("OrderExpired", _desk.Send(Officer.Address, "confirm", late).Error);
    }

    [Fact]
    public void A_slip_of_the_finger_is_stopped_by_the_minters_allowance()
    {
        Attest(ulong.MaxValue);
        var id = (UInt256)_desk.Do(Minter.Address, "order", Cast.Alice.Address, UInt256.Parse("300000000000000000000")).Values[0];
        Assert.Equal("AboveAllowance", _desk.Send(Officer.Address, "confirm", id).Error);
        for (var i = 0; i < 5; i++) Assert.True(Mint(99_999).Succeeded);
        Assert.Equal("AboveAllowance", Mint(99_999).Error);
        _world.Pass(TimeSpan.FromHours(12));
        Assert.Equal((UInt256)(5 + 125_000), _desk.Read<UInt256>("roomOf", Minter.Address));
    }

    [Fact]
    public void A_frozen_account_neither_sends_nor_receives_nor_spends_nor_is_minted_to()
    {
        Attest(10_000);
        Mint(5_000);
        _coin.Do(Cast.Alice.Address, "transfer", Cast.Bob.Address, (UInt256)1_000);
        _coin.Do(Cast.Alice.Address, "approve", Cast.Bob.Address, UInt256.MaxValue);
        Enter(Officer, 0, Cast.Bob.Address, "court 1");
        Assert.Equal("AccountFrozen", _coin.Send(Cast.Bob.Address, "transfer", Cast.Carol.Address, (UInt256)1).Error);
        Assert.Equal("AccountFrozen", _coin.Send(Cast.Alice.Address, "transfer", Cast.Bob.Address, (UInt256)1).Error);
        Assert.Equal("AccountFrozen", _coin.Send(Cast.Bob.Address, "transferFrom", Cast.Alice.Address, Cast.Carol.Address, (UInt256)1).Error);
        Assert.False(_desk.Send(Minter.Address, "mint", Cast.Bob.Address, (UInt256)1).Succeeded);
    }

    [Fact]
    public void Nothing_is_seized_by_one_officer_and_an_order_is_carried_out_once()
    {
        Attest(10_000);
        Mint(5_000);
        Enter(Officer, 2, Cast.Alice.Address, "court 2", Cast.Carol.Address, 5_000);
        Assert.Equal("SameOfficer", _orders.Send(Officer.Address, "confirm", Cast.Word("court 2")).Error);
        Assert.Equal("AlreadyEntered", _orders.Send(Second.Address, "enter", UInt256.Zero, Cast.Bob.Address, default(Address), UInt256.Zero, Cast.Word("court 2")).Error);
        _coin.Do(Cast.Admin.Address, "pause");
        _orders.Do(Second.Address, "confirm", Cast.Word("court 2"));
        Assert.Equal("NotEntered", _orders.Send(Second.Address, "confirm", Cast.Word("court 2")).Error);
        Assert.Equal((UInt256)5_000, BalanceOf(Cast.Carol.Address));
        Assert.Equal((UInt256)5_000, _coin.Read<UInt256>("totalSupply"));
        Assert.Equal("EnforcedPause", _coin.Send(Cast.Carol.Address, "transfer", Cast.Bob.Address, (UInt256)1).Error);
    }

    [Fact]
    public void A_freeze_that_nobody_confirms_lapses_but_not_while_another_holds()
    {
        Enter(Officer, 0, Cast.Bob.Address, "first");
        _world.Pass(TimeSpan.FromDays(2));
        Enter(Officer, 0, Cast.Bob.Address, "second");
        _orders.Do(Second.Address, "confirm", Cast.Word("second"));
        Assert.Equal("StillInTime", _orders.Send(Cast.Bob.Address, "lapse", Cast.Word("first")).Error);
        _world.Pass(TimeSpan.FromDays(2));
        _orders.Do(Cast.Bob.Address, "lapse", Cast.Word("first"));
        Assert.True(_coin.Read<bool>("isFrozen", Cast.Bob.Address));

        Enter(Second, 1, Cast.Bob.Address, "released");
        _orders.Do(Officer.Address, "confirm", Cast.Word("released"));
        Assert.False(_coin.Read<bool>("isFrozen", Cast.Bob.Address));
        Enter(Officer, 0, Cast.Bob.Address, "third");
        _world.Pass(TimeSpan.FromDays(4));
        Assert.Equal("TooLate", _orders.Send(Second.Address, "confirm", Cast.Word("third")).Error);
        _orders.Do(Cast.Mallory.Address, "lapse", Cast.Word("third"));
        Assert.False(_coin.Read<bool>("isFrozen", Cast.Bob.Address));
    }

    [Fact]
    public void A_redemption_is_paid_or_comes_back_and_is_burnt_once()
    {
        Attest(10_000);
        Mint(5_000);
        _coin.Do(Cast.Alice.Address, "approve", _queue.Address, UInt256.MaxValue);
        var id = (UInt256)_queue.Do(Cast.Alice.Address, "request", (UInt256)2_000, Cast.Word("iban and salt")).Values[0];
        Assert.Equal("NotOverdue", _queue.Send(Cast.Alice.Address, "takeBack", id).Error);
        Assert.Equal("AccessManagedUnauthorized", _queue.Send(Cast.Alice.Address, "settle", id, Cast.Word("x")).Error);
        _queue.Do(Cast.Admin.Address, "settle", id, Cast.Word("pacs.008"));
        Assert.Equal("NotOpen", _queue.Send(Cast.Admin.Address, "settle", id, Cast.Word("pacs.008")).Error);
        Assert.Equal((UInt256)3_000, _coin.Read<UInt256>("totalSupply"));

        var late = (UInt256)_queue.Do(Cast.Alice.Address, "request", (UInt256)1_000, Cast.Word("iban")).Values[0];
        Assert.Equal("NotOverdue", _queue.Send(Cast.Mallory.Address, "noteOverdue", late).Error);
        _world.Pass(TimeSpan.FromDays(3));
        Assert.Equal("NotYours", _queue.Send(Cast.Mallory.Address, "takeBack", late).Error);
        // Anybody may have it put on record, once; that moves nothing.
        Assert.Single(_queue.Do(Cast.Mallory.Address, "noteOverdue", late).Events("RedemptionOverdue"));
        Assert.Equal("NotOpen", _queue.Send(Cast.Mallory.Address, "noteOverdue", late).Error);
        _queue.Do(Cast.Alice.Address, "takeBack", late);
        Assert.Equal((UInt256)3_000, BalanceOf(Cast.Alice.Address));
    }

    void Enter(Signer by, ulong kind, Address account, string document, Address to = default, ulong amount = 0) =>
        _orders.Do(by.Address, "enter", (UInt256)kind, account, to, (UInt256)amount, Cast.Word(document));
}
