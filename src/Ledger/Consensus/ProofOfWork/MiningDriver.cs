using Hufu.Chain;
using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>
/// Mines the blocks of a small private network of proof of work by the three verbs: builds on the head, searches for a nonce, and imports; the chain itself chooses by total
/// difficulty. Searches with what light verification has at hand, a few hundred nonces a second: enough where the difficulty is low, and no miner for a public network.
/// </summary>
/// <param name="transactions">What waits for a block with this parent, best first.</param>
public sealed class MiningDriver(ChainWriter writer, Blockchain chain, Ethash ethash, Func<Header, BlockAttributes, ITransactionSource> transactions, MiningOptions options, TimeProvider clock)
{
    // What arrives while a block is searched for goes into the next draft.
    static readonly TimeSpan Redraft = TimeSpan.FromSeconds(3);

    public MiningOptions Options => options;

    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var draft = await writer.Ask(Draft, stop).ConfigureAwait(false);
                if (await Task.Run(() => Search(draft.Header, stop), stop).ConfigureAwait(false) is not var (nonce, mixHash)) continue;
                var mined = draft.SealedByWork(nonce, mixHash);
                await writer.Ask(chain => chain.Import(mined), stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The way to stop.
        }
    }

    ExecutedBlock Draft(Blockchain chain)
    {
        var parent = chain.Head.Head;
        var attributes = new BlockAttributes
        {
            Timestamp = Math.Max((ulong)clock.GetUtcNow().ToUnixTimeSeconds(), parent.Timestamp + 1),
            Beneficiary = options.Beneficiary,
            ExtraData = options.ExtraData,
            GasLimitTarget = options.GasLimitTarget,
        };
        return chain.Build(parent.Hash, attributes, transactions(parent, attributes));
    }

    /// <summary>A nonce for the header; null where another block has become the head, or it is time for a new draft.</summary>
    (ulong Nonce, Hash256 MixHash)? Search(Header header, CancellationToken stop)
    {
        var (sealHash, most, epoch) = (header.SealHash, UInt256.MaxValue / header.Difficulty, (int)(header.Number / Ethash.EpochLength));
        var begun = clock.GetTimestamp();
        for (var nonce = (ulong)Random.Shared.NextInt64(); chain.Head.Hash == header.ParentHash && clock.GetElapsedTime(begun) < Redraft && !stop.IsCancellationRequested; nonce++)
            if (ethash.Hash(sealHash, nonce, epoch) is var (mixHash, result) && result.ToUInt256() <= most) return (nonce, mixHash);
        return null;
    }
}

public sealed record MiningOptions
{
    /// <summary>Who receives rewards and fees.</summary>
    public required Address Beneficiary { get; init; }

    /// <summary>At most 32 bytes.</summary>
    public ReadOnlyMemory<byte> ExtraData { get; init; }

    /// <summary>Where the gas limit goes; null leaves it as genesis set it.</summary>
    public ulong? GasLimitTarget { get; init; }
}
