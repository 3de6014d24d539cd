using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>What readers ask of a chain. Every answer is taken from what is committed; nothing here waits for the writer.</summary>
public sealed class ChainQueries(Blockchain chain)
{
    /// <summary>The most blocks one fee history covers.</summary>
    public const int MaxFeeHistory = 1024;

    readonly BlockStore _blocks = chain.Blocks;

    public Header? HeaderOf(BlockSelector selector)
    {
        switch (selector)
        {
            case BlockSelector.ByHash byHash:
                var header = _blocks.HeaderOf(byHash.Hash);
                return header is null || (byHash.MustBeCanonical && !_blocks.IsCanonical(header)) ? null : header;
            case BlockSelector.ByNumber byNumber:
                return _blocks.CanonicalHash(byNumber.Number) is { } hash ? _blocks.HeaderOf(hash) : null;
            case BlockSelector.ByMark byMark:
                var head = chain.Head;
                return byMark.Mark switch
                {
                    ChainMark.Genesis => chain.Genesis,
                    ChainMark.Safe => head.Safe,
                    ChainMark.Finalised => head.Finalised,
                    _ => head.Head,
                };
            default:
                return null;
        }
    }

    public Block? BlockOf(BlockSelector selector) => HeaderOf(selector) is { } header ? _blocks.BlockOf(header.Hash) : null;

    /// <summary>The state after the block; null where the block or its state is not kept.</summary>
    public IStateView? StateOf(BlockSelector selector) => HeaderOf(selector) is { } header ? chain.StateAt(header.Hash) : null;

    /// <summary>A transaction of the chain to the head, with its outcome.</summary>
    public TransactionOutcome? OutcomeOf(in Hash256 transaction)
    {
        if (_blocks.LocationOf(transaction) is not { } location || _blocks.CanonicalHash(location.BlockNumber) is not { } hash) return null;
        if (_blocks.BlockOf(hash) is not { } block || _blocks.ReceiptsOf(hash) is not { } receipts) return null;
        // The head may have moved between the look-ups: then the transaction is as good as not there.
        if (location.Index >= block.Transactions.Count || block.Transactions[location.Index].Hash != transaction) return null;
        return TransactionOutcome.Of(block, receipts, location.Index);
    }

    public IReadOnlyList<TransactionOutcome>? OutcomesOf(Block block) =>
        _blocks.ReceiptsOf(block.Hash) is { } receipts ? TransactionOutcome.Of(block, receipts) : null;

    /// <summary>How the chain got from a kept block, where a reader stands, to its head: what left it and what joined it.</summary>
    public ChainPath PathFrom(Header seen)
    {
        var head = chain.Head.Head;
        List<Header> reverted = [], committed = [];
        var (left, right) = (seen, head);
        while (left.Hash != right.Hash)
        {
            if (left.Number >= right.Number)
            {
                reverted.Add(left);
                left = _blocks.HeaderOf(left.ParentHash)!;
            }
            else
            {
                committed.Add(right);
                right = _blocks.HeaderOf(right.ParentHash)!;
            }
        }
        committed.Reverse();
        return new ChainPath(reverted, committed, head);
    }

    /// <summary>The matching logs of one block.</summary>
    public IReadOnlyList<FoundLog> LogsOf(Header header, LogFilter filter)
    {
        var found = new List<FoundLog>();
        if (filter.MayMatch(header.LogsBloom)) Collect(header, filter, found);
        return found;
    }

    /// <summary>The matching logs of a range of the chain to the head, in order; blocks above the head count as empty.</summary>
    /// <param name="maxLogs">Where more match, the search ends; the logs of one block are never cut.</param>
    /// <param name="isOverdue">Asked now and then; true ends the search.</param>
    public LogSearch SearchLogs(ulong from, ulong to, LogFilter filter, int maxLogs, Func<bool> isOverdue)
    {
        // A chain that goes on from a block of another one begins there.
        (from, to) = (Math.Max(from, chain.Genesis.Number), Math.Min(to, chain.Head.Number));
        while (true)
        {
            var indexed = chain.LogIndex.Reached(chain.Head.Head);
            var search = Search(from, to, filter, maxLogs, isOverdue, indexed);
            // Where the chain turned to another branch meanwhile, the index was asked for blocks that are gone.
            if (indexed is null || _blocks.IsCanonical(indexed)) return search;
        }
    }

    LogSearch Search(ulong from, ulong to, LogFilter filter, int maxLogs, Func<bool> isOverdue, Header? indexed)
    {
        var found = new List<FoundLog>();
        foreach (var number in CandidatesIn(from, to, filter, indexed))
        {
            if (isOverdue()) return new LogSearch(found, LogSearchEnd.OutOfTime, number - 1);
            if (_blocks.CanonicalHash(number) is not { } hash || _blocks.HeaderOf(hash) is not { } header) break;
            if (!filter.MayMatch(header.LogsBloom)) continue;
            var before = found.Count;
            Collect(header, filter, found);
            if (found.Count > maxLogs)
            {
                if (before > 0)
                {
                    found.RemoveRange(before, found.Count - before);
                    return new LogSearch(found, LogSearchEnd.TooMany, number - 1);
                }
                if (number < to) return new LogSearch(found, LogSearchEnd.TooMany, number);
            }
        }
        return new LogSearch(found, LogSearchEnd.Complete, to);
    }

