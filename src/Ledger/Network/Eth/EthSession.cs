using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>`eth` with one peer: the status first, then questions and news in both directions.</summary>
public sealed class EthSession : ISubProtocolSession
{
    const int MostBlocksUnderWay = 4;

    readonly EthProtocol _protocol;
    readonly PeerRequests _requests;
    readonly CancellationTokenSource _over = new();
    readonly int _offset;
    volatile EthStatus? _status;
    int _blocksUnderWay;

    internal EthSession(EthProtocol protocol, Peer peer, int version, int offset)
    {
        (_protocol, Peer, Version, _offset) = (protocol, peer, version, offset);
        _requests = new PeerRequests(peer, protocol.Options.AnswerPatience);
    }

    public Peer Peer { get; }
    public int Version { get; }

    /// <summary>What the peer said first; null until it has.</summary>
    public EthStatus? Status => _status;

    /// <summary>The furthest head the peer has told of. The number is null as long as only its hash is known.</summary>
    public PeerHead Head { get; private set; } = new(default, null, null);

    /// <summary>Transactions the peer is known to have.</summary>
    public KnownHashes KnownTransactions { get; } = new(32_768);

    public KnownHashes KnownBlocks { get; } = new(1024);

    /// <summary>Ends with the session.</summary>
    public CancellationToken Over => _over.Token;

    public void Begin()
    {
        Send(EthMessage.Status, _protocol.StatusFor(Version).Encode());
        _ = ExpectStatusAsync();
    }

    public async ValueTask<PeerFault?> ReceiveAsync(int id, ReadOnlyMemory<byte> body)
    {
        if (_status is null) return id == EthMessage.Status ? TakeStatus(body.Span) : PeerFault.Breach($"eth message {id} before the status");
        switch (id)
        {
            case EthMessage.GetBlockHeaders: return await AnswerAsync(EthMessage.BlockHeaders, () => _protocol.Answers.Headers(body.Span)).ConfigureAwait(false);
            case EthMessage.GetBlockBodies: return await AnswerAsync(EthMessage.BlockBodies, () => _protocol.Answers.Bodies(body.Span)).ConfigureAwait(false);
            case EthMessage.GetReceipts: return await AnswerAsync(EthMessage.Receipts, () => _protocol.Answers.Receipts(body.Span, Version)).ConfigureAwait(false);
            case EthMessage.GetPooledTransactions: return await AnswerAsync(EthMessage.PooledTransactions, () => _protocol.Answers.Pooled(body.Span)).ConfigureAwait(false);
            case EthMessage.BlockHeaders or EthMessage.BlockBodies or EthMessage.Receipts or EthMessage.PooledTransactions: return _requests.Answered(id, body);
            case EthMessage.Transactions: return await TakeTransactionsAsync(body).ConfigureAwait(false);
            case EthMessage.NewPooledTransactionHashes: return TakeAnnouncement(body);
            case EthMessage.NewBlock: return TakeBlock(body.Span);
            case EthMessage.NewBlockHashes: return TakeBlockHashes(body.Span);
            case EthMessage.BlockRangeUpdate when Version >= 69: return TakeRange(body.Span);
            case EthMessage.Status: return PeerFault.Breach("a second status");
            default: return PeerFault.Breach($"eth/{Version} has no message {id}");
        }
    }

    public void End()
    {
        _requests.End();
        _protocol.Remove(this);
        _over.Cancel();
    }

    /// <summary>Sends a message of `eth`; false where the peer is going.</summary>
    public bool Send(int id, ReadOnlyMemory<byte> body) => Peer.Send(_offset + id, body);

    /// <summary>Asks for headers from a number on, or back from it.</summary>
    /// <returns>What came, not yet checked beyond its form; null where nothing came in time or it was malformed.</returns>
    public Task<IReadOnlyList<Header>?> GetHeadersAsync(ulong from, int count, ulong skip, bool reverse, CancellationToken stop) =>
        AskHeadersAsync(count, writer => writer.Write(from), skip, reverse, stop);

