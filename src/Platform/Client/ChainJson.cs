using System.Text.Json;
using System.Text.Json.Nodes;
using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>The forms of ethereum/execution-apis, read into the ledger's own values. Members a node adds are passed over; one that is missing or malformed is a <see cref="FormatException"/> with its name.</summary>
static class ChainJson
{
    public static ChainBlock Block(JsonElement json)
    {
        var transactions = json.GetProperty("transactions");
        var isWhole = transactions.GetArrayLength() > 0 && transactions[0].ValueKind == JsonValueKind.Object;
        return new ChainBlock(Hash(json, "hash"), Header(json))
        {
            TransactionHashes = [.. transactions.EnumerateArray().Select(one => one.ValueKind == JsonValueKind.Object ? Hash(one, "hash") : HashOf(one, "transactions"))],
            TransactionForms = isWhole ? [.. transactions.EnumerateArray().Select(one => one.Clone())] : [],
        };
    }

    public static Header Header(JsonElement json) => new()
    {
        ParentHash = Hash(json, "parentHash"),
        OmmersHash = Hash(json, "sha3Uncles"),
        Beneficiary = Address(json, "miner"),
        StateRoot = Hash(json, "stateRoot"),
        TransactionsRoot = Hash(json, "transactionsRoot"),
        ReceiptsRoot = Hash(json, "receiptsRoot"),
        LogsBloom = Bloom.FromBytes(Bytes(json, "logsBloom", Bloom.Size)),
        Difficulty = OptionalNumber(json, "difficulty") ?? UInt256.Zero,
        Number = (ulong)Number(json, "number"),
        GasLimit = (ulong)Number(json, "gasLimit"),
        GasUsed = (ulong)Number(json, "gasUsed"),
        Timestamp = (ulong)Number(json, "timestamp"),
        ExtraData = Bytes(json, "extraData"),
        PrevRandao = Hash(json, "mixHash"),
        Nonce = UInt256.FromBigEndian(Bytes(json, "nonce", 8)).Low64,
        BaseFeePerGas = OptionalNumber(json, "baseFeePerGas"),
        WithdrawalsRoot = OptionalHash(json, "withdrawalsRoot"),
        BlobGasUsed = OptionalUInt64(json, "blobGasUsed"),
        ExcessBlobGas = OptionalUInt64(json, "excessBlobGas"),
        ParentBeaconBlockRoot = OptionalHash(json, "parentBeaconBlockRoot"),
        RequestsHash = OptionalHash(json, "requestsHash"),
        BlockAccessListHash = OptionalHash(json, "blockAccessListHash"),
        SlotNumber = OptionalUInt64(json, "slotNumber"),
    };

    /// <summary>The signed transaction; its hash tells whether nothing was lost.</summary>
    public static Transaction Transaction(JsonElement json)
    {
        var type = (TransactionType)(ulong)(OptionalNumber(json, "type") ?? 0);
        var (nonce, gas, to, value, data) = ((ulong)Number(json, "nonce"), (ulong)Number(json, "gas"), OptionalAddress(json, "to"), Number(json, "value"), Bytes(json, "input"));
        var (r, s) = (Number(json, "r"), Number(json, "s"));
        if (type == TransactionType.Legacy)
            return new LegacyTransaction { Nonce = nonce, GasLimit = gas, To = to, Value = value, Data = data, GasPrice = Number(json, "gasPrice"), V = (ulong)Number(json, "v"), R = r, S = s };

        var (chainId, parity, accessList) = ((ulong)Number(json, "chainId"), (ulong)(OptionalNumber(json, "yParity") ?? Number(json, "v")), AccessList(json));
        if (type == TransactionType.AccessList)
            return new AccessListTransaction { ChainId = chainId, Nonce = nonce, GasLimit = gas, To = to, Value = value, Data = data, GasPrice = Number(json, "gasPrice"), AccessList = accessList, YParity = parity, R = r, S = s };

        var (tip, cap) = (Number(json, "maxPriorityFeePerGas"), Number(json, "maxFeePerGas"));
        return type switch
        {
            TransactionType.DynamicFee => new DynamicFeeTransaction { ChainId = chainId, Nonce = nonce, GasLimit = gas, To = to, Value = value, Data = data, MaxPriorityFeePerGas = tip, MaxFeePerGas = cap, AccessList = accessList, YParity = parity, R = r, S = s },
            TransactionType.Blob => new BlobTransaction
            {
                ChainId = chainId,
                Nonce = nonce,
                GasLimit = gas,
                To = to,
                Value = value,
                Data = data,
                MaxPriorityFeePerGas = tip,
                MaxFeePerGas = cap,
                AccessList = accessList,
                YParity = parity,
                R = r,
                S = s,
                MaxFeePerBlobGas = Number(json, "maxFeePerBlobGas"),
                BlobVersionedHashes = [.. json.GetProperty("blobVersionedHashes").EnumerateArray().Select(hash => HashOf(hash, "blobVersionedHashes"))],
            },
            TransactionType.SetCode => new SetCodeTransaction
            {
                ChainId = chainId,
                Nonce = nonce,
                GasLimit = gas,
                To = to,
                Value = value,
                Data = data,
                MaxPriorityFeePerGas = tip,
                MaxFeePerGas = cap,
                AccessList = accessList,
                YParity = parity,
                R = r,
                S = s,
                AuthorizationList = [.. json.GetProperty("authorizationList").EnumerateArray().Select(one =>
                    new Authorization(Number(one, "chainId"), Address(one, "address"), (ulong)Number(one, "nonce"), (byte)(ulong)(OptionalNumber(one, "yParity") ?? Number(one, "v")), Number(one, "r"), Number(one, "s")))],
            },
            _ => throw new FormatException($"transactions of type 0x{(int)type:x} are unknown here"),
        };
    }

