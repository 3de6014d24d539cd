using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>Changes made by hand to the state of one head, all together; never changed once made.</summary>
public sealed class StateEdits
{
    public StateEdits(Hash256 head, StateDiff diff) => (Head, Diff) = (head, diff);

    public Hash256 Head { get; }
    internal StateDiff Diff { get; }

    /// <summary>Those so far (null for none) and one more account's: what the account is, and slots of its storage.</summary>
    public static StateEdits With(StateEdits? before, in Hash256 head, in Address address, in Account account, byte[]? code = null, (UInt256 Slot, UInt256 Value)? storage = null)
    {
        var diff = new StateDiff();
        // Readers may hold the diff of before: it is copied, slot by slot, and not appended to.
        foreach (var (at, change) in before?.Diff.Accounts ?? []) diff.Accounts[at] = Copy(change);
        foreach (var (hash, bytes) in before?.Diff.Codes ?? []) diff.Codes[hash] = bytes;
        var edit = new AccountDiff { Nonce = account.Nonce, Balance = account.Balance, CodeHash = account.CodeHash };
        if (storage is { } written) edit.Storage = new() { [written.Slot] = written.Value };
        var later = new StateDiff();
        later.Accounts[address] = edit;
        if (code is { Length: > 0 }) later.Codes[account.CodeHash] = code;
        diff.Append(later);
        return new StateEdits(head, diff);
    }

    /// <summary>The same edits on another head of the same state, as after a return to a snapshot.</summary>
    public StateEdits On(in Hash256 head) => new(head, Diff);

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

    public UInt256 GetStorage(in Address address, in UInt256 slot) =>
        edits.Accounts.TryGetValue(address, out var change) && change.Storage is { } storage && storage.TryGetValue(slot, out var value) ? value : below.GetStorage(address, slot);

    public bool HasStorage(in Address address) =>
        (edits.Accounts.TryGetValue(address, out var change) && change.Storage is { } storage && storage.Values.Any(value => !value.IsZero)) || below.HasStorage(address);

    public byte[] GetCode(in Hash256 codeHash) => edits.Codes.TryGetValue(codeHash, out var code) ? code : below.GetCode(codeHash);
}