    public Task<IReadOnlyList<Header>?> GetHeadersAsync(Hash256 from, int count, ulong skip, bool reverse, CancellationToken stop) =>
        AskHeadersAsync(count, writer => writer.Write(from), skip, reverse, stop);

    /// <summary>Asks for the bodies of blocks, and joins each to its header in order. May be fewer than asked. Whether they fit is for the import to say.</summary>
    public async Task<IReadOnlyList<Block>?> GetBodiesAsync(IReadOnlyList<Header> headers, CancellationToken stop)
    {
        var hashes = headers.Select(header => header.Hash).ToArray();
        if (await AskAsync(EthMessage.GetBlockBodies, EthMessage.BlockBodies, id => EthMessage.Write(id, hashes), stop).ConfigureAwait(false) is not { } answer) return null;
        return Decode(answer, (ref RlpReader reader, int at) =>
        {
            if (at >= headers.Count)
            {
                reader.Fail("more bodies than were asked for");
                return null!;
            }
            var end = reader.EnterList();
            var block = Block.ReadBody(ref reader, end, headers[at]);
            reader.LeaveList(end);
            return block;
        });
    }

    /// <summary>Asks for the receipts of blocks; the root of each list must be compared with the header's.</summary>
    public async Task<IReadOnlyList<IReadOnlyList<Receipt>>?> GetReceiptsAsync(IReadOnlyList<Hash256> blocks, CancellationToken stop)
    {
        if (await AskAsync(EthMessage.GetReceipts, EthMessage.Receipts, id => EthMessage.Write(id, blocks), stop).ConfigureAwait(false) is not { } answer) return null;
        return Decode<IReadOnlyList<Receipt>>(answer, (ref RlpReader reader, int at) =>
        {
            if (at >= blocks.Count) reader.Fail("more receipts than were asked for");
            var receipts = new List<Receipt>();
            var end = reader.EnterList();
            while (reader.HasMore(end))
                if (ReceiptForm.Read(ref reader, Version) is { } receipt) receipts.Add(receipt);
            reader.LeaveList(end);
            return receipts;
        });
    }

    /// <summary>Asks for transactions; each comes in its network form.</summary>
    public async Task<IReadOnlyList<ReadOnlyMemory<byte>>?> GetPooledTransactionsAsync(IReadOnlyList<Hash256> hashes, CancellationToken stop)
    {
        if (await AskAsync(EthMessage.GetPooledTransactions, EthMessage.PooledTransactions, id => EthMessage.Write(id, hashes), stop).ConfigureAwait(false) is not { } answer) return null;
        return Decode(answer, (ref RlpReader reader, int at) =>
        {
            if (at >= hashes.Count) reader.Fail("more transactions than were asked for");
            return ReadNetworkForm(ref reader);
        });
    }

    /// <summary>The peer could not show what it told of: until it tells again it stands where it showed to be.</summary>
    internal void CorrectHead(Header shown) => Head = new PeerHead(shown.Hash, shown.Number, Head.TotalDifficulty);

    /// <summary>Takes one of the few places for blocks that came by themselves and are not looked at yet; false where this peer has them all.</summary>
    internal bool TryBeginBlock()
    {
        if (Interlocked.Increment(ref _blocksUnderWay) <= MostBlocksUnderWay) return true;
        EndBlock();
        return false;
    }

    internal void EndBlock() => Interlocked.Decrement(ref _blocksUnderWay);

    internal void LearnHead(in Hash256 hash, ulong? number, UInt256? totalDifficulty)
    {
        var known = Head;
        if (number is { } n && known.Number is { } k && n < k) return;
        Head = new PeerHead(hash, number, totalDifficulty ?? known.TotalDifficulty);
    }

    delegate T ItemReader<T>(ref RlpReader reader, int at);