    // First what the index knows, then every block that it has not reached.
    IEnumerable<ulong> CandidatesIn(ulong from, ulong to, LogFilter filter, Header? indexed)
    {
        if (from > to) yield break;
        if (indexed is not null)
        {
            foreach (var number in chain.LogIndex.BlocksWith(filter, from, Math.Min(to, indexed.Number))) yield return number;
            from = Math.Max(from, indexed.Number + 1);
        }
        for (var number = from; number <= to; number++) yield return number;
    }

    void Collect(Header header, LogFilter filter, List<FoundLog> found)
    {
        if (_blocks.BlockOf(header.Hash) is not { } block || _blocks.ReceiptsOf(header.Hash) is not { } receipts) return;
        var logIndex = 0;
        for (var i = 0; i < receipts.Count; i++)
        {
            foreach (var log in receipts[i].Logs)
            {
                if (filter.Matches(log)) found.Add(new FoundLog(log, header, block.Transactions[i].Hash, i, logIndex));
                logIndex++;
            }
        }
    }

    /// <summary>The fees of the blocks up to <paramref name="newest"/>.</summary>
    /// <param name="count">How many blocks; less are answered where the chain has less, or beyond <see cref="MaxFeeHistory"/>.</param>
    /// <param name="percentiles">Ascending, 0 to 100; empty asks for no rewards.</param>
    public FeeHistory FeesUpTo(Header newest, int count, IReadOnlyList<double> percentiles)
    {
        count = (int)Math.Min((ulong)Math.Clamp(count, 0, MaxFeeHistory), newest.Number - chain.Genesis.Number + 1);
        var headers = new Header[count];
        var at = newest;
        for (var i = count - 1; i >= 0; i--)
        {
            headers[i] = at;
            if (i > 0) at = _blocks.HeaderOf(at.ParentHash)!;
        }

        List<UInt256> baseFees = [], blobBaseFees = [];
        List<double> gasRatios = [], blobRatios = [];
        List<IReadOnlyList<UInt256>> rewards = [];
        foreach (var header in headers)
        {
            var rules = chain.Forks.RulesOf(header);
            baseFees.Add(header.BaseFeePerGas ?? UInt256.Zero);
            gasRatios.Add(header.GasLimit == 0 ? 0 : (double)header.GasUsed / header.GasLimit);
            blobBaseFees.Add(header.ExcessBlobGas is { } excess ? BlobGas.BaseFee(excess, rules.Blob) : UInt256.Zero);
            blobRatios.Add(header.BlobGasUsed is { } used && rules.Blob.Max > 0 ? (double)used / (rules.Blob.Max * BlobParameters.GasPerBlob) : 0);
            if (percentiles.Count > 0) rewards.Add(TipsOf(header, percentiles));
        }

        var nextRules = RulesAfter(newest);
        baseFees.Add(nextRules.Has(Eip.BaseFee) ? BaseFee.After(newest) : UInt256.Zero);
        blobBaseFees.Add(nextRules.Has(Eip.BlobTransactions) ? BlobGas.BaseFee(BlobGas.ExcessAfter(newest, nextRules), nextRules.Blob) : UInt256.Zero);
        return new FeeHistory(count == 0 ? newest.Number : headers[0].Number, baseFees, gasRatios, blobBaseFees, blobRatios, percentiles.Count > 0 ? rewards : null);
    }

    /// <summary>The rules of a child of the block one second later: what fees to come are asked under.</summary>
    public ForkRules RulesAfter(Header header) => chain.RulesAfter(header, header.Timestamp + 1);

    IReadOnlyList<UInt256> TipsOf(Header header, IReadOnlyList<double> percentiles)
    {
        var tips = new UInt256[percentiles.Count];
        if (_blocks.BlockOf(header.Hash) is not { Transactions.Count: > 0 } block || OutcomesOf(block) is not { } outcomes) return tips;

        var baseFee = header.BaseFeePerGas ?? UInt256.Zero;
        var sorted = outcomes.Select(outcome => (Tip: outcome.EffectiveGasPrice - baseFee, outcome.GasUsed)).OrderBy(entry => entry.Tip).ToList();
        var (index, gas) = (0, sorted[0].GasUsed);
        for (var i = 0; i < tips.Length; i++)
        {
            var threshold = (ulong)(header.GasUsed * percentiles[i] / 100);
            while (gas < threshold && index < sorted.Count - 1) gas += sorted[++index].GasUsed;
            tips[i] = sorted[index].Tip;
        }
        return tips;
    }
}
