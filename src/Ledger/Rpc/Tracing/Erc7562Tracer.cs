using System.Globalization;
using System.Text.Json;
using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>erc7562Tracer: the tree of calls with what ERC-7562 forbids or limits in the validation of a user operation: opcodes, storage, sizes of contracts looked at, preimages of hashes. Option: withLog.</summary>
sealed class Erc7562Tracer(TraceBudget budget, bool withLog) : TransactionTracer
{
    const int EntryBytes = 100;

    readonly CallTree _tree = new(budget, withLog);
    readonly Dictionary<CallFrame, Observed> _observed = [];
    readonly SortedSet<string> _preimages = new(StringComparer.Ordinal);
    IStateView _live = null!;
    Opcode? _lastOpcode;
    Address _lastTop;

    sealed class Observed
    {
        public SortedDictionary<Hash256, UInt256> Reads { get; } = [];
        public SortedDictionary<Hash256, ulong> Writes { get; } = [];
        public SortedDictionary<Hash256, ulong> TransientReads { get; } = [];
        public SortedDictionary<Hash256, ulong> TransientWrites { get; } = [];
        public List<Address> ExtCodeAccess { get; } = [];
        public SortedDictionary<Opcode, ulong> Opcodes { get; } = [];
        public SortedDictionary<Address, (int Size, Opcode By)> ContractSizes { get; } = [];
    }

    public override void Began(TracedTransaction transaction, IStateView live)
    {
        _live = live;
        _tree.Began(transaction);
    }

    public override void StepStarted(in StepView step)
    {
        _tree.StepStarted(step);
        var seen = SeenIn(_tree.Current);
        var opcode = step.Opcode;
        var stack = step.Stack;
        if (opcode is Opcode.Revert or Opcode.Return) _lastOpcode = null;
        if (_lastOpcode is { } last)
        {
            // OP-051: EXTCODESIZE that only asks whether there is code is let pass.
            if (LooksAtCode(last) && !(last == Opcode.ExtCodeSize && opcode == Opcode.IsZero)) seen.ExtCodeAccess.Add(_lastTop);
            // OP-012: GAS may stand only before a call.
            if (last == Opcode.Gas && !IsCall(opcode)) Count(seen.Opcodes, Opcode.Gas);
        }
        if (LooksAtCode(opcode) && stack.Length >= 1) NoteSize(seen, Address.FromUInt256(stack[^1]), opcode);
        else if (IsCall(opcode) && stack.Length >= 2) NoteSize(seen, Address.FromUInt256(stack[^2]), opcode);
        if (opcode != Opcode.Gas && !IsHarmless(opcode)) Count(seen.Opcodes, opcode);
        if (stack.Length >= 1) NoteStorage(seen, step);
        if (opcode == Opcode.Keccak256 && stack.Length >= 2) NotePreimage(step.Memory, stack[^1], stack[^2]);
        _lastOpcode = opcode;
        _lastTop = stack.Length > 0 ? Address.FromUInt256(stack[^1]) : default;
    }

    public override void FrameEntered(in FrameView frame) => _tree.FrameEntered(frame);
    public override void FrameLeft(Halt halt, ReadOnlySpan<byte> output, long gasUsed) => _tree.FrameLeft(halt, output, gasUsed);
    public override void Logged(Log log) => _tree.Logged(log);
    public override void SelfDestructed(in Address address, in Address beneficiary, in UInt256 balance) => _tree.SelfDestructed(address, beneficiary, balance);
    public override void Ended(ExecutionResult result, IStateView after) => _tree.Ended(result);
    public override void Write(Utf8JsonWriter writer) => Write(writer, _tree.Root, isRoot: true);

    static bool LooksAtCode(Opcode opcode) => opcode is Opcode.ExtCodeHash or Opcode.ExtCodeSize or Opcode.ExtCodeCopy;
    static bool IsCall(Opcode opcode) => opcode is Opcode.Call or Opcode.CallCode or Opcode.DelegateCall or Opcode.StaticCall;

    // What computes on the stack alone tells nothing of the world.
    static bool IsHarmless(Opcode opcode) => opcode is (>= Opcode.Push0 and < Opcode.Swap16)
        or Opcode.Pop or Opcode.Add or Opcode.Sub or Opcode.Mul or Opcode.Div or Opcode.Eq or Opcode.Lt or Opcode.Gt or Opcode.SLt or Opcode.SGt
        or Opcode.Shl or Opcode.Shr or Opcode.And or Opcode.Or or Opcode.Not or Opcode.IsZero;

    Observed SeenIn(CallFrame frame)
    {
        if (!_observed.TryGetValue(frame, out var seen)) _observed.Add(frame, seen = new Observed());
        return seen;
    }

