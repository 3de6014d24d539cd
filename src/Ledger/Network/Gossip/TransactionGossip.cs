using System.Threading.Channels;
using Hufu.Chain;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>
/// Passes on what waits in the pool, never to a peer that knows it: whole to about the square root of the peers, by hash to the others, and by hash alone
/// where there are blobs or much data (devp2p, caps/eth.md, "Transaction Exchange"). What peers tell of is fetched by <see cref="TransactionFetch"/>.
/// Among validators, who are all joined to each other, the first to have a transaction sends it whole to all the others, and those pass it on to nobody
/// inside: it takes one step and travels each way once.
/// </summary>
public sealed class TransactionGossip
{
    // Transactions that come close together travel together.
    static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(10);

    // What still waits after so long may not have reached everybody, and the others are told of it. Of those that are all joined to each other one at a time, of the oldest: under
    // load much waits, and all of them telling all the others of all of it would be most of what is sent.
    static readonly TimeSpan Reminding = TimeSpan.FromSeconds(5);

    const int MostSentWhole = 4 << 10, MostMessageBytes = 100 << 10, MostOfNewcomer = 4096, MostReminded = 512;

    readonly TransactionPool _pool;
    readonly EthProtocol _protocol;
    readonly TransactionFetch _fetch;
    readonly KnownHashes _fromInside = new(65_536);
    readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public TransactionGossip(TransactionPool pool, EthProtocol protocol)
    {
        (_pool, _protocol, _fetch) = (pool, protocol, new TransactionFetch(pool, NoteSource));
        pool.BecameReady += () => _wake.Writer.TryWrite(true);
        protocol.Joined += Introduce;
        protocol.TransactionsSent = Take;
        protocol.TransactionsAnnounced = _fetch.Note;
    }

    /// <summary>Whether a peer is one of those that are all joined to each other; null where there are none such.</summary>
    public Func<EthSession, bool>? IsOfInnerCircle { get; set; }

    /// <summary>Peers that wait to be asked for something.</summary>
    internal int PeersToAsk => _fetch.Waiting;

    /// <summary>Passes on what arrives, until stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            await Task.WhenAll(PassOnAllAsync(stop), RemindAsync(stop)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The way to stop.
        }
    }

    async Task PassOnAllAsync(CancellationToken stop)
    {
        var seen = _pool.Arrivals;
        await foreach (var _ in _wake.Reader.ReadAllAsync(stop).ConfigureAwait(false))
        {
            await Task.Delay(Gathering, stop).ConfigureAwait(false);
            (var arrived, seen) = _pool.ArrivedSince(seen);
            PassOn(arrived);
        }
    }

    /// <summary>Tells of what waits for long, to those who are not known to have it.</summary>
    async Task RemindAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Reminding);
        IReadOnlySet<Hash256> before = new HashSet<Hash256>();
        while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false))
        {
            var waiting = _pool.Content().SelectMany(sender => sender.Ready).OrderBy(transaction => transaction.Arrival).Take(MostOfNewcomer).ToList();
            var old = waiting.Where(transaction => before.Contains(transaction.Hash)).ToList();
            before = waiting.Select(transaction => transaction.Hash).ToHashSet();
            if (old.Count == 0) continue;
            var sessions = _protocol.Sessions.ToLookup(session => IsOfInnerCircle?.Invoke(session) == true);
            foreach (var session in sessions[false]) Announce(session, old);
            if (sessions[true].ToArray() is { Length: > 0 } circle) Announce(Random.Shared.GetItems(circle, 1)[0], old.Take(MostReminded));
        }
    }

    void PassOn(IReadOnlyList<Hash256> arrived)
    {
        var sessions = _protocol.Sessions.ToArray();
        if (sessions.Length == 0) return;
        var waiting = arrived.Select(hash => _pool.Find(hash)).OfType<PooledTransaction>().ToList();
        if (waiting.Count == 0) return;

        Random.Shared.Shuffle(sessions);
        var circle = IsOfInnerCircle is { } isInside ? sessions.Where(isInside).ToHashSet() : [];
        var whole = sessions.Where(session => !circle.Contains(session)).Take((int)Math.Ceiling(Math.Sqrt(sessions.Length - circle.Count))).Concat(circle).ToHashSet();
        foreach (var session in sessions)
        {
            var unknown = waiting.Where(transaction => !session.KnownTransactions.Contains(transaction.Hash) && !(circle.Contains(session) && _fromInside.Contains(transaction.Hash))).ToList();
            var sentWhole = !whole.Contains(session) ? [] : unknown.Where(transaction => transaction.Sidecar is null && transaction.SizeBytes <= MostSentWhole).ToList();
            SendWhole(session, sentWhole);
            Announce(session, sentWhole.Count == 0 ? unknown : unknown.Except(sentWhole));
        }
    }

    /// <summary>Notes who brought a transaction.</summary>
    void NoteSource(EthSession session, Hash256 transaction)
    {
        if (IsOfInnerCircle?.Invoke(session) == true) _fromInside.Add(transaction);
    }

    /// <summary>A newcomer hears of what waits already.</summary>
    void Introduce(EthSession session) =>
        Announce(session, _pool.Content().SelectMany(sender => sender.Ready).OrderBy(transaction => transaction.Arrival).Take(MostOfNewcomer));

    static void SendWhole(EthSession session, IReadOnlyList<PooledTransaction> transactions)
    {
        for (var at = 0; at < transactions.Count;)
        {
            using var writer = RlpWriter.Rent();
            var list = writer.StartList();
            for (; at < transactions.Count && writer.Length < MostMessageBytes; at++)
                if (session.KnownTransactions.Add(transactions[at].Hash)) EthAnswers.WriteTransaction(writer, transactions[at]);
            writer.EndList(list);
            if (!session.Send(EthMessage.Transactions, writer.ToArray())) return;
        }
    }

    static void Announce(EthSession session, IEnumerable<PooledTransaction> transactions)
    {
        foreach (var some in transactions.Where(transaction => session.KnownTransactions.Add(transaction.Hash)).Chunk(EthMessage.MostAnnounced))
        {
            using var writer = RlpWriter.Rent();
            var list = writer.StartList();
            writer.Write(some.Select(transaction => (byte)transaction.Transaction.Type).ToArray());
            var sizes = writer.StartList();
            foreach (var transaction in some) writer.Write((ulong)transaction.SizeBytes);
            writer.EndList(sizes);
            EthMessage.WriteHashes(writer, [.. some.Select(transaction => transaction.Hash)]);
            writer.EndList(list);
            if (!session.Send(EthMessage.NewPooledTransactionHashes, writer.ToArray())) return;
        }
    }

    PeerFault? Take(EthSession session, IReadOnlyList<ReadOnlyMemory<byte>> forms)
    {
        foreach (var form in forms)
        {
            if (form.Length == 0) continue;
            var hash = Keccak256.Hash(form.Span);
            session.KnownTransactions.Add(hash);
            NoteSource(session, hash);
        }
        return _fetch.Offer(forms);
    }
}
