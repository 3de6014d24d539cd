using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>A block of a simulation with its number and time settled.</summary>
readonly record struct PlannedBlock(ulong Number, ulong Time, BlockStateCalls Wishes);

/// <summary>Puts the blocks of a simulation in a row after their base: numbers and times rise, and gaps are filled with empty blocks.</summary>
static class SimulatedChain
{
    const ulong MostBlocks = 256;
    const ulong SecondsBetweenBlocks = 12;

    public static RpcError? TryPlan(Header from, IReadOnlyList<BlockStateCalls> blocks, out List<PlannedBlock> planned)
    {
        planned = [];
        if (blocks.Count == 0) return RpcError.InvalidParams("empty input: give at least one block in blockStateCalls");
        if ((ulong)blocks.Count > MostBlocks) return TooMany;
        var (number, time) = (from.Number, from.Timestamp);
        foreach (var block in blocks)
        {
            var wanted = block.Block.Number ?? number + 1;
            if (wanted <= number) return new RpcError(RpcError.BlockNumberOrderCode, $"block numbers must be in order: {wanted} <= {number}");
            if (wanted - from.Number > MostBlocks) return TooMany;
            while (number + 1 < wanted) planned.Add(new PlannedBlock(++number, time += SecondsBetweenBlocks, Empty));

            var at = block.Block.Time ?? time + SecondsBetweenBlocks;
            if (at <= time) return new RpcError(RpcError.BlockTimestampOrderCode, $"block timestamps must be in order: {at} <= {time}");
            planned.Add(new PlannedBlock(number = wanted, time = at, block));
        }
        return null;
    }

    static readonly BlockStateCalls Empty = new();

    static readonly RpcError TooMany = new(RpcError.ClientLimitExceededCode, $"too many blocks: at most {MostBlocks} after the base block are simulated at once");
}
