using CsCheck;
using Hufu.Network;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests;

/// <summary>Whole nodes, but for their files and their RPC, that speak over real sockets.</summary>
public sealed class EthTests
{
    [Fact]
    public async Task A_node_catches_up_from_genesis_and_follows()
    {
        await using var leader = new TestPeer();
        leader.Seal(300);
        await using var follower = new TestPeer(follows: true, peers: [leader.Enode]);

        await follower.Reaches(300);
        leader.Seal(1);
        await follower.Reaches(301);

        Assert.Equal(leader.Chain.Head.Hash, follower.Chain.Head.Hash);
        Assert.Equal(leader.Chain.Head.Head.StateRoot, follower.Chain.Head.Head.StateRoot);
    }

    [Fact]
    public async Task Bodies_come_from_several_peers_and_a_peer_that_was_away_catches_up()
    {
        await using var leader = new TestPeer();
        leader.Seal(250);
        await using var middle = new TestPeer(follows: true, peers: [leader.Enode]);
        await middle.Reaches(250);
        await using var last = new TestPeer(follows: true, peers: [leader.Enode, middle.Enode]);
        await last.Reaches(250);
        last.Peers.Remove(leader.Peers.Id);
        leader.Seal(50);

        await last.Reaches(300);
    }

    [Fact]
    public async Task Transactions_travel_both_ways_and_by_hash_alone_where_they_are_large()
    {
        await using var left = new TestPeer();
        await using var right = new TestPeer(follows: true, peers: [left.Enode]);
        await right.Meets(1);

        var small = TestPeer.Transfer(0);
        var large = TestPeer.Transfer(1, dataBytes: 20_000);
        Assert.Null(left.Pool.Add(small).Refusal);
        Assert.Null(right.Pool.Add(large).Refusal is { } why && !why.What.StartsWith("nonce", StringComparison.Ordinal) ? why : null);

        await right.Has(small.Hash);
        await left.Has(large.Hash);
    }

    [Fact]
    public async Task A_newcomer_hears_of_what_waits_already()
    {
        await using var left = new TestPeer();
        var hashes = Enumerable.Range(0, 20).Select(nonce => TestPeer.Transfer((ulong)nonce)).Select(transaction => { Assert.Null(left.Pool.Add(transaction).Refusal); return transaction.Hash; }).ToList();

        await using var right = new TestPeer(follows: true, peers: [left.Enode]);

        foreach (var hash in hashes) await right.Has(hash);
    }

    [Fact]
    public async Task Receipts_are_served_and_lead_to_the_root_of_the_header_in_both_versions()
    {
        foreach (var version in new[] { 68, 69 })
        {
            await using var leader = new TestPeer(versions: [version]);
            Assert.Null(leader.Pool.Add(TestPeer.Transfer(0)).Refusal);
            leader.Seal(1);
            await using var reader = new TestPeer(versions: [version]);
            reader.Peers.AddStatic(leader.Enode);
            await reader.Meets(1);
            var session = reader.Eth.Sessions[0];
            Assert.Equal(version, session.Version);

            var receipts = await session.GetReceiptsAsync([leader.Chain.Head.Hash], CancellationToken.None);

            var list = Assert.Single(receipts!);
            Assert.Single(list);
            Assert.Equal(leader.Chain.Head.Head.ReceiptsRoot, TrieRoot.OfReceipts(list));
        }
    }

    [Fact]
    public async Task A_peer_on_another_network_is_turned_away_and_the_others_do_not_notice()
    {
        await using var leader = new TestPeer();
        await using var follower = new TestPeer(follows: true, peers: [leader.Enode]);
        await follower.Meets(1);
        await using var stranger = new TestPeer(networkId: 99);
        stranger.Peers.AddStatic(leader.Enode);
        await Task.Delay(1500);

        Assert.Empty(stranger.Eth.Sessions);
        Assert.Single(leader.Eth.Sessions);
        leader.Seal(3);
        await follower.Reaches(3);
    }

    [Fact]
    public async Task The_number_of_peers_is_kept_and_one_that_is_trusted_still_comes_in()
    {
        await using var host = new TestPeer(options: new PeerSetOptions { MaxPeers = 2, InboundShare = 1 });
        var guests = new List<TestPeer>();
        for (var i = 0; i < 4; i++) guests.Add(new TestPeer(follows: true, peers: [host.Enode]));
        await host.Meets(2);
        await Task.Delay(1000);
        Assert.Equal(2, host.Peers.Peers.Count);

        await using var friend = new TestPeer(follows: true);
        host.Peers.AddTrusted(friend.Peers.Id);
        friend.Peers.AddStatic(host.Enode);
        await host.Meets(3);
        foreach (var guest in guests) await guest.DisposeAsync();
    }

