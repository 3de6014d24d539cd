using System.Text.Json.Nodes;
using Hufu.Chain;
using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Cli;

/// <summary>A block of a blockchain test in the form in which a consensus client would hand it in.</summary>
/// <param name="Version">Of engine_newPayload, by the block's fork.</param>
/// <param name="IsFaithful">Whether the parameters say all that the header says: what they leave out (ommers, difficulty, a false root) shows as another block hash.</param>
sealed record EnginePayload(int Version, Hash256 Hash, Hash256 ParentHash, JsonArray Parameters, bool IsFaithful)
{
    /// <summary>Null where the header or the body's lists cannot be read: then there is nothing to hand in.</summary>
    public static EnginePayload? Of(byte[] rlp, Blockchain chain)
    {
        var reader = new RlpReader(rlp);
        var end = reader.EnterList();
        var header = Header.Read(ref reader);
        var transactions = new List<byte[]>();
        for (var list = reader.EnterList(); reader.HasMore(list);)
            transactions.Add(reader.NextIsList ? reader.ReadItem().ToArray() : reader.ReadBytes().ToArray());
        reader.ReadItem(); // ommers, which a payload has none of
        List<Withdrawal>? withdrawals = null;
        if (reader.HasMore(end))
        {
            withdrawals = [];
            for (var list = reader.EnterList(); reader.HasMore(list);) withdrawals.Add(Withdrawal.Read(ref reader));
        }
        reader.LeaveList(end);
        if (reader.Failed) return null;

        var decoded = transactions.ConvertAll(envelope => Transaction.TryDecode(envelope, out var transaction, out _) ? transaction : null);
        var (requests, accessList) = RunFor(header, decoded, withdrawals, chain);
        var version = chain.Forks.RulesAt(ulong.MaxValue, header.Timestamp, proofOfStake: true).Fork switch
        {
            <= Fork.Paris => 1,
            Fork.Shanghai => 2,
            Fork.Cancun => 3,
            < Fork.Amsterdam => 4,
            _ => 5,
        };
        var parameters = new JsonArray(PayloadOf(header, transactions, withdrawals, accessList));
        if (version >= 3)
        {
            parameters.Add(new JsonArray([.. decoded.SelectMany(transaction => transaction?.BlobVersionedHashes ?? []).Select(hash => (JsonNode)hash.ToString())]));
            parameters.Add((header.ParentBeaconBlockRoot ?? Hash256.Zero).ToString());
        }
        if (version >= 4) parameters.Add(ListOf(requests));

        var stated = header with
        {
            OmmersHash = new Header().OmmersHash,
            Difficulty = UInt256.Zero,
            Nonce = 0,
            TransactionsRoot = TrieRoot.OfList(transactions),
            WithdrawalsRoot = withdrawals is null ? null : TrieRoot.OfWithdrawals(withdrawals),
            ParentBeaconBlockRoot = version >= 3 ? header.ParentBeaconBlockRoot ?? Hash256.Zero : null,
            RequestsHash = version >= 4 ? Requests.Hash(requests) : null,
            BlockAccessListHash = version >= 5 ? Keccak256.Hash(accessList ?? []) : null,
        };
        return new EnginePayload(version, header.Hash, header.ParentHash, parameters, stated.Hash == header.Hash);
    }

    // Requests and access list are not in a block: running it gives them, as its proposer had them.
    static (IReadOnlyList<byte[]> Requests, byte[]? AccessList) RunFor(Header header, List<Transaction?> transactions, List<Withdrawal>? withdrawals, Blockchain chain)
    {
        if (header.RequestsHash is null || (header.RequestsHash == Requests.EmptyHash && header.BlockAccessListHash is null)) return ([], null);
        if (chain.Replay(header) is not { } execution) return ([], null);
        execution.Begin();
        foreach (var transaction in transactions)
            if (transaction is null || !SenderRecovery.TryRecover(transaction, execution.Rules, out var sender) || execution.TryInclude(transaction, sender) is not null) return ([], null);
        return execution.Finish(withdrawals, []) is null ? (execution.Requests, execution.AccessList?.Encode()) : ([], null);
    }

    static JsonObject PayloadOf(Header header, List<byte[]> transactions, List<Withdrawal>? withdrawals, byte[]? accessList)
    {
        var payload = new JsonObject
        {
            ["parentHash"] = header.ParentHash.ToString(),
            ["feeRecipient"] = Hex.Encode(header.Beneficiary.Bytes),
            ["stateRoot"] = header.StateRoot.ToString(),
            ["receiptsRoot"] = header.ReceiptsRoot.ToString(),
            ["logsBloom"] = Hex.Encode(header.LogsBloom.Bytes),
            ["prevRandao"] = header.PrevRandao.ToString(),
            ["blockNumber"] = Quantity(header.Number),
            ["gasLimit"] = Quantity(header.GasLimit),
            ["gasUsed"] = Quantity(header.GasUsed),
            ["timestamp"] = Quantity(header.Timestamp),
            ["extraData"] = Hex.Encode(header.ExtraData.Span),
            ["baseFeePerGas"] = Quantity(header.BaseFeePerGas ?? UInt256.Zero),
            ["blockHash"] = header.Hash.ToString(),
            ["transactions"] = ListOf(transactions),
        };
        if (withdrawals is not null) payload["withdrawals"] = new JsonArray([.. withdrawals.Select(JsonNode (withdrawal) => new JsonObject
        {
            ["index"] = Quantity(withdrawal.Index),
            ["validatorIndex"] = Quantity(withdrawal.ValidatorIndex),
            ["address"] = Hex.Encode(withdrawal.Address.Bytes),
            ["amount"] = Quantity(withdrawal.AmountGwei),
        })]);
        if (header.BlobGasUsed is { } blobGas) payload["blobGasUsed"] = Quantity(blobGas);
        if (header.ExcessBlobGas is { } excess) payload["excessBlobGas"] = Quantity(excess);
        if (header.BlockAccessListHash is not null) payload["blockAccessList"] = Hex.Encode(accessList ?? []);
        if (header.SlotNumber is { } slot) payload["slotNumber"] = Quantity(slot);
        return payload;
    }

    static JsonArray ListOf(IReadOnlyList<byte[]> items) => new([.. items.Select(item => (JsonNode)Hex.Encode(item))]);

    static string Quantity(in UInt256 value) => "0x" + value.ToString("x", null).TrimStart('0') is { Length: > 2 } digits ? digits : "0x0";
}
