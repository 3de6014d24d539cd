using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>What a transaction changed, account by account, before and after: OpenEthereum's stateDiff. "+" is new, "-" is gone, "*" changed, "=" stayed.</summary>
sealed class StateChangeList
{
    const int AccountBytes = 300, SlotBytes = 120;

    readonly SortedDictionary<Address, Change> _changes = [];

    sealed record Change(Account? Before, Account? After, byte[] CodeBefore, byte[] CodeAfter, SortedDictionary<Hash256, (UInt256 Before, UInt256 After)> Storage);

    /// <param name="before">The state that the difference is to.</param>
    public static StateChangeList Of(IStateView before, StateDiff diff, TraceBudget budget)
    {
        var list = new StateChangeList();
        foreach (var (address, change) in diff.Accounts)
        {
            Account? old = before.TryGetAccount(address, out var account) ? account : null;
            Account? now = change.Exists ? new Account(change.Nonce, change.Balance, Account.EmptyTrieRoot, change.CodeHash) : null;
            var codeBefore = old is { HasCode: true } had ? before.GetCode(had.CodeHash) : [];
            var codeAfter = !change.Exists || change.CodeHash == Account.EmptyCodeHash ? [] : diff.Codes.TryGetValue(change.CodeHash, out var made) ? made : before.GetCode(change.CodeHash);
            var storage = new SortedDictionary<Hash256, (UInt256, UInt256)>();
            foreach (var (slot, value) in change.Storage ?? []) storage[Hash256.FromUInt256(slot)] = (change.StorageCleared ? UInt256.Zero : before.GetStorage(address, slot), value);
            budget.Spend(AccountBytes + codeBefore.Length + codeAfter.Length + SlotBytes * storage.Count);
            list._changes.Add(address, new Change(old, now, codeBefore, codeAfter, storage));
        }
        return list;
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var (address, change) in _changes)
        {
            writer.WriteStartObject(address.ToString());
            Write(writer, "balance"u8, change, account => account.Balance);
            WriteCode(writer, change);
            Write(writer, "nonce"u8, change, account => account.Nonce);
            WriteStorage(writer, change);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, Change change, Func<Account, UInt256> part)
    {
        writer.WritePropertyName(name);
        if (change is { Before: { } before, After: { } after })
        {
            if (part(before) == part(after)) writer.WriteStringValue("="u8);
            else
            {
                writer.WriteStartObject();
                writer.WriteStartObject("*"u8);
                writer.WriteQuantity("from"u8, part(before));
                writer.WriteQuantity("to"u8, part(after));
                writer.WriteEndObject();
                writer.WriteEndObject();
            }
            return;
        }
        writer.WriteStartObject();
        if (change.After is { } made) writer.WriteQuantity("+"u8, part(made));
        else writer.WriteQuantity("-"u8, part(change.Before ?? Account.Empty));
        writer.WriteEndObject();
    }

    static void WriteCode(Utf8JsonWriter writer, Change change)
    {
        writer.WritePropertyName("code"u8);
        if (change is { Before: { } before, After: { } after } && before.CodeHash == after.CodeHash)
        {
            writer.WriteStringValue("="u8);
            return;
        }
        writer.WriteStartObject();
        if (change.Before is null) writer.WriteData("+"u8, change.CodeAfter);
        else if (change.After is null) writer.WriteData("-"u8, change.CodeBefore);
        else
        {
            writer.WriteStartObject("*"u8);
            writer.WriteData("from"u8, change.CodeBefore);
            writer.WriteData("to"u8, change.CodeAfter);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    static void WriteStorage(Utf8JsonWriter writer, Change change)
    {
        writer.WriteStartObject("storage"u8);
        foreach (var (slot, (before, after)) in change.Storage)
        {
            writer.WriteStartObject(slot.ToString());
            if (change.Before is null) writer.WriteData("+"u8, Hash256.FromUInt256(after).Bytes);
            else
            {
                writer.WriteStartObject("*"u8);
                writer.WriteData("from"u8, Hash256.FromUInt256(before).Bytes);
                writer.WriteData("to"u8, Hash256.FromUInt256(after).Bytes);
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }
}
