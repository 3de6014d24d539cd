using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Cli;

/// <summary>The block access lists of fixtures (EIP-7928), which lie beside the blocks as they would come from a consensus client.</summary>
static class FixtureAccessList
{
    /// <summary>The list that the header commits to; null where the fixture has none or another one.</summary>
    public static BlockAccessList? Beside(Header header, JsonElement block)
    {
        if (header.BlockAccessListHash is not { } stated) return null;
        if (!block.TryGetProperty("blockAccessList", out var accounts) && !(block.TryGetProperty("rlp_decoded", out var decoded) && decoded.TryGetProperty("blockAccessList", out accounts))) return null;
        if (accounts.ValueKind != JsonValueKind.Array) return null;
        var list = new BlockAccessList([.. accounts.EnumerateArray().Select(Account)]);
        // Lists of bad blocks may be in no order at all; then nobody could have read them.
        return list.Hash == stated && BlockAccessList.TryDecode(list.Encode(), out var read, out _) ? read : null;
    }

    static AccountChanges Account(JsonElement account) => new(account.Address("address"))
    {
        StorageChanges = [.. account.GetProperty("storageChanges").EnumerateArray().Select(slot => new SlotChanges(slot.Number("slot"), Changes(slot, "slotChanges", change => change.Number("postValue"))))],
        StorageReads = [.. account.GetProperty("storageReads").EnumerateArray().Select(FixtureJson.Number)],
        BalanceChanges = Changes(account, "balanceChanges", change => change.Number("postBalance")),
        NonceChanges = Changes(account, "nonceChanges", change => change.UInt64("postNonce")),
        CodeChanges = Changes(account, "codeChanges", change => (ReadOnlyMemory<byte>)change.Bytes("newCode")),
    };

    static IndexedChange<T>[] Changes<T>(JsonElement parent, string name, Func<JsonElement, T> value) =>
        [.. parent.GetProperty(name).EnumerateArray().Select(change => new IndexedChange<T>((uint)change.UInt64("blockAccessIndex"), value(change)))];
}
