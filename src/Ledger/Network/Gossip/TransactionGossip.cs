using System.Threading.Channels;
using Hufu.Chain;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>
/// Passes on what waits in the pool, never to a peer that knows it: whole to about the square root of the peers, by hash to the others, and by hash alone
/// where there are blobs or much data (devp2p, caps/eth.md, "Transaction Exchange"). What peers tell of is fetched by <see cref="TransactionFetch"/>.
/// </summary>
public sealed class TransactionGossip
{
    // Transactions that come close together travel together.
    static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(20);

    const int MostSentWhole = 4 << 10, MostMessageBytes = 100 << 10, MostOfNewcomer = 4096;

    readonly TransactionPool _pool;
    readonly EthProtocol _protocol;
    readonly TransactionFetch _fetch;
    readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public TransactionGossip(TransactionPool pool, EthProtocol protocol)
    {
        (_pool, _protocol, _fetch) = (pool, protocol, new TransactionFetch(pool));
        pool.BecameReady += () => _wake.Writer.TryWrite(true);
        protocol.Joined += Introduce;
        protocol.TransactionsSent = Take;
        protocol.TransactionsAnnounced = _fetch.Note;
    }

    /// <summary>Passes on what arrives, until stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            var seen = _pool.Arrivals;
            await foreach (var _ in _wake.Reader.ReadAllAsync(stop).ConfigureAwait(false))
            {
                await Task.Delay(Gathering, stop).ConfigureAwait(false);
                (var arrived, seen) = _pool.ArrivedSince(seen);
                PassOn(arrived);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The way to stop.
        }
    }

    void PassOn(IReadOnlyList<Hash256> arrived)
    {
        var sessions = _protocol.Sessions.ToArray();
        if (sessions.Length == 0) return;
        var waiting = arrived.Select(hash => _pool.Find(hash)).OfType<PooledTransaction>().ToList();
        if (waiting.Count == 0) return;

        Random.Shared.Shuffle(sessions);
        var whole = (int)Math.Ceiling(Math.Sqrt(sessions.Length));
        for (var i = 0; i < sessions.Length; i++)
        {
            var unknown = waiting.Where(transaction => !sessions[i].KnownTransactions.Contains(transaction.Hash)).ToList();
            var sentWhole = i >= whole ? [] : unknown.Where(transaction => transaction.Sidecar is null && transaction.SizeBytes <= MostSentWhole).ToList();
            SendWhole(sessions[i], sentWhole);
            Announce(sessions[i], i >= whole ? unknown : unknown.Except(sentWhole));
        }
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
            if (form.Length > 0) session.KnownTransactions.Add(Keccak256.Hash(form.Span));
        return _fetch.Offer(forms);
    }
}
