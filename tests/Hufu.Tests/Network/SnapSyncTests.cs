using Hufu.Crypto;
using Hufu.Network;
using Hufu.Primitives;
using Hufu.State;
using Xunit;

namespace Hufu.Tests;

/// <summary>New nodes that fetch the state of their peers (`snap/1`), from honest ones and from others.</summary>
public sealed class SnapSyncTests
{
    // Writes a thousand slots from the number in its input on.
    static readonly byte[] Runtime = Convert.FromHexString("600035" + "6103E8" + "5B" + "8015601C57" + "60019003" + "818101" + "806001019055" + "600656" + "5B00");
    static readonly byte[] InitCode = [.. Convert.FromHexString("601E80600B6000396000F3"), .. Runtime];

    /// <summary>A chain with accounts, small contracts, and one whose storage is more than an answer holds.</summary>
    static async Task<TestPeer> Rich(int blocks = 300, int accountsEach = 10, int stretches = 12)
    {
        var peer = new TestPeer();
        var nonce = 0UL;
        for (var number = 0; number < blocks; number++)
        {
            var transactions = new List<Transaction>();
            for (var i = 0; i < accountsEach; i++) transactions.Add(Sign(new LegacyTransaction { Nonce = nonce++, GasPrice = 10_000_000_000, GasLimit = 21_000, To = Address.FromNumber((uint)(0x1000000 + number * 1000 + i)), Value = 7, V = Mark }));
            if (number < 4) transactions.Add(Sign(new LegacyTransaction { Nonce = nonce++, GasPrice = 10_000_000_000, GasLimit = 200_000, Data = InitCode, V = Mark }));
            if (number >= 4 && number < 4 + stretches) transactions.Add(Call(nonce++, 0, (uint)(number * 1000)));
            if (number is 20 or 21) transactions.Add(Call(nonce++, number - 19, 0));
            await peer.Seal([.. transactions]);
        }
        return peer;
    }

    const ulong Mark = 1337 * 2 + 35;

    static Transaction Sign(LegacyTransaction unsigned) => TransactionSigning.Sign(unsigned, TestChain.AliceSecret);

    // The contract that the block of that number made, of those with ten accounts and it.
    static Address ContractOf(int block) => Address.ForCreate(TestChain.Alice, (ulong)(block * 11 + 10));

    static Transaction Call(ulong nonce, int contract, uint from)
    {
        var input = new byte[32];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(input.AsSpan(28), from);
        return Sign(new LegacyTransaction { Nonce = nonce, GasPrice = 10_000_000_000, GasLimit = 25_000_000, To = ContractOf(contract), Data = input, V = Mark });
    }

    static async Task AssertSame(TestPeer expected, TestPeer actual)
    {
        await actual.Reaches(expected.Chain.Head.Number);
        Assert.Equal(expected.Chain.Head.Hash, actual.Chain.Head.Hash);
        Assert.Null(actual.Chain.Intake);
        Assert.Null(actual.Chain.VerifyState());
        Assert.Equal(expected.Chain.Blocks.ReceiptsOf(expected.Chain.Blocks.CanonicalHash(30)!.Value)!.Count, actual.Chain.Blocks.ReceiptsOf(expected.Chain.Blocks.CanonicalHash(30)!.Value)!.Count);
    }

    [Fact]
    public async Task A_new_node_fetches_the_state_and_follows_block_by_block()
    {
        await using var leader = await Rich();
        await using var copy = new TestPeer(follows: true, snaps: true, peers: [leader.Enode]);
        await copy.Reaches(298);
        // The past was not executed: there is no state of it.
        Assert.Equal(298UL, copy.Chain.OldestState);
        Assert.Contains(copy.Lines, line => line.Contains("the state of block 298 is whole (0 nodes healed", StringComparison.Ordinal));
        await AssertSame(leader, copy);

        leader.Seal(5);
        await AssertSame(leader, copy);
        var state = copy.Chain.StateAt(copy.Chain.Head.Hash)!;
        Assert.Equal((UInt256)4001UL + 1UL, state.GetStorage(ContractOf(0), 4001));
        // Whoever has fetched serves others.
        await using var third = new TestPeer(follows: true, snaps: true, peers: [copy.Enode]);
        await AssertSame(leader, third);
    }

