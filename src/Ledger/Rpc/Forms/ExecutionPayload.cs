using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>An execution payload as it came in: every value well-formed, and nothing more is known of it.</summary>
sealed class ExecutionPayload
{
    // The members that every version has.
    const int CommonMembers = 14;

    readonly HashSet<string> _members = [];
    Header _header = new();

    /// <summary>The hash that the sender says the block has.</summary>
    public Hash256 BlockHash { get; private set; }
    public IReadOnlyList<byte[]> Transactions { get; private set; } = [];
    public IReadOnlyList<Withdrawal>? Withdrawals { get; private set; }
    public byte[]? BlockAccessList { get; private set; }
    public ulong Timestamp => _header.Timestamp;
    public Hash256 ParentHash => _header.ParentHash;

    /// <summary>Which of ExecutionPayloadV1 to V4 has exactly these members; 0 for none of them.</summary>
    public int Version
    {
        get
        {
            var (withdrawals, blobs, amsterdam) = (Withdrawals is not null, CountOf("blobGasUsed", "excessBlobGas"), CountOf("blockAccessList", "slotNumber"));
            return (withdrawals, blobs, amsterdam) switch
            {
                (false, 0, 0) => 1,
                (true, 0, 0) => 2,
                (true, 2, 0) => 3,
                (true, 2, 2) => 4,
                _ => 0,
            };
        }
    }

    /// <summary>Reads the object parameter; null with the parameters' error set where it is not one, or lacks a member that every version has.</summary>
    public static ExecutionPayload? Read(ref Parameters parameters)
    {
        if (!parameters.NextObject("an execution payload", out var reader)) return null;
        var payload = new ExecutionPayload();
        string? why = null;
        while (why is null && reader.Read() && reader.TokenType == JsonTokenType.PropertyName) why = payload.ReadMember(ref reader);
        if (why is null && payload._members.Count - payload.CountOf("withdrawals", "blobGasUsed", "excessBlobGas", "blockAccessList", "slotNumber") != CommonMembers)
            why = "the execution payload lacks a member";
        if (why is null) return payload;
        parameters.Fail(why);
        return null;
    }

    /// <summary>The header that the payload stands for (EIP-3675), its body's roots computed here.</summary>
    /// <param name="parentBeaconBlockRoot">Since Cancun.</param>
    /// <param name="requests">Since Prague.</param>
    public Header ToHeader(Hash256? parentBeaconBlockRoot, IReadOnlyList<byte[]>? requests) => _header with
    {
        TransactionsRoot = TrieRoot.OfList(Transactions),
        WithdrawalsRoot = Withdrawals is null ? null : TrieRoot.OfWithdrawals(Withdrawals),
        ParentBeaconBlockRoot = parentBeaconBlockRoot,
        RequestsHash = requests is null ? null : Requests.Hash(requests),
        BlockAccessListHash = BlockAccessList is null ? null : Keccak256.Hash(BlockAccessList),
    };

    /// <summary>The transactions decoded; null where one is none, with the reason.</summary>
    public IReadOnlyList<Transaction>? TryDecodeTransactions(out string why)
    {
        var decoded = new Transaction[Transactions.Count];
        why = "";
        for (var i = 0; i < decoded.Length; i++)
        {
            if (Transaction.TryDecode(Transactions[i], out var transaction, out var refusal)) decoded[i] = transaction;
            else
            {
                why = $"transaction {i}: {refusal.Why}";
                return null;
            }
        }
        return decoded;
    }

    /// <summary>The access list decoded; null where there is none, and where it is none: then running the block shows that it is not what the header commits to.</summary>
    public BlockAccessList? TryDecodeAccessList() =>
        BlockAccessList is not null && Primitives.BlockAccessList.TryDecode(BlockAccessList, out var list, out _) ? list : null;

    int CountOf(params ReadOnlySpan<string> names)
    {
        var count = 0;
        foreach (var name in names)
            if (_members.Contains(name)) count++;
        return count;
    }

    string? ReadMember(ref Utf8JsonReader reader)
    {
        var name = reader.GetString() ?? "";
        reader.Read();
        // A member of null is one that is not there.
        if (reader.TokenType == JsonTokenType.Null) return null;
        var (why, isKnown) = ("", true);
        switch (name)
        {
            case "parentHash": if (reader.TryGetHash(out var hash, out why)) _header = _header with { ParentHash = hash }; break;
            case "feeRecipient": if (reader.TryGetAddress(out var address, out why)) _header = _header with { Beneficiary = address }; break;
            case "stateRoot": if (reader.TryGetHash(out hash, out why)) _header = _header with { StateRoot = hash }; break;
            case "receiptsRoot": if (reader.TryGetHash(out hash, out why)) _header = _header with { ReceiptsRoot = hash }; break;
            case "logsBloom": why = ReadBloom(ref reader); break;
            case "prevRandao": if (reader.TryGetHash(out hash, out why)) _header = _header with { PrevRandao = hash }; break;
            case "blockNumber": if (reader.TryGetUInt64(out var number, out why)) _header = _header with { Number = number }; break;
            case "gasLimit": if (reader.TryGetUInt64(out number, out why)) _header = _header with { GasLimit = number }; break;
            case "gasUsed": if (reader.TryGetUInt64(out number, out why)) _header = _header with { GasUsed = number }; break;
            case "timestamp": if (reader.TryGetUInt64(out number, out why)) _header = _header with { Timestamp = number }; break;
            case "extraData": if (reader.TryGetData(out var data, out why)) _header = _header with { ExtraData = data }; break;
            case "baseFeePerGas": if (reader.TryGetQuantity(out var fee, out why)) _header = _header with { BaseFeePerGas = fee }; break;
            case "blockHash": if (reader.TryGetHash(out hash, out why)) BlockHash = hash; break;
            case "transactions": Transactions = reader.ReadDataList(out why); break;
            case "withdrawals": Withdrawals = reader.ReadWithdrawals(out why); break;
            case "blobGasUsed": if (reader.TryGetUInt64(out number, out why)) _header = _header with { BlobGasUsed = number }; break;
            case "excessBlobGas": if (reader.TryGetUInt64(out number, out why)) _header = _header with { ExcessBlobGas = number }; break;
            case "blockAccessList": if (reader.TryGetData(out data, out why)) BlockAccessList = data; break;
            case "slotNumber": if (reader.TryGetUInt64(out number, out why)) _header = _header with { SlotNumber = number }; break;
            default:
                isKnown = false;
                reader.Skip();
                break;
        }
        if (isKnown) _members.Add(name);
        return why.Length == 0 ? null : $"{name}: {why}";
    }

    string ReadBloom(ref Utf8JsonReader reader)
    {
        Span<byte> bloom = stackalloc byte[Bloom.Size];
        if (!reader.TryGetFixed(bloom, out var why)) return why;
        _header = _header with { LogsBloom = Bloom.FromBytes(bloom) };
        return "";
    }
}
