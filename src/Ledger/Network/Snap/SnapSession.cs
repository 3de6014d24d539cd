using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Network;

/// <summary>Accounts that were proven to be all there are from the one asked for to the last of them.</summary>
/// <param name="HasMore">Whether there are further ones after the last.</param>
public sealed record AccountRange(IReadOnlyList<(Hash256 Key, Account Account)> Accounts, bool HasMore);

/// <summary>The slots of some of the accounts asked for, from the first on; each list proven.</summary>
/// <param name="LastHasMore">Whether the last list is not the end of its account's storage.</param>
public sealed record StorageRanges(IReadOnlyList<IReadOnlyList<TrieEntry>> Slots, bool LastHasMore);

/// <summary>`snap` with one peer. What it answers is checked here; a peer that sends what is proven wrong is dropped.</summary>
public sealed class SnapSession : ISubProtocolSession
{
    readonly SnapProtocol _protocol;
    readonly PeerRequests _requests;
    readonly int _offset;

    internal SnapSession(SnapProtocol protocol, Peer peer, int offset)
    {
        (_protocol, Peer, _offset) = (protocol, peer, offset);
        _requests = new PeerRequests(peer, protocol.AnswerPatience);
    }

    public Peer Peer { get; }

    /// <summary>`eth` with the same peer, without which `snap` is not spoken.</summary>
    public EthSession? Eth => Peer.Sessions.OfType<EthSession>().FirstOrDefault();

    public void Begin() => _protocol.Add(this);

    public async ValueTask<PeerFault?> ReceiveAsync(int id, ReadOnlyMemory<byte> body)
    {
        switch (id)
        {
            case SnapMessage.AccountRange or SnapMessage.StorageRanges or SnapMessage.ByteCodes or SnapMessage.TrieNodes: return _requests.Answered(id, body);
            case > SnapMessage.TrieNodes: return PeerFault.Breach($"snap/1 has no message {id}");
        }
        if (Eth?.Status is null) return PeerFault.Breach("a request for state before the status");
        await _protocol.Work.WaitAsync().ConfigureAwait(false);
        byte[]? answer;
        try
        {
            answer = id switch
            {
                SnapMessage.GetAccountRange => _protocol.Answers.Accounts(body.Span),
                SnapMessage.GetStorageRanges => _protocol.Answers.Storage(body.Span),
                SnapMessage.GetByteCodes => _protocol.Answers.Codes(body.Span),
                _ => _protocol.Answers.Nodes(body.Span),
            };
        }
        finally
        {
            _protocol.Work.Release();
        }
        if (answer is null) return PeerFault.Breach("a request that cannot be decoded");
        Peer.Send(_offset + id + 1, answer);
        return null;
    }

    public void End()
    {
        _requests.End();
        _protocol.Remove(this);
    }

    /// <summary>Asks for accounts from a key on.</summary>
    /// <returns>No range where nothing came, or nothing that is proven; not served where the peer does not have this state (any more).</returns>
    public async Task<(AccountRange? Range, bool IsServed)> GetAccountsAsync(Hash256 root, Hash256 from, Hash256 to, CancellationToken stop)
    {
        var answer = await AskAsync(SnapMessage.GetAccountRange, id => EthMessage.Write(id, writer =>
        {
            writer.Write(root);
            writer.Write(from);
            writer.Write(to);
            writer.Write((ulong)SnapMessage.AskedBytes);
        }), stop).ConfigureAwait(false);
        if (answer is not { } body) return (null, true);

        var accounts = new List<(Hash256, Account)>();
        var entries = new List<TrieEntry>();
        if (!TryReadRange(body.Span, out var proof, (key, slim) =>
        {
            if (!SlimAccount.TryDecode(slim, out var account)) return false;
            accounts.Add((key, account));
            entries.Add(SlimAccount.ToEntry(key, account));
            return true;
        })) return Drop<AccountRange>("an account range that cannot be decoded");
        if (entries.Count == 0 && proof.Count == 0) return (null, false);
        return RangeProof.TryVerify(root, from, entries, proof, out var hasMore, out var refusal) ? (new AccountRange(accounts, hasMore), true) : Drop<AccountRange>(refusal.ToString());
    }

    /// <summary>Asks for the slots of accounts; of the first from a key on.</summary>
    public async Task<(StorageRanges? Ranges, bool IsServed)> GetStorageAsync(Hash256 root, IReadOnlyList<(Hash256 Account, Hash256 StorageRoot)> accounts, Hash256 from, CancellationToken stop)
    {
        var answer = await AskAsync(SnapMessage.GetStorageRanges, id => EthMessage.Write(id, writer =>
        {
            writer.Write(root);
            var list = writer.StartList();
            foreach (var (account, _) in accounts) writer.Write(account);
            writer.EndList(list);
            writer.Write(from);
            writer.Write(Hash256.FromUInt256(UInt256.MaxValue));
            writer.Write((ulong)SnapMessage.AskedBytes);
        }), stop).ConfigureAwait(false);
        if (answer is not { } body) return (null, true);
        if (!TryReadRanges(body.Span, out var lists, out var proof) || lists.Count > accounts.Count) return Drop<StorageRanges>("storage ranges that cannot be decoded");
        if (lists.Count == 0) return (null, false);

        var lastHasMore = false;
        for (var i = 0; i < lists.Count; i++)
        {
            var isProven = i == lists.Count - 1 && proof.Count > 0;
            if (!RangeProof.TryVerify(accounts[i].StorageRoot, i == 0 ? from : Hash256.Zero, lists[i], isProven ? proof : [], out var hasMore, out var refusal)) return Drop<StorageRanges>(refusal.ToString());
            if (isProven) lastHasMore = hasMore;
        }
        return (new StorageRanges(lists, lastHasMore), true);
    }

