using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>What fees were in a range of blocks (eth_feeHistory).</summary>
/// <param name="BaseFees">One more than there are blocks: the last is that of the block to come.</param>
/// <param name="BlobBaseFees">Likewise; zero where blobs did not exist.</param>
/// <param name="Rewards">For each block the effective tips at the percentiles asked for, weighted by gas; null where none was asked for.</param>
public sealed record FeeHistory(ulong OldestBlock, IReadOnlyList<UInt256> BaseFees, IReadOnlyList<double> GasUsedRatios,
    IReadOnlyList<UInt256> BlobBaseFees, IReadOnlyList<double> BlobGasUsedRatios, IReadOnlyList<IReadOnlyList<UInt256>>? Rewards);