    [Fact]
    public async Task Two_nodes_that_dial_each_other_at_once_end_up_with_one_connection()
    {
        await using var left = new TestPeer();
        await using var right = new TestPeer(follows: true, peers: [left.Enode]);
        left.Peers.AddStatic(right.Enode);
        await left.Meets(1);
        await right.Meets(1);
        await Task.Delay(1500);

        Assert.Single(left.Eth.Sessions);
        Assert.Single(right.Eth.Sessions);
    }

    [Fact]
    public async Task Peers_that_come_tell_of_something_and_go_leave_nothing_behind()
    {
        await using var hub = new TestPeer();
        for (ulong i = 0; i < 4; i++)
        {
            await using var passer = new TestPeer(peers: [hub.Enode]);
            var transfer = TestPeer.Transfer(i);
            for (ulong before = 0; before < i; before++) passer.Pool.Add(TestPeer.Transfer(before));
            Assert.Null(passer.Pool.Add(transfer).Refusal);
            await hub.Has(transfer.Hash);
        }
        await hub.Until(() => hub.Eth.Sessions.Length == 0, () => "the peers did not go");

        await hub.Until(() => hub.Gossip.PeersToAsk == 0, () => $"{hub.Gossip.PeersToAsk} peers are kept");
    }

    [Fact]
    public async Task A_peer_that_tells_of_blocks_it_does_not_have_is_not_the_best_for_ever()
    {
        await using var leader = new TestPeer();
        leader.Seal(20);
        await using var follower = new TestPeer(follows: true, peers: [leader.Enode]);
        await follower.Reaches(20);

        follower.Eth.Sessions[0].LearnHead(Keccak256.Hash([7]), 1_000_000, null);
        await follower.Until(() => follower.Eth.Sessions[0].Head.Number == 20, () => $"it is believed to be at {follower.Eth.Sessions[0].Head.Number}");
        leader.Seal(1);
        await follower.Reaches(21);
    }

