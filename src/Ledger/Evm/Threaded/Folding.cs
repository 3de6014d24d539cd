using Hufu.Primitives;

namespace Hufu.Evm.Threaded;

/// <summary>Instructions on constants are done once, when the code is translated.</summary>
static class Folding
{
    /// <summary>The result where all operands are constants and nothing else decides it.</summary>
    public static bool TryFold(Block block, in Node node, out UInt256 result)
    {
        result = default;
        if (node.Takes == 0 || node.Takes > 2) return false;
        ref readonly var first = ref block.Values[node.Operands[0]];
        ref readonly var second = ref block.Values[node.Operands[node.Takes - 1]];
        if (first.Kind != ValueKind.Constant || second.Kind != ValueKind.Constant) return false;
        return TryFold(node.Opcode, first.Constant, second.Constant, out result);
    }

    static bool TryFold(Opcode opcode, in UInt256 x, in UInt256 y, out UInt256 result)
    {
        switch (opcode)
        {
            case Opcode.Add: result = x + y; return true;
            case Opcode.Sub: result = x - y; return true;
            case Opcode.Mul: result = x * y; return true;
            case Opcode.Div: result = x / y; return true;
            case Opcode.Mod: result = x % y; return true;
            case Opcode.And: result = x & y; return true;
            case Opcode.Or: result = x | y; return true;
            case Opcode.Xor: result = x ^ y; return true;
            case Opcode.Not: result = ~x; return true;
            case Opcode.IsZero: result = x.IsZero ? UInt256.One : UInt256.Zero; return true;
            case Opcode.Eq: result = x == y ? UInt256.One : UInt256.Zero; return true;
            case Opcode.Lt: result = x < y ? UInt256.One : UInt256.Zero; return true;
            case Opcode.Gt: result = x > y ? UInt256.One : UInt256.Zero; return true;
            case Opcode.Shl: result = UInt256.ShiftLeft(y, x); return true;
            case Opcode.Shr: result = UInt256.ShiftRight(y, x); return true;
            case Opcode.Sar: result = UInt256.ShiftRightArithmetic(y, x); return true;
            case Opcode.Byte: result = UInt256.ByteAt(x, y); return true;
            case Opcode.SignExtend: result = UInt256.SignExtend(x, y); return true;
            default: result = default; return false;
        }
    }
}
