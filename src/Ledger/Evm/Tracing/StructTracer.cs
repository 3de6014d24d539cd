using System.Globalization;
using System.Text;
using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>Writes one JSON line per step, as geth's `evm --json` does (EIP-3155). Memory and return data are left out unless asked for.</summary>
public struct StructTracer(TextWriter writer, bool withMemory = false, bool withReturnData = false) : ITracer
{
    // The line of the step that runs: its cost is known only when it has run.
    readonly StringBuilder _line = new(), _stack = new();
    string _opcodeName = "";
    string? _memory, _returnData;
    int _depth, _memorySize;
    long _refund;

    public static bool IsListening => true;

    public readonly void RunBegan(IStateView live) { }

    public readonly void RunEnded(ExecutionResult result) { }

    public void StepStarted(in StepView step)
    {
        _opcodeName = step.Opcode.Mnemonic();
        _depth = step.Depth;
        _refund = step.Refund;
        var ascii = CultureInfo.InvariantCulture;
        _line.Clear();
        _line.Append(ascii, $"{{\"pc\":{step.ProgramCounter},\"op\":{(byte)step.Opcode},\"gas\":\"0x{step.Gas:x}\",\"gasCost\":\"");
        _memory = withMemory && step.Memory.Length > 0 ? Hex.Encode(step.Memory) : null;
        _memorySize = step.Memory.Length;
        _returnData = withReturnData && step.ReturnData.Length > 0 ? Hex.Encode(step.ReturnData) : null;
        _stack.Clear();
        foreach (ref readonly var word in step.Stack)
        {
            if (_stack.Length > 0) _stack.Append(',');
            _stack.Append('"').Append(word.ToHexQuantity()).Append('"');
        }
    }

    public readonly void StepEnded(long cost, Halt halt)
    {
        var ascii = CultureInfo.InvariantCulture;
        _line.Append(ascii, $"0x{cost:x}\",");
        if (_memory is not null) _line.Append(ascii, $"\"memory\":\"{_memory}\",");
        _line.Append(ascii, $"\"memSize\":{_memorySize},\"stack\":[").Append(_stack).Append("],");
        if (_returnData is not null) _line.Append(ascii, $"\"returnData\":\"{_returnData}\",");
        _line.Append(ascii, $"\"depth\":{_depth},\"refund\":{_refund},\"opName\":\"{_opcodeName}\"");
        if (halt.IsExceptional()) _line.Append(ascii, $",\"error\":\"{halt.Describe()}\"");
        writer.WriteLine(_line.Append('}'));
    }

    public readonly void FrameEntered(in FrameView frame) { }

    public readonly void FrameLeft(Halt halt, ReadOnlySpan<byte> output, long gasUsed) { }

    public readonly void StorageTouched(in Address address, in UInt256 slot, in UInt256 value, bool isWrite) { }

    public readonly void Logged(Log log) { }

    public readonly void SelfDestructed(in Address address, in Address beneficiary, in UInt256 balance) { }
}
