using System.Text.Json;
using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Every step of a transaction with what it pushed and wrote, frames inside the steps that called them: OpenEthereum's vmTrace.</summary>
sealed class VmTrace(TraceBudget budget)
{
    const int StepBytes = 160, WordBytes = 32;

    readonly Stack<VmFrame> _running = [];
    IStateView _live = null!;
    VmFrame? _root;

    sealed class VmFrame(byte[] code)
    {
        public byte[] Code => code;
        public List<Step> Steps { get; } = [];

        /// <summary>The step whose effects show only when the next begins.</summary>
        public Step? Pending { get; set; }
    }

    sealed class Step
    {
        public required int ProgramCounter { get; init; }
        public required Opcode Opcode { get; init; }
        public required long GasBefore { get; init; }
        public long Cost { get; set; }
        public long GasAfter { get; set; }
        public bool Failed { get; set; }
        public int MemoryOffset { get; init; }
        public int MemorySize { get; init; }
        public byte[]? Memory { get; set; }
        public UInt256[] Pushed { get; set; } = [];
        public (UInt256 Key, UInt256 Value)? Stored { get; init; }
        public VmFrame? Sub { get; set; }
    }

    public void Began(IStateView live) => _live = live;

    public void FrameEntered(in FrameView frame)
    {
        var entered = new VmFrame(frame.Kind >= FrameKind.Create ? frame.Input.ToArray() : CodeAt(frame.To));
        budget.Spend(StepBytes + entered.Code.Length);
        if (_running.TryPeek(out var caller) && caller.Pending is { } call && entered.Code.Length > 0) call.Sub = entered;
        _root ??= entered;
        _running.Push(entered);
    }

    public void FrameLeft() => _running.Pop();

    public void StepStarted(in StepView step)
    {
        var frame = _running.Peek();
        if (frame.Pending is { } before) Complete(before, step);
        var (offset, size) = MemoryWritten(step);
        frame.Pending = new Step
        {
            ProgramCounter = step.ProgramCounter,
            Opcode = step.Opcode,
            GasBefore = step.Gas,
            MemoryOffset = offset,
            MemorySize = size,
            Stored = step.Opcode == Opcode.SStore && step.Stack.Length >= 2 ? (step.Stack[^1], step.Stack[^2]) : null,
        };
        budget.Spend(StepBytes);
        frame.Steps.Add(frame.Pending);
    }

    public void StepEnded(long cost, Halt halt)
    {
        var step = _running.Peek().Pending!;
        step.Cost = cost;
        step.GasAfter = step.GasBefore - cost;
        step.Failed = halt.IsExceptional();
    }

    public void Write(Utf8JsonWriter writer)
    {
        if (_root is null) writer.WriteNullValue();
        else Write(writer, _root);
    }

    byte[] CodeAt(in Address address)
    {
        if (!_live.TryGetAccount(address, out var account) || !account.HasCode) return [];
        var code = _live.GetCode(account.CodeHash);
        return Delegation.TryRead(code, out var target) && _live.TryGetAccount(target, out account) && account.HasCode ? _live.GetCode(account.CodeHash) : code;
    }

    void Complete(Step step, in StepView next)
    {
        step.GasAfter = next.Gas;
        var count = Math.Min(Pushes(step.Opcode), next.Stack.Length);
        if (count > 0) step.Pushed = next.Stack[^count..].ToArray();
        if (step.MemorySize > 0 && step.MemoryOffset + step.MemorySize <= next.Memory.Length) step.Memory = next.Memory.Slice(step.MemoryOffset, step.MemorySize).ToArray();
        budget.Spend(WordBytes * count + step.MemorySize);
    }

    // An instruction that moves words counts as pushing all it moved.
    static int Pushes(Opcode opcode) => opcode switch
    {
        >= Opcode.Dup1 and <= Opcode.Dup16 => opcode - Opcode.Dup1 + 2,
        >= Opcode.Swap1 and <= Opcode.Swap16 => opcode - Opcode.Swap1 + 2,
        >= Opcode.Log0 and <= Opcode.Log4 => 0,
        Opcode.Stop or Opcode.CallDataCopy or Opcode.CodeCopy or Opcode.ExtCodeCopy or Opcode.ReturnDataCopy or Opcode.Pop or Opcode.MStore or Opcode.MStore8
            or Opcode.SStore or Opcode.Jump or Opcode.JumpI or Opcode.JumpDest or Opcode.TStore or Opcode.MCopy or Opcode.Return or Opcode.Revert or Opcode.SelfDestruct => 0,
        _ => 1,
    };

    static (int Offset, int Size) MemoryWritten(in StepView step)
    {
        var stack = step.Stack;
        return step.Opcode switch
        {
            Opcode.MStore or Opcode.MLoad when stack.Length >= 1 => Range(stack[^1], 32),
            Opcode.MStore8 when stack.Length >= 1 => Range(stack[^1], 1),
            Opcode.CallDataCopy or Opcode.CodeCopy or Opcode.ReturnDataCopy or Opcode.MCopy when stack.Length >= 3 => Range(stack[^1], stack[^3]),
            Opcode.ExtCodeCopy when stack.Length >= 4 => Range(stack[^2], stack[^4]),
            Opcode.Call or Opcode.CallCode when stack.Length >= 7 => Range(stack[^6], stack[^7]),
            Opcode.DelegateCall or Opcode.StaticCall when stack.Length >= 6 => Range(stack[^5], stack[^6]),
            _ => default,
        };
    }

    static (int, int) Range(in UInt256 offset, in UInt256 size) => offset < int.MaxValue && size < int.MaxValue ? ((int)offset.Low64, (int)size.Low64) : default;

    static void Write(Utf8JsonWriter writer, VmFrame frame)
    {
        writer.WriteStartObject();
        writer.WriteData("code"u8, frame.Code);
        writer.WriteStartArray("ops"u8);
        foreach (var step in frame.Steps) Write(writer, step);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    static void Write(Utf8JsonWriter writer, Step step)
    {
        writer.WriteStartObject();
        writer.WriteNumber("cost"u8, step.Cost);
        if (step.Failed) writer.WriteNull("ex"u8);
        else WriteEffects(writer, step);
        writer.WriteString("op"u8, step.Opcode.Mnemonic());
        writer.WriteNumber("pc"u8, step.ProgramCounter);
        writer.WritePropertyName("sub"u8);
        if (step.Sub is null) writer.WriteNullValue();
        else Write(writer, step.Sub);
        writer.WriteEndObject();
    }

    static void WriteEffects(Utf8JsonWriter writer, Step step)
    {
        writer.WriteStartObject("ex"u8);
        if (step.Memory is { } memory)
        {
            writer.WriteStartObject("mem"u8);
            writer.WriteData("data"u8, memory);
            writer.WriteNumber("off"u8, step.MemoryOffset);
            writer.WriteEndObject();
        }
        else writer.WriteNull("mem"u8);
        writer.WriteStartArray("push"u8);
        foreach (ref readonly var word in step.Pushed.AsSpan()) writer.WriteQuantity(word);
        writer.WriteEndArray();
        if (step.Stored is var (key, value))
        {
            writer.WriteStartObject("store"u8);
            writer.WriteQuantity("key"u8, key);
            writer.WriteQuantity("val"u8, value);
            writer.WriteEndObject();
        }
        else writer.WriteNull("store"u8);
        writer.WriteNumber("used"u8, step.GasAfter);
        writer.WriteEndObject();
    }
}
