using Hufu.Primitives;
using Xunit;

namespace Hufu.ServiceTests.Payments;

/// <summary>Withdrawn ≤ vested ≤ deposited, by the second and by the month.</summary>
public class StreamsTests
{
    readonly ContractWorld _world = new();
    readonly DeployedContract _streams;
    readonly DeployedContract _token;

    public StreamsTests()
    {
        _streams = _world.Deploy(Cast.Admin.Address, "src/Platform/Services/Payments/artifacts/Streams");
        _token = _world.Deploy(Cast.Alice.Address, "tests/Contracts/artifacts/TestToken", (UInt256)1_000_000_000_000);
        _token.Do(Cast.Alice.Address, "approve", _streams.Address, UInt256.MaxValue);
    }

    [Fact]
    public void Every_stream_adds_up_whatever_is_tried()
    {
        var random = new Random(11);
        var vested = new List<UInt256>();
        var withdrawn = new List<UInt256>();
        var paidOut = UInt256.Zero;
        var paidIn = UInt256.Zero;
        for (var operation = 0; operation < LongRun.Operations; operation++)
        {
            if (vested.Count == 0 || (vested.Count < 40 && random.Next(6) == 0))
            {
                UInt256 amount = (ulong)random.Next(1, 100_000);
                Open(amount, _world.Now + (ulong)random.Next(100), random.Next(1, 50), random.Next(1, 40));
                vested.Add(UInt256.Zero);
                withdrawn.Add(UInt256.Zero);
                paidIn += amount;
                continue;
            }
            var id = random.Next(vested.Count);
            switch (random.Next(5))
            {
                case 0:
                    UInt256 wanted = (ulong)random.Next(0, 5_000);
                    if (!_streams.Send(random.Next(4) == 0 ? Cast.Mallory.Address : Cast.Bob.Address, "withdraw", (UInt256)(ulong)id, Cast.Bob.Address, wanted).Succeeded) break;
                    withdrawn[id] += wanted;
                    paidOut += wanted;
                    break;
                case 2:
                    // Whoever calls it, it goes to the payee.
                    var collected = _streams.Do(Cast.Mallory.Address, "collect", (UInt256)(ulong)id).Events("StreamWithdrawn").SingleOrDefault();
                    if (collected is null) break;
                    Assert.Equal(Cast.Bob.Address, (Address)collected[1]);
                    withdrawn[id] += (UInt256)collected[2];
                    paidOut += (UInt256)collected[2];
                    break;
                case 1 when random.Next(8) == 0:
                    var cancelled = _streams.Send(random.Next(2) == 0 ? Cast.Mallory.Address : Cast.Alice.Address, "cancel", (UInt256)(ulong)id);
                    if (cancelled.Succeeded) paidOut += (UInt256)cancelled.Events("StreamClosed").Single()[2];
                    break;
                default:
                    _world.Pass(TimeSpan.FromSeconds(random.Next(60)));
                    break;
            }
            var now = _streams.Read<UInt256>("vestedDown", (UInt256)(ulong)id);
            var stream = (object[])_streams.Do(default, "stream", (UInt256)(ulong)id).Values[0];
            Assert.True(now >= vested[id], "what has vested stays vested");
            Assert.Equal(withdrawn[id], (UInt256)stream[7]);
            Assert.True((UInt256)stream[7] <= now && now <= (UInt256)stream[6], "withdrawn ≤ vested ≤ deposited");
            vested[id] = now;
            Assert.Equal(paidIn - paidOut, _token.Read<UInt256>("balanceOf", _streams.Address));
        }
        Assert.Equal(UInt256.Zero, _token.Read<UInt256>("balanceOf", Cast.Mallory.Address));
    }

    [Fact]
    public void Wages_vest_by_the_month()
    {
        var id = Open(1_200, _world.Now, 30 * 86_400, 12);
        _world.Pass(TimeSpan.FromDays(29));
        Assert.Equal("MoreThanVested", _streams.Send(Cast.Bob.Address, "withdraw", id, Cast.Bob.Address, (UInt256)1).Error);
        _world.Pass(TimeSpan.FromDays(1));
        _streams.Do(Cast.Bob.Address, "withdraw", id, Cast.Bob.Address, (UInt256)100);
        _world.Pass(TimeSpan.FromDays(365));
        Assert.Equal((UInt256)1_200, _streams.Read<UInt256>("vestedDown", id));
    }

    [Fact]
    public void A_cancelled_stream_owes_what_had_vested_and_no_more()
    {
        var id = Open(1_000, _world.Now, 1, 1_000);
        _world.Pass(TimeSpan.FromSeconds(400));
        Assert.Equal("NotForYou", _streams.Send(Cast.Bob.Address, "cancel", id).Error);
        _streams.Do(Cast.Alice.Address, "cancel", id);
        _world.Pass(TimeSpan.FromDays(1));
        Assert.Equal("MoreThanVested", _streams.Send(Cast.Bob.Address, "withdraw", id, Cast.Bob.Address, (UInt256)401).Error);
        _streams.Do(Cast.Bob.Address, "withdraw", id, Cast.Bob.Address, (UInt256)400);
        Assert.Equal("AlreadyOver", _streams.Send(Cast.Alice.Address, "cancel", id).Error);
        Assert.Equal(UInt256.Zero, _token.Read<UInt256>("balanceOf", _streams.Address));
    }

    UInt256 Open(UInt256 amount, ulong start, int step, int steps) =>
        (UInt256)_streams.Do(Cast.Alice.Address, "open", _token.Address, Cast.Bob.Address, amount, (UInt256)start, (UInt256)(ulong)step, (UInt256)(ulong)steps).Values[0];
}