    void Count<TKey>(SortedDictionary<TKey, ulong> counts, TKey key) where TKey : notnull
    {
        if (counts.TryGetValue(key, out var count)) counts[key] = count + 1;
        else
        {
            budget.Spend(EntryBytes);
            counts.Add(key, 1);
        }
    }

    // OP-041. The first precompiles are always allowed.
    void NoteSize(Observed seen, in Address address, Opcode opcode)
    {
        var number = address.ToUInt256();
        if (seen.ContractSizes.ContainsKey(address) || (number > UInt256.Zero && number < 10)) return;
        budget.Spend(EntryBytes);
        seen.ContractSizes.Add(address, (_live.TryGetAccount(address, out var account) && account.HasCode ? _live.GetCode(account.CodeHash).Length : 0, opcode));
    }

    void NoteStorage(Observed seen, in StepView step)
    {
        var slot = Hash256.FromUInt256(step.Stack[^1]);
        switch (step.Opcode)
        {
            case Opcode.SLoad when !seen.Reads.ContainsKey(slot) && !seen.Writes.ContainsKey(slot):
                budget.Spend(EntryBytes);
                seen.Reads.Add(slot, _live.GetStorage(step.Self, step.Stack[^1]));
                break;
            case Opcode.SStore: Count(seen.Writes, slot); break;
            case Opcode.TLoad: Count(seen.TransientReads, slot); break;
            case Opcode.TStore: Count(seen.TransientWrites, slot); break;
        }
    }

    void NotePreimage(ReadOnlySpan<byte> memory, in UInt256 offset, in UInt256 size)
    {
        if (!offset.FitsUInt64 || !size.FitsUInt64 || offset.Low64 > int.MaxValue || size.Low64 > 1 << 20) return;
        var bytes = new byte[(int)size.Low64];
        var start = (int)Math.Min(offset.Low64, (ulong)memory.Length);
        memory.Slice(start, Math.Min(bytes.Length, memory.Length - start)).CopyTo(bytes);
        budget.Spend(EntryBytes + 2 * bytes.Length);
        _preimages.Add(Hex.Encode(bytes));
    }

    void Write(Utf8JsonWriter writer, CallFrame frame, bool isRoot)
    {
        writer.WriteStartObject();
        CallTracer.WriteMembers(writer, frame);
        CallTracer.WriteLogs(writer, frame);
        var seen = SeenIn(frame);
        WriteSlots(writer, seen);
        writer.WriteStartArray("extCodeAccessInfo"u8);
        foreach (var address in seen.ExtCodeAccess) writer.WriteStringValue(address.ToString());
        writer.WriteEndArray();
        writer.WriteStartObject("usedOpcodes"u8);
        foreach (var (opcode, count) in seen.Opcodes) writer.WriteNumber(string.Create(CultureInfo.InvariantCulture, $"0x{(byte)opcode:x}"), count);
        writer.WriteEndObject();
        writer.WriteStartObject("contractSize"u8);
        foreach (var (address, (size, by)) in seen.ContractSizes)
        {
            writer.WriteStartObject(address.ToString());
            writer.WriteNumber("contractSize"u8, size);
            writer.WriteNumber("opcode"u8, (byte)by);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
        writer.WriteBoolean("outOfGas"u8, frame.Halt is Halt.OutOfGas or Halt.CodeDepositOutOfGas);
        if (isRoot && _preimages.Count > 0)
        {
            writer.WriteStartArray("keccak"u8);
            foreach (var preimage in _preimages) writer.WriteStringValue(preimage);
            writer.WriteEndArray();
        }
        if (frame.Calls.Count > 0)
        {
            writer.WriteStartArray("calls"u8);
            foreach (var call in frame.Calls) Write(writer, call, isRoot: false);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    static void WriteSlots(Utf8JsonWriter writer, Observed seen)
    {
        writer.WriteStartObject("accessedSlots"u8);
        writer.WriteStartObject("reads"u8);
        foreach (var (slot, value) in seen.Reads)
        {
            writer.WriteStartArray(slot.ToString());
            writer.WriteData(Hash256.FromUInt256(value).Bytes);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
        WriteCounts(writer, "writes"u8, seen.Writes);
        WriteCounts(writer, "transientReads"u8, seen.TransientReads);
        WriteCounts(writer, "transientWrites"u8, seen.TransientWrites);
        writer.WriteEndObject();
    }

    static void WriteCounts(Utf8JsonWriter writer, ReadOnlySpan<byte> name, SortedDictionary<Hash256, ulong> counts)
    {
        writer.WriteStartObject(name);
        foreach (var (slot, count) in counts) writer.WriteNumber(slot.ToString(), count);
        writer.WriteEndObject();
    }
}
