using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Reads what another node answers.</summary>
static class RemoteJson
{
    public static UInt256 Quantity(JsonElement value) => UInt256.TryParse(value.GetString() ?? "", out var number) ? number : throw new FormatException($"'{value}' is not a quantity");

    public static ulong Number(JsonElement value) => Quantity(value).Low64;

    public static byte[] Data(JsonElement value) =>
        HexText.TryDecode(System.Text.Encoding.UTF8.GetBytes(value.GetString() ?? ""), out var bytes) ? bytes : throw new FormatException($"'{value}' is not data");

    static Hash256 Hash(JsonElement block, string name) => Hash256.FromBytes(Data(block.GetProperty(name)));

    static UInt256? OptionalQuantity(JsonElement block, string name) => block.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? Quantity(value) : null;

    static Hash256? OptionalHash(JsonElement block, string name) => block.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? Hash256.FromBytes(Data(value)) : null;

    /// <summary>The header in the answer of eth_getBlockByNumber.</summary>
    public static Header Header(JsonElement block) => new()
    {
        ParentHash = Hash(block, "parentHash"),
        OmmersHash = Hash(block, "sha3Uncles"),
        Beneficiary = Address.FromBytes(Data(block.GetProperty("miner"))),
        StateRoot = Hash(block, "stateRoot"),
        TransactionsRoot = Hash(block, "transactionsRoot"),
        ReceiptsRoot = Hash(block, "receiptsRoot"),
        LogsBloom = Bloom.FromBytes(Data(block.GetProperty("logsBloom"))),
        Difficulty = OptionalQuantity(block, "difficulty") ?? UInt256.Zero,
        Number = Number(block.GetProperty("number")),
        GasLimit = Number(block.GetProperty("gasLimit")),
        GasUsed = Number(block.GetProperty("gasUsed")),
        Timestamp = Number(block.GetProperty("timestamp")),
        ExtraData = Data(block.GetProperty("extraData")),
        PrevRandao = OptionalHash(block, "mixHash") ?? Hash256.Zero,
        Nonce = OptionalQuantity(block, "nonce")?.Low64 ?? 0,
        BaseFeePerGas = OptionalQuantity(block, "baseFeePerGas"),
        WithdrawalsRoot = OptionalHash(block, "withdrawalsRoot"),
        BlobGasUsed = OptionalQuantity(block, "blobGasUsed")?.Low64,
        ExcessBlobGas = OptionalQuantity(block, "excessBlobGas")?.Low64,
        ParentBeaconBlockRoot = OptionalHash(block, "parentBeaconBlockRoot"),
        RequestsHash = OptionalHash(block, "requestsHash"),
        BlockAccessListHash = OptionalHash(block, "blockAccessListHash"),
        SlotNumber = OptionalQuantity(block, "slotNumber")?.Low64,
    };
}
