using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>Blocks that cannot be judged yet because an ancestor is missing. Bounded: the oldest leave where there are too many, and the consensus client sends them again.</summary>
sealed class WaitingBlocks
{
    const int Limit = 1024;
    const long ByteLimit = 256L << 20;

    readonly Dictionary<Hash256, (Block Block, long Bytes)> _byHash = [];
    readonly Queue<Hash256> _order = [];
    long _bytes;

    public int Count => _byHash.Count;

    public bool Contains(in Hash256 block) => _byHash.ContainsKey(block);

    public void Add(Block block)
    {
        // Decoded transactions weigh several times what they were sent as.
        var bytes = 4096 + block.Transactions.Sum(static transaction => 512L + 2 * transaction.Encoded.Length);
        if (!_byHash.TryAdd(block.Hash, (block, bytes))) return;
        _order.Enqueue(block.Hash);
        _bytes += bytes;
        while (_order.Count > 1 && (_byHash.Count > Limit || _bytes > ByteLimit || _order.Count > 2 * Limit)) Remove(_order.Dequeue());
    }

    public void Remove(in Hash256 block)
    {
        if (_byHash.Remove(block, out var entry)) _bytes -= entry.Bytes;
    }

    /// <summary>The blocks from one waiting back to the oldest of its ancestors that waits too, the oldest first; empty where it does not wait.</summary>
    public List<Block> PathTo(in Hash256 block)
    {
        var path = new List<Block>();
        for (var at = block; _byHash.TryGetValue(at, out var entry); at = entry.Block.Header.ParentHash) path.Add(entry.Block);
        path.Reverse();
        return path;
    }

    /// <summary>A waiting child of a block, or null.</summary>
    public Block? ChildOf(Hash256 parent)
    {
        foreach (var (block, _) in _byHash.Values)
            if (block.Header.ParentHash == parent) return block;
        return null;
    }
}
