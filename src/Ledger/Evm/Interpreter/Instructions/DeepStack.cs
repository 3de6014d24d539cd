using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>
/// DUPN, SWAPN and EXCHANGE (EIP-8024). The byte after the opcode says how deep they reach; bytes that could be a JUMPDEST or a PUSH mean nothing,
/// so that no jump destination of older code is lost. Each returns the new top, or null where it fails.
/// </summary>
static unsafe class DeepStack
{
    public static UInt256* Duplicate(UInt256* top, byte immediate)
    {
        if (!TryDepth(immediate, out var depth) || StackArena.Height(top) < depth) return null;
        top[1] = top[1 - depth];
        return top + 1;
    }

    public static UInt256* Swap(UInt256* top, byte immediate)
    {
        if (!TryDepth(immediate, out var depth) || StackArena.Height(top) < depth + 1) return null;
        (top[0], top[-depth]) = (top[-depth], top[0]);
        return top;
    }

    public static UInt256* Exchange(UInt256* top, byte immediate)
    {
        if (!TryPair(immediate, out var first, out var second) || StackArena.Height(top) < second + 1) return null;
        (top[-first], top[-second]) = (top[-second], top[-first]);
        return top;
    }

    /// <summary>Why an instruction above failed.</summary>
    public static Halt WhyRefused(Opcode opcode, byte immediate) =>
        (opcode == Opcode.Exchange ? TryPair(immediate, out _, out _) : TryDepth(immediate, out _)) ? Halt.StackUnderflow : Halt.InvalidOpcode;

    // decode_single: 17 to 235.
    internal static bool TryDepth(byte immediate, out int depth)
    {
        depth = (immediate + 145) & 0xFF;
        return immediate is <= 90 or >= 128;
    }

    // decode_pair: the smaller distance from the top first.
    internal static bool TryPair(byte immediate, out int first, out int second)
    {
        var (high, low) = Math.DivRem(immediate ^ 0x8F, 16);
        (first, second) = high < low ? (high + 1, low + 1) : (low + 1, 29 - high);
        return immediate is <= 81 or >= 128;
    }
}