    [Fact]
    public async Task The_pivot_moves_on_with_the_chain_and_the_state_is_healed()
    {
        await using var leader = await Rich(blocks: 280);
        // The honest one serves few ranges before its chain has moved on by more than is served.
        var served = 0;
        TestPeer? late = null;
        await using var slow = late = new TestPeer(follows: true, peers: [leader.Enode], states: chain => new Altered(new SnapProtocol(chain), (id, request, truth) =>
        {
            if (id == SnapMessage.GetAccountRange && Interlocked.Increment(ref served) == 9) Advance(leader);
            return truth(request);
        }));
        await slow.Reaches(280);
        await using var copy = new TestPeer(follows: true, snaps: true, peers: [slow.Enode]);
        // The block that is called, and those that follow it, come in the middle.
        await copy.Reaches(280 + 1 + 150);
        await AssertSame(leader, copy);
        Assert.Contains(copy.Lines, line => line.Contains("not served any more", StringComparison.Ordinal));
        Assert.Contains(copy.Lines, line => line.Contains("is whole", StringComparison.Ordinal) && !line.Contains("(0 nodes healed", StringComparison.Ordinal));

        void Advance(TestPeer leader)
        {
            Assert.True(leader.Chain.StateAt(leader.Chain.Head.Hash)!.TryGetAccount(TestChain.Alice, out var alice));
            leader.Seal(Call(alice.Nonce, 1, 500)).GetAwaiter().GetResult();
            leader.Seal(150);
            late!.Reaches(leader.Chain.Head.Number).GetAwaiter().GetResult();
        }
    }

    [Fact]
    public async Task What_was_fetched_survives_a_kill()
    {
        await using var leader = await Rich(blocks: 280, accountsEach: 20, stretches: 0);
        var store = new MemoryStore();
        var answers = 0;
        // The first time only some of the parts come; then the peer has nothing more to say.
        await using (var miserly = new TestPeer(follows: true, peers: [leader.Enode], states: chain => new Altered(new SnapProtocol(chain), (id, request, truth) => Interlocked.Increment(ref answers) > 6 ? null : truth(request))))
        {
            await miserly.Reaches(280);
            await using var copy = new TestPeer(follows: true, snaps: true, peers: [miserly.Enode], store: store);
            for (var i = 0; i < 500 && !(copy.Chain.Intake?.State.Missing.Count < 16); i++) await Task.Delay(20);
            Assert.InRange(copy.Chain.Intake!.State.Missing.Count, 1, 15);
            Assert.Equal(0UL, copy.Chain.Head.Number);
        }
        await using var again = new TestPeer(follows: true, snaps: true, peers: [leader.Enode], store: store);
        Assert.NotNull(again.Chain.Intake);
        await AssertSame(leader, again);
        Assert.Contains(again.Lines, line => line.Contains("going on at block", StringComparison.Ordinal));
    }

    [Fact]
    public void The_body_of_an_account_travels_as_a_list()
    {
        // devp2p, caps/snap.md, says "accBody: B"; geth, Besu and @ethereumjs/client write and read a list.
        using var test = new TestChain(Fork.Shanghai);
        test.Extend(test.Chain.Head.Hash, transactions: test.Transfer(TestChain.AliceSecret, 0, Address.FromNumber(1000), 5UL));
        var answer = new SnapAnswers(test.Chain).Accounts(EthMessage.Write(1, writer =>
        {
            writer.Write(test.Chain.Head.Head.StateRoot);
            writer.Write(Hash256.Zero);
            writer.Write(Hash256.FromUInt256(UInt256.MaxValue));
            writer.Write(50_000UL);
        }))!;
        var reader = new RlpReader(answer);
        reader.EnterList();
        reader.ReadUInt64();
        var end = reader.EnterList();
        var count = 0;
        for (; reader.HasMore(end); count++)
        {
            var item = reader.EnterList();
            reader.ReadHash();
            Assert.True(reader.NextIsList);
            Assert.True(SlimAccount.TryDecode(reader.ReadItem(), out _));
            reader.LeaveList(item);
        }
        Assert.False(reader.Failed);
        Assert.True(count > 2);
    }

    [Fact]
    public async Task A_short_chain_is_executed()
    {
        await using var leader = new TestPeer();
        leader.Seal(50);
        await using var copy = new TestPeer(follows: true, snaps: true, peers: [leader.Enode]);
        await copy.Reaches(50);
        Assert.Equal(0UL, copy.Chain.OldestState);
    }

    public static TheoryData<string> Lies => new("accounts left out", "an account changed", "slots left out", "a slot changed", "another code", "another node", "garbage", "nothing", "silence");

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_peer_that_lies_about_the_state_is_found_out_and_the_others_notice_nothing(string lie)
    {
        await using var honest = await Rich(blocks: 270, accountsEach: 10, stretches: 3);
        await using var liar = new TestPeer(follows: true, peers: [honest.Enode], states: chain => new Altered(new SnapProtocol(chain), (id, request, truth) => Lie(lie, id, request, truth)));
        await liar.Reaches(270);
        // Silence is found out by waiting.
        await using var copy = new TestPeer(follows: true, snaps: true, peers: [liar.Enode], answerPatience: TimeSpan.FromSeconds(1));
        await copy.Meets(1);
        // What can be no mistake costs the liar its place, whether or not anybody else is there.
        var isProven = lie is not ("nothing" or "silence" or "garbage");
        bool IsFoundOut() => copy.Lines.Any(line => line.Contains("dropped (ProtocolBreach", StringComparison.Ordinal));
        if (isProven) for (var i = 0; i < 1500 && !IsFoundOut(); i++) await Task.Delay(20);
        else await Task.Delay(700);
        Assert.Equal(0UL, copy.Chain.Head.Number);
        copy.Peers.AddStatic(honest.Enode);
        await AssertSame(honest, copy);
        Assert.Equal(isProven, IsFoundOut());
        Assert.Contains(honest.Eth.Sessions, session => session.Peer.Id.Equals(copy.Peers.Id));
    }

