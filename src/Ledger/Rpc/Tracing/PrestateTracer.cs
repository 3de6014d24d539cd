using System.Text.Json;
using Hufu.Crypto;
using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>prestateTracer: what a transaction touches as it was before; with diffMode only what it changes, before and after. Options: diffMode, disableCode, disableStorage, includeEmpty.</summary>
sealed class PrestateTracer(TraceBudget budget, PrestateOptions options) : TransactionTracer
{
    const int AccountBytes = 300, SlotBytes = 100;

    readonly SortedDictionary<Address, Touched> _touched = [];
    readonly HashSet<Address> _created = [], _deleted = [];
    TracedTransaction _transaction = null!;
    IStateView _live = null!;

    sealed class Touched
    {
        public required Account Before { get; init; }
        public required byte[] Code { get; init; }
        public SortedDictionary<Hash256, UInt256> Storage { get; } = [];
        public bool WasEmpty => Before.IsEmpty;

        public bool IsChanged { get; set; }
        public Account After { get; set; }
        public byte[] CodeAfter { get; set; } = [];
        public SortedDictionary<Hash256, UInt256> StorageAfter { get; } = [];
    }

    public override void Began(TracedTransaction transaction, IStateView live)
    {
        (_transaction, _live) = (transaction, live);
        if (transaction.To is null) _created.Add(transaction.Callee);
        else TouchDelegate(transaction.Callee);
        Touch(transaction.From);
        Touch(transaction.Callee);
        Touch(transaction.Block.Beneficiary);
        foreach (var authorization in transaction.Authorizations)
            if (SenderRecovery.TryRecoverAuthority(authorization, out var authority)) Touch(authority);
    }

    public override void StepStarted(in StepView step)
    {
        var stack = step.Stack;
        switch (step.Opcode)
        {
            case Opcode.SLoad or Opcode.SStore when stack.Length >= 1:
                TouchSlot(step.Self, stack[^1]);
                break;
            case Opcode.ExtCodeCopy or Opcode.ExtCodeHash or Opcode.ExtCodeSize or Opcode.Balance or Opcode.SelfDestruct when stack.Length >= 1:
                Touch(Address.FromUInt256(stack[^1]));
                if (step.Opcode == Opcode.SelfDestruct && (_created.Contains(step.Self) || !_transaction.Rules.Has(Eip.SelfDestructOnlyInSameTransaction))) _deleted.Add(step.Self);
                break;
            case Opcode.Call or Opcode.CallCode or Opcode.DelegateCall or Opcode.StaticCall when stack.Length >= 5:
                var callee = Address.FromUInt256(stack[^2]);
                Touch(callee);
                TouchDelegate(callee);
                break;
            case Opcode.Create:
                _live.TryGetAccount(step.Self, out var creator);
                TouchCreated(Address.ForCreate(step.Self, creator.Nonce));
                break;
            case Opcode.Create2 when stack.Length >= 4:
                if (MemoryAt(step.Memory, stack[^2], stack[^3]) is { } initCode)
                    TouchCreated(Address.ForCreate2(step.Self, Hash256.FromUInt256(stack[^4]), Keccak256.Hash(initCode)));
                break;
        }
    }

