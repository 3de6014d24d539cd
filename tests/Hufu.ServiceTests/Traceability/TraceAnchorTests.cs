using Hufu.Client;
using Hufu.Primitives;
using Xunit;

namespace Hufu.ServiceTests.Traceability;

/// <summary>Anchors never change, hand-overs carry two signatures, recalls have a clock.</summary>
public class TraceAnchorTests
{
    readonly ContractWorld _world = new();
    readonly DeployedContract _anchors;

    public TraceAnchorTests() => _anchors = _world.Deploy(Cast.Admin.Address, "src/Platform/Services/Traceability/artifacts/TraceAnchor");

    [Fact]
    public void An_event_is_proven_under_the_anchor_it_went_into_and_no_other()
    {
        var (leaf, sibling) = (Keccak256.Hash("event 1"u8), Keccak256.Hash("event 2"u8));
        var root = leaf < sibling ? Keccak256.Hash([.. leaf.Bytes, .. sibling.Bytes]) : Keccak256.Hash([.. sibling.Bytes, .. leaf.Bytes]);
        _anchors.Do(Cast.Alice.Address, "anchor", (UInt256)20_000, root.ToArray(), (UInt256)2);
        var since = _world.Now;
        _world.Pass(TimeSpan.FromDays(1));
        _anchors.Do(Cast.Alice.Address, "anchor", (UInt256)20_001, Cast.Word("another root"), (UInt256)1);

        Assert.Equal([true, (UInt256)since], IsAnchored(Cast.Alice.Address, 0));
        Assert.Equal(false, IsAnchored(Cast.Alice.Address, 1)[0]);
        Assert.Equal("NoSuchAnchor", _anchors.Try(default, "isAnchored", Cast.Bob.Address, UInt256.Zero, leaf.ToArray(), new object[] { sibling.ToArray() }).Error);

        object[] IsAnchored(Address organisation, ulong index) => _anchors.Do(default, "isAnchored", organisation, (UInt256)index, leaf.ToArray(), new object[] { sibling.ToArray() }).Values;
    }

    [Fact]
    public void Goods_change_hands_once_and_only_when_both_have_signed()
    {
        object[] handOver = [Cast.Alice.Address, Cast.Bob.Address, Cast.Word("event"), (UInt256)(_world.Now + 60)];
        var digest = new TypedDataDomain("Hufu Trace", "1", ContractWorld.ChainId, _anchors.Address)
            .DigestOf("HandOver(address giver,address receiver,bytes32 eventHash,uint64 deadline)", handOver);
        var (giver, receiver, stranger) = (Cast.Alice.SignDigest(digest).ToBytes(), Cast.Bob.SignDigest(digest).ToBytes(), Cast.Mallory.SignDigest(digest).ToBytes());

        Assert.Equal("NotSignedBy", _anchors.Send(Cast.Mallory.Address, "handOver", handOver, giver, stranger).Error);
        Assert.Equal("NotSignedBy", _anchors.Send(Cast.Mallory.Address, "handOver", handOver, receiver, giver).Error);
        _anchors.Do(Cast.Mallory.Address, "handOver", handOver, giver, receiver);
        Assert.Equal("AlreadyHandedOver", _anchors.Send(Cast.Mallory.Address, "handOver", handOver, giver, receiver).Error);
        _world.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal("SignatureExpired", _anchors.Send(Cast.Mallory.Address, "handOver", handOver, giver, receiver).Error);
    }

    [Fact]
    public void A_recall_is_closed_by_whoever_called_it_and_once()
    {
        var recall = Cast.Word("mangoes of lot 7");
        _anchors.Do(Cast.Alice.Address, "recall", recall, Cast.Word("lots"), false);
        Assert.Equal("AlreadyRecalled", _anchors.Send(Cast.Mallory.Address, "recall", recall, Cast.Word("lots"), true).Error);
        Assert.Equal("NoOpenRecall", _anchors.Send(Cast.Mallory.Address, "closeRecall", recall, Cast.Word("report")).Error);
        _anchors.Do(Cast.Alice.Address, "closeRecall", recall, Cast.Word("report"));
        Assert.Equal("NoOpenRecall", _anchors.Send(Cast.Alice.Address, "closeRecall", recall, Cast.Word("report")).Error);
    }

    [Fact]
    public void Nothing_is_not_anchored()
    {
        Assert.Equal("NoRoot", _anchors.Send(Cast.Alice.Address, "anchor", UInt256.Zero, new byte[32], (UInt256)1).Error);
        Assert.Equal("NoEvents", _anchors.Send(Cast.Alice.Address, "anchor", UInt256.Zero, Cast.Word("root"), UInt256.Zero).Error);
    }
}
