using Hufu.Chain;
using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>
/// Shows what the contracts of a development chain say by console.log. Blocks are run a second time for it, aside from the writer, and only once code
/// that can speak has been seen: a chain without console.log pays nothing.
/// </summary>
public sealed class ConsoleWatch : IDisposable
{
    readonly Ledger _ledger;
    readonly Action<string> _show;
    readonly ChainFeed.Subscription _feed;
    volatile bool _maySpeak;

    /// <param name="show">Takes one line; called from one thread at a time.</param>
    public ConsoleWatch(Ledger ledger, Action<string> show)
    {
        (_ledger, _show) = (ledger, show);
        _feed = ledger.Chain.Feed.Subscribe();
        // A chain that is older than this process may hold such code already.
        _maySpeak = ledger.Chain.Head.Number > ledger.Chain.Genesis.Number;
    }

    /// <summary>Whether anything is shown.</summary>
    internal bool IsOn { get; set; } = true;

    /// <summary>Whether code that can speak may be in the chain.</summary>
    internal bool MaySpeak => IsOn && _maySpeak;

    /// <summary>Tells of code that comes into the chain by another way than a transaction.</summary>
    internal void CodeArrived(ReadOnlySpan<byte> code) => _maySpeak |= ConsoleLog.MayLog(code);

    internal void Show(List<string> lines)
    {
        lock (_feed)
            foreach (var line in lines) _show(line);
    }

    /// <summary>Follows the chain until stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            await foreach (var move in _feed.Moves.ReadAllAsync(stop).ConfigureAwait(false))
                foreach (var block in move.Committed) Hear(block);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The way to stop.
        }
        catch (FeedOverrun)
        {
            _show("console.log: more blocks came than could be read again; from here on nothing is shown until the next start");
        }
    }

    void Hear(Block block)
    {
        if (!_maySpeak) _maySpeak = block.Transactions.Any(static transaction => ConsoleLog.MayLog(transaction.Data.Span));
        if (!MaySpeak || block.Transactions.Count == 0 || _ledger.Chain.Replay(block.Header) is not { } execution) return;
        execution.Begin();
        var lines = new List<string>();
        foreach (var transaction in block.Transactions)
        {
            var tracer = new ConsoleTracer(lines);
            if (!SenderRecovery.TryRecover(transaction, execution.Rules, out var sender) || execution.TryInclude(transaction, sender, ref tracer, out _) is not null) return;
        }
        Show(lines);
    }

    public void Dispose() => _feed.Dispose();
}