    public override void Ended(ExecutionResult result, IStateView after)
    {
        if (!options.DiffMode) return;
        foreach (var (address, touched) in _touched)
            if (!_deleted.Contains(address)) Compare(address, touched, after);
    }

    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        if (!options.DiffMode) WriteBefore(writer);
        else
        {
            writer.WriteStartObject("post"u8);
            foreach (var (address, touched) in _touched)
                if (touched.IsChanged) WriteAfter(writer, address, touched);
            writer.WriteEndObject();
            writer.WriteStartObject("pre"u8);
            WriteBefore(writer);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    void Touch(in Address address)
    {
        if (_touched.ContainsKey(address)) return;
        if (!_live.TryGetAccount(address, out var account)) account = Account.Empty;
        var code = account.HasCode ? _live.GetCode(account.CodeHash) : [];
        budget.Spend(AccountBytes + code.Length);
        _touched.Add(address, new Touched { Before = account, Code = code });
    }

    void TouchCreated(in Address address)
    {
        Touch(address);
        _created.Add(address);
    }

    void TouchDelegate(in Address address)
    {
        if (_live.TryGetAccount(address, out var account) && account.HasCode && Delegation.TryRead(_live.GetCode(account.CodeHash), out var target)) Touch(target);
    }

    void TouchSlot(in Address address, in UInt256 slot)
    {
        Touch(address);
        if (options.DisableStorage) return;
        var storage = _touched[address].Storage;
        var key = Hash256.FromUInt256(slot);
        if (storage.ContainsKey(key)) return;
        budget.Spend(SlotBytes);
        storage.Add(key, _live.GetStorage(address, slot));
    }

    // Memory that the instruction itself has still to make is zero.
    byte[]? MemoryAt(ReadOnlySpan<byte> memory, in UInt256 offset, in UInt256 size)
    {
        if (!size.FitsUInt64 || size.Low64 > (ulong)CodeLimits.Of(_transaction.Rules).MaxInitCodeSize * 2) return null;
        var bytes = new byte[(int)size.Low64];
        if (!offset.FitsUInt64 || offset.Low64 >= (ulong)memory.Length) return bytes;
        var from = memory[(int)offset.Low64..];
        from[..Math.Min(from.Length, bytes.Length)].CopyTo(bytes);
        return bytes;
    }

    static void Compare(in Address address, Touched touched, IStateView after)
    {
        if (!after.TryGetAccount(address, out var account)) account = Account.Empty;
        touched.After = account;
        touched.CodeAfter = account.HasCode ? after.GetCode(account.CodeHash) : [];
        touched.IsChanged = account.Balance != touched.Before.Balance || account.Nonce != touched.Before.Nonce || account.CodeHash != touched.Before.CodeHash;
        foreach (var (slot, before) in touched.Storage.ToArray())
        {
            var now = after.GetStorage(address, slot.ToUInt256());
            if (before.IsZero || before == now) touched.Storage.Remove(slot);
            if (before == now) continue;
            touched.IsChanged = true;
            if (!now.IsZero) touched.StorageAfter.Add(slot, now);
        }
    }

    void WriteBefore(Utf8JsonWriter writer)
    {
        foreach (var (address, touched) in _touched)
        {
            if (touched.WasEmpty && !options.IncludeEmpty) continue;
            if (options.DiffMode && !touched.IsChanged && !_deleted.Contains(address)) continue;
            writer.WriteStartObject(address.ToString());
            writer.WriteQuantity("balance"u8, touched.Before.Balance);
            if (touched.Before.Nonce != 0) writer.WriteNumber("nonce"u8, touched.Before.Nonce);
            if (touched.Code.Length > 0) WriteCode(writer, touched.Before.CodeHash, touched.Code);
            WriteStorage(writer, touched.Storage);
            writer.WriteEndObject();
        }
    }

    // Only what is not as it was.
    void WriteAfter(Utf8JsonWriter writer, in Address address, Touched touched)
    {
        var (before, after) = (touched.Before, touched.After);
        writer.WriteStartObject(address.ToString());
        if (after.Balance != before.Balance) writer.WriteQuantity("balance"u8, after.Balance);
        if (after.Nonce != before.Nonce) writer.WriteNumber("nonce"u8, after.Nonce);
        if (after.CodeHash != before.CodeHash) WriteCode(writer, after.CodeHash, touched.CodeAfter);
        WriteStorage(writer, touched.StorageAfter);
        writer.WriteEndObject();
    }

    void WriteCode(Utf8JsonWriter writer, in Hash256 hash, byte[] code)
    {
        if (!options.DisableCode) writer.WriteData("code"u8, code);
        writer.WriteHash("codeHash"u8, hash);
    }

    static void WriteStorage(Utf8JsonWriter writer, SortedDictionary<Hash256, UInt256> storage)
    {
        if (storage.Count == 0) return;
        Span<byte> bytes = stackalloc byte[32];
        writer.WriteStartObject("storage"u8);
        foreach (var (slot, value) in storage)
        {
            value.WriteBigEndian(bytes);
            writer.WritePropertyName(slot.ToString());
            writer.WriteData(bytes);
        }
        writer.WriteEndObject();
    }
}

readonly record struct PrestateOptions(bool DiffMode, bool DisableCode, bool DisableStorage, bool IncludeEmpty);
