using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Chain;

/// <summary>
/// In which blocks an address or a topic occurs, so that a search over a million blocks reads only those that matter. It is derived behind the chain and
/// written without waiting for the disk: what a crash takes is derived again. It may name blocks that hold nothing (those of a branch that was left): who
/// asks looks into the block anyway. It never misses one up to the block it has <see cref="Reached"/>.
/// </summary>
public sealed class LogIndex
{
    const int BatchBytes = 1 << 20;

    // Blocks come in bursts; a search goes through the few that are not indexed yet.
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    readonly IKeyValueStore _store;
    readonly BlockStore _blocks;
    readonly WriteBatch _batch = new();
    readonly HashSet<ulong> _terms = [];
    volatile Header? _reached;

    internal LogIndex(IKeyValueStore store, BlockStore blocks)
    {
        (_store, _blocks) = (store, blocks);
        _reached = blocks.Mark(ChainMark.LogIndex) is { } hash ? blocks.HeaderOf(hash) : null;
    }

    /// <summary>The last block of the chain to this head up to which the index is whole; null where it has not begun.</summary>
    public Header? Reached(Header head)
    {
        var reached = _reached;
        while (reached is not null && (reached.Number > head.Number || !_blocks.IsCanonical(reached))) reached = _blocks.HeaderOf(reached.ParentHash);
        return reached;
    }

    /// <summary>Follows the chain until stopped.</summary>
    public async Task RunAsync(Blockchain chain, CancellationToken stop)
    {
        var moves = chain.Feed.Subscribe();
        // A chain that was never indexed takes its time; whoever starts the node goes on.
        await Task.Yield();
        try
        {
            while (true)
            {
                CatchUp(chain, stop);
                await Task.Delay(Pause, stop).ConfigureAwait(false);
                try
                {
                    if (!await moves.Moves.WaitToReadAsync(stop).ConfigureAwait(false)) return;
                }
                catch (FeedOverrun)
                {
                    moves = chain.Feed.Subscribe();
                }
                while (moves.Moves.TryRead(out _)) { }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The way to stop.
        }
        finally
        {
            moves.Dispose();
        }
    }

    /// <summary>Takes in all blocks up to the head. For one thread at a time.</summary>
    public void CatchUp(Blockchain chain, CancellationToken stop = default)
    {
        var reached = Reached(chain.Head.Head);
        var number = reached is null ? chain.Genesis.Number : reached.Number + 1;
        _batch.Clear();
        while (_blocks.CanonicalHash(number) is { } hash && _blocks.HeaderOf(hash) is { } header)
        {
            stop.ThrowIfCancellationRequested();
            // The chain may turn to another branch meanwhile: then this one is left where it was, and the next round begins at the fork.
            if (reached is not null && header.ParentHash != reached.Hash) break;
            Add(header);
            (reached, number) = (header, number + 1);
            if (_batch.SizeBytes > BatchBytes) Write(reached);
        }
        if (reached is not null && reached.Hash != _reached?.Hash) Write(reached);
    }

    void Add(Header header)
    {
        if (!header.LogsBloom.Bytes.ContainsAnyExcept((byte)0) || _blocks.ReceiptsOf(header.Hash) is not { } receipts) return;
        _terms.Clear();
        foreach (var receipt in receipts)
        {
            foreach (var log in receipt.Logs)
            {
                _terms.Add(LogTerm.OfAddress(log.Address));
                for (var position = 0; position < log.Topics.Count; position++) _terms.Add(LogTerm.OfTopic(position, log.Topics[position]));
            }
        }
        if (_terms.Count == 0) return;
        _terms.Add(LogTerm.AnyLog);
        Span<byte> key = stackalloc byte[LogTerm.KeySize];
        foreach (var term in _terms)
        {
            LogTerm.WriteKey(key, term, header.Number);
            _batch.Put(ChainTables.LogPostings, key, default);
        }
    }

    void Write(Header reached)
    {
        BlockStore.PutMark(_batch, ChainMark.LogIndex, reached.Hash);
        _store.Commit(_batch, sync: false);
        _batch.Clear();
        _reached = reached;
    }

    /// <summary>The blocks of a range that may hold what the filter wants, ascending. Some may hold nothing; none that does is missing up to <see cref="Reached"/>.</summary>
    public IEnumerable<ulong> BlocksWith(LogFilter filter, ulong from, ulong to)
    {
        var lists = new List<PostingList>();
        try
        {
            foreach (var terms in LogTerm.Of(filter)) lists.Add(new PostingList(_store.Walk(ChainTables.LogPostings), terms));
            for (var at = from; at <= to;)
            {
                if (FirstInAll(lists, at) is not { } next || next > to) yield break;
                yield return next;
                at = next + 1;
            }
        }
        finally
        {
            foreach (var list in lists) list.Dispose();
        }
    }

    /// <summary>The first block from here on that stands in every list: each list jumps to where the others already are.</summary>
    static ulong? FirstInAll(List<PostingList> lists, ulong at)
    {
        for (var agreed = 0; agreed < lists.Count;)
        {
            var list = lists[agreed];
            if (list.From(at) is not { } next) return null;
            agreed = next == at ? agreed + 1 : 0;
            // What has just moved agrees with itself, but the lists before it have to be asked again.
            at = next;
        }
        return at;
    }
}