    /// <summary>Asks for codes by their hashes.</summary>
    /// <returns>Those that came, each one that was asked for; null where nothing came in time.</returns>
    public async Task<IReadOnlyList<byte[]>?> GetCodesAsync(IReadOnlyCollection<Hash256> hashes, CancellationToken stop)
    {
        var answer = await AskAsync(SnapMessage.GetByteCodes, id => EthMessage.Write(id, writer =>
        {
            EthMessage.WriteHashes(writer, [.. hashes]);
            writer.Write((ulong)SnapMessage.AskedBytes);
        }), stop).ConfigureAwait(false);
        if (answer is not { } body) return null;
        if (ReadItems(body.Span) is not { } codes) return Drop<IReadOnlyList<byte[]>>("codes that cannot be decoded").Item1;
        var asked = hashes.ToHashSet();
        return codes.All(code => asked.Remove(Keccak256.Hash(code))) ? codes : Drop<IReadOnlyList<byte[]>>("a code that was not asked for").Item1;
    }

    /// <summary>Asks for nodes of tries.</summary>
    /// <returns>What came for each, in order; null for those that did not come, and null altogether where nothing came in time.</returns>
    public async Task<IReadOnlyList<byte[]?>?> GetNodesAsync(Hash256 root, IReadOnlyList<WantedNode> nodes, CancellationToken stop)
    {
        var answer = await AskAsync(SnapMessage.GetTrieNodes, id => EthMessage.Write(id, writer =>
        {
            writer.Write(root);
            var sets = writer.StartList();
            for (var i = 0; i < nodes.Count;)
            {
                var (set, owner) = (writer.StartList(), nodes[i].Owner);
                if (owner.IsZero) writer.Write(SnapMessage.PathOf(nodes[i].Path, nodes[i++].Depth));
                else
                {
                    writer.Write(owner);
                    for (; i < nodes.Count && nodes[i].Owner == owner; i++) writer.Write(SnapMessage.PathOf(nodes[i].Path, nodes[i].Depth));
                }
                writer.EndList(set);
            }
            writer.EndList(sets);
            writer.Write((ulong)SnapMessage.AskedBytes);
        }), stop).ConfigureAwait(false);
        if (answer is not { } body) return null;
        if (ReadItems(body.Span) is not { } came) return Drop<IReadOnlyList<byte[]?>>("trie nodes that cannot be decoded").Item1;

        // In the order asked for, some left out, perhaps as nothing.
        var found = new byte[]?[nodes.Count];
        var at = 0;
        foreach (var node in came)
        {
            if (node.Length == 0) continue;
            var hash = Keccak256.Hash(node);
            while (at < nodes.Count && nodes[at].Hash != hash) at++;
            if (at == nodes.Count) return Drop<IReadOnlyList<byte[]?>>("a trie node that was not asked for").Item1;
            found[at++] = node;
        }
        return found;
    }

    Task<ReadOnlyMemory<byte>?> AskAsync(int id, Func<ulong, byte[]> body, CancellationToken stop) => _requests.AskAsync(_offset + id, id + 1, body, stop);

    (T?, bool) Drop<T>(string why) where T : class
    {
        Peer.Disconnect(PeerFault.Breach(why));
        return (null, true);
    }

    delegate bool EntryReader(Hash256 key, ReadOnlySpan<byte> value);

    static bool TryReadRange(ReadOnlySpan<byte> body, out List<byte[]> proof, EntryReader take)
    {
        var reader = new RlpReader(body);
        var end = reader.EnterList();
        reader.ReadUInt64();
        ReadEntries(ref reader, take);
        proof = ReadBytesList(ref reader);
        reader.LeaveList(end);
        reader.ExpectEnd();
        return !reader.Failed;
    }

    static bool TryReadRanges(ReadOnlySpan<byte> body, out List<IReadOnlyList<TrieEntry>> lists, out List<byte[]> proof)
    {
        lists = [];
        var reader = new RlpReader(body);
        var end = reader.EnterList();
        reader.ReadUInt64();
        for (var listsEnd = reader.EnterList(); reader.HasMore(listsEnd);)
        {
            var slots = new List<TrieEntry>();
            ReadEntries(ref reader, (key, value) =>
            {
                slots.Add(new TrieEntry(key, value.ToArray()));
                return true;
            });
            lists.Add(slots);
        }
        proof = ReadBytesList(ref reader);
        reader.LeaveList(end);
        reader.ExpectEnd();
        return !reader.Failed;
    }

    static void ReadEntries(ref RlpReader reader, EntryReader take)
    {
        var end = reader.EnterList();
        while (reader.HasMore(end))
        {
            var itemEnd = reader.EnterList();
            var key = reader.ReadHash();
            // The body of an account is a list; the value of a slot is a byte string.
            var value = reader.NextIsList ? reader.ReadItem() : reader.ReadBytes();
            reader.LeaveList(itemEnd);
            if (!reader.Failed && !take(key, value)) reader.Fail("an entry that holds something else");
        }
        reader.LeaveList(end);
    }

    static List<byte[]> ReadBytesList(ref RlpReader reader)
    {
        var items = new List<byte[]>();
        var end = reader.EnterList();
        while (reader.HasMore(end)) items.Add(reader.ReadBytes().ToArray());
        reader.LeaveList(end);
        return items;
    }

    static List<byte[]>? ReadItems(ReadOnlySpan<byte> body)
    {
        var reader = new RlpReader(body);
        var end = reader.EnterList();
        reader.ReadUInt64();
        var items = ReadBytesList(ref reader);
        reader.LeaveList(end);
        reader.ExpectEnd();
        return reader.Failed ? null : items;
    }
}
