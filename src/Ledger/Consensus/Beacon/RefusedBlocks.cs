using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>
/// Blocks that were found invalid, so that they and what stands on them are answered for without being run again. The oldest are forgotten where there
/// are too many: then they are judged anew, with the same result.
/// </summary>
sealed class RefusedBlocks
{
    const int Limit = 4096;

    readonly Dictionary<Hash256, PayloadStatus> _byHash = [];
    readonly Queue<Hash256> _order = [];

    public PayloadStatus? Find(in Hash256 block) => _byHash.GetValueOrDefault(block);

    public PayloadStatus Add(in Hash256 block, PayloadStatus status)
    {
        if (_byHash.TryAdd(block, status)) _order.Enqueue(block);
        while (_order.Count > Limit) _byHash.Remove(_order.Dequeue());
        return status;
    }
}