    static byte[]? Lie(string lie, int id, ReadOnlyMemory<byte> request, Func<ReadOnlyMemory<byte>, byte[]> truth) => (lie, id) switch
    {
        ("accounts left out", SnapMessage.GetAccountRange) or ("slots left out", SnapMessage.GetStorageRanges) => Change(truth(request), id, entries => { if (entries.Count > 2) entries.RemoveAt(1); }),
        ("an account changed", SnapMessage.GetAccountRange) => Change(truth(request), id, entries => { if (entries.Count > 0) entries[0] = (entries[0].Key, SlimAccount.Encode(Account.Empty with { Balance = 12345 })); }),
        ("a slot changed", SnapMessage.GetStorageRanges) => Change(truth(request), id, entries => { if (entries.Count > 0) entries[^1] = (entries[^1].Key, [0x2A]); }),
        ("another code", SnapMessage.GetByteCodes) => EthMessage.Write(RequestId(request), writer => { var list = writer.StartList(); writer.Write([0x60, 0x01]); writer.EndList(list); }),
        ("another node", SnapMessage.GetTrieNodes) or ("another node", SnapMessage.GetAccountRange) => EthMessage.Write(RequestId(request), writer =>
        {
            writer.EndList(writer.StartList());
            var proof = writer.StartList();
            writer.Write([0xC2, 0x20, 0x01]);
            writer.EndList(proof);
        }),
        ("garbage", _) => [0xC3, 0x01, 0x02, 0x03],
        ("nothing", _) => EthMessage.Write(RequestId(request), writer => { for (var i = 0; i < (id <= SnapMessage.GetStorageRanges ? 2 : 1); i++) writer.EndList(writer.StartList()); }),
        ("silence", _) => null,
        _ => truth(request),
    };

    static byte[] Change(byte[] answer, int id, Action<List<(Hash256 Key, byte[] Value)>> change)
    {
        var reader = new RlpReader(answer);
        reader.EnterList();
        var requestId = reader.ReadUInt64();
        var isStorage = id == SnapMessage.GetStorageRanges;
        var lists = new List<List<(Hash256, byte[])>>();
        for (var end = isStorage ? reader.EnterList() : reader.Position + 1; reader.HasMore(end);)
        {
            var entries = new List<(Hash256, byte[])>();
            for (var entriesEnd = reader.EnterList(); reader.HasMore(entriesEnd);)
            {
                reader.EnterList();
                entries.Add((reader.ReadHash(), reader.ReadBytes().ToArray()));
            }
            lists.Add(entries);
        }
        var proof = reader.ReadItem().ToArray();
        change(lists.Count > 0 ? lists[0] : []);
        return EthMessage.Write(requestId, writer =>
        {
            var all = isStorage ? writer.StartList() : 0;
            foreach (var entries in lists)
            {
                var list = writer.StartList();
                foreach (var (key, value) in entries)
                {
                    var item = writer.StartList();
                    writer.Write(key);
                    writer.Write(value);
                    writer.EndList(item);
                }
                writer.EndList(list);
            }
            if (isStorage) writer.EndList(all);
            writer.WriteRaw(proof);
        });
    }

    static ulong RequestId(ReadOnlyMemory<byte> body)
    {
        var reader = new RlpReader(body.Span);
        reader.EnterList();
        return reader.ReadUInt64();
    }

    /// <summary>`snap` as an honest node speaks it, but for what it is made to answer.</summary>
    sealed class Altered(SnapProtocol truth, Func<int, ReadOnlyMemory<byte>, Func<ReadOnlyMemory<byte>, byte[]>, byte[]?> answer) : ISubProtocol
    {
        public IReadOnlyList<Capability> Capabilities => truth.Capabilities;

        public ISubProtocolSession Join(Peer peer, Capability agreed, int offset) => new Session(truth, answer, peer, offset);

        sealed class Session(SnapProtocol truth, Func<int, ReadOnlyMemory<byte>, Func<ReadOnlyMemory<byte>, byte[]>, byte[]?> answer, Peer peer, int offset) : ISubProtocolSession
        {
            public void Begin() { }

            public ValueTask<PeerFault?> ReceiveAsync(int id, ReadOnlyMemory<byte> body)
            {
                var answers = truth.Answers;
                if (answer(id, body, request => id switch
                {
                    SnapMessage.GetAccountRange => answers.Accounts(request.Span)!,
                    SnapMessage.GetStorageRanges => answers.Storage(request.Span)!,
                    SnapMessage.GetByteCodes => answers.Codes(request.Span)!,
                    _ => answers.Nodes(request.Span)!,
                }) is { } made) peer.Send(offset + id + 1, made);
                return ValueTask.FromResult<PeerFault?>(null);
            }

            public void End() { }
        }
    }
}
