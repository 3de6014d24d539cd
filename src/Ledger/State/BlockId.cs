using Hufu.Primitives;

namespace Hufu.State;

/// <summary>A block by number and hash: the number finds its place in the history, the hash tells which branch is meant.</summary>
public readonly record struct BlockId(ulong Number, Hash256 Hash)
{
    public override string ToString() => $"{Number} ({Hash})";
}

/// <summary>The block that the state stands at.</summary>
public readonly record struct StateHead(BlockId Block, Hash256 StateRoot)
{
    public ulong Number => Block.Number;
    public Hash256 Hash => Block.Hash;
}
