using Hufu.Primitives;

namespace Hufu.Evm;

static unsafe class BlockInformation
{
    const ulong HashesServed = 256;

    public static Halt BlockHash(BlockContext block, Frame frame)
    {
        *frame.Top = BlockHash(block, *frame.Top);
        return Halt.None;
    }

    public static UInt256 BlockHash(BlockContext block, in UInt256 number)
    {
        var isServed = number.FitsUInt64 && number.Low64 < block.Number && block.Number - number.Low64 <= HashesServed;
        return isServed ? block.BlockHash(number.Low64).ToUInt256() : UInt256.Zero;
    }

    /// <summary>The same opcode was DIFFICULTY (EIP-4399).</summary>
    public static UInt256 PrevRandao(Machine machine) => machine.Rules.Has(Eip.PrevRandao) ? machine.Block.PrevRandao.ToUInt256() : machine.Block.Difficulty;

    public static Halt BlobHash(Machine machine, Frame frame)
    {
        *frame.Top = BlobHash(machine, *frame.Top);
        return Halt.None;
    }

    public static UInt256 BlobHash(Machine machine, in UInt256 index)
    {
        var hashes = machine.BlobVersionedHashes;
        return index.FitsUInt64 && index.Low64 < (ulong)hashes.Count ? hashes[(int)index.Low64].ToUInt256() : UInt256.Zero;
    }
}
