using System.Text.Json;
using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>The struct (opcode) logger: every step with its stack and more. The steps go into the answer as they happen, so that a long trace is stopped by the answer's limit and not by memory.</summary>
sealed class StructLogTracer(Utf8JsonWriter writer, TraceOptions options, TraceBudget budget) : TransactionTracer
{
    const int SlotBytes = 100;

    readonly Dictionary<Address, SortedDictionary<Hash256, UInt256>> _storage = [];
    TracedTransaction _transaction = null!;
    IStateView _live = null!;
    Opcode _opcode;
    int _height;
    long _gas;
    ulong _steps;
    bool _isWriting;

    public override void Began(TracedTransaction transaction, IStateView live)
    {
        (_transaction, _live) = (transaction, live);
        writer.WriteStartObject();
        writer.WriteStartArray("structLogs"u8);
    }

    public override void StepStarted(in StepView step)
    {
        _isWriting = options.Limit == 0 || _steps < options.Limit;
        if (!_isWriting) return;
        _steps++;
        (_opcode, _height, _gas) = (step.Opcode, step.Stack.Length, step.Gas);
        writer.WriteStartObject();
        writer.WriteNumber("pc"u8, step.ProgramCounter);
        writer.WriteString("op"u8, step.Opcode.Mnemonic());
        writer.WriteNumber("gas"u8, step.Gas);
        writer.WriteNumber("depth"u8, step.Depth);
        if (step.Refund != 0) writer.WriteNumber("refund"u8, step.Refund);
        if (options.WithStack) WriteStack(step.Stack);
        if (options.WithMemory && step.Memory.Length > 0) WriteMemory(step.Memory);
        if (options.WithReturnData && step.ReturnData.Length > 0) writer.WriteData("returnData"u8, step.ReturnData);
        if (options.WithStorage) WriteStorage(step);
    }

    // The cost is known only now. What a step calls comes after this.
    public override void StepEnded(long cost, Halt halt)
    {
        if (!_isWriting) return;
        writer.WriteNumber("gasCost"u8, cost);
        // Only what kept the instruction from running is its error.
        if (halt is Halt.OutOfGas or Halt.StackUnderflow or Halt.StackOverflow)
            writer.WriteString("error"u8, Faults.Describe(halt, _opcode, _height, _gas, _transaction.Rules));
        writer.WriteEndObject();
        _isWriting = false;
    }

    public override void Ended(ExecutionResult result, IStateView after)
    {
        writer.WriteEndArray();
        writer.WriteNumber("gas"u8, result.GasUsed);
        writer.WriteBoolean("failed"u8, !result.Succeeded);
        writer.WriteData("returnValue"u8, result.Output);
        writer.WriteEndObject();
    }

    // All is written already.
    public override void Write(Utf8JsonWriter writer) { }

    void WriteStack(ReadOnlySpan<UInt256> stack)
    {
        writer.WriteStartArray("stack"u8);
        foreach (ref readonly var word in stack) writer.WriteQuantity(word);
        writer.WriteEndArray();
    }

    void WriteMemory(ReadOnlySpan<byte> memory)
    {
        writer.WriteStartArray("memory"u8);
        for (var at = 0; at < memory.Length; at += 32) writer.WriteData(memory.Slice(at, 32));
        writer.WriteEndArray();
    }

    void WriteStorage(in StepView step)
    {
        UInt256 value;
        if (step.Opcode == Opcode.SLoad && step.Stack.Length >= 1) value = _live.GetStorage(step.Self, step.Stack[^1]);
        else if (step.Opcode == Opcode.SStore && step.Stack.Length >= 2) value = step.Stack[^2];
        else return;
        if (!_storage.TryGetValue(step.Self, out var slots)) _storage.Add(step.Self, slots = []);
        budget.Spend(SlotBytes);
        slots[Hash256.FromUInt256(step.Stack[^1])] = value;

        Span<byte> bytes = stackalloc byte[32];
        writer.WriteStartObject("storage"u8);
        foreach (var (slot, now) in slots)
        {
            now.WriteBigEndian(bytes);
            writer.WritePropertyName(slot.ToString());
            writer.WriteData(bytes);
        }
        writer.WriteEndObject();
    }
}
