using Hufu.Consensus;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests;

/// <summary>Whoever floods a validator with messages waits for himself.</summary>
public sealed class QbftInboxTests
{
    static readonly QbftKey Key = new(Keccak256.Hash([1]).ToArray());

    static Received From(uint peer, uint round) => new(Address.FromNumber(peer), Prepare.Sign(Key, 7, round, default));

    [Fact]
    public void One_that_floods_does_not_keep_the_others_waiting()
    {
        var inbox = new QbftInbox();
        var taken = 0;
        for (uint i = 0; i < 50_000; i++)
            if (inbox.TryAdd(From(1, i))) taken++;
        Assert.Equal(QbftInbox.MostOfSender, taken);
        for (uint peer = 2; peer <= 4; peer++) Assert.True(inbox.TryAdd(From(peer, 0)));

        var heard = new List<Address>();
        for (var i = 0; i < 4; i++)
        {
            Assert.True(inbox.TryTake(out var received));
            heard.Add(received.From);
        }
        Assert.Equal([Address.FromNumber(1), Address.FromNumber(2), Address.FromNumber(3), Address.FromNumber(4)], heard);
    }

    [Fact]
    public void What_one_hands_over_is_heard_in_its_order_and_all_of_it()
    {
        var inbox = new QbftInbox();
        for (uint i = 0; i < 100; i++) Assert.True(inbox.TryAdd(From(1 + i % 3, i)));
        var rounds = new Dictionary<Address, List<uint>>();
        while (inbox.TryTake(out var received)) (rounds.TryGetValue(received.From, out var some) ? some : rounds[received.From] = []).Add(((Received)received).Message.Round);
        Assert.Equal(100, rounds.Values.Sum(some => some.Count));
        foreach (var some in rounds.Values) Assert.Equal(some.Order(), some);
        // Room is there again.
        Assert.True(inbox.TryAdd(From(1, 0)));
    }
}
