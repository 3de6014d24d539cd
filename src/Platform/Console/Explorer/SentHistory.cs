using System.Diagnostics;
using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.WebConsole;

/// <summary>
/// The transactions that an account sent, found without an index: an account's nonce at a block is how many it had sent by then, so that halving the chain leads to the block of
/// any of them. It takes a node that keeps its old states.
/// </summary>
public static class SentHistory
{
    // A remote node may take long for each question; what was found by then is shown.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>From a nonce downward, the newest first.</summary>
    /// <param name="below">Only those with a smaller nonce; null: from the last one on.</param>
    /// <returns>Null where the node cannot say what it was asked for.</returns>
    public static async Task<IReadOnlyList<TransactionView>?> OfAsync(ChainExplorer explorer, Address address, ulong? below, int most, CancellationToken stop = default)
    {
        var clock = Stopwatch.StartNew();
        var found = new List<TransactionView>();
        try
        {
            var head = await explorer.Chain.GetBlockNumberAsync(stop).ConfigureAwait(false);
            var (wanted, highest) = (Math.Min(below ?? ulong.MaxValue, await CountAsync(head).ConfigureAwait(false)), head);
            while (wanted > 0 && found.Count < most && clock.Elapsed < Patience)
            {
                var number = await BlockOfAsync(wanted, highest).ConfigureAwait(false);
                var block = await explorer.BlockAsync(BlockId.At(number), withTransactions: true, stop).ConfigureAwait(false);
                var own = block?.Transactions.Where(one => one.From == address && one.Nonce < wanted).OrderByDescending(one => one.Nonce).ToArray() ?? [];
                found.AddRange(own);
                // An account's nonce also grows by what it signed for another's transaction (EIP-7702): then there is none of its own.
                wanted = own.Length > 0 ? own[^1].Nonce : number == 0 ? 0 : Math.Min(wanted - 1, await CountAsync(number - 1).ConfigureAwait(false));
                highest = number;
            }
            return [.. found.Take(most)];
        }
        catch (ChainException error) when (error.Code is not null)
        {
            return found.Count > 0 ? found : null;
        }

        Task<ulong> CountAsync(ulong block) => explorer.Chain.GetNonceAsync(address, BlockId.At(block), stop);

        // The first block after which the account had sent so many; the steps back from the end grow, since what was sent lately was mostly sent close together.
        async Task<ulong> BlockOfAsync(ulong count, ulong last)
        {
            var (from, to) = (0UL, last);
            for (ulong step = 4; step < to; step *= 8)
            {
                if (await CountAsync(last - Math.Min(last, step)).ConfigureAwait(false) < count)
                {
                    from = last - Math.Min(last, step) + 1;
                    break;
                }
                to = last - Math.Min(last, step);
            }
            while (from < to)
            {
                var middle = from + (to - from) / 2;
                if (await CountAsync(middle).ConfigureAwait(false) >= count) to = middle;
                else from = middle + 1;
            }
            return to;
        }
    }
}
