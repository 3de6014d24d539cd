using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Hufu.Network;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests;

/// <summary>Peers that speak well and say what is not so. Each is found out; the follower arrives with the honest ones, which notice nothing.</summary>
public sealed class LyingPeerTests
{
    [Fact]
    public Task Headers_that_do_not_link_end_the_connection() => FoundOut((truth, id, body) => id == EthMessage.GetBlockHeaders ? Change(truth.Answers.Headers(body.Span)!, headers =>
    {
        if (headers.Count > 3) headers[2] = headers[2] with { GasUsed = headers[2].GasUsed + 1 };
    }) : Truth(truth, id, body));

    [Fact]
    public Task A_block_that_breaks_a_rule_ends_the_connection()
    {
        var madeUp = new ConcurrentDictionary<Hash256, Hash256>();
        return FoundOut((truth, id, body) => id == EthMessage.GetBlockHeaders
            ? Change(truth.Answers.Headers(body.Span)!, headers => MakeUp(headers, madeUp))
            : Truth(truth, id, HonestHashes(body, madeUp)));
    }

    // A chain of its own that links perfectly, with the bodies of the true one and states out of thin air.
    static void MakeUp(List<Header> headers, ConcurrentDictionary<Hash256, Hash256> madeUp)
    {
        for (var i = 0; i < headers.Count; i++)
        {
            if (headers[i].Number == 0) continue;
            var honest = headers[i].Hash;
            headers[i] = headers[i] with { StateRoot = Keccak256.Hash([1]), ParentHash = i > 0 ? headers[i - 1].Hash : headers[i].ParentHash };
            madeUp[headers[i].Hash] = honest;
        }
    }

    static byte[] HonestHashes(ReadOnlyMemory<byte> body, ConcurrentDictionary<Hash256, Hash256> madeUp)
    {
        var reader = new RlpReader(body.Span);
        reader.EnterList();
        var requestId = reader.ReadUInt64();
        var hashes = reader.ReadHashes();
        return EthMessage.Write(requestId, writer =>
        {
            var list = writer.StartList();
            foreach (var hash in hashes) writer.Write(madeUp.TryGetValue(hash, out var honest) ? honest : hash);
            writer.EndList(list);
        });
    }

    [Fact]
    public Task Bodies_of_other_blocks_are_not_taken() => FoundOut((truth, id, body) =>
        id == EthMessage.GetBlockBodies ? EthMessage.Write(RequestId(body), writer => { var list = writer.StartList(); for (var i = 0; i < 20; i++) WriteEmptyBody(writer); writer.EndList(list); }) : Truth(truth, id, body), isDropped: false);

    [Fact]
    public Task Withdrawals_that_the_header_does_not_state_are_the_peers_fault() =>
        FoundOut((truth, id, body) => id == EthMessage.GetBlockBodies ? WithAnotherWithdrawal(truth.Answers.Bodies(body.Span)!) : Truth(truth, id, body), isDropped: false);

    static byte[] WithAnotherWithdrawal(byte[] answer)
    {
        var reader = new RlpReader(answer);
        reader.EnterList();
        var requestId = reader.ReadUInt64();
        var bodies = new List<(byte[] Transactions, byte[] Ommers)>();
        for (var end = reader.EnterList(); reader.HasMore(end);)
        {
            var body = reader.EnterList();
            bodies.Add((reader.ReadItem().ToArray(), reader.ReadItem().ToArray()));
            reader.ReadItem();
            reader.LeaveList(body);
        }
        return EthMessage.Write(requestId, writer =>
        {
            var list = writer.StartList();
            foreach (var (transactions, ommers) in bodies)
            {
                var body = writer.StartList();
                writer.WriteRaw(transactions);
                writer.WriteRaw(ommers);
                var withdrawals = writer.StartList();
                new Withdrawal(1, 1, TestChain.Bob, 1).Write(writer);
                writer.EndList(withdrawals);
                writer.EndList(body);
            }
            writer.EndList(list);
        });
    }

    [Fact]
    public Task A_peer_that_never_answers_does_not_hold_the_follower_up() => FoundOut((_, _, _) => null, isDropped: false);

    [Fact]
    public Task A_peer_that_claims_much_and_has_nothing_does_not_hold_the_follower_up() => FoundOut((_, id, body) =>
        EthMessage.Write(RequestId(body), writer => writer.EndList(writer.StartList())), isDropped: false);

    [Fact]
    public Task Answers_to_nothing_that_was_asked_cost_the_peer_its_place() => FoundOut((truth, id, body) => EthMessage.Write(77, writer => writer.EndList(writer.StartList())), isDropped: false);

    [Fact]
    public Task Answers_that_cannot_be_decoded_end_the_connection() => FoundOut((truth, id, body) => EthMessage.Write(RequestId(body), writer => { var list = writer.StartList(); writer.Write(5UL); writer.EndList(list); }));

