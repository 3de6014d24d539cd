using Hufu.Primitives;

namespace Hufu.Evm;

static unsafe class BlockInformation
{
    const ulong HashesServed = 256;

    public static Halt BlockHash(BlockContext block, Frame frame)
    {
        ref var word = ref *frame.Top;
        var number = word.Low64;
        var isServed = word.FitsUInt64 && number < block.Number && block.Number - number <= HashesServed;
        word = isServed ? block.BlockHash(number).ToUInt256() : UInt256.Zero;
        return Halt.None;
    }

    /// <summary>The same opcode was DIFFICULTY (EIP-4399).</summary>
    public static Halt PrevRandao(Machine machine, Frame frame) =>
        Environment.Push(frame, machine.Rules.Has(Eip.PrevRandao) ? machine.Block.PrevRandao.ToUInt256() : machine.Block.Difficulty);

    public static Halt BlobHash(Machine machine, Frame frame)
    {
        ref var word = ref *frame.Top;
        var hashes = machine.BlobVersionedHashes;
        word = word.FitsUInt64 && word.Low64 < (ulong)hashes.Count ? hashes[(int)word.Low64].ToUInt256() : UInt256.Zero;
        return Halt.None;
    }
}