    public static TransactionReceipt Receipt(JsonElement json)
    {
        var logs = json.GetProperty("logs").EnumerateArray().Select(Log).ToArray();
        return new TransactionReceipt
        {
            TransactionHash = Hash(json, "transactionHash"),
            BlockHash = Hash(json, "blockHash"),
            BlockNumber = (ulong)Number(json, "blockNumber"),
            TransactionIndex = (int)Number(json, "transactionIndex"),
            From = Address(json, "from"),
            To = OptionalAddress(json, "to"),
            ContractAddress = OptionalAddress(json, "contractAddress"),
            GasUsed = (ulong)Number(json, "gasUsed"),
            EffectiveGasPrice = OptionalNumber(json, "effectiveGasPrice") ?? UInt256.Zero,
            Logs = logs,
            Receipt = new Receipt
            {
                Type = (TransactionType)(ulong)(OptionalNumber(json, "type") ?? 0),
                PostState = OptionalHash(json, "root"),
                Succeeded = OptionalNumber(json, "status") is not { IsZero: true },
                CumulativeGasUsed = (ulong)Number(json, "cumulativeGasUsed"),
                LogsBloom = Bloom.FromBytes(Bytes(json, "logsBloom", Bloom.Size)),
                Logs = [.. logs.Select(log => log.Log)],
            },
        };
    }

    public static ChainLog Log(JsonElement json) => new(
        new Log(Address(json, "address"), [.. json.GetProperty("topics").EnumerateArray().Select(topic => HashOf(topic, "topics"))], Bytes(json, "data")),
        Hash(json, "blockHash"), (ulong)Number(json, "blockNumber"), Hash(json, "transactionHash"), (int)Number(json, "transactionIndex"), (int)Number(json, "logIndex"))
    {
        IsRemoved = json.TryGetProperty("removed", out var removed) && removed.ValueKind == JsonValueKind.True,
    };

    public static AccountProof Proof(JsonElement json) => new(
        Address(json, "address"), Number(json, "balance"), (ulong)Number(json, "nonce"), Hash(json, "codeHash"), Hash(json, "storageHash"), Nodes(json, "accountProof"),
        // Keys are words or quantities, by the node's taste.
        [.. json.GetProperty("storageProof").EnumerateArray().Select(slot => new StorageProof(Lenient(slot, "key"), Lenient(slot, "value"), Nodes(slot, "proof")))]);

    static byte[][] Nodes(JsonElement json, string name) => [.. json.GetProperty(name).EnumerateArray().Select(node => BytesOf(node, name))];

    static IReadOnlyList<AccessListEntry> AccessList(JsonElement json) => !json.TryGetProperty("accessList", out var list) || list.ValueKind == JsonValueKind.Null ? [] :
        [.. list.EnumerateArray().Select(entry => new AccessListEntry(Address(entry, "address"), [.. entry.GetProperty("storageKeys").EnumerateArray().Select(key => HashOf(key, "storageKeys"))]))];

    internal static JsonNode AccessListNode(IEnumerable<AccessListEntry> entries) => new JsonArray([.. entries.Select(entry =>
        (JsonNode)new JsonObject { ["address"] = entry.Address.ToString(), ["storageKeys"] = new JsonArray([.. entry.StorageKeys.Select(key => (JsonNode)key.ToString())]) })]);

    public static UInt256 Number(JsonElement json, string name) => OptionalNumber(json, name) ?? throw Missing(name);

    static UInt256? OptionalNumber(JsonElement json, string name) =>
        Text(json, name) is not { } text ? null : UInt256.TryParse(text, out var number) ? number : throw Malformed(name, text);

    static UInt256 Lenient(JsonElement json, string name) =>
        Text(json, name) is { } text && Hex.TryDecodeLenientQuantity(text, out var number) ? number : throw Missing(name);

    static ulong? OptionalUInt64(JsonElement json, string name) => OptionalNumber(json, name) is { } number ? (ulong)number : null;

    static Hash256 Hash(JsonElement json, string name) => OptionalHash(json, name) ?? throw Missing(name);

    static Hash256? OptionalHash(JsonElement json, string name) =>
        Text(json, name) is not { } text ? null : Hash256.TryParse(text, out var hash) ? hash : throw Malformed(name, text);

    public static Hash256 HashOf(JsonElement json, string name) => json.ValueKind == JsonValueKind.String && Hash256.TryParse(json.GetString(), out var hash) ? hash : throw Malformed(name, json.GetRawText());

    static Address Address(JsonElement json, string name) => OptionalAddress(json, name) ?? throw Missing(name);

    static Address? OptionalAddress(JsonElement json, string name) =>
        Text(json, name) is not { Length: > 0 } text ? null : Primitives.Address.TryParse(text, out var address) ? address : throw Malformed(name, text);

    static byte[] Bytes(JsonElement json, string name, int? exactly = null)
    {
        var bytes = json.TryGetProperty(name, out var value) ? BytesOf(value, name) : throw Missing(name);
        return exactly is null || bytes.Length == exactly ? bytes : throw Malformed(name, value.GetRawText());
    }

    public static byte[] BytesOf(JsonElement json, string name) => json.ValueKind == JsonValueKind.String && Hex.TryDecode(json.GetString(), out var bytes) ? bytes : throw Malformed(name, json.GetRawText());

    static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    static FormatException Missing(string name) => new($"the node's answer has no '{name}'");

    static FormatException Malformed(string name, string text) => new($"'{name}' in the node's answer is {(text.Length > 80 ? text[..80] + "…" : text)}");
}