    IReadOnlyList<T>? Decode<T>(ReadOnlyMemory<byte> answer, ItemReader<T> read)
    {
        var reader = new RlpReader(answer);
        var end = reader.EnterList();
        reader.ReadUInt64();
        var items = new List<T>();
        var itemsEnd = reader.EnterList();
        while (reader.HasMore(itemsEnd))
        {
            var item = read(ref reader, items.Count);
            if (!reader.Failed) items.Add(item);
        }
        reader.LeaveList(itemsEnd);
        reader.LeaveList(end);
        reader.ExpectEnd();
        if (reader.Error is not { } why) return items;
        Peer.Disconnect(PeerFault.Breach($"an answer that cannot be decoded: {why}"));
        return null;
    }

    async Task<IReadOnlyList<Header>?> AskHeadersAsync(int count, Action<RlpWriter> origin, ulong skip, bool reverse, CancellationToken stop)
    {
        var answer = await AskAsync(EthMessage.GetBlockHeaders, EthMessage.BlockHeaders, id => EthMessage.Write(id, writer =>
        {
            var list = writer.StartList();
            origin(writer);
            writer.Write((ulong)count);
            writer.Write(skip);
            writer.Write(reverse ? 1UL : 0UL);
            writer.EndList(list);
        }), stop).ConfigureAwait(false);
        return answer is not { } bytes ? null : Decode(bytes, (ref RlpReader reader, int at) =>
        {
            if (at >= count) reader.Fail("more headers than were asked for");
            return Header.Read(ref reader);
        });
    }

    Task<ReadOnlyMemory<byte>?> AskAsync(int id, int answerId, Func<ulong, byte[]> body, CancellationToken stop) => _requests.AskAsync(_offset + id, answerId, body, stop);

    async Task ExpectStatusAsync()
    {
        await Task.Delay(_protocol.Options.StatusPatience, _over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_status is null) Peer.Disconnect(PeerFault.Breach("no status in time"));
    }

    PeerFault? TakeStatus(ReadOnlySpan<byte> body)
    {
        if (EthStatus.TryRead(body, Version) is not { } status) return PeerFault.Breach("a status that cannot be decoded");
        if (_protocol.Check(status) is { } fault) return fault;
        Head = new PeerHead(status.Head, status.Latest, status.TotalDifficulty);
        _status = status;
        _protocol.Add(this);
        return null;
    }

    async ValueTask<PeerFault?> AnswerAsync(int answerId, Func<byte[]?> make)
    {
        await _protocol.Work.WaitAsync().ConfigureAwait(false);
        byte[]? answer;
        try
        {
            answer = make();
        }
        finally
        {
            _protocol.Work.Release();
        }
        if (answer is null) return PeerFault.Breach("a request that cannot be decoded");
        Send(answerId, answer);
        return null;
    }

    async ValueTask<PeerFault?> TakeTransactionsAsync(ReadOnlyMemory<byte> body)
    {
        var forms = new List<ReadOnlyMemory<byte>>();
        if (ReadTransactions(body, forms) is { } why) return PeerFault.Breach($"transactions that cannot be decoded: {why}");
        if (_protocol.TransactionsSent is not { } taken) return null;
        await _protocol.Work.WaitAsync().ConfigureAwait(false);
        try
        {
            return taken(this, forms);
        }
        finally
        {
            _protocol.Work.Release();
        }
    }

    internal static string? ReadTransactions(ReadOnlyMemory<byte> body, List<ReadOnlyMemory<byte>> forms)
    {
        var reader = new RlpReader(body);
        var end = reader.EnterList();
        while (reader.HasMore(end))
        {
            // One byte can stand for an item: ten mebibytes of them would be a list of gigabytes.
            if (forms.Count == EthMessage.MostTransactions) return $"more than {EthMessage.MostTransactions} of them";
            forms.Add(ReadNetworkForm(ref reader));
        }
        reader.LeaveList(end);
        reader.ExpectEnd();
        return reader.Error;
    }

