using System.Runtime.CompilerServices;
using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>A step of the chain: a block came onto it, or was left behind.</summary>
/// <param name="IsRemoved">True: whatever was made of this block is to be taken back.</param>
public sealed record ChainStep(ChainBlock Block, bool IsRemoved);

/// <summary>
/// Follows a chain block by block, without a gap and through reorganisations: blocks left behind come first, the newest first, marked as removed; then
/// those of the new branch. Works over any transport.
/// </summary>
public sealed class BlockFollower(ChainClient chain, BlockFollowerOptions? options = null)
{
    readonly BlockFollowerOptions _options = options ?? new BlockFollowerOptions();

    /// <summary>Steps without end, from the block behind the ones the caller has seen.</summary>
    /// <param name="seen">Blocks the caller has taken in, the oldest first: those that may still be left behind. Empty: begins with <paramref name="from"/>.</param>
    /// <exception cref="ChainException">The chain cannot be reached, or left behind more than the caller remembers.</exception>
    public async IAsyncEnumerable<ChainStep> FollowAsync(ulong from, IEnumerable<ChainBlock>? seen = null, [EnumeratorCancellation] CancellationToken stop = default)
    {
        var kept = new List<ChainBlock>(seen ?? []);
        var isCut = kept.Count > 0 && kept[0].Header.Number > 0;
        while (true)
        {
            var next = kept.Count > 0 ? kept[^1].Header.Number + 1 : from;
            var block = await NextAsync(next, stop).ConfigureAwait(false);
            if (block is null)
            {
                // Nothing new on top; the top itself may have been replaced.
                if (kept.Count == 0 || await IsCanonicalAsync(kept[^1], stop).ConfigureAwait(false))
                {
                    await Task.Delay(_options.PollEvery, stop).ConfigureAwait(false);
                    continue;
                }
            }
            else if (kept.Count == 0 || block.Header.ParentHash == kept[^1].Hash)
            {
                kept.Add(block);
                if (kept.Count > _options.KeptBlocks)
                {
                    kept.RemoveAt(0);
                    isCut = true;
                }
                yield return new ChainStep(block, IsRemoved: false);
                continue;
            }
            var left = kept[^1];
            kept.RemoveAt(kept.Count - 1);
            if (kept.Count == 0 && isCut)
                throw new ChainException(new Refusal("the chain left behind more blocks than are remembered", $"block {left.Header.Number}, {_options.KeptBlocks} blocks deep, is no longer on it", "rebuild from the beginning"));
            from = left.Header.Number;
            yield return new ChainStep(left, IsRemoved: true);
        }
    }

    async Task<ChainBlock?> NextAsync(ulong number, CancellationToken stop) =>
        _options.Confirmations > 0 && await chain.GetBlockNumberAsync(stop).ConfigureAwait(false) < number + (ulong)_options.Confirmations
            ? null
            : await chain.GetBlockAsync(number, stop: stop).ConfigureAwait(false);

    async Task<bool> IsCanonicalAsync(ChainBlock block, CancellationToken stop) =>
        (await chain.GetBlockAsync(block.Header.Number, stop: stop).ConfigureAwait(false))?.Hash == block.Hash;
}

public sealed record BlockFollowerOptions
{
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How many blocks below the head are waited for: with 0 every block comes at once, and may be left behind.</summary>
    public int Confirmations { get; init; }

    /// <summary>How many blocks are remembered, so that they can be taken back.</summary>
    public int KeptBlocks { get; init; } = 1024;
}
