using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Cli;

/// <summary>A header as the official test files write it, under their own names for the fields.</summary>
static class FixtureHeader
{
    public static Header Read(JsonElement json) => new()
    {
        ParentHash = json.Hash("parentHash"),
        OmmersHash = json.Hash("uncleHash"),
        Beneficiary = json.Address("coinbase"),
        StateRoot = json.Hash("stateRoot"),
        TransactionsRoot = json.Hash("transactionsTrie"),
        ReceiptsRoot = json.Hash("receiptTrie"),
        LogsBloom = BloomOf(json.Bytes("bloom")),
        Difficulty = json.Number("difficulty"),
        Number = json.UInt64("number"),
        GasLimit = json.UInt64("gasLimit"),
        GasUsed = json.UInt64("gasUsed"),
        Timestamp = json.UInt64("timestamp"),
        ExtraData = json.Bytes("extraData"),
        PrevRandao = json.Hash("mixHash"),
        Nonce = json.UInt64("nonce"),
        BaseFeePerGas = json.OptionalNumber("baseFeePerGas"),
        WithdrawalsRoot = json.OptionalHash("withdrawalsRoot"),
        BlobGasUsed = (ulong?)json.OptionalNumber("blobGasUsed"),
        ExcessBlobGas = (ulong?)json.OptionalNumber("excessBlobGas"),
        ParentBeaconBlockRoot = json.OptionalHash("parentBeaconBlockRoot"),
        RequestsHash = json.OptionalHash("requestsHash"),
        BlockAccessListHash = json.OptionalHash("blockAccessListHash"),
        SlotNumber = (ulong?)json.OptionalNumber("slotNumber"),
    };

    static Bloom BloomOf(byte[] bytes) => bytes.Length == 256 ? Bloom.FromBytes(bytes) : throw new FormatException($"a bloom has 256 bytes, not {bytes.Length}");
}