    static ReadOnlyMemory<byte> ReadNetworkForm(ref RlpReader reader) => reader.NextIsList ? reader.ReadItem().ToArray() : reader.ReadMemory();

    PeerFault? TakeAnnouncement(ReadOnlyMemory<byte> body)
    {
        var reader = new RlpReader(body);
        var end = reader.EnterList();
        var types = reader.ReadMemory();
        var sizes = new List<uint>();
        var sizesEnd = reader.EnterList();
        while (reader.HasMore(sizesEnd) && sizes.Count <= 4 * EthMessage.MostAnnounced) sizes.Add((uint)Math.Min(reader.ReadUInt64(), uint.MaxValue));
        reader.LeaveList(sizesEnd);
        var hashes = reader.ReadHashes();
        reader.LeaveList(end);
        reader.ExpectEnd();
        if (reader.Failed || types.Length != hashes.Length || sizes.Count != hashes.Length) return PeerFault.Breach("an announcement that cannot be decoded");
        if (hashes.Length > 4 * EthMessage.MostAnnounced) return PeerFault.Breach($"an announcement of {hashes.Length} transactions");
        foreach (var hash in hashes) KnownTransactions.Add(hash);
        _protocol.TransactionsAnnounced?.Invoke(this, new TransactionAnnouncement(hashes, types, sizes));
        return null;
    }

    PeerFault? TakeBlock(ReadOnlySpan<byte> body)
    {
        if (!_protocol.Options.PropagatesBlocks)
        {
            Peer.Penalise(10, "a block sent on a network that does not propagate blocks");
            return null;
        }
        var reader = new RlpReader(body);
        var end = reader.EnterList();
        var block = Block.Read(ref reader);
        var difficulty = reader.ReadUInt256();
        reader.LeaveList(end);
        reader.ExpectEnd();
        if (reader.Error is { } why) return PeerFault.Breach($"a block that cannot be decoded: {why}");
        KnownBlocks.Add(block.Hash);
        LearnHead(block.Hash, block.Number, difficulty);
        _protocol.BlockSent?.Invoke(this, block, difficulty);
        return null;
    }

    PeerFault? TakeBlockHashes(ReadOnlySpan<byte> body)
    {
        if (!_protocol.Options.PropagatesBlocks)
        {
            Peer.Penalise(10, "blocks announced on a network that does not propagate blocks");
            return null;
        }
        var reader = new RlpReader(body);
        var end = reader.EnterList();
        (Hash256 Hash, ulong Number) furthest = default;
        while (reader.HasMore(end))
        {
            var itemEnd = reader.EnterList();
            var (hash, number) = (reader.ReadHash(), reader.ReadUInt64());
            reader.LeaveList(itemEnd);
            if (reader.Failed) break;
            KnownBlocks.Add(hash);
            if (number >= furthest.Number) furthest = (hash, number);
        }
        reader.LeaveList(end);
        reader.ExpectEnd();
        if (reader.Failed) return PeerFault.Breach("block hashes that cannot be decoded");
        if (furthest.Hash.IsZero) return null;
        LearnHead(furthest.Hash, furthest.Number, null);
        _protocol.HeadAnnounced?.Invoke(this);
        return null;
    }

    PeerFault? TakeRange(ReadOnlySpan<byte> body)
    {
        var reader = new RlpReader(body);
        var end = reader.EnterList();
        var (earliest, latest, hash) = (reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadHash());
        reader.LeaveList(end);
        reader.ExpectEnd();
        if (reader.Failed) return PeerFault.Breach("a block range that cannot be decoded");
        if (earliest > latest) return PeerFault.Breach($"a block range from {earliest} to {latest}");
        Head = new PeerHead(hash, latest, Head.TotalDifficulty);
        _protocol.HeadAnnounced?.Invoke(this);
        return null;
    }
}

/// <summary>How far a peer says its chain goes.</summary>
public sealed record PeerHead(Hash256 Hash, ulong? Number, UInt256? TotalDifficulty);
