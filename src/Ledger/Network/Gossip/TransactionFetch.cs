using System.Collections.Concurrent;
using System.Diagnostics;
using Hufu.Chain;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>
/// Fetches transactions that peers told of: each from one peer at a time, from another where the first does not deliver, and never twice what was
/// refused a while ago. What a peer waits to be asked for is bounded.
/// </summary>
/// <param name="noteSource">Told who brought a transaction, before the pool has it.</param>
sealed class TransactionFetch(TransactionPool pool, Action<EthSession, Hash256> noteSource)
{
    const int MostWanted = 4096, MostUnderWay = 65_536, MostAnswerBytes = 128 << 10;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(12), Pause = TimeSpan.FromMilliseconds(250);

    readonly ConcurrentDictionary<EthSession, Wanted> _wanted = new();
    readonly ConcurrentDictionary<Hash256, long> _underWay = new();
    readonly KnownHashes _refused = new(32_768);

    sealed record Announced(Hash256 Hash, byte Type, uint Size);

    /// <summary>What one peer could be asked for.</summary>
    sealed class Wanted
    {
        public Queue<Announced> Queue { get; } = new();
        public bool IsPumping { get; set; }
    }

    /// <summary>Notes what a peer told of, and begins to ask for it.</summary>
    public void Note(EthSession session, TransactionAnnouncement news)
    {
        if (session.Over.IsCancellationRequested) return;
        var wanted = _wanted.GetOrAdd(session, _ => new Wanted());
        lock (wanted)
        {
            for (var i = 0; i < news.Hashes.Count && wanted.Queue.Count < MostWanted; i++)
                if (!_refused.Contains(news.Hashes[i]) && pool.Find(news.Hashes[i]) is null)
                    wanted.Queue.Enqueue(new Announced(news.Hashes[i], news.Types.Span[i], news.Sizes[i]));
            if (wanted.IsPumping) return;
            wanted.IsPumping = true;
        }
        // Where nothing of it is new, this only takes its place among those who wait away again.
        _ = PumpAsync(session, wanted);
    }

    /// <summary>Puts transactions into the pool. What the pool refuses is nobody's fault; what is no transaction is the sender's.</summary>
    public PeerFault? Offer(IReadOnlyList<ReadOnlyMemory<byte>> forms)
    {
        foreach (var answer in pool.AddMany(forms))
        {
            if (answer.Refusal is not { } refusal) continue;
            if (answer.Hash.IsZero) return PeerFault.Breach($"no transaction: {refusal.Why}");
            _refused.Add(answer.Hash);
        }
        return null;
    }

    async Task PumpAsync(EthSession session, Wanted wanted)
    {
        var isDone = false;
        try
        {
            while (!session.Over.IsCancellationRequested)
            {
                var batch = Next(wanted, out isDone);
                if (isDone) return;
                if (batch.Count == 0) await Task.Delay(Pause, session.Over).ConfigureAwait(false);
                else await FetchAsync(session, batch).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The peer has gone; others that told of the same are asked in its place.
        }
        finally
        {
            // However it ends: a peer that was forgotten here would be kept for ever, or never be asked again.
            if (!isDone) lock (wanted) wanted.IsPumping = false;
            _wanted.TryRemove(new KeyValuePair<EthSession, Wanted>(session, wanted));
        }
    }

    /// <summary>Peers that wait to be asked for something.</summary>
    internal int Waiting => _wanted.Count;

    List<Announced> Next(Wanted wanted, out bool isDone)
    {
        var batch = new List<Announced>();
        long bytes = 0;
        lock (wanted)
        {
            for (var left = wanted.Queue.Count; left > 0 && batch.Count < EthMessage.MostPooledAsked && bytes < MostAnswerBytes; left--)
            {
                var next = wanted.Queue.Dequeue();
                if (_refused.Contains(next.Hash) || pool.Find(next.Hash) is not null) continue;
                if (TryTake(next.Hash)) batch.Add(next);
                else wanted.Queue.Enqueue(next);
                bytes += next.Size;
            }
            isDone = batch.Count == 0 && wanted.Queue.Count == 0;
            if (isDone) wanted.IsPumping = false;
        }
        return batch;
    }

    bool TryTake(in Hash256 hash)
    {
        var now = Stopwatch.GetTimestamp();
        if (_underWay.TryGetValue(hash, out var since) && Stopwatch.GetElapsedTime(since) < Patience) return false;
        if (_underWay.Count >= MostUnderWay) _underWay.Clear();
        _underWay[hash] = now;
        return true;
    }

    async Task FetchAsync(EthSession session, List<Announced> batch)
    {
        try
        {
            var asked = batch.ToDictionary(item => item.Hash);
            if (await session.GetPooledTransactionsAsync([.. asked.Keys], session.Over).ConfigureAwait(false) is not { } forms) return;
            var kept = new List<ReadOnlyMemory<byte>>(forms.Count);
            foreach (var form in forms)
            {
                if (!NetworkForm.TryDecode(form.Span, out var transaction, out _, out var refusal))
                {
                    session.Peer.Disconnect(PeerFault.Breach($"no transaction: {refusal.Why}"));
                    return;
                }
                if (!asked.TryGetValue(transaction.Hash, out var told)) session.Peer.Penalise(20, "a transaction that was not asked for");
                else
                {
                    // Some count the length of the list's header, some do not.
                    if (told.Type != (byte)transaction.Type || Math.Abs((long)told.Size - form.Length) > 8) session.Peer.Penalise(5, "a transaction of another type or size than announced");
                    noteSource(session, transaction.Hash);
                    kept.Add(form);
                }
            }
            if (Offer(kept) is { } fault) session.Peer.Disconnect(fault);
        }
        finally
        {
            foreach (var item in batch) _underWay.TryRemove(item.Hash, out _);
        }
    }
}
