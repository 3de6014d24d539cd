using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>Changes made by hand on one head, all together: to its state, and to the block that comes next. Never changed once made.</summary>
public sealed class StateEdits
{
    public StateEdits(Hash256 head, StateDiff diff) => (Head, Diff) = (head, diff);

    public Hash256 Head { get; }
    internal StateDiff Diff { get; }

    /// <summary>What the next block asks for one gas; null leaves it to the rules.</summary>
    public UInt256? BaseFeePerGas { get; init; }

    /// <summary>The randomness of the next block; null leaves it to who seals.</summary>
    public Hash256? PrevRandao { get; init; }

    /// <summary>Those so far (null for none) and one more account's: what the account is, and slots of its storage.</summary>
    public static StateEdits With(StateEdits? before, in Hash256 head, in Address address, in Account account, byte[]? code = null, (UInt256 Slot, UInt256 Value)? storage = null)
    {
        var edit = new AccountDiff { Nonce = account.Nonce, Balance = account.Balance, CodeHash = account.CodeHash };
        if (storage is { } written) edit.Storage = new() { [written.Slot] = written.Value };
        var later = new StateDiff();
        later.Accounts[address] = edit;
        if (code is { Length: > 0 }) later.Codes[account.CodeHash] = code;
        return With(before, head, later);
    }

    /// <summary>Those so far (null for none) and more of them.</summary>
    /// <param name="later">Must not be used again.</param>
    public static StateEdits With(StateEdits? before, in Hash256 head, StateDiff later)
    {
        var diff = new StateDiff();
        // Readers may hold the diff of before: it is copied, slot by slot, and not appended to.
        foreach (var (at, change) in before?.Diff.Accounts ?? []) diff.Accounts[at] = Copy(change);
        foreach (var (hash, bytes) in before?.Diff.Codes ?? []) diff.Codes[hash] = bytes;
        diff.Append(later);
        return new StateEdits(head, diff) { BaseFeePerGas = before?.BaseFeePerGas, PrevRandao = before?.PrevRandao };
    }

    /// <summary>Those so far (null for none) and a wish for the next block; null leaves what was wished before.</summary>
    public static StateEdits With(StateEdits? before, in Hash256 head, UInt256? baseFeePerGas, Hash256? prevRandao) => new(head, before?.Diff ?? new StateDiff())
    {
        BaseFeePerGas = baseFeePerGas ?? before?.BaseFeePerGas,
        PrevRandao = prevRandao ?? before?.PrevRandao,
    };

    /// <summary>The accounts changed, and the slots written of each.</summary>
    public IEnumerable<(Address Address, IEnumerable<UInt256> Slots)> Written =>
        Diff.Accounts.Select(static entry => (entry.Key, (IEnumerable<UInt256>?)entry.Value.Storage?.Keys ?? []));

    /// <summary>The same edits on another head of the same state, as after a return to a snapshot.</summary>
    public StateEdits On(in Hash256 head) => new(head, Diff) { BaseFeePerGas = BaseFeePerGas, PrevRandao = PrevRandao };

    internal BlockAttributes Over(BlockAttributes attributes) =>
        attributes with { BaseFeePerGas = BaseFeePerGas ?? attributes.BaseFeePerGas, PrevRandao = PrevRandao ?? attributes.PrevRandao };

    internal static void WriteDiff(RlpWriter writer, StateDiff diff)
    {
        var all = writer.StartList();
        var accounts = writer.StartList();
        foreach (var (address, change) in diff.Accounts)
        {
            var account = writer.StartList();
            writer.Write(address.Bytes);
            writer.Write(change.Exists ? 1UL : 0);
            writer.Write(change.StorageCleared ? 1UL : 0);
            writer.Write(change.Nonce);
            writer.Write(change.Balance);
            writer.Write(change.CodeHash);
            var storage = writer.StartList();
            foreach (var (slot, value) in change.Storage ?? [])
            {
                writer.Write(slot);
                writer.Write(value);
            }
            writer.EndList(storage);
            writer.EndList(account);
        }
        writer.EndList(accounts);
        var codes = writer.StartList();
        foreach (var code in diff.Codes.Values) writer.Write(code);
        writer.EndList(codes);
        writer.EndList(all);
    }

    internal static StateDiff ReadDiff(ref RlpReader reader)
    {
        var diff = new StateDiff();
        var all = reader.EnterList();
        var accounts = reader.EnterList();
        while (reader.HasMore(accounts))
        {
            var account = reader.EnterList();
            var address = reader.ReadAddress();
            var change = new AccountDiff
            {
                Exists = reader.ReadUInt64() != 0,
                StorageCleared = reader.ReadUInt64() != 0,
                Nonce = reader.ReadUInt64(),
                Balance = reader.ReadUInt256(),
                CodeHash = reader.ReadHash(),
            };
            var storage = reader.EnterList();
            while (reader.HasMore(storage))
            {
                var slot = reader.ReadUInt256();
                (change.Storage ??= [])[slot] = reader.ReadUInt256();
            }
            reader.LeaveList(storage);
            reader.LeaveList(account);
            diff.Accounts[address] = change;
        }
        reader.LeaveList(accounts);
        var codes = reader.EnterList();
        while (reader.HasMore(codes))
        {
            var code = reader.ReadBytes().ToArray();
            diff.Codes[Keccak256.Hash(code)] = code;
        }
        reader.LeaveList(codes);
        reader.LeaveList(all);
        return diff;
    }

    static AccountDiff Copy(AccountDiff change) => new()
    {
        Exists = change.Exists,
        Nonce = change.Nonce,
        Balance = change.Balance,
        CodeHash = change.CodeHash,
        StorageCleared = change.StorageCleared,
        Storage = change.Storage is null ? null : new(change.Storage),
    };
}

/// <summary>A state with edits laid over it.</summary>
sealed class EditedState(IStateView below, StateDiff edits) : IStateView
{
    public bool TryGetAccount(in Address address, out Account account)
    {
        var exists = below.TryGetAccount(address, out account);
        if (!edits.Accounts.TryGetValue(address, out var change)) return exists;
        account = (exists ? account : Account.Empty) with { Nonce = change.Nonce, Balance = change.Balance, CodeHash = change.CodeHash };
        return change.Exists;
    }

    public UInt256 GetStorage(in Address address, in UInt256 slot)
    {
        if (!edits.Accounts.TryGetValue(address, out var change)) return below.GetStorage(address, slot);
        if (change.Storage is { } storage && storage.TryGetValue(slot, out var value)) return value;
        return change.StorageCleared || !change.Exists ? UInt256.Zero : below.GetStorage(address, slot);
    }

    public bool HasStorage(in Address address)
    {
        if (!edits.Accounts.TryGetValue(address, out var change)) return below.HasStorage(address);
        return (change.Storage is { } storage && storage.Values.Any(value => !value.IsZero)) || (!change.StorageCleared && change.Exists && below.HasStorage(address));
    }

    public byte[] GetCode(in Hash256 codeHash) => edits.Codes.TryGetValue(codeHash, out var code) ? code : below.GetCode(codeHash);
}