    [Fact]
    public async Task A_hundred_silent_sockets_do_not_keep_an_honest_peer_out_for_long()
    {
        await using var host = new TestPeer(options: new PeerSetOptions { MaxPendingOfAddress = 200, MaxPending = 200 });
        host.Seal(2);
        var silent = new List<TcpClient>();
        for (var i = 0; i < 100; i++)
        {
            var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, host.Peers.Port);
            silent.Add(client);
        }
        await using var honest = new TestPeer(follows: true, peers: [host.Enode]);
        await honest.Reaches(2);
        foreach (var client in silent) client.Dispose();
    }

    [Fact]
    public async Task A_peer_that_takes_nothing_is_given_up_and_its_queue_stays_bounded()
    {
        await using var host = new TestPeer();
        await using var deaf = new TestPeer(further: []);
        deaf.Peers.AddStatic(host.Enode);
        await host.Meets(1);
        var session = host.Eth.Sessions[0];
        var sent = 0;
        while (session.Send(EthMessage.Transactions, new byte[1 << 20]) && sent < 200) sent++;

        // Either all of it was taken, or the queue was full long before two hundred mebibytes.
        Assert.True(sent < 200);
    }

    /// <summary>A follower between a liar and an honest node gets to the honest head; the liar is dropped where what it did can be no mistake.</summary>
    static async Task FoundOut(Func<EthProtocol, int, ReadOnlyMemory<byte>, byte[]?> lie, bool isDropped = true)
    {
        await using var honest = new TestPeer();
        for (var nonce = 0UL; nonce < 5; nonce++)
        {
            Assert.Null(honest.Pool.Add(TestPeer.Transfer(nonce)).Refusal);
            honest.Seal(8);
        }
        using var stop = new CancellationTokenSource();
        var liar = new Liar(honest.Eth, lie);
        Assert.True(PeerSet.TryOpen(NodeKey.Random(), new PeerSetOptions { Limits = new RlpxLimits { Parting = TimeSpan.FromMilliseconds(200) } }, [liar], Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, out var set, out _));
        var running = set.RunAsync(stop.Token);
        // Silence is found out by waiting: not for as long as between continents.
        await using var follower = new TestPeer(follows: true, peers: [set.Enode], answerPatience: TimeSpan.FromSeconds(2));
        await follower.Meets(1);
        // A lie in its first answer may have cost the liar its place by now.
        var dropped = follower.Eth.Sessions is [var met, ..] ? met.Over : new CancellationToken(canceled: true);
        // What can be no mistake costs the liar its place whether or not anybody else is there.
        if (isDropped) await Task.Delay(TimeSpan.FromSeconds(30), dropped).ContinueWith(_ => { }, TaskScheduler.Default);
        else await Task.Delay(300);
        if (isDropped) Assert.True(dropped.IsCancellationRequested, "the liar is still there");
        follower.Peers.AddStatic(honest.Enode);

        await follower.Reaches(40);
        await honest.Meets(1);
        Assert.Equal(honest.Chain.Head.Hash, follower.Chain.Head.Hash);
        Assert.Contains(honest.Eth.Sessions, session => session.Peer.Id.Equals(follower.Peers.Id));
        await stop.CancelAsync();
        await running;
        set.Dispose();
    }

    static byte[]? Truth(EthProtocol truth, int id, ReadOnlyMemory<byte> body) => id switch
    {
        EthMessage.GetBlockHeaders => truth.Answers.Headers(body.Span),
        EthMessage.GetBlockBodies => truth.Answers.Bodies(body.Span),
        _ => null,
    };

    static byte[] Change(byte[] answer, Action<List<Header>> change)
    {
        var reader = new RlpReader(answer);
        reader.EnterList();
        var requestId = reader.ReadUInt64();
        var headers = new List<Header>();
        var end = reader.EnterList();
        while (reader.HasMore(end)) headers.Add(Header.Read(ref reader));
        change(headers);
        return EthMessage.Write(requestId, writer =>
        {
            var list = writer.StartList();
            foreach (var header in headers) header.Write(writer);
            writer.EndList(list);
        });
    }

    static ulong RequestId(ReadOnlyMemory<byte> body)
    {
        var reader = new RlpReader(body.Span);
        reader.EnterList();
        return reader.ReadUInt64();
    }

    static void WriteEmptyBody(RlpWriter writer)
    {
        var body = writer.StartList();
        for (var i = 0; i < 3; i++) writer.EndList(writer.StartList());
        writer.EndList(body);
    }

    /// <summary>`eth` as an honest node speaks it, but for what it is made to say.</summary>
    sealed class Liar(EthProtocol truth, Func<EthProtocol, int, ReadOnlyMemory<byte>, byte[]?> lie) : ISubProtocol
    {
        public IReadOnlyList<Capability> Capabilities { get; } = [new Capability("eth", 69, 18)];

        public ISubProtocolSession Join(Peer peer, Capability agreed, int offset) => new Session(truth, lie, peer, offset);

        sealed class Session(EthProtocol truth, Func<EthProtocol, int, ReadOnlyMemory<byte>, byte[]?> lie, Peer peer, int offset) : ISubProtocolSession
        {
            public void Begin() => peer.Send(offset, (truth.StatusFor(69) with { Latest = 1000 }).Encode());

            public ValueTask<PeerFault?> ReceiveAsync(int id, ReadOnlyMemory<byte> body)
            {
                if (id is EthMessage.GetBlockHeaders or EthMessage.GetBlockBodies && lie(truth, id, body) is { } answer) peer.Send(offset + id + 1, answer);
                return ValueTask.FromResult<PeerFault?>(null);
            }

            public void End() { }
        }
    }
}