    [Fact]
    public async Task A_fault_in_taking_a_message_ends_the_connection_and_nothing_else()
    {
        var (one, two) = (ValidatorProtocol.Istanbul(), ValidatorProtocol.Istanbul());
        await using var left = new TestPeer(further: [one]);
        await using var right = new TestPeer(further: [two]);
        var faults = 0;
        two.Received = (_, _, _) => Interlocked.Increment(ref faults) == 1 ? throw new NotSupportedException("a fault of our own") : null;
        right.Peers.AddStatic(left.Enode);
        await left.Meets(1);
        var first = left.Peers.Peers.Single();

        Assert.True(one.Send(right.Peers.Id.Address, ValidatorProtocol.Commit, new byte[] { 0xC1, 1 }));
        await left.Until(() => left.Peers.Peers.SingleOrDefault() is { } now && now != first && one.Send(right.Peers.Id.Address, ValidatorProtocol.Commit, new byte[] { 0xC1, 2 }), () => "it did not come back");
        await left.Until(() => faults >= 2, () => "nothing more is taken");
        Assert.Contains(right.Lines, line => line.Contains("a fault of our own", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_goes_over_the_wires_is_known_by_kind_of_message()
    {
        var (one, two) = (ValidatorProtocol.Istanbul(), ValidatorProtocol.Istanbul());
        await using var left = new TestPeer(further: [one]);
        await using var right = new TestPeer(further: [two]);
        right.Peers.AddStatic(left.Enode);
        await left.Meets(1);
        for (var i = 0; i < 10; i++) Assert.True(one.Send(right.Peers.Id.Address, ValidatorProtocol.Commit, new byte[] { 0xC1, 1 }));

        var kind = new MessageKind("istanbul", ValidatorProtocol.Commit);
        await right.Until(() => right.Peers.TrafficByKind.GetValueOrDefault(kind).Received >= 10 * 32, () => "they did not come");
        await left.Until(() => left.Peers.TrafficByKind.GetValueOrDefault(kind).Sent == right.Peers.TrafficByKind[kind].Received, () => "sent is not received");
        var sum = left.Peers.TrafficByKind.Values.Sum(some => some.Sent);
        Assert.InRange(sum, 1, left.Peers.Traffic.Sent);
        // What was counted stays when the peer goes.
        right.Peers.Remove(left.Peers.Id);
        await left.Until(() => left.Eth.Sessions.Length == 0, () => "it did not go");
        Assert.True(left.Peers.TrafficByKind[kind].Sent >= 10 * 32);
    }

    [Fact]
    public async Task Validators_hand_each_other_messages_by_address()
    {
        var (one, two) = (ValidatorProtocol.Istanbul(), ValidatorProtocol.Istanbul());
        await using var left = new TestPeer(further: [one]);
        await using var right = new TestPeer(further: [two]);
        var got = new TaskCompletionSource<(Address From, int Code, byte[] Message)>();
        two.Received = (from, code, message) => { got.TrySetResult((from, code, message.ToArray())); return null; };
        right.Peers.AddStatic(left.Enode);
        await left.Meets(1);
        Assert.Equal([right.Peers.Id.Address], one.Connected);

        Assert.True(one.Send(right.Peers.Id.Address, ValidatorProtocol.Commit, new byte[] { 0xC1, 1 }));

        var (from, code, message) = await got.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal((left.Peers.Id.Address, ValidatorProtocol.Commit), (from, code));
        Assert.Equal([0xC1, 1], message);
        Assert.False(one.Send(Address.FromNumber(1), ValidatorProtocol.Commit, message));
    }

    [Fact]
    public void A_status_is_read_as_it_was_written_in_both_versions()
    {
        var old = new EthStatus(68, 7, Keccak256.Hash([1]), new ForkId(0xfc64ec04, 1150000), Keccak256.Hash([2]), 17, null, null);
        var young = new EthStatus(69, 7, Keccak256.Hash([1]), new ForkId(0xfc64ec04, 0), Keccak256.Hash([2]), null, 3, 9);

        Assert.Equal(old, EthStatus.TryRead(old.Encode(), 68));
        Assert.Equal(young, EthStatus.TryRead(young.Encode(), 69));
        Assert.Null(EthStatus.TryRead(old.Encode(), 69));
        Assert.Null(EthStatus.TryRead((young with { Earliest = 10 }).Encode(), 69));
    }

    [Fact]
    public void A_message_of_millions_of_items_is_none_after_its_first_thousands()
    {
        // Ten mebibytes of items of one byte, which travel as some hundred kibibytes.
        var body = new byte[4 + (9 << 20)];
        body[0] = 0xfa;
        (body[1], body[2], body[3]) = (9 << 20 >> 16, 0, 0);
        body.AsSpan(4).Fill(1);
        var forms = new List<ReadOnlyMemory<byte>>();
        Assert.Contains("more than", EthSession.ReadTransactions(body, forms), StringComparison.Ordinal);
        Assert.Equal(EthMessage.MostTransactions, forms.Count);
    }

    [Fact]
    public async Task Hostile_messages_never_harm_the_node()
    {
        await using var host = new TestPeer();
        host.Seal(3);
        var answers = new EthAnswers(host.Chain, host.Pool);
        Gen.Byte.Array[0, 200].Sample(bytes =>
        {
            answers.Headers(bytes);
            answers.Bodies(bytes);
            answers.Receipts(bytes, 69);
            answers.Pooled(bytes);
            EthStatus.TryRead(bytes, 68);
            EthStatus.TryRead(bytes, 69);
        }, iter: RlpxConnectionTests.FuzzCases(1000));

        // A whole conversation of damaged messages, each by a new peer: the node drops them and goes on.
        var seeds = new[] { EthMessage.Write(1, writer => { var list = writer.StartList(); writer.Write(1UL); writer.Write(5UL); writer.Write(0UL); writer.Write(0UL); writer.EndList(list); }), EthMessage.Write(1, [host.Chain.Head.Hash]), host.Eth.StatusFor(69).Encode() };
        var random = new Random(5);
        for (var i = 0; i < 12; i++)
        {
            await using var guest = new TestPeer();
            guest.Peers.AddStatic(host.Enode);
            await guest.Meets(1);
            if (guest.Eth.Sessions is not [var session]) continue;
            for (var message = 0; message < 30; message++)
            {
                var body = (byte[])seeds[random.Next(seeds.Length)].Clone();
                body[random.Next(body.Length)] ^= (byte)(1 << random.Next(8));
                session.Send(random.Next(18), body);
            }
        }
        await using var honest = new TestPeer(follows: true, peers: [host.Enode]);
        await honest.Reaches(3);
    }
}
